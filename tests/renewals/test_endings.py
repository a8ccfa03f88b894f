"""What a notice brings about on the day it is received, and how an agreement ends."""

from typing import Any

import pytest

from app.renewals.acts import GivenNotice
from app.renewals.endings import (
    Verdict,
    decision_about,
    effect_of_notice,
    ending_of,
    ends_by_itself,
    judged,
    next_decision,
)
from app.renewals.reasons import spell
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from tests.renewals.builders import a_letter, an_amendment, both_chose, day, some_terms, yearly

QUARTERLY: dict[str, Any] = {
    "initial_term": "3 months",
    "renewal": "auto, 3 months",
    "notice": "4 months",
}
WINDOW: dict[str, Any] = {"initial_term": "36 months", "notice": "90 days, opens 180 days"}
MINIMUM: dict[str, Any] = {"renewal": "evergreen", "notice": "2 months"}
OPEN_ENDED: dict[str, Any] = {"renewal": "evergreen", "notice": "1 month"}
OPTIONS: dict[str, Any] = {
    "initial_term": "24 months",
    "renewal": "option, 12 months, max 2",
    "notice": "4 months",
}


def effect(terms: Terms, received: str) -> tuple[Verdict, int, str, list[str]]:
    schedule = schedule_of(terms)
    decision = next_decision(terms, schedule, day(received))
    found = effect_of_notice(terms, schedule, day(received), decision)
    return found.verdict, found.term_number, str(found.ends_on), spell(found.reason)


EFFECTS = [
    pytest.param(yearly(), "2026-02-27", "in_time", 2, "2026-04-14", id="in time"),
    pytest.param(yearly(), "2026-02-28", "in_time", 2, "2026-04-14", id="on the deadline day"),
    pytest.param(yearly(), "2026-03-01", "late", 3, "2027-04-14", id="a day late"),
    pytest.param(yearly(), "2024-01-01", "in_time", 1, "2025-04-14", id="before the start"),
    pytest.param(
        yearly("2026-01-01", **QUARTERLY), "2026-02-10", "late", 2, "2026-06-30", id="longer notice"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-03-03", "too_early", 0, "None", id="a day too early"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-03-04", "in_time", 1, "2026-08-31", id="opening day"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-06-02", "in_time", 1, "2026-08-31", id="closing day"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-06-03", "too_early", 0, "None", id="window is over"
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2025-06-01",
        "not_needed",
        2,
        "2026-04-14",
        id="last renewal",
    ),
    pytest.param(
        yearly(renewal="option, 1 year"),
        "2025-01-01",
        "not_needed",
        1,
        "2025-04-14",
        id="option",
    ),
    pytest.param(
        yearly(renewal="none"), "2025-01-01", "not_needed", 1, "2025-04-14", id="fixed end"
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        "2025-01-01",
        "not_needed",
        0,
        "None",
        id="perpetual",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM), "2025-06-01", "in_time", 1, "2026-05-19", id="minimum"
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-03-19",
        "in_time",
        1,
        "2026-05-19",
        id="minimum, deadline day",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-03-20",
        "in_time",
        2,
        "2026-05-20",
        id="a day after the minimum's deadline",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM), "2026-12-31", "in_time", 2, "2027-02-28", id="open-ended"
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="2 months, opens 3 months"),
        "2026-02-18",
        "too_early",
        0,
        "None",
        id="minimum, too early",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="30 days, counted_from renewal_date"),
        "2026-04-20",
        "in_time",
        1,
        "2026-05-19",
        id="minimum, counted from the renewal date",
    ),
    pytest.param(
        yearly("2025-07-01", renewal="evergreen", notice="1 month, month_rule eom, clear_days"),
        "2026-05-30",
        "in_time",
        1,
        "2026-06-30",
        id="minimum, clear days",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
        "2026-04-19",
        "in_time",
        1,
        "2026-05-19",
        id="the minimum term is kept",
    ),
    pytest.param(
        some_terms("2025-05-20", renewal="evergreen", notice="1 month"),
        "2025-01-01",
        "in_time",
        1,
        "2025-05-20",
        id="open-ended, before the start",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="2 months", renewal_notice="1 month"),
        "2026-12-15",
        "in_time",
        2,
        "2027-01-15",
        id="one month after the first term",
    ),
]


