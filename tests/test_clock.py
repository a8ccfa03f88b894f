"""The day is the organisation's, the instant is UTC to the second."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clock import StoppedClock, WallClock


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_wall_clock_tells_the_day_of_its_zone(zone: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    before = clock.now().astimezone(ZoneInfo(zone)).date()
    today = clock.today()
    after = clock.now().astimezone(ZoneInfo(zone)).date()
    assert before <= today <= after


def test_the_ends_of_the_world_have_different_days() -> None:
    first, last = (WallClock(ZoneInfo(f"Pacific/{place}")) for place in ("Kiritimati", "Pago_Pago"))
    assert first.today() > last.today()


def test_the_instant_is_utc_without_fractions() -> None:
    now = WallClock(ZoneInfo("Europe/Berlin")).now()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond == 0


def test_a_stopped_clock_stands_at_noon() -> None:
    clock = StoppedClock(date(2026, 11, 23))
    assert clock.today() == date(2026, 11, 23)
    assert clock.now() == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert clock.now() == clock.now()
