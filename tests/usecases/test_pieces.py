"""What one agreement puts into calendars: settled in a transaction, rendered after it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Event as Read
from sqlalchemy import update

from app.feeds.identity import event_uid
from app.records import agreements
from app.records.engine import Database, Row, Session
from app.records.tables import TermRow
from app.renewals.milestones import MilestoneKind as Kind
from app.usecases.agreements import change
from app.usecases.pieces import Event, Piece, Script, Wording, Writer, piece_of
from tests.builders import NOW, OPERATOR, TODAY, entered, sabotage

HOUR = timedelta(hours=1)
INSTALLATION = UUID(int=11)
PLAIN = Wording(date(2026, 4, 1), date(2027, 4, 30))
PRICED = replace(PLAIN, amounts=True)
PRICE = {"annual_value": "120000.00", "currency": "EUR"}


def row_of(session: Session, agreement_id: UUID) -> Row:
    row = agreements.by_id(session, agreement_id)
    assert row is not None
    return row


def scripts(
    session: Session, *ids: UUID, wording: Wording = PLAIN, after: timedelta = timedelta(0)
) -> dict[UUID, Script]:
    writer = Writer(session, INSTALLATION, "https://noticeboard.example", 12)
    rows = [row_of(session, one) for one in ids]
    return writer.scripts(rows, wording, NOW + after)


def piece(session: Session, agreement_id: UUID, wording: Wording = PLAIN, **more: Any) -> Piece:  # noqa: ANN401
    return piece_of(scripts(session, agreement_id, wording=wording, **more)[agreement_id], wording)


def renamed(session: Session, agreement_id: UUID, title: str) -> None:
    versions = frozenset(range(1, 99))
    changes = {"title": title}
    change(session, agreement_id, versions, changes, actor=OPERATOR, today=TODAY, now=NOW)


def read(event: Event) -> Read:
    found = Read.from_ical(event.block)
    assert isinstance(found, Read)
    return found


def sequence(event: Event) -> int:
    return int(str(read(event)["SEQUENCE"]))


def changed_at(event: Event) -> object:
    return read(event).decoded("LAST-MODIFIED")


def test_a_piece_holds_the_dates_of_the_window_of_all_kinds(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        found = piece(session, one)
    assert found.is_whole
    assert {(str(event.on), event.kind) for event in found.events} == {
        ("2026-04-15", Kind.RENEWAL),
        ("2026-11-30", Kind.NEGOTIATION_START),
        ("2027-02-28", Kind.NOTICE_DEADLINE),
        ("2027-04-15", Kind.RENEWAL),
    }
    numbers = {"2026-04-15": 2}
    for event in found.events:
        number = numbers.get(str(event.on), 3)
        assert event.uid == event_uid(INSTALLATION, one, number, event.kind)
        assert str(read(event)["UID"]) == event.uid


def test_events_sort_by_day_and_then_by_uid(database: Database) -> None:
    with database.writing() as session:
        one, other = entered(session).id, entered(session, reference="other").id
        both = [*piece(session, one).events, *piece(session, other).events]
    in_order = [(event.on, event.uid) for event in sorted(both)]
    assert in_order == sorted(in_order)
    assert len(set(in_order)) == 8


def test_agreements_without_dates_have_empty_pieces(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, renewal={"kind": "perpetual"}, initial_term=None, notice=None).id
        assert piece(session, one) == Piece((), is_whole=True)
        assert scripts(session) == {}


def test_each_script_is_its_own_agreements(database: Database) -> None:
    with database.writing() as session:
        ids = [entered(session, reference=str(number), title=str(number)).id for number in range(3)]
        found = scripts(session, *ids)
    assert list(found) == ids
    for number, one in enumerate(ids):
        assert {revision.agreement_id for revision in found[one].revisions} == {one}
        assert all(
            revision.text.summary.endswith(f" {number}") for revision in found[one].revisions
        )


@pytest.mark.parametrize(
    ("amounts", "notes", "details"),
    [
        (False, False, ""),
        (True, False, "amounts"),
        (False, True, "notes"),
        (True, True, "amounts notes"),
    ],
)
def test_amounts_and_notes_are_told_where_they_are_asked_for(
    database: Database, details: str, *, amounts: bool, notes: bool
) -> None:
    wording = replace(PLAIN, amounts=amounts, notes=notes)
    assert wording.details == details
    with database.writing() as session:
        one = entered(session, **PRICE, notes="Ask Ada.").id
        for event in piece(session, one, wording).events:
            description = str(read(event)["DESCRIPTION"])
            assert ("Value a year: 120,000.00 EUR" in description) is amounts
            assert ("Notes: Ask Ada." in description) is notes


def test_no_alarm_rings_unless_it_is_asked_for(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        assert not any(read(event).subcomponents for event in piece(session, one).events)
        for event in piece(session, one, replace(PLAIN, alarm_days_before=1)).events:
            (alarm,) = read(event).subcomponents
            assert alarm.decoded("TRIGGER") == timedelta(hours=-15)


def test_what_was_reworded_is_later_than_all_that_was_published(database: Database) -> None:
    reworded = replace(PLAIN, sequence_base=7, reworded_at=NOW + HOUR)
    with database.writing() as session:
        one = entered(session).id
        before = piece(session, one)
        after = piece(session, one, reworded)
        assert {sequence(event) for event in before.events} == {0}
        assert {sequence(event) for event in after.events} == {7}
        assert {changed_at(event) for event in after.events} == {NOW + HOUR}
        assert {read(event).decoded("CREATED") for event in after.events} == {NOW}
        renamed(session, one, "New")
        later = piece(session, one, reworded, after=2 * HOUR)
        assert {sequence(event) for event in later.events} == {8}
        assert {changed_at(event) for event in later.events} == {NOW + 2 * HOUR}


def test_what_was_reworded_before_there_were_revisions_keeps_the_later_stamp(
    database: Database,
) -> None:
    reworded = replace(PLAIN, sequence_base=7, reworded_at=NOW - HOUR)
    with database.writing() as session:
        found = piece(session, entered(session).id, reworded)
    assert {changed_at(event) for event in found.events} == {NOW}


def test_a_piece_takes_about_as_much_room_as_its_bytes(database: Database) -> None:
    with database.writing() as session:
        found = piece(session, entered(session).id)
    held = sum(len(event.block) for event in found.events)
    assert held < found.size < 2 * held
    assert 0 < Piece((), is_whole=True).size < 1_000


@pytest.mark.parametrize("told", ["", "{", "null", "{}", '{"dates": {"party": "2027-01-01"}}'])
def test_a_term_that_cannot_be_read_leaves_the_others_in(
    database: Database, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        one, whole = entered(session).id, entered(session, reference="other").id
        session.execute(
            update(TermRow)
            .where(TermRow.agreement_id == one, TermRow.number == 3)
            .values(told=told)
        )
        found = scripts(session, one, whole)
        pieces = {id_: piece_of(script, PLAIN) for id_, script in found.items()}
    assert (pieces[one].is_whole, pieces[whole].is_whole) == (False, True)
    assert [str(event.on) for event in pieces[one].events] == ["2026-04-15"]
    assert len(pieces[whole].events) == 4
    assert f"agreement {one} is left out of a feed" in caplog.text


def test_a_word_that_is_none_leaves_its_term_out(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        one = entered(session).id
        (term,) = (
            script.announced.moment.notice
            for script in scripts(session, one)[one].revisions
            if script.announced.moment.kind is Kind.NEGOTIATION_START
        )
        for number in (2, 3):
            stored = TermRow.agreement_id == one, TermRow.number == number
            told = session.execute(
                TermRow.__table__.select().with_only_columns(TermRow.told).where(*stored)
            ).scalar_one()
            assert f'"{term}"' in told
            broken = told.replace(f'"notice":"{term}"', '"notice":7')
            session.execute(update(TermRow).where(*stored).values(told=broken))
        found = piece(session, one)
    assert found == Piece((), is_whole=False)
    assert f"agreement {one} is left out of a feed" in caplog.text


@pytest.mark.parametrize(
    "values",
    [{"annual_value": "much"}, {"terms": "{"}, {"terms": "null"}],
    ids=["price", "terms", "no terms"],
)
def test_a_price_that_cannot_be_read_leaves_out_where_it_would_be_shown(
    database: Database, values: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        one, whole = entered(session, **PRICE).id, entered(session, reference="other", **PRICE).id
        sabotage(session, one, **values)
        found = scripts(session, one, whole, wording=PRICED)
        assert piece_of(found[one], PRICED) == Piece((), is_whole=False)
        assert len(piece_of(found[whole], PRICED).events) == 4
        assert f"agreement {one} is left out of a feed" in caplog.text
        assert piece(session, one).is_whole
        assert len(piece(session, one).events) == 4


def test_what_no_calendar_can_hold_leaves_the_rest_of_the_piece(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        one = entered(session).id
        script = scripts(session, one)[one]
    first, *rest = script.revisions
    no_next_day = replace(first, text=replace(first.text, on=date.max))
    too_high = replace(first, stamp=replace(first.stamp, sequence=2**31 - 1))
    for broken, wording in (
        (no_next_day, PLAIN),
        (too_high, replace(PLAIN, sequence_base=1, reworded_at=NOW)),
    ):
        caplog.clear()
        found = piece_of(Script((broken, *rest), is_whole=True), wording)
        assert len(found.events) == len(rest)
        assert not found.is_whole
        assert f"agreement {one} is left out of a feed" in caplog.text
