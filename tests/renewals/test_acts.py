"""Both teams' equal choices settle what becomes of a term; a notice has its days."""

from typing import Any

import pytest

from app.renewals.acts import GivenNotice, Said, Team, standing_of
from app.renewals.bad_terms import BadTerms
from tests.renewals.builders import a_letter, both_chose, chose, day

FIRST_DAY = "2024-04-15"
STANDINGS = [
    pytest.param((), "undecided", None, id="nothing was said"),
    pytest.param((chose("it", "undecided"),), "undecided", None, id="one is undecided"),
    pytest.param(both_chose("undecided"), "undecided", None, id="both are undecided"),
    pytest.param((chose("it", "in_review"),), "in_review", None, id="one looks at it"),
    pytest.param(both_chose("in_review"), "in_review", None, id="both look at it"),
    pytest.param((chose("it", "renew"),), "in_review", None, id="one has chosen"),
    pytest.param(
        (chose("it", "renew"), chose("procurement", "undecided")),
        "in_review",
        None,
        id="the other is undecided",
    ),
    pytest.param(
        (chose("it", "renew", "2024-12-01"), chose("procurement", "renew", "2024-12-09")),
        "renew",
        "2024-12-09",
        id="settled when the second speaks",
    ),
    pytest.param(
        (chose("it", "renew", "2024-12-09"), chose("procurement", "renew", "2024-12-01")),
        "renew",
        "2024-12-09",
        id="settled on the later day, in any order",
    ),
    pytest.param(
        (chose("it", "renew"), chose("procurement", "do_not_renew")),
        "contested",
        None,
        id="they differ",
    ),
    pytest.param(
        (
            chose("it", "renew", "2024-12-01"),
            chose("procurement", "do_not_renew", "2024-12-02"),
            chose("it", "do_not_renew", "2024-12-05"),
        ),
        "do_not_renew",
        "2024-12-05",
        id="one gives way",
    ),
    pytest.param(
        (*both_chose("renew", "2024-12-01"), chose("it", "replace", "2024-12-05")),
        "contested",
        None,
        id="one changes its mind",
    ),
    pytest.param(
        (*both_chose("renew", "2024-12-01"), chose("it", "in_review", "2024-12-05")),
        "in_review",
        None,
        id="one thinks again",
    ),
    pytest.param(
        (*both_chose("renew", "2024-12-01"), chose("it", "renew", "2024-12-05")),
        "renew",
        "2024-12-05",
        id="one says it again",
    ),
    pytest.param(
        (
            chose("it", "replace", particulars="supplier A"),
            chose("procurement", "replace", particulars="supplier B"),
        ),
        "contested",
        None,
        id="by different suppliers",
    ),
    pytest.param(
        (
            chose("it", "replace", particulars="supplier A"),
            chose("procurement", "replace", particulars="supplier A"),
        ),
        "replace",
        "2024-12-01",
        id="by the same supplier",
    ),
    pytest.param(
        (chose("it", "replace", particulars="supplier A"), chose("procurement", "replace")),
        "replace",
        "2024-12-01",
        id="only one names the supplier",
    ),
    pytest.param(
        both_chose("renew", term=(2, "2025-04-15")), "undecided", None, id="about another term"
    ),
    pytest.param(
        both_chose("renew", term=(1, "2024-05-01")),
        "undecided",
        None,
        id="the term began on another day then",
    ),
    pytest.param(
        (chose("it", "renew"), chose("procurement", "renew", term=(2, "2025-04-15"))),
        "in_review",
        None,
        id="each about another term",
    ),
]


@pytest.mark.parametrize(("every", "state", "settled_on"), STANDINGS)
def test_a_decision_is_settled_when_both_teams_choose_alike(
    every: tuple[Said, ...], state: str, settled_on: str | None
) -> None:
    found = standing_of(every, 1, day(FIRST_DAY))
    settled = None if found.settled_on is None else str(found.settled_on)
    assert (found.state.value, settled) == (state, settled_on)


@pytest.mark.parametrize("choice", ["renew", "renegotiate", "do_not_renew", "extend", "replace"])
def test_each_choice_can_be_settled(choice: str) -> None:
    assert standing_of(both_chose(choice), 1, day(FIRST_DAY)).state.value == choice


def test_each_side_stands_with_what_it_said_last() -> None:
    every = (*both_chose("renew", "2024-12-01"), chose("it", "replace", "2024-12-05"))
    sides = standing_of(every, 1, day(FIRST_DAY)).sides
    assert {team.value: f"{one.choice} {one.on}" for team, one in sides.items()} == {
        "it": "replace 2024-12-05",
        "procurement": "renew 2024-12-01",
    }
    assert set(sides) == set(Team)


@pytest.mark.parametrize(
    ("given", "known_on"),
    [
        pytest.param(a_letter("2025-01-07"), "2025-01-07", id="received"),
        pytest.param(a_letter(sent_on="2025-01-02"), "2025-01-02", id="sent"),
        pytest.param(a_letter("2025-01-07", sent_on="2025-01-02"), "2025-01-02", id="both"),
    ],
)
def test_a_notice_is_known_from_the_day_it_was_sent(given: GivenNotice, known_on: str) -> None:
    assert str(given.known_on) == known_on


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        pytest.param(
            {},
            "sent_on: give the day it was sent, or received_on.",
            id="no day",
        ),
        pytest.param(
            {"received_on": "2025-01-01", "sent_on": "2025-01-02"},
            "received_on: must not be before sent_on; check both days.",
            id="arrives before it is sent",
        ),
        pytest.param(
            {"received_on": "1969-12-31"},
            "received_on: the year must be from 1970 to 2199.",
            id="received before time",
        ),
        pytest.param(
            {"sent_on": "2200-01-01"},
            "sent_on: the year must be from 1970 to 2199.",
            id="sent too late",
        ),
    ],
)
def test_a_notice_that_cannot_have_been_given_is_refused(
    days: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadTerms) as bad:
        a_letter(**days)
    assert bad.value.sentence == sentence


def test_a_notice_can_arrive_on_the_day_it_is_sent() -> None:
    assert a_letter("2025-01-02", sent_on="2025-01-02").known_on == day("2025-01-02")