@pytest.mark.parametrize(("terms", "received", "verdict", "number", "ends_on"), EFFECTS)
def test_a_notice_ends_the_first_term_it_is_in_time_for(
    terms: Terms, received: str, verdict: str, number: int, ends_on: str
) -> None:
    assert effect(terms, received)[:3] == (verdict, number, ends_on)


@pytest.mark.parametrize(
    ("terms", "received", "steps"),
    [
        pytest.param(
            yearly(),
            "2026-02-28",
            [
                (
                    "A notice received on Sat 28 Feb 2026 meets the deadline of term 2,"
                    " Sat 28 Feb 2026."
                ),
                "That term's last covered day is Tue 14 Apr 2026.",
            ],
            id="in time",
        ),
        pytest.param(
            some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year"),
            "2026-03-01",
            [
                "The notice period is not known: 90 days are assumed until it is entered.",
                (
                    "A notice received on Sun 1 Mar 2026 is in time for term 3 at the earliest,"
                    " whose deadline is Thu 14 Jan 2027."
                ),
                "That term's last covered day is Wed 14 Apr 2027.",
            ],
            id="late, assumed",
        ),
        pytest.param(
            yearly("2023-09-01", **WINDOW),
            "2026-03-03",
            [
                (
                    "A notice received on Tue 3 Mar 2026 is too early:"
                    " the window opens on Wed 4 Mar 2026."
                ),
                (
                    "180 days before Mon 31 Aug 2026, the last day of the term:"
                    " a notice is valid from Wed 4 Mar 2026."
                ),
                "The opening day counts, and is not moved off a day off.",
            ],
            id="too early",
        ),
        pytest.param(
            yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
            "2026-04-19",
            [
                "30 days after Sun 19 Apr 2026, the day the notice is received: Tue 19 May 2026.",
            ],
            id="exactly the minimum",
        ),
        pytest.param(
            yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
            "2026-04-18",
            [
                "30 days after Sat 18 Apr 2026, the day the notice is received: Mon 18 May 2026.",
                "Not before the minimum term ends: Tue 19 May 2026.",
            ],
            id="the minimum",
        ),
        pytest.param(
            some_terms("2025-05-20", renewal="evergreen", notice="1 month"),
            "2025-01-01",
            [
                "1 month after Wed 1 Jan 2025, the day the notice is received: Sat 1 Feb 2025.",
                "Not before the agreement starts: Tue 20 May 2025.",
            ],
            id="before the start",
        ),
    ],
)
def test_an_effect_explains_itself(terms: Terms, received: str, steps: list[str]) -> None:
    assert effect(terms, received)[3] == steps


def test_an_effect_that_rests_on_an_unknown_notice_says_so() -> None:
    terms = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    schedule, received = schedule_of(terms), day("2024-12-01")
    decision = next_decision(terms, schedule, received)
    assert effect_of_notice(terms, schedule, received, decision).assumed


@pytest.mark.parametrize(
    ("terms", "on", "deadline"),
    [
        pytest.param(yearly(), "2026-02-28", "2026-02-28", id="today"),
        pytest.param(yearly(), "2026-03-01", "2027-02-28", id="missed"),
        pytest.param(yearly("2026-01-01", **QUARTERLY), "2026-02-10", "2026-02-28", id="far"),
        pytest.param(
            yearly("2026-01-01", initial_term="1 month", renewal="auto, 1 month", notice="60 days"),
            "2026-01-15",
            "2026-01-30",
            id="monthly with sixty days",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 month",
                renewal="auto, 1 month",
                notice="30 days, counted_from renewal_date",
            ),
            "2026-01-30",
            "2026-01-30",
            id="the very day, counted from the renewal date",
        ),
        pytest.param(
            yearly(
                "2025-01-03",
                initial_term="1 week",
                renewal="auto, 1 week",
                notice="1 month, counted_from renewal_date",
            ),
            "2025-02-28",
            "2025-02-28",
            id="the very day, a month before a renewal date",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 week",
                renewal="auto, 1 week",
                notice="by 12-25, roll following, calendar GB-ENG",
            ),
            "2026-12-27",
            "2026-12-29",
            id="rolled forward past today",
        ),
        pytest.param(
            yearly("2026-01-01", renewal="auto, 1 year", notice="by 10-01"),
            "2026-10-02",
            "2027-10-01",
            id="fixed day missed",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 month",
                renewal="auto, 1 month",
                notice="60 business days, calendar US",
            ),
            "2026-01-15",
            "2026-02-04",
            id="monthly with sixty business days",
        ),
        pytest.param(
            yearly(renewal="option, 1 year, max 3, exercised 2"),
            "2024-05-01",
            "2027-02-28",
            id="option, two terms on",
        ),
    ],
)
def test_the_next_deadline_is_one_that_can_be_met(terms: Terms, on: str, deadline: str) -> None:
    found = next_decision(terms, schedule_of(terms), day(on))
    assert found is not None
    assert str(found.dates.deadline) == deadline


