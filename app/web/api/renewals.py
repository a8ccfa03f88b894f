"""The work list over HTTP: what needs somebody, soonest first."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.renewals.bad_terms import BadTerms
from app.renewals.months import add_months
from app.usecases.forms import AgreementKind, Day
from app.usecases.renewals import Due, work_list
from app.web.api.shapes import (
    AsOf,
    ByFilters,
    Cursor,
    Limit,
    answer,
    cursor_for,
    day_or,
    place_of,
)
from app.web.deps import GuardedRoute, Reader
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/renewals",
    tags=["renewals"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422),
)

_USUAL_DAYS = 365
_LONGEST_MONTHS = 120


class DueAgreement(BaseModel):
    """The agreement a decision is about."""

    id: UUID
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
    tags: list[str]


class DueOut(BaseModel):
    """One term somebody has to decide about. Every date has its steps in `why`."""

    agreement: DueAgreement
    term_number: int
    term_start: date
    term_end: date
    act_by: date = Field(description="The notice deadline, or the end of what ends by itself.")
    if_nobody_acts: Literal["renews", "ends"]
    negotiation_start: date | None
    notice_window_opens: date | None
    send_by: date | None
    notice_deadline: date | None
    renewal_date: date | None
    assumed: bool = Field(description="Whether the notice period is not known (90 days assumed).")
    why: dict[str, list[str]]


class DuePage(BaseModel):
    """Part of the work list, soonest first."""

    items: list[DueOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to go on; null at the end.")


@router.get("", response_model=DuePage, summary="What needs somebody, soonest first")
def renewals(  # noqa: PLR0913 - each is a query parameter
    desk: Reader,
    filters: ByFilters,
    within_days: Annotated[
        int | None,
        Query(ge=0, le=3_650, description="Each agreement once, with its next decision."),
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
    after = place_of(cursor, date.fromisoformat, UUID, int)
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
    items = [due_out(due) for due in found.items]
    return answer({"items": items, "next_cursor": cursor_for(found.after)})


def due_out(due: Due) -> dict[str, Any]:
    """Return an item of the work list in the shape of `DueOut`."""
    row = due.agreement
    facts = {name: row[name] for name in DueAgreement.model_fields}
    return {
        "agreement": facts | {"tags": orjson.loads(row["tags"])},
        "term_number": row["term_number"],
        "term_start": row["term_start"],
        "term_end": row["term_end"],
        "act_by": row["falls_on"],
        "if_nobody_acts": "renews" if "renewal" in due.dates else "ends",
        "negotiation_start": due.dates.get("negotiation_start"),
        "notice_window_opens": due.dates.get("notice_window_opens"),
        "send_by": due.dates.get("send_by"),
        "notice_deadline": due.dates.get("notice_deadline"),
        "renewal_date": due.dates.get("renewal"),
        "assumed": row["assumed"],
        "why": due.why,
    }


def _range(
    today: date, within_days: int | None, from_: str | None, to: str | None
) -> tuple[date, date]:
    if within_days is not None and (from_ is not None or to is not None):
        raise BadTerms("within_days", "give within_days, or from and to, not both.")
    first = day_or(today, from_)
    if to is None:
        return first, first + timedelta(days=_USUAL_DAYS if within_days is None else within_days)
    last = date.fromisoformat(to)
    if last < first:
        raise BadTerms("to", "must not be before from; check both days.")
    if last > add_months(first, _LONGEST_MONTHS):
        raise BadTerms("to", "must be at most ten years after from; ask in parts.")
    return first, last
