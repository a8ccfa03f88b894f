"""What does the API answer with? The models that several routes share."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from app.records.agreements import Filters
from app.renewals.chain import Link
from app.renewals.documents import TERMS_FIELDS
from app.renewals.position import Position
from app.renewals.prices import Price
from app.settings import Settings
from app.usecases.agreements import Kept
from app.usecases.forms import AgreementForm, AgreementKind, Day, Line, Word
from app.usecases.verifications import Verification, verification_on
from app.web.deps import Desk
from app.web.errors import BadParameter

PhaseName = Literal[
    "not_started",
    "active",
    "negotiation",
    "renewal_locked",
    "expiring",
    "terminating",
    "terminated",
    "holdover",
    "open_ended",
    "expired",
]


class NextDecision(BaseModel):
    """The first decision that can still be made in time, with its term's end."""

    term_number: int
    deadline: date
    send_by: date
    negotiation_start: date
    term_end: date


class PositionOut(BaseModel):
    """Where an agreement stands on a day. Every date has its steps in `why`, by its name."""

    as_of: date
    phase: PhaseName
    term_number: int | None = Field(description="None while it is held over.")
    term_start: date
    term_end: date | None = Field(description="The last covered day.")
    renewal_date: date | None
    final_end: date | None = Field(description="The last covered day if nobody acts.")
    notice_window_opens: date | None
    notice_deadline: date | None = Field(description="The last day a notice may be received.")
    send_by: date | None
    negotiation_start: date | None
    next_notice_deadline: date | None
    next_negotiation_start: date | None
    next_decision: NextDecision | None
    exit_if_notice_today: date | None
    exit_for_convenience: date | None
    assumed: list[str] = Field(
        description="The dates that rest on a notice period nobody has entered (90 days)."
    )
    why: dict[str, list[str]]


class TermDates(BaseModel):
    """One term with its dates; a past one with what became of it."""

    number: int
    state: Literal["past", "current", "projected"]
    outcome: (
        Literal[
            "renewed_by_decision",
            "renewed_by_default",
            "continued",
            "ended_by_notice",
            "ended_by_itself",
            "option_exercised",
            "option_lapsed",
            "holdover",
        ]
        | None
    )
    term_start: date
    term_end: date | None
    renewal_date: date | None
    notice_window_opens: date | None
    notice_deadline: date | None
    send_by: date | None
    negotiation_start: date | None
    assumed: bool
    why: dict[str, list[str]]


class PriceOut(BaseModel):
    """What is paid, in one currency; null is not known."""

    annual_value: str | None
    total_value: str | None
    currency: str | None


class VerificationState(BaseModel):
    """Whether the clauses that dates rest on were checked against the contract."""

    state: Literal["verified", "stale", "unverified"]
    good_until: date | None
    checked: dict[str, date | None] = Field(
        description="When each clause was last checked as it reads now."
    )


class AgreementOut(AgreementForm):
    """An agreement as it was entered, with where it stands.

    `price` is the one in force on the position's day: amendments are in it.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    position: PositionOut
    price: PriceOut
    verification: VerificationState


class ExportedAgreement(AgreementForm):
    """An agreement as it was entered; without its id it can be entered again."""

    id: UUID


class AgreementPage(BaseModel):
    """Part of the list of agreements."""

    items: list[AgreementOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to go on; null at the end.")
    left_out: int = Field(description="Stored agreements on this page that cannot be read.")


def agreement_out(kept: Kept, settings: Settings) -> dict[str, Any]:
    """Return a kept agreement in the shape of `AgreementOut`."""
    months = settings.verification_months
    return {
        "id": kept.id,
        "version": kept.version,
        **kept.facts,
        **_NO_TERMS,
        **kept.terms_document,
        "created_at": kept.created_at,
        "updated_at": kept.updated_at,
        "position": position_out(kept.position),
        "price": price_out(kept.price),
        "verification": verification_out(
            verification_on(kept.checked, kept.position.as_of, months)
        ),
    }


def price_out(price: Price) -> dict[str, Any]:
    """Return a price in the shape of `PriceOut`."""
    return {
        "annual_value": amount_out(price.annual_value),
        "total_value": amount_out(price.total_value),
        "currency": price.currency,
    }


def amount_out(amount: Decimal | None) -> str | None:
    """Return an amount as text, never in powers of ten."""
    return None if amount is None else f"{amount:f}"


def verification_out(found: Verification) -> dict[str, Any]:
    """Return the state of the checks in the shape of `VerificationState`."""
    return {"state": found.state, "good_until": found.good_until, "checked": found.checked}


_NO_TERMS = dict.fromkeys(TERMS_FIELDS)


def position_out(position: Position) -> dict[str, Any]:
    """Return a position in the shape of `PositionOut`."""
    return {
        **{name: getattr(position, name) for name in _COPIED},
        "next_decision": _next_decision(position),
        "why": position.why,
    }


_COPIED = tuple(name for name in PositionOut.model_fields if name not in {"next_decision", "why"})


def _next_decision(position: Position) -> dict[str, Any] | None:
    if position.next_notice_deadline is None:
        return None
    return {
        "term_number": position.next_term_number,
        "deadline": position.next_notice_deadline,
        "send_by": position.next_send_by,
        "negotiation_start": position.next_negotiation_start,
        "term_end": position.next_term_end,
    }


def term_dates(link: Link) -> dict[str, Any]:
    """Return a term of the chain in the shape of `TermDates`."""
    return {name: getattr(link, name) for name in TermDates.model_fields}


def answer(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer; days, moments and ids are written as the models say."""
    return Response(orjson.dumps(content), status, headers, "application/json")