@pytest.mark.parametrize(
    ("terms", "on"),
    [
        pytest.param(yearly(renewal="auto, 1 year, max 1"), "2025-06-01", id="last renewal"),
        pytest.param(yearly(renewal="auto, 1 year, max 1"), "2025-03-01", id="last is missed"),
        pytest.param(yearly(renewal="option, 1 year"), "2025-03-01", id="option lapsed"),
        pytest.param(yearly(renewal="none"), "2024-05-01", id="fixed"),
        pytest.param(yearly(renewal="evergreen"), "2026-01-01", id="open-ended"),
        pytest.param(some_terms("2024-01-01", renewal="perpetual"), "2024-05-01", id="perpetual"),
    ],
)
def test_there_may_be_nothing_left_to_decide(terms: Terms, on: str) -> None:
    assert next_decision(terms, schedule_of(terms), day(on)) is None


ENDINGS = [
    pytest.param(yearly(), 0, "None", [], id="goes on"),
    pytest.param(
        yearly(renewal="auto, 12 months, max 1"),
        2,
        "2026-04-14",
        [
            "Term 2 is the last one: renewal.max allows no further renewal.",
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 2 x 12 months make 24 months to the end of term 2."
            ),
            "The last covered day is the day before Wed 15 Apr 2026: Tue 14 Apr 2026.",
        ],
        id="last renewal",
    ),
    pytest.param(
        yearly(renewal="option, 12 months, max 1"),
        1,
        "2025-04-14",
        [
            "It ends with term 1, unless the next option is exercised by its deadline.",
            "Term 1 lasts 12 months from Mon 15 Apr 2024.",
            "The last covered day is the day before Tue 15 Apr 2025: Mon 14 Apr 2025.",
        ],
        id="option open",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31", renewal="option, 1 year, max 0"),
        1,
        "2025-03-31",
        [
            "All options are used: it ends with term 1.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="options used up",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31", renewal="none"),
        1,
        "2025-03-31",
        [
            "It ends with its fixed term; nothing renews it.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="fixed",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31"),
        1,
        "2025-03-31",
        [
            "No renewal is stated, so it is taken to end with its term.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="no renewal stated",
    ),
    pytest.param(
        yearly(notice_received_on="2026-03-01"),
        3,
        "2027-04-14",
        [
            (
                "A notice received on Sun 1 Mar 2026 is in time for term 3 at the earliest,"
                " whose deadline is Sun 28 Feb 2027."
            ),
            "That term's last covered day is Wed 14 Apr 2027.",
            "It came too late for the term in which it arrived: have a person check.",
        ],
        id="late notice",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=yearly(notice_received_on="2024-12-01")),
        1,
        "2025-04-14",
        [
            "It ends with its parent agreement on Mon 14 Apr 2025.",
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="parent under notice",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=yearly(), notice_received_on="2024-12-01"),
        1,
        "2025-04-14",
        [
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="child under notice",
    ),
    pytest.param(
        some_terms(
            "2024-09-01",
            parent=yearly(notice_received_on="2025-12-01"),
            notice_received_on="2024-12-01",
        ),
        1,
        "2025-04-14",
        [
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="child ends first",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=some_terms("2024-04-15", end_date="2025-03-31")),
        1,
        "2025-03-31",
        [
            "It ends with its fixed term; nothing renews it.",
            "It ends with its parent agreement's term 1.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="parent fixed",
    ),
]


@pytest.mark.parametrize(("terms", "number", "ends_on", "steps"), ENDINGS)
def test_an_agreement_ends_and_says_why(
    terms: Terms, number: int, ends_on: str, steps: list[str]
) -> None:
    found = ending_of(terms, schedule_of(terms))
    assert (found.term_number, str(found.ends_on), spell(found.reason)) == (number, ends_on, steps)


def test_a_notice_that_is_too_early_ends_nothing() -> None:
    terms = yearly("2023-09-01", **WINDOW, notice_received_on="2026-03-03")
    assert ending_of(terms, schedule_of(terms)).ends_on is None


def test_a_notice_that_is_not_needed_changes_nothing() -> None:
    terms = yearly(renewal="none", notice_received_on="2024-12-01")
    assert ending_of(terms, schedule_of(terms)).noticed_on is None


def test_a_notice_counts_from_the_day_it_is_received() -> None:
    terms = yearly(notice_received_on="2026-02-01")
    before, after = (terms.known_on(day(on)) for on in ("2026-01-31", "2026-02-01"))
    assert ending_of(before, schedule_of(before)).ends_on is None
    assert ending_of(after, schedule_of(after)).ends_on == day("2026-04-14")


def judgement(terms: Terms, given: GivenNotice) -> str:
    found = judged(terms, schedule_of(terms), given)
    presumed = " presumed" if found.assumed else ""
    return f"{found.verdict} {found.term_number} {found.ends_on}{presumed}"


LENGTHENED = an_amendment("2025-01-20", notice="90 days")
SHORTENED = an_amendment("2025-01-20", notice="10 days")
RENEWED_EARLY = an_amendment("2024-10-01", begins_term=True, term="36 months")
FROM_2026: dict[str, Any] = {"begins_term": True, "term": "36 months"}
JUDGED = [
    pytest.param(yearly(), a_letter("2025-02-28"), "in_time 1 2025-04-14", id="in time"),
    pytest.param(yearly(), a_letter("2025-03-01"), "late 2 2026-04-14", id="late"),
    pytest.param(
        yearly("2023-09-01", **WINDOW), a_letter("2026-03-03"), "too_early 0 None", id="too early"
    ),
    pytest.param(
        yearly(renewal="none"), a_letter("2025-01-01"), "not_needed 1 2025-04-14", id="not needed"
    ),
    pytest.param(
        yearly(),
        a_letter(sent_on="2025-02-28"),
        "in_time 1 2025-04-14 presumed",
        id="presumed to arrive at once",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days"),
        a_letter(sent_on="2025-02-25"),
        "in_time 1 2025-04-14 presumed",
        id="presumed to arrive on the deadline",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days"),
        a_letter(sent_on="2025-02-26"),
        "late 2 2026-04-14 presumed",
        id="presumed to arrive a day late",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days"),
        a_letter("2025-02-28", sent_on="2025-02-27"),
        "in_time 1 2025-04-14",
        id="faster than presumed",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days", renewal_notice="45 days, delivery 9 days"),
        a_letter(sent_on="2025-02-25", term_start="2025-04-15"),
        "in_time 2 2026-04-14 presumed",
        id="meant for the second term",
    ),
    pytest.param(
        yearly(),
        a_letter("2024-06-01", term_start="2026-04-15"),
        "in_time 3 2027-04-14",
        id="meant for the third term",
    ),
    pytest.param(
        yearly(),
        a_letter("2025-03-01", term_start="2024-04-15"),
        "late 2 2026-04-14",
        id="meant for a term that is missed",
    ),
    pytest.param(
        yearly(),
        a_letter("2027-03-01", term_start="2024-04-15"),
        "late 4 2028-04-14",
        id="meant for a term long over",
    ),
    pytest.param(
        yearly("2026-01-01", **QUARTERLY),
        a_letter("2026-02-10", term_start="2026-04-01"),
        "in_time 2 2026-06-30",
        id="meant for a term that can be met",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        a_letter("2026-03-20", term_start="2025-05-20"),
        "late 2 2026-05-20",
        id="meant for a minimum term",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        a_letter("2025-01-01", term_start="2025-04-15"),
        "not_needed 2 2026-04-14",
        id="meant for the last term",
    ),
    pytest.param(
        yearly(amendments=[LENGTHENED]),
        a_letter("2025-01-19"),
        "in_time 1 2025-04-14",
        id="by the older clause, on its last day",
    ),
    pytest.param(
        yearly(amendments=[LENGTHENED]),
        a_letter("2025-01-20"),
        "late 2 2026-04-14",
        id="by the longer clause",
    ),
    pytest.param(
        yearly(amendments=[SHORTENED]),
        a_letter("2025-04-04"),
        "in_time 1 2025-04-14",
        id="by the shorter clause",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-03-01", notice="10 days")]),
        a_letter("2025-03-01"),
        "late 2 2026-04-14",
        id="the shorter clause comes too late",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-10", notice="45 days, opens 60 days")]),
        a_letter("2024-12-01"),
        "in_time 1 2025-04-14",
        id="before there was a window",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-10", notice="45 days, opens 60 days")]),
        a_letter("2025-01-10"),
        "too_early 0 None",
        id="before the new window",
    ),
    pytest.param(
        yearly(
            notice="45 days, opens 60 days",
            amendments=[an_amendment("2025-01-10", notice="45 days")],
        ),
        a_letter("2025-01-09"),
        "too_early 0 None",
        id="before the older window",
    ),
    pytest.param(
        yearly(
            notice="45 days, opens 60 days",
            amendments=[an_amendment("2025-01-10", notice="45 days")],
        ),
        a_letter("2025-01-10"),
        "in_time 1 2025-04-14",
        id="when the window is gone",
    ),
    pytest.param(
        yearly(
            notice="45 days, opens 180 days",
            amendments=[an_amendment("2024-12-01", notice="45 days, opens 60 days")],
        ),
        a_letter("2024-12-15"),
        "too_early 0 None",
        id="after the window was narrowed",
    ),
    pytest.param(
        yearly(
            notice="45 days, delivery 3 days",
            amendments=[an_amendment("2025-02-20", notice="45 days, delivery 10 days")],
        ),
        a_letter(sent_on="2025-02-19"),
        "in_time 1 2025-04-14 presumed",
        id="on the way by the older clause",
    ),
    pytest.param(
        yearly(
            notice="45 days, delivery 3 days",
            amendments=[an_amendment("2025-02-20", notice="45 days, delivery 10 days")],
        ),
        a_letter(sent_on="2025-02-20"),
        "late 2 2026-04-14 presumed",
        id="on the way by the new clause",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-03-01", end_date="2025-12-31", is_anchor=True)]),
        a_letter("2025-02-01"),
        "in_time 1 2025-12-31",
        id="the end was put off since",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-02-20", end_date="2025-03-10")]),
        a_letter("2025-02-15"),
        "in_time 1 2025-03-10",
        id="the end was brought forward since",
    ),
    pytest.param(
        yearly(amendments=[RENEWED_EARLY]),
        a_letter("2024-09-01"),
        "late 2 2027-09-30",
        id="renewed early since",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")]),
        a_letter("2025-01-01"),
        "not_needed 2 2026-04-14",
        id="carried on since",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", **FROM_2026, renewal="none")],
        ),
        a_letter("2025-11-15"),
        "in_time 1 2025-12-15",
        id="open-ended then, fixed now",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", **FROM_2026, renewal="none")],
        ),
        a_letter("2025-12-15"),
        "not_needed 2 2028-12-31",
        id="open-ended then, fixed before it was over",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", **FROM_2026, renewal="auto, 1 year")],
        ),
        a_letter("2025-11-15"),
        "in_time 1 2025-12-15",
        id="open-ended then, renewing now",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", end_date="2027-12-31")],
        ),
        a_letter("2025-11-15"),
        "in_time 1 2025-12-15",
        id="open-ended then, with a minimum now",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", end_date="2027-12-31")],
        ),
        a_letter("2025-12-15"),
        "in_time 1 2027-12-31",
        id="a minimum was agreed before it was over",
    ),
    pytest.param(
        some_terms("2024-06-01", parent=yearly(amendments=[LENGTHENED])),
        a_letter("2025-01-19"),
        "in_time 1 2025-04-14",
        id="by the parent's older clause",
    ),
    pytest.param(
        some_terms("2024-06-01", parent=yearly(amendments=[LENGTHENED])),
        a_letter("2025-01-20"),
        "late 2 2026-04-14",
        id="by the parent's longer clause",
    ),
]


