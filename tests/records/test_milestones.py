"""The work list and the feeds ask which terms are coming."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from app.records import agreements, milestones
from app.records.agreements import Filters
from app.records.engine import Database, Session
from tests.builders import TODAY, a_row, a_term

EVERYTHING = Filters()
FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
Place = tuple[date, UUID, int]


def kept(session: Session, *act_by: str | None, **facts: Any) -> UUID:  # noqa: ANN401 - as a row has them
    """Keep an agreement whose terms are to be acted on by these days."""
    row = a_row(**facts)
    agreements.insert_rows(session, [row])
    terms = [a_term(row["id"], day, number) for number, day in enumerate(act_by, start=1)]
    milestones.add(session, terms)
    found: UUID = row["id"]
    return found


def due(
    session: Session,
    *,
    only_next: bool = False,
    after: Place | None = None,
    limit: int = 100,
    filters: Filters = EVERYTHING,
) -> list[tuple[UUID, int]]:
    found = milestones.to_act_on(
        session, filters, FIRST, LAST, only_next=only_next, after=after, limit=limit
    )
    return [(row["agreement_id"], row["number"]) for row in found]


def test_what_is_due_comes_soonest_first_with_ties_by_agreement_and_term(
    database: Database,
) -> None:
    with database.writing() as session:
        late = kept(session, "2027-09-01")
        tied = sorted([kept(session, "2027-03-01", "2027-03-01"), kept(session, "2027-03-01")])
        soon = kept(session, "2027-02-01")
        found = due(session)
    numbers = [(one, number) for one, number in found if one in tied]
    assert found == [(soon, 1), *numbers, (late, 1)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 3


def test_the_range_includes_both_of_its_days(database: Database) -> None:
    with database.writing() as session:
        one = kept(session, "2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01", None)
        assert due(session) == [(one, 2), (one, 3)]


def test_an_agreement_stands_there_once_with_its_next_decision(database: Database) -> None:
    with database.writing() as session:
        several = kept(session, "2026-06-01", "2027-06-01", "2027-09-01")
        backwards = kept(session, "2027-11-01", "2027-10-01")
        beyond = kept(session, "2026-12-31", "2028-01-01")
        found = due(session, only_next=True)
    assert found == [(several, 2), (backwards, 2)]
    assert beyond not in dict(found)


def test_two_terms_to_be_decided_on_the_same_day_are_one_next_decision(
    database: Database,
) -> None:
    with database.writing() as session:
        both = kept(session, "2027-06-01", "2027-06-01")
        assert due(session, only_next=True) == [(both, 1)]
        assert due(session) == [(both, 1), (both, 2)]


def test_pages_go_on_after_the_last_place(database: Database) -> None:
    with database.writing() as session:
        for _ in range(5):
            kept(session, "2027-03-01", "2027-03-01", "2027-04-01")
        whole = due(session)
        paged: list[tuple[UUID, int]] = []
        after: Place | None = None
        while True:
            found = milestones.to_act_on(
                session, Filters(), FIRST, LAST, only_next=False, after=after, limit=4
            )
            if not found:
                break
            paged += [(row["agreement_id"], row["number"]) for row in found]
            last = found[-1]
            after = last["act_by"], last["agreement_id"], last["number"]
    assert paged == whole
    assert len(whole) == 15


def test_the_filters_are_those_of_the_list(database: Database) -> None:
    with database.writing() as session:
        ours = kept(session, "2027-03-01", owner="Ada", tags=["vpn"], title="Firewalls")
        kept(session, "2027-03-01")
        for filters in (Filters(owner="Ada"), Filters(tag="vpn"), Filters(text="FIREWALL")):
            assert due(session, filters=filters) == [(ours, 1)]
            assert due(session, only_next=True, filters=filters) == [(ours, 1)]


def test_an_item_tells_of_its_agreement_and_its_term(database: Database) -> None:
    with database.writing() as session:
        one = kept(session, "2027-03-01", owner="Ada", currency="EUR", annual_value="1.50")
        (found,) = milestones.to_act_on(
            session, Filters(), FIRST, LAST, only_next=True, after=None, limit=9
        )
    told = {"agreement_id": one, "owner": "Ada", "annual_value": "1.50", "number": 1, "told": "{}"}
    assert {name: found[name] for name in told} == told


def test_terms_overlap_a_window_by_any_of_their_days(database: Database) -> None:
    days = [
        ("2026-01-01", "2026-12-31", False),
        ("2026-01-01", "2027-01-01", True),
        ("2027-03-01", "2027-04-01", True),
        ("2026-01-01", "2029-01-01", True),
        ("2027-12-31", "2028-06-01", True),
        ("2028-01-01", "2028-06-01", False),
    ]
    with database.writing() as session:
        one = kept(session)
        terms = [
            a_term(
                one,
                number=number,
                first_on=date.fromisoformat(first),
                last_on=date.fromisoformat(last),
            )
            for number, (first, last, _) in enumerate(days)
        ]
        milestones.add(session, terms)
        found = [row["number"] for row in milestones.of_agreements(session, [one], FIRST, LAST)]
    assert found == [number for number, (*_, within) in enumerate(days) if within]


def test_many_terms_are_kept_in_chunks_and_forgotten_with_their_agreement(
    database: Database,
) -> None:
    with database.writing() as session:
        one, other = kept(session), kept(session, "2027-03-01")
        milestones.add(session, [a_term(one, number=number) for number in range(2_300)])
        numbers = [row["number"] for row in milestones.of_agreement(session, one)]
        assert numbers == list(range(2_300))
        milestones.remove(session, [one])
        assert milestones.of_agreement(session, one) == []
        assert len(milestones.of_agreement(session, other)) == 1
        assert milestones.of_term(session, other, 1) == milestones.of_agreement(session, other)[0]
        assert milestones.of_term(session, other, 2) is None


NEVER, SOON = date.max, TODAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("act_by", "open_until", "is_missed"),
    [
        ("2026-11-20", NEVER, True),
        ("2026-11-22", NEVER, True),
        ("2026-11-23", NEVER, False),  # the day itself is in time
        ("2026-11-20", date(2026, 11, 20), False),
        ("2026-11-20", TODAY, False),
        ("2026-12-20", NEVER, False),
    ],
)
def test_what_was_missed_stays_until_it_is_closed(
    database: Database,
    act_by: str,
    open_until: date,
    is_missed: bool,  # noqa: FBT001 - a table
) -> None:
    with database.writing() as session:
        one = kept(session)
        milestones.add(session, [a_term(one, act_by, open_until=open_until)])
        for is_now in (True, False):
            found = milestones.missed(session, Filters(), TODAY, is_now=is_now, after=None, limit=9)
            assert [row["agreement_id"] for row in found] == ([one] if is_missed else [])


def test_what_was_closed_later_was_missed_on_an_earlier_day(database: Database) -> None:
    with database.writing() as session:
        one = kept(session, owner="Ada")
        milestones.add(session, [a_term(one, "2026-11-20", open_until=SOON)])
        asked = partial(milestones.missed, session, is_now=False, limit=9)
        found = asked(Filters(owner="Ada"), TODAY, after=None)
        assert [row["number"] for row in found] == [1]
        place = found[0]["act_by"], one, 1
        assert asked(Filters(), TODAY, after=place) == []
        assert asked(Filters(), SOON, after=None) == []
