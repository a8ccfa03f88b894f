"""The work list over HTTP: what needs somebody, soonest first."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.renewals.acts import DecisionState
from app.renewals.alarms import Alarm
from app.renewals.months import add_months
from app.usecases.forms import AgreementKind, Day
from app.usecases.renewals import Due, Look, Wanted, work_list, work_list_known
from app.web.api.act_shapes import DecisionName, LockedInOut
from app.web.api.shapes import (
    AsOf,
    ByFilters,
    Cursor,
    KnownAt,
    Limit,
    Whole,
    answer,
    cursor_for,
    day_or,
    moment_or_none,
    place_of,
    whole_in,
)
from app.web.deps import GuardedRoute, Reader
from app.web.errors import BadParameter, documented

router = APIRouter(
    prefix="/api/v1/renewals",
    tags=["renewals"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 503),
)

AlarmName = Literal["missed", "notice_overdue", "contested", "negotiation_late", "unverified"]
_USUAL_DAYS = 365
_LONGEST_MONTHS = 60


class DueAgreement(BaseModel):
    """The agreement somebody has to decide about."""

    agreement_id: UUID
    reference: str
    title: str
    counterparty: str
    kind: AgreementKind
    owner: str | None
    procurement_contact: str | None
    criticality: str | None
    spend_class: str | None
    currency: str | None
    annual_value: str | None
    total_value: str | None


class DueOut(DueAgreement):
    """One term somebody has to decide about. Every date has its steps in `why`, by its name."""

    tags: list[str]
    term_number: int
    act_by: date = Field(description="The notice deadline, or the end of what ends by itself.")
    days_left: int = Field(description="Days to act; below 0 when the day has passed.")
    decision: DecisionName
    settled_on: date | None
    alarm: AlarmName | None = Field(description="The most urgent of `alarms`.")
    alarms: list[AlarmName]
    verification: Literal["verified", "stale", "unverified"]
    locked_in: LockedInOut | None = Field(
        description="What the next term costs if it renews, where the annual value is known."
    )
    if_nobody_acts: Literal["renews", "goes_on", "ends"]
    negotiation_start: date | None
    notice_window_opens: date | None
    send_by: date | None
    notice_deadline: date | None
    term_end: date = Field(description="The last covered day.")
    renewal_date: date | None
    assumed: bool = Field(description="Whether the notice period is not known (90 days assumed).")
    why: dict[str, list[str]]


class DuePage(BaseModel):
    """Part of the work list, soonest first."""

    items: list[DueOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to go on; null at the end.")
    left_out: int = Field(description="Stored terms on this page that cannot be read.")


async def days(
    *,
    within_days: Annotated[
        Whole | None,
        Query(ge=0, le=1_826, description="Each agreement once, with its next decision."),
    ] = None,
    from_: Annotated[
        Day | None, Query(alias="from", description="Every term to act on, from this day.")
    ] = None,
    to: Annotated[Day | None, Query(description="The last day of the range.")] = None,
) -> "Days":
    """Return which days are asked about, from the query."""
    return Days(within_days, from_, to)


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are asked about: so many from a day on, or a range."""

    within_days: int | None
    from_: str | None
    to: str | None

    @property
    def is_range(self) -> bool:
        """Whether every term of a range is asked for."""
        return self.from_ is not None or self.to is not None

    def first_and_last(self, today: date) -> tuple[date, date]:
        """Return the first and last day; raises `BadParameter`."""
        return _range(today, self.within_days, self.from_, self.to)


async def wanted(
    *,
    decision: Annotated[DecisionName | None, Query(description="As of the day.")] = None,
    alarm: Annotated[AlarmName | None, Query(description="As of the day.")] = None,
    days_left: Annotated[
        Whole | None, Query(ge=-2_000, le=2_000, description="At most so many days to act.")
    ] = None,
) -> Wanted:
    """Return which terms are looked for, from the query."""
    return Wanted(
        decision=None if decision is None else DecisionState(decision),
        alarm=None if alarm is None else Alarm(alarm),
        days_left=days_left,
    )


@router.get("", response_model=DuePage, summary="What needs somebody, soonest first")
def renewals(
    desk: Reader,
    filters: ByFilters,
    asked: Annotated[Days, Depends(days)],
    looked_for: Annotated[Wanted, Depends(wanted)],
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Return the terms somebody has to decide about, and before them what was missed.

    Give `within_days`, or a range with `from` and `to`; a year from today when neither. What
    was missed stays on the list until somebody acknowledges it; a range tells its own days.
    """
    today, moment = day_or(desk.today, as_of), moment_or_none(desk, known_at)
    first, last = asked.first_and_last(today)
    _check_horizon(desk.today, first, last)
    after = place_of(cursor, date.fromisoformat, UUID, whole_in)
    look = Look(
        day=today,
        first=first,
        last=last,
        only_next=not asked.is_range,
        good_for=desk.settings.verification_months,
        wanted=looked_for,
    )
    if moment is not None:
        with desk.reading() as session:
            found = work_list_known(session, filters, look, moment, after=after, limit=limit)
    else:
        with desk.reading_milestones(min(first, desk.today), last) as session:
            found = work_list(session, filters, look, after=after, limit=limit, today=desk.today)
    items, following = [due_out(due) for due in found.items], cursor_for(found.after)
    return answer({"items": items, "next_cursor": following, "left_out": found.left_out})


_FACTS = tuple(DueAgreement.model_fields)


def due_out(due: Due) -> dict[str, Any]:
    """Return an item of the work list in the shape of `DueOut`."""
    row, told = due.row, due.told
    dates, why = told["dates"], told["why"]
    if "renewal" in dates:
        why["renewal_date"] = why.pop("renewal")
    return {
        **{name: row[name] for name in _FACTS},
        "tags": row["tags"],
        "term_number": row["number"],
        "act_by": row["act_by"],
        "days_left": due.days_left,
        "decision": due.decision,
        "settled_on": due.settled_on,
        "alarm": due.alarms[0] if due.alarms else None,
        "alarms": due.alarms,
        "verification": due.verification.state,
        "locked_in": told.get("locked_in"),
        "if_nobody_acts": told["if_nobody_acts"],
        "negotiation_start": dates.get("negotiation_start"),
        "notice_window_opens": dates.get("notice_window_opens"),
        "send_by": dates.get("send_by"),
        "notice_deadline": dates.get("notice_deadline"),
        "term_end": told["term_end"],
        "renewal_date": dates.get("renewal"),
        "assumed": row["assumed"],
        "why": why,
    }


def _range(
    today: date, within_days: int | None, from_: str | None, to: str | None
) -> tuple[date, date]:
    if within_days is not None and (from_ is not None or to is not None):
        raise BadParameter(name="within_days", rule="give within_days, or from and to, not both.")
    first = day_or(today, from_)
    if to is None:
        return first, first + timedelta(days=_USUAL_DAYS if within_days is None else within_days)
    last = date.fromisoformat(to)
    if last < first:
        raise BadParameter(name="to", rule="must not be before from; check both days.")
    if last > add_months(first, _LONGEST_MONTHS):
        raise BadParameter(name="to", rule="must be at most five years after from; ask in parts.")
    return first, last


def _check_horizon(today: date, first: date, last: date) -> None:
    """Refuse days that lie so far off that their terms would fill the disk."""
    if first < add_months(today, -_LONGEST_MONTHS):
        raise BadParameter(name="from", rule="must be at most five years back.")
    if last > add_months(today, _LONGEST_MONTHS):
        raise BadParameter(name="to", rule="must be at most five years ahead.")
