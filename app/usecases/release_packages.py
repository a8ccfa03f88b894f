"""How does an agreement look to those who read public contracts? A package of OCDS releases.

Each agreement is a release of its own, with what the Open Contracting Data Standard (1.1)
has members for; our own form of it stands beside that, in a member of the contract, so that
nothing is lost on the way back. Equal registers make equal files: the moments in it are
those of the agreements' last changes, and no clock is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any, Protocol
from uuid import UUID

import orjson

from app.renewals.months import ShortMonth, add_months
from app.renewals.spans import Span, Unit
from app.usecases.ocds import OWN_MEMBER

_PREFIX = "local-noticeboard"
"""Not registered, and not like one that is: an ocid of ours means something here only."""

_URI = "urn:noticeboard:agreements"
_PUBLISHER = {"name": "Noticeboard"}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_AWARD = "award"
_OPEN_ENDED = frozenset({"evergreen", "perpetual"})


class Published(Protocol):
    """An agreement as it goes into a package."""

    @property
    def id(self) -> UUID:
        """The agreement's id."""
        ...

    @property
    def version(self) -> int:
        """How often it was changed."""
        ...

    @property
    def changed_at(self) -> datetime:
        """The moment of its last change."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """What was entered, without fields that are not given."""
        ...

    def document_with_parent(self) -> dict[str, Any]:
        """Return that with the parent's reference and counterparty."""
        ...


def write_package(agreements: Iterable[Published], file: IO[bytes]) -> None:
    """Write agreements into a file as one release package, one at a time.

    Its date is that of the newest change, so it stands at the end.
    """
    start = orjson.dumps({"version": "1.1", "uri": _URI, "publisher": _PUBLISHER})
    file.write(start.removesuffix(b"}") + b',"releases":[')
    newest, before = _NEVER, b"\n"
    for one in agreements:
        newest = max(newest, one.changed_at)
        file.write(before + orjson.dumps(release_of(one)))
        before = b",\n"
    file.write(b'\n],"publishedDate":' + orjson.dumps(_moment(newest)) + b"}\n")


def release_of(one: Published) -> dict[str, Any]:
    """Return the release of an agreement, as `orjson` writes it."""
    document = one.document
    ocid = f"{_PREFIX}-{one.id}"
    supplier = {"id": "supplier", "name": document["counterparty"]}
    buyer = {"id": "buyer", "name": document.get("cost_centre")}
    parties = [supplier | {"roles": ["supplier"]}]
    if buyer["name"] is not None:
        parties.append(buyer | {"roles": ["buyer"]})
    release = {
        "ocid": ocid,
        "id": f"{ocid}-{one.version}",
        "date": _moment(one.changed_at),
        "tag": ["contract"],
        "initiationType": "tender",
        "parties": parties,
        "buyer": buyer if buyer["name"] is not None else None,
        "awards": [{"id": _AWARD, "title": document["title"], "suppliers": [supplier]}],
        "contracts": [_contract_of(one)],
    }
    return _given(release)


def _contract_of(one: Published) -> dict[str, Any]:
    document = one.document
    return _given(
        {
            "id": document["reference"],
            "awardID": _AWARD,
            "title": document["title"],
            "period": _given(
                {"startDate": f"{document['start_date']}T00:00:00Z", **_end_of(document)}
            ),
            "value": _value_of(document),
            "dateSigned": _at_midnight(document.get("signed_date")),
            OWN_MEMBER: {"id": one.id, **one.document_with_parent()},
        }
    )


def _value_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what it costs in all; the standard has no member for the costs of a year."""
    if "total_value" not in document:
        return None
    # A number of JSON has no zeros in front, and all of its decimals.
    amount = orjson.Fragment(f"{Decimal(document['total_value']):f}")
    return {"amount": amount, "currency": document.get("currency")}


def _end_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the last day of the first term, to its last second; nothing while it is open."""
    try:
        last = _last_day(document)
    except (ValueError, OverflowError):
        return {}  # no calendar has it; our own form tells the terms all the same
    return {} if last is None else {"endDate": f"{last}T23:59:59Z"}


def _last_day(document: Mapping[str, Any]) -> date | None:
    if document.get("renewal", {}).get("kind") in _OPEN_ENDED:
        return None
    if "end_date" in document:
        is_boundary = document.get("end_date_is") == "renewal_date"
        return date.fromisoformat(document["end_date"]) - timedelta(is_boundary)
    if "initial_term" not in document:
        return None  # its parent has it
    span = Span(document["initial_term"]["value"], Unit(document["initial_term"]["unit"]))
    short_month = ShortMonth(document.get("short_month", ShortMonth.CLIP))
    start = date.fromisoformat(document["start_date"])
    return add_months(start, span.months, short_month) + timedelta(span.days - 1)


def _at_midnight(day: str | None) -> str | None:
    return None if day is None else f"{day}T00:00:00Z"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
