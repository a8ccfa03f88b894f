"""The work list over HTTP: what needs somebody, soonest first."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.records.engine import Row
from app.renewals.months import add_months
from app.usecases.forms import AgreementKind, Day
from app.usecases.renewals import work_list
from app.web.api.shapes import (
    AsOf,
    ByFilters,
    Cursor,
    Limit,
    Whole,
    answer,
    cursor_for,
    day_or,
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


@router.get("", response_model=DuePage, summary="What needs somebody, soonest first")
def renewals(
    desk: Reader,
    filters: ByFilters,
    *,
    within_days: Annotated[
        Whole | None,
        Query(ge=0, le=1_826, description="Each agreement once, with its next decision."),
    ] = None,
    from_: Annotated[
        Day | None, Query(alias="from", description="Every term to act on, from this day.")
    ] = None,
    to: Annotated[Day | None, Query(description="The last day of the range.")] = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Return the terms somebody has to decide about.

    Give `within_days`, or a range with `from` and `to`; a year from today when neither.
    """
    today = day_or(desk.today, as_of)
    first, last = _range(today, within_days, from_, to)
    _check_horizon(desk.today, first, last)
    after = place_of(cursor, date.fromisoformat, UUID, whole_in)
    with desk.reading_milestones(min(first, desk.today), last) as session:
        found = work_list(
            session,
            filters,
            first,
            last,
            only_next=from_ is None and to is None,
            after=after,
            limit=limit,
        )
    items, following = [due_out(due) for due in found.items], cursor_for(found.after)
    return answer({"items": items, "next_cursor": following, "left_out": found.left_out})


_FACTS = tuple(DueAgreement.model_fields)


def due_out(row: Row) -> dict[str, Any]:
    """Return an item of the work list in the shape of `DueOut`."""
    dates, why = row["dates"], row["why"]
    if "renewal" in dates:
        why["renewal_date"] = why.pop("renewal")
    return {
        **{name: row[name] for name in _FACTS},
        "tags": row["tags"],
        "term_number": row["number"],
        "act_by": row["act_by"],
        "if_nobody_acts": row["if_nobody_acts"],
        "negotiation_start": dates.get("negotiation_start"),
        "notice_window_opens": dates.get("notice_window_opens"),
        "send_by": dates.get("send_by"),
        "notice_deadline": dates.get("notice_deadline"),
        "term_end": row["term_end"],
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
