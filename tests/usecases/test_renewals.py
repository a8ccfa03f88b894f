"""The work list says what needs somebody, soonest first, and goes on page by page."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update

from app.records.agreements import Filters
from app.records.engine import Database, Session
from app.records.tables import TermRow
from app.usecases.renewals import Place, WorkList, work_list
from tests.builders import entered, length

FIRST, LAST = date(2026, 11, 23), date(2028, 11, 22)


def listed(
    session: Session, *, only_next: bool = True, after: Place | None = None, limit: int = 50
) -> WorkList:
    return work_list(session, Filters(), FIRST, LAST, only_next=only_next, after=after, limit=limit)


def places(found: WorkList) -> list[tuple[UUID, str]]:
    return [(row["agreement_id"], row["act_by"].isoformat()) for row in found.items]


def test_each_agreement_stands_there_with_its_next_decision(database: Database) -> None:
    with database.writing() as session:
        renewing = entered(session, reference="A").id
        ending = entered(
            session, reference="B", start_date="2026-01-01", renewal=None, notice=None
        ).id
        soon = entered(session, reference="C", start_date="2024-01-20").id
        found = listed(session)
    assert places(found) == [(soon, "2026-12-05"), (ending, "2026-12-31"), (renewing, "2027-02-28")]
    assert found.after is None


def test_a_range_tells_every_term_of_it(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        found = listed(session, only_next=False)
    assert places(found) == [(one, "2027-02-28"), (one, "2028-02-29")]


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    with database.writing() as session:
        for number in range(5):
            entered(session, reference=f"R-{number}", lead_days=number)
        whole = places(listed(session, only_next=False))
        paged: list[tuple[UUID, str]] = []
        after: Place | None = None
        for size in (3, 3, 3, 1):
            found = listed(session, only_next=False, after=after, limit=3)
            assert len(found.items) == size
            paged += places(found)
            after = found.after
    assert after is None
    assert paged == whole
    assert len(whole) == 10


def test_a_full_last_page_is_the_last(database: Database) -> None:
    with database.writing() as session:
        entered(session, reference="A")
        entered(session, reference="B", initial_term=length("24 months"))
        found = listed(session, limit=2)
    assert len(found.items) == 2
    assert found.after is None


@pytest.mark.parametrize("told", ["", "null", "[]", "{}", '{"dates": 1, "why": 2}'])
def test_a_term_that_cannot_be_read_is_left_out_and_counted(database: Database, told: str) -> None:
    with database.writing() as session:
        entered(session)
        session.execute(update(TermRow).values(told=told))
        found = listed(session)
    assert (found.items, found.left_out) == ([], 1)
