"""A term is taken care of when what was settled is carried out, or need not be."""

from typing import Any

import pytest

from app.renewals.acts import standing_of
from app.renewals.endings import ending_of
from app.renewals.handling import handled_on, letter_on
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from tests.renewals.builders import (
    a_letter,
    an_amendment,
    both_chose,
    chose,
    some_terms,
    yearly,
)


def handled(terms: Terms, number: int = 1) -> str:
    schedule = schedule_of(terms)
    standing = standing_of(terms.said, number, schedule.term(number).start)
    return str(handled_on(terms, schedule, ending_of(terms, schedule), number, standing))


NEW_PRICE = an_amendment("2025-04-15", annual_value="9000", recorded_on="2025-01-10")
CARRIED_ON = an_amendment("2025-04-15", term="1 year", recorded_on="2025-02-01")
OPTION: dict[str, Any] = {"renewal": "option, 1 year"}
HANDLED = [
    pytest.param({}, "None", id="nothing was said"),
    pytest.param({"said": both_chose("renew")}, "2024-12-01", id="to renew"),
    pytest.param({"said": [chose("it", "renew")]}, "None", id="one team alone"),
    pytest.param(
        {"said": [chose("it", "renew"), chose("procurement", "replace")]}, "None", id="contested"
    ),
    pytest.param({"said": both_chose("do_not_renew")}, "None", id="to leave, no notice"),
    pytest.param({"said": both_chose("replace")}, "None", id="to replace, no notice"),
    pytest.param(
        {"said": both_chose("do_not_renew"), "notices": [a_letter("2025-01-10")]},
        "2025-01-10",
        id="to leave, notice given",
    ),
    pytest.param({"notices": [a_letter("2025-01-10")]}, "2025-01-10", id="a notice, nothing said"),
    pytest.param(
        {"said": both_chose("renew"), "notices": [a_letter("2025-01-10")]},
        "2025-01-10",
        id="to renew, but notice given",
    ),
    pytest.param(
        {"notice": "45 days, delivery 3 days", "notices": [a_letter(sent_on="2025-01-10")]},
        "2025-01-13",
        id="a notice on its way",
    ),
    pytest.param({"notices": [a_letter("2025-03-01")]}, "None", id="a notice too late"),
    pytest.param({"notice_received_on": "2025-01-10"}, "2025-01-10", id="a notice in the terms"),
    pytest.param({"said": both_chose("renegotiate")}, "None", id="to renegotiate, nothing agreed"),
    pytest.param(
        {"said": both_chose("renegotiate"), "amendments": [NEW_PRICE]},
        "2025-01-10",
        id="to renegotiate, agreed",
    ),
    pytest.param(
        {"said": both_chose("renegotiate", "2025-01-20"), "amendments": [NEW_PRICE]},
        "2025-01-20",
        id="to renegotiate, agreed before",
    ),
    pytest.param(
        {
            "said": both_chose("renegotiate"),
            "amendments": [an_amendment("2025-02-01", annual_value="9000")],
        },
        "2025-02-01",
        id="to renegotiate, known when it takes effect",
    ),
    pytest.param(
        {
            "said": both_chose("renegotiate"),
            "amendments": [an_amendment("2025-04-16", annual_value="9000")],
        },
        "None",
        id="to renegotiate, agreed for the next term",
    ),
    pytest.param({"amendments": [NEW_PRICE]}, "None", id="amended, nothing said"),
    pytest.param(
        {"renewal": "none", "said": both_chose("do_not_renew")}, "2024-12-01", id="fixed, to leave"
    ),
    pytest.param(
        {"renewal": "none", "said": both_chose("replace")}, "2024-12-01", id="fixed, to replace"
    ),
    pytest.param({"renewal": "none", "said": both_chose("renew")}, "None", id="fixed, to renew"),
    pytest.param(
        {
            "renewal": "none",
            "said": both_chose("renegotiate"),
            "amendments": [an_amendment("2025-01-15", annual_value="9000")],
        },
        "None",
        id="fixed, to renegotiate",
    ),
    pytest.param({"renewal": "none", "amendments": [CARRIED_ON]}, "2025-02-01", id="carried on"),
    pytest.param(
        {
            "renewal": "none",
            "amendments": [an_amendment("2024-07-01", annual_value="9000"), CARRIED_ON],
        },
        "2025-02-01",
        id="carried on, after another price",
    ),
    pytest.param(
        {
            "amendments": [
                an_amendment(
                    "2024-10-01", begins_term=True, term="3 years", recorded_on="2024-09-15"
                )
            ]
        },
        "2024-09-15",
        id="renewed early",
    ),
    pytest.param(
        {
            "amendments": [
                an_amendment(
                    "2025-04-15", begins_term=True, term="3 years", recorded_on="2025-01-10"
                )
            ]
        },
        "2025-01-10",
        id="renewed on its day",
    ),
    pytest.param(OPTION | {"said": both_chose("extend")}, "None", id="option, no letter"),
    pytest.param(
        OPTION
        | {"said": both_chose("extend"), "notices": [a_letter("2025-01-10", purpose="extend")]},
        "2025-01-10",
        id="option, a letter",
    ),
    pytest.param(
        OPTION
        | {"said": both_chose("extend"), "notices": [a_letter("2024-11-10", purpose="extend")]},
        "2024-12-01",
        id="option, a letter before it was settled",
    ),
    pytest.param(
        OPTION
        | {
            "said": both_chose("extend"),
            "notices": [a_letter(sent_on="2025-01-10", purpose="extend")],
        },
        "2025-01-10",
        id="option, a letter on its way",
    ),
    pytest.param(
        OPTION
        | {"said": both_chose("extend"), "notices": [a_letter("2025-03-01", purpose="extend")]},
        "None",
        id="option, a letter too late",
    ),
    pytest.param(
        OPTION | {"notices": [a_letter("2025-01-10", purpose="extend")]},
        "None",
        id="option, a letter that nobody settled on",
    ),
    pytest.param(
        OPTION | {"said": both_chose("do_not_renew")}, "2024-12-01", id="option, to leave"
    ),
    pytest.param(OPTION | {"said": both_chose("renew")}, "None", id="option, to renew"),
    pytest.param(
        {"renewal": "evergreen", "said": both_chose("renew")}, "2024-12-01", id="minimum, to go on"
    ),
    pytest.param(
        {"renewal": "evergreen", "said": both_chose("replace")}, "None", id="minimum, to replace"
    ),
    pytest.param(
        {"renewal": "auto, 1 year, max 0", "said": both_chose("do_not_renew")},
        "2024-12-01",
        id="last renewal, to leave",
    ),
]