@pytest.mark.parametrize(("terms", "given", "expected"), JUDGED)
def test_a_notice_is_judged_by_the_clause_in_force_when_it_arrived(
    terms: Terms, given: GivenNotice, expected: str
) -> None:
    assert judgement(terms, given) == expected


OPTION: dict[str, Any] = {"renewal": "option, 1 year, max 1"}
EXERCISED = [
    pytest.param(OPTION, a_letter("2025-02-28", purpose="extend"), "in_time 1 None", id="in time"),
    pytest.param(OPTION, a_letter("2025-03-01", purpose="extend"), "late 1 None", id="late"),
    pytest.param(
        OPTION,
        a_letter("2024-06-01", purpose="extend", term_start="2024-04-15"),
        "in_time 1 None",
        id="meant for its term",
    ),
    pytest.param(
        OPTION | {"notice": "45 days, opens 60 days"},
        a_letter("2025-02-12", purpose="extend"),
        "too_early 0 None",
        id="too early",
    ),
    pytest.param(
        OPTION | {"amendments": [an_amendment("2025-01-10", notice="45 days, opens 60 days")]},
        a_letter("2024-12-01", purpose="extend"),
        "in_time 1 None",
        id="before there was a window",
    ),
    pytest.param(
        {}, a_letter("2025-02-28", purpose="extend"), "not_needed 0 None", id="renews by itself"
    ),
    pytest.param(
        {"renewal": "option, 1 year, max 0"},
        a_letter("2025-02-28", purpose="extend"),
        "not_needed 0 None",
        id="no option left",
    ),
    pytest.param(
        OPTION | {"said": both_chose("extend")},
        a_letter("2025-02-28", purpose="extend"),
        "in_time 1 None",
        id="the option the teams settled on",
    ),
]


