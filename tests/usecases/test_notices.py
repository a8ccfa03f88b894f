"""A notice is judged by the clause in force when it arrives, and never silently accepted."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import milestones
from app.records.engine import Database, Session
from app.renewals.endings import Verdict
from app.usecases.dossiers import Dossiers
from app.usecases.notices import Judged, every_notice
from app.usecases.refusals import AlreadyWithdrawn, Invalid, NotFound, Over
from tests.builders import (
    amended,
    entered,
    length,
    noticed,
    read,
    received,
    settled,
    told,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is
# 23 November 2026, in term 3, which ends on 14 April 2027.
OPTION: dict[str, Any] = {
    "renewal": {"kind": "option", "term": length("12 months"), "max": 1},
    "initial_term": length("36 months"),
}
MAILED: dict[str, Any] = {"notice": {**length("45 days"), "delivery": length("3 days")}}


def what(judged: Judged) -> tuple[str, int, str | None, bool]:
    """Return the verdict, the term that ends, its last day, and whether that is presumed."""
    effect = judged.effect
    ends_on = None if effect.ends_on is None else effect.ends_on.isoformat()
    return effect.verdict.value, effect.term_number, ends_on, effect.assumed


def listed(session: Session, agreement_id: UUID) -> list[tuple[str, int, str | None, bool]]:
    return [what(one) for one in every_notice(Dossiers(session).by_id(agreement_id))]


@pytest.mark.parametrize(
    ("day", "sent", "expected"),
    [
        ("2027-02-28", {"received_on": "2027-02-28"}, ("in_time", 3, "2027-04-14", False)),
        ("2027-03-01", {"received_on": "2027-03-01"}, ("late", 4, "2028-04-14", False)),
        (
            "2027-03-01",
            {"received_on": "2027-03-01", "term_number": 3},
            ("late", 4, "2028-04-14", False),
        ),
        (
            "2027-03-01",
            {"received_on": "2027-03-01", "term_number": 4},
            ("in_time", 4, "2028-04-14", False),
        ),
        ("2027-02-25", {"sent_on": "2027-02-25"}, ("in_time", 3, "2027-04-14", True)),
        ("2027-02-26", {"sent_on": "2027-02-26"}, ("late", 4, "2028-04-14", True)),
        (
            "2027-03-05",
            {"sent_on": "2027-02-26", "received_on": "2027-02-27", "direction": "theirs"},
            ("in_time", 3, "2027-04-14", False),
        ),
    ],
)
def test_a_notice_ends_the_term_that_it_is_in_time_for(
    database: Database, day: str, sent: dict[str, Any], expected: tuple[object, ...]
) -> None:
    with database.writing() as session:
        one = entered(session, **MAILED).id
        given = noticed(session, one, day, **sent)
        assert what(given) == expected
        assert listed(session, one) == [expected]
        found = read(session, one, day)
    assert str(found.position.final_end) == expected[2]
    judged = given.done.document["judged"]
    assert (judged["verdict"], judged["term_number"], judged["ends_on"]) == expected[:3]
    assert judged["why"]


def test_a_notice_before_its_window_ends_nothing(database: Database) -> None:
    window = {"notice": {**length("45 days"), "opens": length("100 days")}}
    with database.writing() as session:
        one = entered(session, **window).id
        given = noticed(session, one, received_on="2026-11-20")
        assert what(given) == ("too_early", 0, None, False)
        assert read(session, one).position.final_end is None
    document = given.done.document["judged"]
    assert (document["term_number"], document["ends_on"]) == (None, None)


def test_a_receipt_takes_the_place_of_what_was_presumed(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **MAILED).id
        late = noticed(session, one, "2027-02-26", sent_on="2027-02-26")
        in_time = received(session, one, late.done.number, "2027-02-28", "2027-03-02")
        assert what(late) == ("late", 4, "2028-04-14", True)
        assert what(in_time) == ("in_time", 3, "2027-04-14", False)
        assert listed(session, one) == [what(in_time)]
        # What was thought of it when it was sent stays on record.
        (kept,) = every_notice(Dossiers(session).by_id(one))
    assert kept.done.document["judged"]["verdict"] == "late"
    assert in_time.done == kept.done


def test_a_notice_has_one_receipt(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        sent = noticed(session, one, sent_on="2026-11-19").done
        handed = noticed(session, one, received_on="2026-11-20").done
        received(session, one, sent.number, "2026-11-21")
        for done, arrived in ((sent, "Sat 21 Nov"), (handed, "Fri 20 Nov")):
            with pytest.raises(AlreadyWithdrawn, match=f"It arrived on {arrived} 2026: withdraw"):
                received(session, one, done.number, "2026-11-22")


def test_what_was_withdrawn_does_not_arrive(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        sent = noticed(session, one, sent_on="2026-11-19")
        assert read(session, one).position.final_end == date(2027, 4, 14)
        withdrawn(session, one, sent.done)
        assert listed(session, one) == []
        assert read(session, one).position.final_end is None
        with pytest.raises(AlreadyWithdrawn, match="withdrawn on Mon 23 Nov 2026"):
            received(session, one, sent.done.number, "2026-11-21")
        with pytest.raises(NotFound, match="no notice of this number"):
            received(session, one, 7, "2026-11-21")


@pytest.mark.parametrize(
    ("sent", "field", "rule"),
    [
        ({"sent_on": "2026-11-24"}, "sent_on", "lies ahead; record it once it has happened"),
        ({"received_on": "2026-11-24"}, "received_on", "lies ahead"),
        ({"sent_on": "2026-11-23", "received_on": "2026-11-24"}, "received_on", "lies ahead"),
        ({"sent_on": "2026-11-23", "received_on": "2026-11-22"}, "received_on", "before sent_on"),
        ({}, "sent_on", "give the day it was sent, or received_on"),
        (
            {"sent_on": "2026-11-20", "term_number": 100_000},
            "term_number",
            "beyond what a calendar",
        ),
        ({"sent_on": "2026-11-20", "term_number": 500}, "term_number", "beyond what a calendar"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_by_field(
    database: Database, sent: dict[str, Any], field: str, rule: str
) -> None:
    with database.writing() as session:
        one = entered(session).id
        with pytest.raises(Invalid, match=rule) as refused:
            noticed(session, one, **sent)
        assert [fault.field for fault in refused.value.faults] == [field]
        assert read(session, one).version == 1


@pytest.mark.parametrize(
    ("received_on", "rule"),
    [
        ("2026-11-19", "must not be before it was sent, on Fri 20 Nov 2026"),
        ("2026-11-24", "lies ahead"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(
    database: Database, received_on: str, rule: str
) -> None:
    with database.writing() as session:
        one = entered(session).id
        sent = noticed(session, one, sent_on="2026-11-20").done
        with pytest.raises(Invalid, match=rule) as refused:
            received(session, one, sent.number, received_on)
        assert [fault.field for fault in refused.value.faults] == ["received_on"]
        assert listed(session, one) == [("in_time", 3, "2027-04-14", True)]


def test_the_term_a_notice_is_meant_for_is_one_that_there_is(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **OPTION).id
        with pytest.raises(Invalid, match="term_number: the last term is number 1"):
            noticed(session, one, sent_on="2026-11-20", term_number=2)


def test_after_the_end_there_is_nothing_to_end(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        noticed(session, one, received_on="2026-11-20")
        noticed(session, one, "2027-04-14", received_on="2027-04-14")
        with pytest.raises(Over, match="The agreement ended on Wed 14 Apr 2027"):
            noticed(session, one, "2027-04-15", received_on="2027-04-15")
        # What was handed over before the end and entered after it is a fact all the same.
        noticed(session, one, "2027-04-15", received_on="2027-04-13")
        with pytest.raises(NotFound, match="no agreement with this id"):
            noticed(session, uuid4(), received_on="2026-11-20")


def test_what_ends_by_itself_needs_no_notice(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, renewal=None, initial_term=length("3 years")).id
        given = noticed(session, one, received_on="2026-11-20")
        assert given.effect.verdict is Verdict.NOT_NEEDED
        assert read(session, one).position.final_end == date(2027, 4, 14)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2027-02-28", ("in_time", 1, None, False)),
        ("2027-03-01", ("late", 1, None, False)),
    ],
)
def test_a_letter_that_exercises_an_option_ends_nothing(
    database: Database, day: str, expected: tuple[object, ...]
) -> None:
    with database.writing() as session:
        one = entered(session, **OPTION).id
        settled(session, one, 1, "extend")
        assert read(session, one).position.final_end == date(2028, 4, 14)
        given = noticed(session, one, day, purpose="extend", received_on=day)
        assert what(given) == expected
        assert read(session, one).position.final_end == date(2028, 4, 14)


def test_a_notice_is_judged_by_the_clause_in_force_when_it_arrives(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        given = noticed(session, one, "2027-01-31", received_on="2027-01-31")
        assert what(given) == ("in_time", 3, "2027-04-14", False)
        # A longer notice from the next day on does not touch what was in time before.
        amended(session, one, "2027-02-01", "2027-02-01", notice=length("90 days"))
        assert listed(session, one) == [("in_time", 3, "2027-04-14", False)]


def test_children_end_with_their_parents_notice(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(
            session, reference="C", parent_id=parent, co_terminous=True, initial_term=None,
            renewal=None, notice=None, start_date="2024-06-01",
        ).id  # fmt: skip
        before = told(read(session, child)), milestones.of_agreement(session, child)
        given = noticed(session, parent, received_on="2026-11-20")
        assert read(session, child).position.final_end == date(2027, 4, 14)
        assert max(row["last_on"] for row in milestones.of_agreement(session, child)) == date(
            2027, 4, 14
        )
        withdrawn(session, parent, given.done)
        assert (told(read(session, child)), milestones.of_agreement(session, child)) == before
