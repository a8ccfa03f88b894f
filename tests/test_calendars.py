"""Business calendars are named by country and part of it."""

import pytest

from app import calendars
from app.renewals.bad_terms import BadTerms
from tests.renewals.builders import day


@pytest.mark.parametrize("name", ["US", "GB-ENG", "DE-BY", "FR", "AE"])
def test_a_place_has_its_calendar(name: str) -> None:
    assert calendars.named(name).name == name


def test_weekends_are_the_places_own() -> None:
    friday, sunday = day("2026-05-15"), day("2026-05-17")
    assert not calendars.named("EG").is_open(friday)
    assert calendars.named("EG").is_open(sunday)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("XX", "calendar: no such country; use an ISO code such as US, FR or GB-ENG."),
        ("", "calendar: no such country; use an ISO code such as US, FR or GB-ENG."),
        ("gb", "calendar: no such country; use an ISO code such as US, FR or GB-ENG."),
        (
            "GB-XX",
            "calendar: no such part of the country; use one of GB-ENG, GB-NIR, GB-SCT, GB-WLS.",
        ),
        (
            "GB-",
            "calendar: no such part of the country; use one of GB-ENG, GB-NIR, GB-SCT, GB-WLS.",
        ),
        ("SG-XX", "calendar: no such part of the country; use one of SG."),
    ],
)
def test_an_unknown_place_is_refused_with_a_way_out(name: str, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        calendars.named(name)
    assert bad.value.sentence == sentence


def test_all_names_can_be_listed() -> None:
    names = calendars.names()
    assert {"US", "GB", "GB-ENG", "DE-BY"} <= set(names)
    assert len(names) == len(set(names))


def test_the_source_of_the_holidays_is_named_with_its_version() -> None:
    assert calendars.VERSION.startswith("holidays ")


def test_far_years_have_no_holidays_but_weekends() -> None:
    calendar = calendars.named("GB-ENG")
    assert calendar.holidays_in(2199) == {}
    assert not calendar.is_open(day("2199-12-28"))