@pytest.mark.parametrize(("fields", "given", "expected"), EXERCISED)
def test_a_notice_can_exercise_an_option(
    fields: dict[str, Any], given: GivenNotice, expected: str
) -> None:
    assert judgement(yearly(**fields), given) == expected


def test_a_notice_that_exercises_an_option_ends_nothing() -> None:
    terms = yearly(**OPTION, notices=[a_letter("2025-01-01", purpose="extend")])
    assert ending_of(terms, schedule_of(terms)).noticed_on is None


@pytest.mark.parametrize(
    ("terms", "given", "steps"),
    [
        pytest.param(
            yearly(notice="45 days, delivery 3 days"),
            a_letter(sent_on="2025-02-25"),
            [
                (
                    "No receipt is recorded: sent on Tue 25 Feb 2025,"
                    " it is presumed to arrive on Fri 28 Feb 2025."
                ),
                (
                    "A notice received on Fri 28 Feb 2025 meets the deadline of term 1,"
                    " Fri 28 Feb 2025."
                ),
                "That term's last covered day is Mon 14 Apr 2025.",
            ],
            id="presumed",
        ),
        pytest.param(
            yearly(),
            a_letter("2024-06-01", term_start="2026-04-15"),
            [
                (
                    "A notice received on Sat 1 Jun 2024 meets the deadline of term 3,"
                    " Sun 28 Feb 2027."
                ),
                "That term's last covered day is Wed 14 Apr 2027.",
            ],
            id="meant for a later term",
        ),
        pytest.param(
            yearly(amendments=[an_amendment("2025-02-20", end_date="2025-03-10")]),
            a_letter("2025-02-15"),
            [
                (
                    "A notice received on Sat 15 Feb 2025 meets the deadline of term 1,"
                    " Fri 28 Feb 2025."
                ),
                "That term's last covered day is Mon 10 Mar 2025.",
            ],
            id="by the older deadline",
        ),
        pytest.param(
            yearly(**OPTION),
            a_letter("2025-03-01", purpose="extend"),
            [
                (
                    "A notice received on Sat 1 Mar 2025 misses the deadline to exercise the option"
                    " after term 1, Fri 28 Feb 2025."
                ),
                (
                    "45 days before Mon 14 Apr 2025, the last day of the term:"
                    " the notice must have arrived by Fri 28 Feb 2025."
                ),
            ],
            id="option missed",
        ),
        pytest.param(
            yearly(),
            a_letter("2025-02-28", purpose="extend"),
            ["Term 1 has no option to exercise."],
            id="no option",
        ),
    ],
)
def test_a_judgement_explains_itself(terms: Terms, given: GivenNotice, steps: list[str]) -> None:
    assert spell(judged(terms, schedule_of(terms), given).reason) == steps


