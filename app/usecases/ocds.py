"""How does a public contract look as a row of the import form? OCDS packages read as a sheet.

Each contract is a row, and so is an award that no contract was told of yet. Nothing is made
up: what a notice does not say stays not given, and the notes name what it leaves open. Rows
count contracts and such awards, process after process; the header is row 0.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.renewals.months import add_months, months_apart
from app.renewals.spans import Span, Unit
from app.usecases.columns import COLUMNS, cells_of, column_of
from app.usecases.files import WHOLE_ROW, BadFile, RowFault, bad_row
from app.usecases.foreign.extensions import Extensions, extensions_in
from app.usecases.foreign.lengths import Length, length_of_days
from app.usecases.forms import AgreementForm, faults_of
from app.usecases.releases import Odd, Part, Process, processes

OWN_MEMBER = "noticeboard"
"""The member of a contract that holds our own form of it, in packages that we wrote."""

EXTRAS = (
    "ocid",
    "contract_status",
    "planned_start_date",
    "planned_end_date",
    "max_extent_date",
    "renewal_description",
    "options_description",
)
"""Columns for what a notice says and the import form has no column for."""

_HEADER_ROW = 0
_NO_END = date(2099, 1, 1)
"""From here on, days stand for an end that nobody knows."""

_ONE_DAY = timedelta(1)

_LONGEST_DAYS = 36_500
_LONGEST_LINE = 200
_LONGEST_TITLE = 300
_LONGEST_EXTRA = 1_000
_LONGEST_COLUMN = 60
_DIGEST = 16
_MOST_DIGITS = 15
_MOST_SUPPLIERS = 50
_MOST_PLACES = 4
_SMALLEST = Decimal("0.0001")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")
_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_STANDS_FOR_A_PARENT = UUID(int=0)
_ABOVE = ("parent_reference", "parent_counterparty")
_CANCELLED = "is cancelled: there is nothing to renew; take it out of the file"
_ENDED_SOME_DAY = "is terminated, but states no end; take it out, or state the day"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Package:
    """An OCDS file that was read: a row for each contract in it."""

    header: list[str]
    contracts: list[Row]
    faults: list[RowFault]

    def most_rows(self) -> int:
        """Return how many contracts it has, those that cannot be taken among them."""
        return len(self.contracts)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the header and the contracts, each with its number; faulty ones are left out."""
        yield _HEADER_ROW, self.header
        for number, row in enumerate(self.contracts, start=1):
            if row:
                yield number, [row.get(name, "") for name in self.header]


def opened(content: bytes) -> Package:
    """Return what stands in a release package or record package, or in a release a line.

    Raises `BadFile` for what is no OCDS, `TooLarge` for more than any register needs.
    """
    rows: list[Row] = []
    faults: list[RowFault] = []
    for number, notice in enumerate(_notices(content), start=1):
        try:
            rows.append(_row(number, notice))
        except BadFile as bad:
            rows.append({})
            faults += bad.faults
    given = {name for row in rows for name in row}
    # Extra columns stand there only when needed: our own packages are the form and no more.
    header = [*COLUMNS, *(name for name in EXTRAS if name in given)]
    return Package(header, rows, faults)


@dataclass(frozen=True, slots=True)
class _Notice:
    """What is told of one contract: by itself, by its award, and by what was tendered."""

    process: Process
    contract: Part
    award: Part
    is_awarded_only: bool = False

    @property
    def status(self) -> str | None:
        """How it stands, by the standard's codes."""
        return (self.award if self.is_awarded_only else self.contract).text("status")

    @property
    def is_terminated(self) -> bool:
        """Whether it has come to its end; OCDS 1.2 tells early and successful ends apart."""
        return (self.status or "").startswith("terminated")

    @property
    def has_renewal(self) -> bool | None:
        """Whether it can be renewed, by the latest word; None when nothing is said."""
        told = [part.truth("hasRenewal") for part in self.told()]
        return next((one for one in told if one is not None), None)

    def told(self) -> list[Part]:
        """Return where a renewal can be told, the latest word first."""
        return [self.contract, self.award, self._lot(), self.process.tender]

    def periods(self) -> list[tuple[Part, date | None, date | None]]:
        """Return the periods that are told with their first and last days, the latest first."""
        places = [(self.contract, "period"), *((one, "contractPeriod") for one in self.told()[1:])]
        found = [one.part(name) for one, name in places]
        return [
            (period, _day(period, "startDate"), _day(period, "endDate"))
            for period in found
            if period.says("startDate", "endDate", "durationInDays")
        ]

    def _lot(self) -> Part:
        """Return the lot that it is about, an empty part where it is about several or none."""
        related = self.contract.values("relatedLots") or self.award.values("relatedLots")
        name = related[0] if len(related) == 1 and isinstance(related[0], str) else None
        return Part("lot") if name is None else self.process.lots.get(name, Part("lot"))


