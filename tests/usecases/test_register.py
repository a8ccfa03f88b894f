"""Milestones follow from facts and days alone, whenever and however they are worked out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import delete, select

from app.records import agreements, milestones, register
from app.records.agreements import Filters
from app.records.engine import Database, Row, Session
from app.records.tables import TermRow
from app.usecases import imports
from app.usecases.dossiers import Dossiers
from app.usecases.register import (
    add_milestones,
    extend,
    month_span,
    reading_milestones,
    rebuild,
    span_of,
)
from tests.builders import (
    NOW,
    OPERATOR,
    acknowledged,
    amended,
    checked,
    entered,
    length,
    noticed,
    sabotage,
    settled,
    withdrawn,
)

EXAMPLE = (Path(__file__).parents[2] / "examples/register.csv").read_bytes()
FOUNDED = date(2025, 11, 1), date(2029, 2, 28)


def load_example(session: Session) -> None:
    planned = imports.plan(session, EXAMPLE, now=NOW, max_rows=1_000)
    imports.carry_out(session, planned, actor=OPERATOR, now=NOW)


def terms_rows(session: Session) -> list[Row]:
    columns = TermRow.__table__.columns
    found = session.execute(select(*columns).order_by(TermRow.agreement_id, TermRow.number))
    return [dict(row) for row in found.mappings()]


def told_of(session: Session, agreement_id: UUID) -> list[dict[str, Any]]:
    return [orjson.loads(row["told"]) for row in milestones.of_agreement(session, agreement_id)]


@pytest.mark.parametrize(
    ("today", "back", "ahead", "first", "last"),
    [
        ("2026-11-23", 12, 24, "2025-11-01", "2028-11-30"),
        ("2026-11-01", 12, 24, "2025-11-01", "2028-11-30"),
        ("2026-11-30", 12, 24, "2025-11-01", "2028-11-30"),
        ("2026-12-01", 12, 24, "2025-12-01", "2028-12-31"),
        ("2028-02-29", 0, 0, "2028-02-01", "2028-02-29"),
        ("2027-01-31", 1, 1, "2026-12-01", "2027-02-28"),
    ],
)
def test_a_span_is_whole_months_around_a_day(
    today: str, back: int, ahead: int, first: str, last: str
) -> None:
    found = month_span(date.fromisoformat(today), back, ahead)
    assert [day.isoformat() for day in found] == [first, last]


def test_a_rebuild_from_the_facts_gives_the_same_rows(database: Database) -> None:
    with database.writing() as session:
        load_example(session)
        before = terms_rows(session)
        rebuild(session)
        assert terms_rows(session) == before
        session.execute(delete(TermRow))
        rebuild(session)
        assert terms_rows(session) == before
    assert len(before) > 100


def test_a_span_extended_by_reading_is_one_that_was_always_as_long(database: Database) -> None:
    first, last = date(2020, 6, 15), date(2035, 2, 3)
    with database.writing() as session:
        load_example(session)
    with reading_milestones(database, first, last) as session:
        extended, span = terms_rows(session), span_of(session)
    assert span == (date(2020, 6, 1), date(2035, 5, 31))
    with database.writing() as session:
        session.execute(delete(TermRow))
        dossiers = Dossiers(session)
        for row in agreements.every(session):
            add_milestones(session, dossiers.of(row))
        assert terms_rows(session) == extended


def test_what_is_entered_in_a_longer_span_has_the_rows_an_extension_gives(
    database: Database,
) -> None:
    with database.writing() as session:
        early = entered(session, reference="early")
        extend(session, date(2010, 1, 1), date(2040, 1, 1))
        late = entered(session, reference="late")
        kept = [milestones.of_agreement(session, one.id) for one in (early, late)]
    early_rows, late_rows = ([dict(row) | {"agreement_id": None} for row in rows] for rows in kept)
    assert early_rows == late_rows
    assert len(early_rows) == 16


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-11-01", "2029-02-28", FOUNDED),
        ("2026-01-01", "2026-01-01", FOUNDED),
        ("2025-10-31", "2026-01-01", (date(2025, 10, 1), date(2029, 2, 28))),
        ("2026-01-01", "2029-03-01", (date(2025, 11, 1), date(2029, 6, 30))),
    ],
)
def test_a_read_extends_the_span_only_where_it_must(
    database: Database, first: str, last: str, expected: tuple[date, date]
) -> None:
    with reading_milestones(
        database, date.fromisoformat(first), date.fromisoformat(last)
    ) as session:
        assert span_of(session) == expected


def test_a_span_that_covers_the_days_is_left_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "set_span", None)
    with database.writing() as session:
        extend(session, *FOUNDED)


def test_what_is_entered_while_the_span_grows_is_covered_too(database: Database) -> None:
    def enter() -> UUID:
        with database.writing() as session:
            return entered(session).id

    with ThreadPoolExecutor() as threads:
        with database.writing() as session:
            extend(session, date(2026, 1, 1), date(2040, 12, 31))
            entering = threads.submit(enter)
            threading.Event().wait(0.15)
        new = entering.result()
    with database.reading() as session:
        assert milestones.of_agreement(session, new)[-1]["last_on"].year == 2041


def test_what_cannot_be_read_keeps_its_dates_when_the_span_grows(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A"), entered(session, reference="B")
        before = milestones.of_agreement(session, broken.id)
        sabotage(session, broken.id, terms='{"start_date": 7}')
    with reading_milestones(database, date(2026, 1, 1), date(2040, 12, 31)) as session:
        assert milestones.of_agreement(session, broken.id) == before
        assert len(milestones.of_agreement(session, whole.id)) > len(before)
    assert f"agreement {broken.id} is left out" in caplog.text


def test_what_cannot_be_read_keeps_its_dates_in_a_rebuild(database: Database) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A"), entered(session, reference="B")
        before = terms_rows(session)
        sabotage(session, broken.id, terms="{")
        milestones.remove(session, [whole.id])
        rebuild(session)
        assert terms_rows(session) == before


def test_new_dates_show_in_the_marks_of_those_whose_facts_are_the_same(
    database: Database,
) -> None:
    together: dict[str, Any] = {
        "co_terminous": True,
        "start_date": "2024-06-01",
        "initial_term": None,
        "renewal": None,
        "notice": None,
    }
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(session, reference="C", parent_id=parent, **together).id
        grandchild = entered(session, reference="G", parent_id=child, **together).id
        loose = entered(session, reference="L", parent_id=parent).id
        amended(session, parent, "2027-04-15", notice=length("90 days"))

        def marks() -> dict[UUID, tuple[int, int]]:
            found = agreements.marks(session, Filters())
            return {mark.id: (mark.version, mark.dates_version) for mark in found}

        assert marks() == {parent: (2, 0), child: (1, 1), grandchild: (1, 1), loose: (1, 0)}
        extend(session, date(2020, 1, 1), date(2035, 1, 1))
        assert marks()[child] == (1, 1), "more days are no other days"
        rebuild(session)
        assert marks() == {parent: (2, 1), child: (1, 2), grandchild: (1, 2), loose: (1, 1)}


def test_a_term_is_told_with_all_its_dates_and_why(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        second = told_of(session, new.id)[1]
        row = milestones.of_agreement(session, new.id)[1]
    assert second["term_start"] == "2026-04-15"
    assert second["term_end"] == "2027-04-14"
    assert second["if_nobody_acts"] == "renews"
    assert second["dates"] == {
        "negotiation_start": "2026-11-30",
        "send_by": "2027-02-28",
        "notice_deadline": "2027-02-28",
        "renewal": "2027-04-15",
    }
    assert second["why"].keys() == second["dates"].keys() | {"term_end"}
    assert all(steps for steps in second["why"].values())
    days = (row["number"], row["first_on"], row["last_on"], row["act_by"], row["assumed"])
    assert days == (3, date(2026, 11, 30), date(2027, 4, 15), date(2027, 2, 28), False)


@pytest.mark.parametrize(
    ("changes", "acts"),
    [
        ({}, "renews"),
        ({"renewal": None}, "ends"),
        ({"renewal": {"kind": "option", "term": length("12 months")}}, "ends"),
        ({"renewal": {"kind": "evergreen"}}, "goes_on"),
        ({"renewal": {"kind": "evergreen"}, "notice_received_on": "2024-06-01"}, "ends"),
        ({"notice_received_on": "2026-12-01", "initial_term": length("36 months")}, "ends"),
    ],
)
def test_a_term_tells_what_happens_if_nobody_acts(
    database: Database, changes: dict[str, Any], acts: str
) -> None:
    with database.writing() as session:
        new = entered(session, **{"initial_term": length("3 years"), **changes})
        assert told_of(session, new.id)[0]["if_nobody_acts"] == acts


def test_a_notice_nobody_has_entered_marks_its_term(database: Database) -> None:
    with database.writing() as session:
        known, unknown = (
            entered(session, reference="A"),
            entered(session, reference="B", notice=None),
        )
        for one, assumed in ((known, False), (unknown, True)):
            rows = milestones.of_agreement(session, one.id)
            assert {row["assumed"] for row in rows} == {assumed}


def test_what_was_done_is_in_the_rows_however_they_are_worked_out(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P", annual_value="9.00", currency="EUR").id
        child = entered(
            session, reference="C", parent_id=parent, co_terminous=True, start_date="2024-06-01",
            initial_term=None, renewal=None, notice=None,
        ).id  # fmt: skip
        for one in (parent, child):
            settled(session, one, 3, "renew")
            checked(session, one, "term")
        amended(session, parent, "2027-04-15", notice=length("90 days"), annual_value="10.00")
        given = noticed(session, parent, "2028-01-10", sent_on="2028-01-10").done
        withdrawn(session, parent, given, "2028-01-20")
        acknowledged(session, child, 4, "2028-03-05")
        placed = terms_rows(session)
        rebuild(session)
        assert terms_rows(session) == placed
        extend(session, date(2020, 1, 1), date(2035, 1, 1))
        extended = terms_rows(session)
        rebuild(session)
        assert terms_rows(session) == extended
    assert [row for row in extended if row in placed] == placed
    told = [orjson.loads(row["told"]) for row in placed if row["number"] == 3]
    assert [len(one["said"]) for one in told] == [2, 2]