AMENDED_ENDINGS = [
    pytest.param(
        yearly(notices=[a_letter("2025-03-01"), a_letter("2024-12-01")]),
        1,
        "2025-04-14",
        "2024-12-01",
        id="the earlier of two ends",
    ),
    pytest.param(
        yearly(notices=[a_letter("2024-12-01"), a_letter("2025-03-01")]),
        1,
        "2025-04-14",
        "2024-12-01",
        id="in either order",
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW, notices=[a_letter("2026-03-03"), a_letter("2026-03-04")]),
        1,
        "2026-08-31",
        "2026-03-04",
        id="again when the window is open",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days", notices=[a_letter(sent_on="2025-02-26")]),
        2,
        "2026-04-14",
        "2025-03-01",
        id="presumed to be late",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")]),
        2,
        "2026-04-14",
        None,
        id="carried on",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2024-10-01", renewal="none")]),
        1,
        "2025-04-14",
        None,
        id="made fixed",
    ),
    pytest.param(yearly(**OPTION, said=both_chose("extend")), 2, "2026-04-14", None, id="extended"),
    pytest.param(
        some_terms(
            "2024-06-01",
            parent=yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")]),
        ),
        2,
        "2026-04-14",
        None,
        id="parent carried on",
    ),
]


@pytest.mark.parametrize(("terms", "number", "ends_on", "noticed_on"), AMENDED_ENDINGS)
def test_an_agreement_ends_by_all_that_is_recorded(
    terms: Terms, number: int, ends_on: str, noticed_on: str | None
) -> None:
    found = ending_of(terms, schedule_of(terms))
    noticed = None if found.noticed_on is None else str(found.noticed_on)
    assert (found.term_number, str(found.ends_on), noticed) == (number, ends_on, noticed_on)
    assert spell(found.reason)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        pytest.param(
            yearly(notices=[a_letter("2025-03-01", term_start="2024-04-15")]),
            "It came too late for the term it was meant for: have a person check.",
            id="meant for a term",
        ),
        pytest.param(
            yearly(notices=[a_letter("2025-03-01")]),
            "It came too late for the term in which it arrived: have a person check.",
            id="not meant for any",
        ),
    ],
)
def test_a_late_notice_asks_for_a_person(terms: Terms, told: str) -> None:
    assert spell(ending_of(terms, schedule_of(terms)).reason)[-1] == told


