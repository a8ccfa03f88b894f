"""What needs somebody, soonest first? The work list of both teams."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.records import milestones
from app.records.agreements import Filters
from app.records.engine import Row, Session

Place = tuple[date, UUID, int]
"""Where a page ends: the day to act by, the agreement, the term."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the work list; `after` is where the next one goes on."""

    items: list[Row] = field(default_factory=list)
    after: Place | None = None


def work_list(
    session: Session,
    filters: Filters,
    first: date,
    last: date,
    *,
    only_next: bool,
    after: Place | None,
    limit: int,
) -> WorkList:
    """Return what must be acted on from `first` to `last`, soonest first.

    With `only_next` each agreement stands there once, with the first decision that can
    still be met; else with every term whose day falls into the range.
    """
    found = milestones.to_act_on(
        session, filters, first, last, only_next=only_next, after=after, limit=limit + 1
    )
    if len(found) <= limit:
        return WorkList(found)
    last_shown = found[limit - 1]
    place = (last_shown["act_by"], last_shown["agreement_id"], last_shown["number"])
    return WorkList(found[:limit], place)