def _notices(content: bytes) -> Iterator[_Notice]:
    for process in processes(content):
        awards = {award.key("id"): award for award in process.awards}
        only = process.awards[0] if len(process.awards) == 1 else Part("award")
        signed = set()
        for contract in process.contracts:
            named = contract.members.get("awardID")  # judged with the row that it belongs to
            award = only if named is None else awards.get(str(named), Part("award"))
            signed.add(id(award))
            yield _Notice(process, contract, award)
        for award in process.awards:
            # An unsuccessful award is no agreement that was cancelled: it never was one.
            if id(award) not in signed and award.members.get("status") != "unsuccessful":
                yield _Notice(process, Part("contract"), award, is_awarded_only=True)


def _row(number: int, notice: _Notice) -> Row:
    """Return the cells of a contract that are filled. Raises `BadFile`."""
    own = notice.contract.members.get(OWN_MEMBER)
    try:
        if own is not None:
            return _own_row(number, notice.contract.part(OWN_MEMBER))
        _check_can_be_entered(notice)
        return _foreign_row(notice)
    except Odd as odd:
        raise bad_row(number, odd.rule, odd.where[:_LONGEST_COLUMN]) from odd


def _filled(cells: Mapping[str, str]) -> Row:
    return {name: text for name, text in cells.items() if text}


def _own_row(number: int, own: Part) -> Row:
    """Return the cells of our own form of an agreement, checked so that they can be written."""
    above = {name: own.exact(name) for name in _ABOVE}
    document = {name: own.members[name] for name in own.members if name not in {"id", *_ABOVE}}
    if above["parent_reference"] is not None:
        document["parent_id"] = _STANDS_FOR_A_PARENT
    elif document.get("parent_id") is not None:
        raise Odd("parent_reference", "is needed where parent_id is given")
    try:
        form = AgreementForm.model_validate(document)
    except ValidationError as error:
        raise BadFile(
            [
                RowFault(number, column_of(fault.field)[:_LONGEST_COLUMN], fault.rule)
                for fault in faults_of(error)
            ]
        ) from error
    return _filled(cells_of(form.model_dump(exclude_none=True) | above))


def _check_can_be_entered(notice: _Notice) -> None:
    if notice.status == "cancelled":
        raise Odd(WHOLE_ROW, _CANCELLED)
    if notice.process.ocid is None:
        raise Odd("ocid", "is missing; without it the contract cannot be told from others")
    if (notice.award if notice.is_awarded_only else notice.contract).key("id") is None:
        raise Odd("id", "is missing; without it the contract cannot be told from others")
    if (
        not notice.is_awarded_only
        and notice.contract.key("awardID") is None
        and len(notice.process.awards) > 1
    ):
        raise Odd("contract.awardID", "is missing, and there is more than one award")


def _foreign_row(notice: _Notice) -> Row:
    tender, contract, award = notice.process.tender, notice.contract, notice.award
    titles = (part.text("title") for part in (contract, award, tender))
    signed = _day(contract, "dateSigned")
    money, unsaid = _money_of(notice)
    terms, open_points = _terms_of(notice)
    points = ["the notice period", *open_points, *unsaid]
    document = {
        "reference": _reference_of(notice),
        "title": _cut(next(filter(None, titles), ""), _LONGEST_TITLE),
        "counterparty": _supplier_of(notice),
        "cost_centre": _cut(_buyer_of(notice.process), _LONGEST_LINE),
        "signed_date": signed and str(signed),
        "notes": f"The notice leaves open: {'; '.join(points)}.",
        **money,
        **terms,
    }
    return _filled(cells_of(document) | _extras_of(notice))