def test_an_amended_agreement_that_ends_does_not_say_that_no_renewal_is_stated() -> None:
    terms = some_terms(
        "2024-04-15",
        end_date="2025-04-14",
        amendments=[an_amendment("2025-04-15", end_date="2026-04-14")],
    )
    assert spell(ending_of(terms, schedule_of(terms)).reason) == [
        "It ends with its fixed term; nothing renews it.",
        "By the amendment effective from Tue 15 Apr 2025, term 2 ends on Tue 14 Apr 2026.",
    ]


DECIDED = [
    pytest.param(yearly(), "1 2 3", id="auto"),
    pytest.param(yearly(renewal="auto, 1 year, max 1"), "1", id="but the last"),
    pytest.param(yearly(renewal="auto, 1 year", amendments=[RENEWED_EARLY]), "2 3", id="cut short"),
    pytest.param(
        yearly(amendments=[an_amendment("2025-04-15", begins_term=True, term="1 year")]),
        "1 2 3",
        id="renewed on its day",
    ),
    pytest.param(
        yearly(
            renewal="auto, 1 year, max 0",
            amendments=[an_amendment("2025-04-15", term="1 year", renewal="auto, 1 year")],
        ),
        "2 3",
        id="carried on after the last",
    ),
    pytest.param(
        yearly(
            renewal="option, 1 year",
            amendments=[an_amendment("2025-04-15", term="1 year", renewal="auto, 1 year")],
        ),
        "1 2 3",
        id="carried on with an option left",
    ),
    pytest.param(
        yearly(
            renewal="option, 1 year, max 0",
            amendments=[an_amendment("2025-04-15", term="1 year", renewal="auto, 1 year")],
        ),
        "2 3",
        id="carried on with no option left",
    ),
    pytest.param(yearly(**OPTION), "1", id="option"),
    pytest.param(yearly(**OPTION, said=both_chose("extend")), "1", id="option exercised"),
    pytest.param(
        yearly(renewal="option, 1 year, max 0", said=both_chose("extend")), "", id="no option"
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 2, exercised 1"), "2", id="option used before"
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-10-01", renewal="none")]), "1", id="made fixed"
    ),
    pytest.param(
        yearly(renewal="none", amendments=[an_amendment("2024-10-01", renewal="auto, 1 year")]),
        "1 2 3",
        id="made to renew",
    ),
]


