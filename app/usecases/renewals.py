"""What needs somebody, soonest first? The work list of both teams."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from app.records import milestones
from app.records.agreements import Filters
from app.records.engine import Row, Session

Place = tuple[date, UUID, int]
"""Where a page ends: the day to act by, the agreement, the term."""


@dataclass(frozen=True, slots=True)
class Due:
    """One term somebody has to decide about, with its dates and the reason for each."""

    agreement: Row
    dates: dict[str, date]
    why: dict[str, list[str]]

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        row = self.agreement
        return row["falls_on"], row["id"], row["term_number"]


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the work list; `after` is where the next one goes on."""

    items: list[Due] = field(default_factory=list)
    after: Place | None = None


def work_list(  # noqa: PLR0913 - the list's filters, range and page
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
    rows = milestones.to_act_on(
        session, filters, first, last, only_next=only_next, after=after, limit=limit + 1
    )
    shown = rows[:limit]
    dates: defaultdict[tuple[UUID, int], dict[str, Row]] = defaultdict(dict)
    for row in milestones.of_terms(session, [(row["id"], row["term_number"]) for row in shown]):
        dates[row["agreement_id"], row["term_number"]][row["kind"]] = row
    items = [_due(row, dates[row["id"], row["term_number"]]) for row in shown]
    return WorkList(items, items[-1].place if len(rows) > limit else None)


def _due(row: Row, of_term: dict[str, Row]) -> Due:
    return Due(
        agreement=row,
        dates={kind: milestone["falls_on"] for kind, milestone in of_term.items()},
        why={kind: _steps(milestone) for kind, milestone in of_term.items()},
    )


def _steps(milestone: Row) -> Any:  # noqa: ANN401 - JSON that we wrote
    return json.loads(milestone["why"])