@pytest.mark.parametrize(("fields", "expected"), HANDLED)
def test_a_term_is_taken_care_of_from_a_day_on(fields: dict[str, Any], expected: str) -> None:
    assert handled(yearly(**fields)) == expected


def test_a_late_notice_takes_care_of_the_term_that_it_ends() -> None:
    terms = yearly("2023-04-15", notices=[a_letter("2025-03-01")])
    assert [handled(terms, number) for number in (1, 2, 3)] == ["None", "None", "2025-03-01"]


def test_a_notice_in_time_for_a_later_term_takes_care_of_those_it_could_have_ended() -> None:
    meant = a_letter("2024-06-01", term_start="2026-04-15")
    terms = yearly(notices=[meant])
    assert [handled(terms, number) for number in (1, 2, 3)] == ["2024-06-01"] * 3


@pytest.mark.parametrize(
    ("fields", "number", "expected"),
    [
        pytest.param({}, 1, "None", id="none"),
        pytest.param({"notices": [a_letter("2025-01-10")]}, 1, "2025-01-10", id="received"),
        pytest.param({"notice_received_on": "2025-01-10"}, 1, "2025-01-10", id="in the terms"),
        pytest.param(
            {"notices": [a_letter("2025-01-10", sent_on="2025-01-07"), a_letter("2025-01-08")]},
            1,
            "2025-01-07",
            id="the first that is known",
        ),
        pytest.param({"notices": [a_letter("2025-03-01")]}, 1, "None", id="late for this term"),
        pytest.param({"notices": [a_letter("2025-03-01")]}, 2, "2025-03-01", id="ends this term"),
        pytest.param(
            OPTION | {"notices": [a_letter("2025-01-10", purpose="extend")]},
            1,
            "2025-01-10",
            id="extends this term",
        ),
        pytest.param(
            OPTION | {"notices": [a_letter("2025-03-01", purpose="extend")]},
            1,
            "None",
            id="extends too late",
        ),
    ],
)
def test_a_letter_is_there_from_the_day_it_was_known(
    fields: dict[str, Any], number: int, expected: str
) -> None:
    terms = yearly(**fields)
    assert str(letter_on(terms, schedule_of(terms), number)) == expected


def test_an_open_ended_term_has_nothing_to_agree_on() -> None:
    later = both_chose("renegotiate", "2026-01-01", term=(2, "2025-04-15"))
    price = an_amendment("2026-02-01", annual_value="1")
    terms = yearly(renewal="evergreen", said=later, amendments=[price])
    assert handled(terms, 2) == "None"


def test_a_parent_that_is_carried_on_takes_care_of_its_child() -> None:
    parent = yearly(renewal="none", amendments=[CARRIED_ON])
    assert handled(some_terms("2024-06-01", parent=parent)) == "2025-02-01"


def test_a_choice_about_another_term_takes_care_of_nothing() -> None:
    assert handled(yearly(said=both_chose("renew", term=(1, "2024-05-01")))) == "None"
