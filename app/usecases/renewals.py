"""What needs somebody, soonest first? The work list of both teams."""

import logging
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson

from app.records import milestones
from app.records.agreements import Filters
from app.records.engine import Row, Session

log = logging.getLogger("noticeboard")

Place = tuple[date, UUID, int]
"""Where a page ends: the day to act by, the agreement, the term."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the work list; `after` is where the next one goes on.

    `left_out` counts the terms on it that cannot be read.
    """

    items: list[Row]
    after: Place | None
    left_out: int


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
    read = [_read(row) for row in found[:limit]]
    items = [item for item in read if item is not None]
    after = None
    if len(found) > limit:
        last_shown = found[limit - 1]
        after = last_shown["act_by"], last_shown["agreement_id"], last_shown["number"]
    return WorkList(items, after, left_out=len(read) - len(items))


def _read(row: Row) -> Row | None:
    """Return a term with its dates and reasons read; None, and a line in the log, if it cannot."""
    try:
        told = orjson.loads(row["told"])
        dates, why = told["dates"], told["why"]
        why["act_by"] = why["notice_deadline" if "notice_deadline" in dates else "term_end"]
        ends = {"term_end": told["term_end"], "if_nobody_acts": told["if_nobody_acts"]}
        return {**row, **ends, "dates": dates, "why": why, "tags": orjson.loads(row["tags"])}
    except (ValueError, KeyError, TypeError):
        log.exception("agreement %s is left out of the work list", row["agreement_id"])
        return None