@pytest.mark.parametrize(("terms", "numbers"), DECIDED)
def test_a_notice_is_asked_for_where_silence_decides(terms: Terms, numbers: str) -> None:
    schedule = schedule_of(terms)
    last = min(schedule.last_number or 3, 3)
    asked = [n for n in range(1, last + 1) if decision_about(terms, schedule, n) is not None]
    assert asked == [int(number) for number in numbers.split()]


@pytest.mark.parametrize(
    ("terms", "number", "by_itself"),
    [
        pytest.param(yearly(), 1, False, id="renews"),
        pytest.param(yearly(renewal="none"), 1, True, id="fixed"),
        pytest.param(yearly(**OPTION), 1, False, id="option"),
        pytest.param(yearly(amendments=[RENEWED_EARLY]), 1, False, id="renewed early"),
        pytest.param(
            yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")]),
            1,
            True,
            id="carried on",
        ),
        pytest.param(
            yearly(
                renewal="none",
                amendments=[an_amendment("2025-04-15", term="1 year", renewal="auto, 1 year")],
                notices=[a_letter("2025-12-01")],
            ),
            1,
            True,
            id="carried on, then ended by notice",
        ),
        pytest.param(yearly(notices=[a_letter("2025-01-01")]), 1, False, id="ended by notice"),
        pytest.param(
            yearly(renewal="option, 1 year, max 1, exercised 1"), 1, False, id="option used"
        ),
        pytest.param(
            yearly(renewal="option, 1 year, max 1, exercised 1"), 2, True, id="options used up"
        ),
    ],
)
def test_a_term_ends_by_itself_where_silence_ends_it(
    terms: Terms, number: int, *, by_itself: bool
) -> None:
    schedule = schedule_of(terms)
    ending, decision = ending_of(terms, schedule), decision_about(terms, schedule, number)
    assert ends_by_itself(schedule, ending, number, decision) is by_itself


AMENDED_NEXT = [
    pytest.param(yearly(amendments=[RENEWED_EARLY]), "2024-09-01", "2027-08-16", id="cut short"),
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-20", notice="90 days")]),
        "2025-01-20",
        "2026-01-14",
        id="longer from today",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-20", notice="90 days")]),
        "2025-01-19",
        "2025-01-19",
        id="longer from tomorrow",
    ),
    pytest.param(
        yearly(
            "2026-01-01",
            initial_term="1 month",
            renewal="auto, 1 month",
            notice="60 days",
            amendments=[an_amendment("2026-05-10", notice="10 days")],
        ),
        "2026-06-01",
        "2026-07-21",
        id="monthly, ten days now",
    ),
    pytest.param(
        yearly(
            **(OPTIONS | {"renewal": "option, 1 month, max 9, exercised 2"}),
            said=both_chose("extend", term=(3, "2026-05-15")),
        ),
        "2024-06-01",
        "2026-02-14",
        id="an option the teams settled on",
    ),
]


@pytest.mark.parametrize(("terms", "on", "deadline"), AMENDED_NEXT)
def test_the_next_deadline_follows_what_was_agreed(terms: Terms, on: str, deadline: str) -> None:
    found = next_decision(terms, schedule_of(terms), day(on))
    assert found is not None
    assert str(found.dates.deadline) == deadline