PATCH_CONFIG = ConfigDict(extra="forbid", strict=True)
PATCH_DOC = "The fields to change; each takes the place of the old one, null empties it."


def all_optional(form: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of the form of a change: those of `form`, and each may be left out."""
    return {name: (_optional(field), None) for name, field in form.model_fields.items()}


def _optional(field: FieldInfo) -> Any:  # noqa: ANN401 - an annotation
    annotation = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]  # type: ignore[assignment]
    return Optional[annotation]  # noqa: UP045 - built at run time


def _whole(text: object) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,9}", text):
        message = "must be a whole number"
        raise ValueError(message)
    return int(text)


# The framework's own reading takes 1_000 and " 5 " for numbers.
Whole = Annotated[int, BeforeValidator(_whole)]


async def filters(
    *,
    q: Annotated[
        Line | None, Query(description="Text in title, counterparty or reference.")
    ] = None,
    counterparty: Annotated[Line | None, Query()] = None,
    kind: Annotated[AgreementKind | None, Query()] = None,
    owner: Annotated[Line | None, Query()] = None,
    criticality: Annotated[Word | None, Query()] = None,
    spend_class: Annotated[Word | None, Query()] = None,
    tag: Annotated[Word | None, Query()] = None,
) -> Filters:
    """Return the filters of a list from its query."""
    return Filters(q, counterparty, kind, owner, criticality, spend_class, tag)


ByFilters = Annotated[Filters, Depends(filters)]
AsOf = Annotated[Day | None, Query(description="The day to look from; today when left out.")]
KnownAt = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?$",
        description="What was on record at that moment (UTC), or at the end of that day.",
        examples=["2026-03-01", "2026-03-01T12:00:00Z"],
    ),
]
Cursor = Annotated[
    str | None, Query(max_length=1_000, description="The `next_cursor` of the page before.")
]
Limit = Annotated[Whole, Query(ge=1, le=200, description="The most items of a page.")]


def day_or(today: date, day: str | None) -> date:
    """Return a day of a query, today when it was left out."""
    return today if day is None else date.fromisoformat(day)


def moment_or_none(desk: Desk, known_at: str | None) -> datetime | None:
    """Return a moment of a query; a day stands for its end, where the installation is."""
    if known_at is None:
        return None
    try:
        if known_at.endswith("Z"):
            moment = datetime.fromisoformat(known_at)
        else:
            zone = ZoneInfo(desk.settings.timezone)
            moment = datetime.combine(date.fromisoformat(known_at), time.max, zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadParameter(name="known_at", rule="no calendar has that moment.") from None


def cursor_for(place: Sequence[object] | None) -> str | None:
    """Return where a list goes on as text that can stand in an address."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in place])).decode()


def place_of(cursor: str | None, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Return the place that a cursor stands for; raises `BadParameter` for none of ours."""
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.b64decode(cursor, b"-_", validate=True))
        return tuple(read(_text(part)) for read, part in zip(readers, parts, strict=True))
    except (ValueError, TypeError) as error:
        raise BadParameter(
            name="cursor", rule="is none of ours; take next_cursor as it is."
        ) from error


def whole_in(part: str) -> int:
    """Read a whole number of a cursor; raises ValueError."""
    return _whole(part)


def amount_in(part: str) -> Decimal:
    """Read an amount of a cursor; raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,4})?", part):
        raise ValueError(part)
    return Decimal(part)


def words_in(part: str) -> str:
    """Read a text of a cursor; raises ValueError."""
    part.encode()  # a lone surrogate is a ValueError
    if "\0" in part:  # PostgreSQL keeps none
        raise ValueError(part)
    return part


def _text(part: object) -> str:
    if not isinstance(part, str):
        raise TypeError(part)
    return part