def _reference_of(notice: _Notice) -> str:
    """Return a reference that is the same with every file; awards count by themselves."""
    name = (
        f"{notice.process.ocid}/award/{notice.award.key('id')}"
        if notice.is_awarded_only
        else f"{notice.process.ocid}/{notice.contract.key('id')}"
    )
    if len(name) < _LONGEST_LINE:
        return name
    digest = sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGEST]
    return f"{name[: _LONGEST_LINE - 2 - _DIGEST]}~{digest}"


def _supplier_of(notice: _Notice) -> str:
    """Return whom the contract is with. Raises `Odd` unless that is told to be one."""
    process, contract, award = notice.process, notice.contract, notice.award
    told = contract.parts("suppliers") or award.parts("suppliers") or process.roles["supplier"]
    if len(told) > _MOST_SUPPLIERS:
        raise Odd("suppliers", f"are {len(told)}, but an agreement has one")
    names = list(dict.fromkeys(filter(None, (_name_of(process, one) for one in told))))
    if not names:
        raise Odd("suppliers", "are not named; enter this contract with whom it is")
    if len(names) > 1:
        several = " and ".join(name[:_LONGEST_COLUMN] for name in names[:3])
        rule = f"are several ({several}), but an agreement has one; enter it with whom you notify"
        raise Odd("suppliers", rule)
    return names[0]


def _buyer_of(process: Process) -> str:
    buyers = process.roles["buyer"]
    told = _name_of(process, process.buyer)
    return told or (_name_of(process, buyers[0]) if len(buyers) == 1 else "")


def _name_of(process: Process, named: Part) -> str:
    """Return the name of an organisation, by itself or as the list of parties has it."""
    key = named.key("id")
    party = process.parties.get(key, named) if key is not None else named
    names = [
        *(one.text("name") for one in (named, party)),
        *(one.part("identifier").text("legalName") for one in (named, party)),
    ]
    return next(filter(None, names), "")


def _money_of(notice: _Notice) -> tuple[dict[str, str], list[str]]:
    """Return value and currency, of the contract or else of the award; a tender estimates."""
    values = [part.part("value") for part in (notice.contract, notice.award)]
    value = next((one for one in values if one.says("amount")), None)
    if value is None:
        return {}, []
    amount, currency = _amount_of(value), value.text("currency")
    if currency is None:
        return {}, [f"the currency of its value, {amount}"]
    return {"total_value": amount, "currency": currency}, []


def _amount_of(value: Part) -> str:
    """Return an amount as digits, to four decimals. Raises `Odd`."""
    given = value.members["amount"]
    is_text = isinstance(given, str) and _AMOUNT.fullmatch(given)
    if not (is_text or type(given) in {int, Decimal}):
        raise Odd(f"{value.where}.amount", "must be a number, with a point before its decimals")
    amount = Decimal(given)
    if amount < 0 or amount.adjusted() >= _MOST_DIGITS:
        raise Odd(f"{value.where}.amount", "is less than nothing, or more than there is")
    if int(amount.as_tuple().exponent) < -_MOST_PLACES:
        amount = amount.quantize(_SMALLEST)
    return f"{abs(amount):f}"


def _extras_of(notice: _Notice) -> Row:
    """Return what the notice says beside the form, in columns of its own."""
    (period, *days), *others = notice.periods()
    start, end = next((other for _, *other in others if other != days), (None, None))
    latest = _day(period, "maxExtentDate")
    cells = {
        "ocid": notice.process.ocid,
        "contract_status": notice.status,
        "planned_start_date": start and str(start),
        "planned_end_date": end and str(end),
        "max_extent_date": latest and str(latest),
        "renewal_description": _renewal_text(notice),
        "options_description": _options_text(notice),
    }
    return {name: _cut(text, _LONGEST_EXTRA) for name, text in cells.items() if text}


def _renewal_text(notice: _Notice) -> str | None:
    texts = (part.part("renewal").text("description") for part in notice.told())
    return next(filter(None, texts), None)


def _options_text(notice: _Notice) -> str | None:
    texts = (part.part("options").text("description") for part in notice.told())
    return next(filter(None, texts), None)


