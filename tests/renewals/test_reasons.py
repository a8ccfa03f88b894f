"""Steps become sentences when they are read."""

from app.renewals.reasons import Steps, say_day, say_month, say_month_day, spell, spell_all
from tests.renewals.builders import day


def test_days_are_said_as_a_wall_calendar_shows_them() -> None:
    assert say_day(day("2026-02-28")) == "Sat 28 Feb 2026"
    assert say_month(day("2026-02-28")) == "Feb 2026"
    assert say_month_day(10, 1) == "1 Oct"


def test_steps_are_spelled_in_their_order() -> None:
    steps: Steps = (("From {} on.", day("2026-03-02")), ("Term {} of {}.", 2, "three"))
    assert spell(steps) == ["From Mon 2 Mar 2026 on.", "Term 2 of three."]


def test_steps_can_be_worked_out_when_asked_for() -> None:
    assert spell(lambda: (("Late.",),)) == ["Late."]


def test_braces_in_a_value_are_only_text() -> None:
    assert spell((("Holiday: {}.", "{0.__class__}"),)) == ["Holiday: {0.__class__}."]


def test_a_date_without_a_reason_has_no_entry() -> None:
    assert spell_all({"term_end": (("So it is.",),), "renewal_date": ()}) == {
        "term_end": ["So it is."]
    }
