"""Business days of England, Germany and the United States around their holidays."""

from datetime import timedelta

import pytest

from app import calendars
from app.renewals.business_days import HolidaysBetween
from tests.renewals.builders import day


@pytest.mark.parametrize(
    ("place", "on", "expected"),
    [
        pytest.param("GB-ENG", "2026-05-22", True, id="a Friday"),
        pytest.param("GB-ENG", "2026-05-23", False, id="a Saturday"),
        pytest.param("GB-ENG", "2026-05-25", False, id="bank holiday"),
        pytest.param("GB-SCT", "2026-04-06", True, id="Easter Monday in Scotland"),
        pytest.param("GB-ENG", "2026-04-06", False, id="Easter Monday in England"),
        pytest.param("DE-BY", "2026-01-06", False, id="Epiphany in Bavaria"),
        pytest.param("DE-BE", "2026-01-06", True, id="Epiphany in Berlin"),
        pytest.param("US", "2026-11-26", False, id="Thanksgiving"),
        pytest.param("US", "2026-07-03", False, id="4 July observed"),
    ],
)
def test_a_day_is_open_or_not_by_place(place: str, on: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert calendars.named(place).is_open(day(on)) is expected


@pytest.mark.parametrize(
    ("place", "start", "count", "back", "forward"),
    [
        pytest.param("GB-ENG", "2026-05-27", 2, "2026-05-22", "2026-05-29", id="bank holiday"),
        pytest.param("GB-ENG", "2026-05-30", 1, "2026-05-29", "2026-06-01", id="from a Saturday"),
        pytest.param("GB-ENG", "2026-05-30", 0, "2026-05-30", "2026-05-30", id="none at all"),
        pytest.param("US", "2026-11-30", 15, "2026-11-05", "2026-12-21", id="US November"),
        pytest.param("GB-ENG", "2026-12-31", 3, "2026-12-24", "2027-01-06", id="into a new year"),
        pytest.param("GB-ENG", "2027-01-04", 1, "2026-12-31", "2027-01-05", id="into the old year"),
        pytest.param("AE", "2026-06-08", 1, "2026-06-05", "2026-06-09", id="the Emirates"),
    ],
)
def test_business_days_are_counted_without_the_first(
    place: str, start: str, count: int, back: str, forward: str
) -> None:
    calendar = calendars.named(place)
    assert calendar.back(day(start), count) == day(back)
    assert calendar.forward(day(start), count) == day(forward)


@pytest.mark.parametrize("count", [1, 7, 260, 2_600])
def test_counting_finds_the_day_that_a_walk_finds(count: int) -> None:
    calendar, start = calendars.named("DE-BY"), day("2026-08-15")
    for step, counted in ((1, calendar.forward(start, count)), (-1, calendar.back(start, count))):
        walked, left = start, count
        while left:
            walked += timedelta(days=step)
            left -= calendar.is_open(walked)
        assert counted == walked


@pytest.mark.parametrize(
    ("on", "before", "after"),
    [
        pytest.param("2026-05-25", "2026-05-22", "2026-05-26", id="bank holiday Monday"),
        pytest.param("2026-12-26", "2026-12-24", "2026-12-29", id="Boxing Day on a Saturday"),
        pytest.param("2026-05-26", "2026-05-26", "2026-05-26", id="a business day stays"),
    ],
)
def test_a_day_off_moves_to_its_neighbours(on: str, before: str, after: str) -> None:
    calendar = calendars.named("GB-ENG")
    assert calendar.preceding(day(on)) == day(before)
    assert calendar.following(day(on)) == day(after)


def test_a_day_off_has_a_cause() -> None:
    calendar = calendars.named("GB-ENG")
    assert calendar.closed_because(day("2026-05-25")) == "Spring Bank Holiday"
    assert calendar.closed_because(day("2026-05-24")) == "Sunday"


def test_holidays_in_between_are_named() -> None:
    calendar = calendars.named("US")
    found = HolidaysBetween(calendar, day("2026-11-05"), day("2026-11-30"))
    assert str(found) == (
        "and not Wed 11 Nov 2026 (Veterans Day), Thu 26 Nov 2026 (Thanksgiving Day)"
    )
    assert str(HolidaysBetween(calendar, day("2026-06-01"), day("2026-06-05"))) == (
        "and no holiday comes in between"
    )


def test_calendars_are_compared_by_name() -> None:
    assert calendars.named("US") == calendars.named("US")
    assert calendars.named("US") != calendars.named("FR")