def _terms_of(notice: _Notice) -> tuple[dict[str, Any], list[str]]:
    """Return the terms that a notice states, and what it leaves open of them.

    The latest period counts as a whole: never a start from one and an end from another.
    """
    periods = notice.periods()
    if not periods:
        raise Odd("period", "is not stated; enter this contract with the day it starts")
    period, start, end = periods[0]
    if start is None:
        raise Odd(f"{period.where}.startDate", "is missing; enter the day the contract starts")
    terms: dict[str, Any] = {"start_date": str(start)}
    days = period.whole("durationInDays")
    if end is not None and end < _NO_END:
        terms |= {"end_date": str(end), "end_date_is": "last_day"}
    elif end is None and days is not None:
        terms["initial_term"] = _length(period, days)
        end = _last_day(start, terms["initial_term"], 1)
    elif notice.is_terminated:
        raise Odd(WHOLE_ROW, _ENDED_SOME_DAY)
    else:
        return terms | {"renewal": {"kind": "evergreen"}}, ["the end"]
    if notice.is_terminated:
        point = f"the day it really ended, for it is {notice.status}"
        return terms | {"renewal": {"kind": "none"}}, [point]
    renewal, points = _renewal_of(notice, end, _day(period, "maxExtentDate"))
    return terms | {"renewal": renewal}, points


def _renewal_of(
    notice: _Notice, end: date | None, latest: date | None
) -> tuple[dict[str, Any], list[str]]:
    """Return how it renews, and what is open of that.

    A latest end that is stated counts more than lengths that do not lead there.
    """
    if end is None or latest is None or not end < latest < _NO_END:
        latest = None
    stated = _stated_extensions(notice)
    reached = _last_day(end + _ONE_DAY, stated.length, stated.count) if stated and end else None
    if stated and (latest is None or reached == latest):
        return _option(stated), []
    if end is not None and latest is not None:
        point = f"whether the time up to {latest}, entered as one option, is divided into several"
        return _option(Extensions(1, _length_between(end, latest))), [point]
    if notice.has_renewal:
        return {"kind": "none"}, ["how long it can be renewed, so that no renewal is entered"]
    return {"kind": "none"}, []


def _stated_extensions(notice: _Notice) -> Extensions | None:
    """Return what extensions are stated, in numbers or in words that leave no choice."""
    if notice.has_renewal is not False:
        for part in notice.told():
            renewal = part.part("renewal")
            period = renewal.part("period")
            count, days = renewal.whole("maximumRenewals"), period.whole("durationInDays")
            if count and days is not None:
                return Extensions(count, _length(period, days))
        found = extensions_in(_renewal_text(notice) or "")
        if found is not None:
            return found
    return extensions_in(_options_text(notice) or "")


def _option(extensions: Extensions) -> dict[str, Any]:
    return {"kind": "option", "term": extensions.length, "max": extensions.count}


def _length(period: Part, days: int) -> Length:
    if not 0 < days <= _LONGEST_DAYS:
        raise Odd(f"{period.where}.durationInDays", "is no time that a contract takes")
    return length_of_days(days)


def _last_day(first: date, length: Mapping[str, Any], count: int) -> date | None:
    """Return the last day of so many lengths, None when no calendar has it."""
    span = Span(length["value"] * count, Unit(length["unit"]))
    try:
        return add_months(first, span.months) + timedelta(span.days - 1)
    except (ValueError, OverflowError):
        return None


def _length_between(end: date, latest: date) -> Length:
    """Return the time after one last day to another, in whole months if it has them."""
    following, beyond = end + _ONE_DAY, latest + _ONE_DAY
    months = months_apart(following, beyond)
    if months and add_months(following, months) == beyond:
        return {"value": months, "unit": "months"}
    return {"value": (latest - end).days, "unit": "days"}


def _day(part: Part, name: str) -> date | None:
    """Return the day of a moment as it is written: in another zone it could be another."""
    text = part.text(name)
    if text is None:
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        raise Odd(f"{part.where}.{name}", "must begin with a day as YYYY-MM-DD")
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        raise Odd(f"{part.where}.{name}", "no calendar has that day; check it") from None


def _cut(text: str, most: int) -> str:
    """Return a text that is no longer than it may be; one that was has three dots."""
    whole = unicodedata.normalize("NFC", text)
    return whole if len(whole) <= most else f"{whole[: most - 1].rstrip()}\u2026"
