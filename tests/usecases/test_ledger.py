"""SEQUENCE and the stamps grow with what is shown, and never shrink."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.feeds.events import Moment, Subject
from app.feeds.ical import Stamp
from app.records import published
from app.records.engine import Database, Session
from app.renewals.milestones import MilestoneKind as Kind
from app.usecases.ledger import Announced, Revision, revisions
from tests.builders import NOW

HOUR = timedelta(hours=1)
AGREEMENT = UUID(int=7)
SUBJECT = Subject(
    agreement_id=AGREEMENT,
    reference="C-2024-17",
    title="Azure EA",
    counterparty="Contoso",
    owner=None,
    procurement_contact=None,
    url="https://noticeboard.example/agreements/7",
)
MOMENT = Moment(
    kind=Kind.NOTICE_DEADLINE,
    on=date(2027, 2, 28),
    assumed=False,
    why=("So.",),
    term_number=2,
    term_start=date(2026, 4, 15),
    term_end=date(2027, 4, 14),
    chain=((Kind.NOTICE_DEADLINE, date(2027, 2, 28)),),
    goes_on=True,
)
ONE = Announced("one", SUBJECT, MOMENT)
RENAMED = replace(ONE, subject=replace(SUBJECT, title="Azure EA 2"))
ENDLESS = replace(ONE, subject=replace(SUBJECT, url=f"https://x.example/{'x' * 3_000}"))


def settled(
    session: Session, *announced: Announced, after: timedelta = timedelta(0), details: str = ""
) -> list[Revision]:
    return revisions(session, announced, details, NOW + after)


def stamp(session: Session, one: Announced, **more: Any) -> Stamp:  # noqa: ANN401
    (revision,) = settled(session, one, **more)
    assert revision.agreement_id == AGREEMENT
    return revision.stamp


def moved_to(day: date) -> Announced:
    return replace(ONE, moment=replace(MOMENT, on=day))


def test_an_event_that_is_new_is_at_its_first_revision(database: Database) -> None:
    with database.writing() as session:
        assert stamp(session, ONE) == Stamp("one", 0, NOW, NOW)
        assert settled(session) == []


def test_an_event_that_says_the_same_stays_at_its_revision(database: Database) -> None:
    with database.writing() as session:
        first = stamp(session, ONE)
        for hours in (1, 24, 24 * 365):
            assert stamp(session, ONE, after=hours * HOUR) == first


def test_each_change_of_what_it_says_is_the_next_revision(database: Database) -> None:
    with database.writing() as session:
        stamp(session, ONE)
        turns = [RENAMED, ONE, RENAMED]
        found = [stamp(session, one, after=n * HOUR) for n, one in enumerate(turns, start=1)]
    assert found == [Stamp("one", n, NOW, NOW + n * HOUR) for n in (1, 2, 3)]


def test_a_clock_that_is_behind_dates_no_revision_back(database: Database) -> None:
    with database.writing() as session:
        stamp(session, ONE, after=2 * HOUR)
        assert stamp(session, RENAMED, after=HOUR) == Stamp(
            "one", 1, NOW + 2 * HOUR, NOW + 2 * HOUR
        )


def test_an_event_that_went_and_returns_climbs_on(database: Database) -> None:
    with database.writing() as session:
        stamp(session, ONE)
        assert settled(session, after=HOUR) == []
        assert stamp(session, RENAMED, after=2 * HOUR).sequence == 1


def test_each_way_to_tell_it_has_revisions_of_its_own(database: Database) -> None:
    with database.writing() as session:
        stamp(session, ONE)
        stamp(session, RENAMED)
        priced = replace(ONE, moment=replace(MOMENT, amounts=("Value a year: 1.00 EUR",)))
        assert stamp(session, priced, details="amounts", after=HOUR).sequence == 0
        dearer = replace(ONE, moment=replace(MOMENT, amounts=("Value a year: 2.00 EUR",)))
        assert stamp(session, dearer, details="amounts", after=2 * HOUR).sequence == 1
        assert stamp(session, RENAMED, after=3 * HOUR) == Stamp("one", 1, NOW, NOW)


def test_only_what_changed_is_written_anew(database: Database) -> None:
    other = replace(ONE, uid="other")
    with database.writing() as session:
        settled(session, ONE, other)
        before = published.of_uids(session, ["other"], "")
        first, second = settled(session, RENAMED, other, after=HOUR)
        assert (first.stamp.sequence, second.stamp.sequence) == (1, 0)
        assert published.of_uids(session, ["other"], "") == before


def test_an_event_says_where_it_was_before_until_it_moves_again(database: Database) -> None:
    days = [date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 1), date(2027, 3, 2)]
    told = []
    with database.writing() as session:
        for day in days:
            (revision,) = settled(session, moved_to(day))
            told += [line for line in revision.text.description.splitlines() if "moved" in line]
    assert told == [
        "This date has moved: it was Sun 28 Feb 2027 before.",
        "This date has moved: it was Sun 28 Feb 2027 before.",
        "This date has moved: it was Mon 1 Mar 2027 before.",
    ]


def with_broken(**values: Any) -> Announced:  # noqa: ANN401 - what no type allows
    """Return an event as a row that was broken by hand tells it."""
    return replace(ONE, moment=replace(MOMENT, **values))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(ENDLESS, id="a link that no program opens"),
        pytest.param(with_broken(notice=7), id="a notice that is none"),
        pytest.param(with_broken(why=(7,)), id="a reason that is none"),
        pytest.param(with_broken(kind=None), id="no kind"),
        pytest.param(with_broken(chain=(7,)), id="no other dates"),
    ],
)
def test_what_cannot_be_told_is_left_out_and_the_rest_is_told(
    database: Database, broken: Announced, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        stamp(session, ONE)
        other = replace(ONE, uid="other")
        found = settled(session, broken, other, after=HOUR)
        assert [one.stamp.uid for one in found] == ["other"]
        assert f"agreement {AGREEMENT} is left out of a feed" in caplog.text
        # Put right, it is what it was: nothing was published meanwhile.
        assert stamp(session, ONE, after=2 * HOUR) == Stamp("one", 0, NOW, NOW)
