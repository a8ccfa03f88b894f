"""The last day on which a notice may be received, the day to send it, the day to begin."""

from dataclasses import replace

import pytest

from app.renewals.clauses import MonthDay, Notice
from app.renewals.notice import (
    ASSUMED,
    NoticeDates,
    arrival_of,
    count_forward,
    dates_in_force,
    day_of_exit,
    notice_dates,
    opening_in_force,
)
from app.renewals.reasons import spell
from app.renewals.schedule import schedule_of
from app.renewals.spans import Span, Unit
from tests.renewals.builders import a_span, an_amendment, day, said, some_terms, yearly


def of_end(term_end: str, notice: str | None, lead_days: int | None = None) -> NoticeDates:
    """Return the dates of the notice that ends a term on `term_end`."""
    terms = some_terms(term_end, end_date=term_end, lead_days=lead_days)
    if notice is not None:
        terms = yearly(notice=notice, lead_days=lead_days)
    return notice_dates(terms, terms.notice, day(term_end))


DEADLINES = [
    pytest.param("2026-04-14", "45 days", "2026-02-28", id="45 days"),
    pytest.param("2026-12-31", "60 days", "2026-11-01", id="60 days are not month ends"),
    pytest.param("2026-12-31", "60 days, month_rule eom", "2026-11-01", id="eom is for months"),
    pytest.param("2026-12-31", "0 days", "2026-12-31", id="up to the last day"),
    pytest.param("2026-12-31", "4 weeks", "2026-12-03", id="weeks"),
    pytest.param("2026-06-30", "3 months", "2026-03-30", id="months, same number"),
    pytest.param("2026-06-30", "3 months, month_rule eom", "2026-03-31", id="months, month end"),
    pytest.param("2026-06-29", "3 months, month_rule eom", "2026-03-29", id="eom in mid-month"),
    pytest.param("2026-08-31", "6 months", "2026-02-28", id="months, clipped"),
    pytest.param("2024-08-31", "6 months", "2024-02-29", id="months, clipped in a leap year"),
    pytest.param("2026-08-30", "6 months", "2026-02-28", id="30 to February"),
    pytest.param("2025-02-28", "1 month", "2025-01-28", id="from February, same number"),
    pytest.param("2025-02-28", "1 month, month_rule eom", "2025-01-31", id="from February, eom"),
    pytest.param("2026-12-31", "1 year", "2025-12-31", id="a year"),
    pytest.param("2028-02-29", "1 year", "2027-02-28", id="a year from 29 Feb"),
    pytest.param("2026-12-31", "30 days, counted_from renewal_date", "2026-12-02", id="renewal"),
    pytest.param(
        "2026-12-31", "3 months, counted_from renewal_date", "2026-10-01", id="renewal, months"
    ),
    pytest.param(
        "2026-12-31", "0 days, counted_from renewal_date", "2026-12-31", id="not past the end"
    ),
    pytest.param("2026-12-31", "30 days, clear_days", "2026-11-30", id="clear days"),
    pytest.param("2026-06-30", "3 months, clear_days", "2026-03-29", id="clear days, months"),
    pytest.param("2026-12-31", "by 10-01", "2026-10-01", id="fixed day"),
    pytest.param("2026-09-30", "by 10-01", "2025-10-01", id="fixed day in the year before"),
    pytest.param("2026-10-01", "by 10-01", "2026-10-01", id="fixed day on the last day"),
    pytest.param("2026-12-31", "by 02-29", "2026-02-28", id="29 Feb in a common year"),
    pytest.param("2028-12-31", "by 02-29", "2028-02-29", id="29 Feb in a leap year"),
    pytest.param("2026-12-31", "by 10-01, clear_days", "2026-10-01", id="fixed day, no clear day"),
    pytest.param(
        "2026-12-31",
        "by 10-01, counted_from renewal_date",
        "2026-10-01",
        id="fixed day, not counted",
    ),
    pytest.param(
        "2026-11-30", "15 business days, calendar US", "2026-11-05", id="business days, US"
    ),
    pytest.param(
        "2026-11-30",
        "15 business days, clear_days, calendar US",
        "2026-11-04",
        id="business days, clear",
    ),
    pytest.param("2026-06-24", "30 days, calendar GB-ENG", "2026-05-22", id="bank holiday"),
    pytest.param(
        "2026-06-24", "30 days, roll following, calendar GB-ENG", "2026-05-26", id="following"
    ),
    pytest.param("2026-06-24", "30 days, roll none, calendar GB-ENG", "2026-05-25", id="not moved"),
    pytest.param("2026-06-24", "30 days", "2026-05-25", id="no calendar"),
    pytest.param("2027-01-04", "10 days, calendar GB-ENG", "2026-12-24", id="over Christmas"),
    pytest.param(
        "2026-05-31",
        "0 days, roll following, calendar GB-ENG",
        "2026-05-29",
        id="following would pass the end",
    ),
    pytest.param("2026-11-14", "by 05-25, calendar GB-ENG", "2026-05-22", id="fixed day off"),
]


@pytest.mark.parametrize(("term_end", "notice", "expected"), DEADLINES)
def test_a_notice_must_have_arrived_by_its_deadline(
    term_end: str, notice: str, expected: str
) -> None:
    assert str(of_end(term_end, notice).deadline) == expected


@pytest.mark.parametrize(
    ("term_end", "notice", "send_by"),
    [
        pytest.param("2026-04-14", "45 days", "2026-02-28", id="no delivery"),
        pytest.param("2026-04-14", "45 days, delivery 3 days", "2026-02-25", id="days"),
        pytest.param("2026-04-14", "45 days, delivery 1 week", "2026-02-21", id="a week"),
        pytest.param(
            "2026-06-24",
            "30 days, delivery 2 business days, calendar GB-ENG",
            "2026-05-20",
            id="business days",
        ),
        pytest.param(
            "2026-06-24",
            "30 days, delivery 2 business days, roll none, calendar GB-ENG",
            "2026-05-21",
            id="business days from a day off",
        ),
        pytest.param(
            "2026-06-24",
            "30 days, delivery 5 days, calendar GB-ENG",
            "2026-05-15",
            id="days to a Sunday",
        ),
        pytest.param(
            "2026-06-24",
            "30 days, roll none, calendar GB-ENG",
            "2026-05-22",
            id="not sent on a day off",
        ),
    ],
)
def test_a_notice_is_sent_so_that_it_arrives(term_end: str, notice: str, send_by: str) -> None:
    assert str(of_end(term_end, notice).send_by) == send_by


@pytest.mark.parametrize(
    ("term_end", "notice", "opens"),
    [
        pytest.param("2026-08-31", "90 days, opens 180 days", "2026-03-04", id="days"),
        pytest.param("2026-08-31", "3 months, opens 6 months", "2026-02-28", id="months"),
        pytest.param(
            "2026-06-30", "1 month, opens 2 months, month_rule eom", "2026-04-30", id="eom"
        ),
        pytest.param(
            "2026-08-31",
            "90 days, opens 180 days, counted_from renewal_date",
            "2026-03-05",
            id="from the renewal date",
        ),
        pytest.param(
            "2026-06-29", "30 days, opens 37 days, calendar GB-ENG", "2026-05-23", id="not rolled"
        ),
        pytest.param(
            "2026-06-24",
            "30 days, opens 30 days, calendar GB-ENG",
            "2026-05-22",
            id="not after it closes",
        ),
        pytest.param(
            "2026-11-30",
            "10 business days, opens 20 business days, calendar US",
            "2026-10-29",
            id="business days",
        ),
        pytest.param("2026-08-31", "90 days", "None", id="no window"),
    ],
)
def test_a_window_opens(term_end: str, notice: str, opens: str) -> None:
    assert str(of_end(term_end, notice).opens) == opens


def test_a_negotiation_begins_before_the_day_to_send() -> None:
    found = of_end("2026-06-24", "30 days, delivery 2 business days, calendar GB-ENG", lead_days=60)
    assert (str(found.send_by), str(found.negotiation_start)) == ("2026-05-20", "2026-03-21")


def test_an_unknown_notice_is_assumed_to_be_ninety_days() -> None:
    found = of_end("2026-12-31", None)
    assert ASSUMED.period == a_span("90 days")
    assert (str(found.deadline), found.assumed) == ("2026-10-02", True)
    told = "The notice period is not known: 90 days are assumed until it is entered."
    for why in (found.why_deadline, found.why_send_by, found.why_negotiation_start):
        assert spell(why)[0] == told
    assert not of_end("2026-12-31", "90 days").assumed


def test_a_plain_deadline_explains_itself() -> None:
    found = of_end("2026-04-14", "45 days")
    assert {name: spell(why) for name, _, why in found.by_name()} == {
        "notice_deadline": [
            (
                "45 days before Tue 14 Apr 2026, the last day of the term:"
                " the notice must have arrived by Sat 28 Feb 2026."
            )
        ],
        "notice_window_opens": [],
        "send_by": [
            "The notice must have arrived by Sat 28 Feb 2026.",
            "No time for delivery is set: it can be sent on that very day.",
        ],
        "negotiation_start": [
            (
                "No lead time is set, so the usual 90 days of preparation before Sat 28 Feb 2026,"
                " the day to send the notice: Sun 30 Nov 2025."
            )
        ],
    }


def test_each_rule_that_moved_a_date_is_told() -> None:
    found = of_end(
        "2026-06-25",
        "1 month, opens 2 months, counted_from renewal_date, clear_days,"
        " delivery 2 business days, calendar GB-ENG",
        lead_days=10,
    )
    assert {name: spell(why) for name, _, why in found.by_name()} == {
        "notice_deadline": [
            (
                "1 month before Fri 26 Jun 2026, the renewal date:"
                " the notice must have arrived by Tue 26 May 2026."
            ),
            "Clear days: one day more, Mon 25 May 2026.",
            (
                "Mon 25 May 2026 is a day off in GB-ENG (Spring Bank Holiday):"
                " moved to the business day before, Fri 22 May 2026."
            ),
        ],
        "notice_window_opens": [
            (
                "2 months before Fri 26 Jun 2026, the renewal date:"
                " a notice is valid from Sun 26 Apr 2026."
            ),
            "The opening day counts, and is not moved off a day off.",
        ],
        "send_by": [
            "The notice must have arrived by Fri 22 May 2026.",
            "2 business days for delivery: sent by Wed 20 May 2026.",
            "Only business days of GB-ENG count: no weekends, and no holiday comes in between.",
        ],
        "negotiation_start": [
            (
                "10 days of preparation before Wed 20 May 2026, the day to send the notice:"
                " Sun 10 May 2026."
            )
        ],
    }


@pytest.mark.parametrize(
    ("term_end", "notice", "told"),
    [
        pytest.param(
            "2026-08-31",
            "6 months",
            "Feb 2026 has no day 31: its last day, Sat 28 Feb 2026, stands in.",
            id="clipped",
        ),
        pytest.param(
            "2026-06-30",
            "3 months, month_rule eom",
            "Counted from month end to month end (month_rule eom).",
            id="eom",
        ),
        pytest.param(
            "2026-12-31",
            "0 days, counted_from renewal_date",
            "Not later than the last day of the term: Thu 31 Dec 2026.",
            id="not past the end",
        ),
        pytest.param(
            "2026-12-31",
            "by 02-29",
            "The contract fixes the day of the year: on or before 29 Feb.",
            id="fixed",
        ),
        pytest.param(
            "2026-12-31",
            "by 02-29",
            "Feb 2026 has no day 29: its last day, Sat 28 Feb 2026, stands in.",
            id="fixed on 29 Feb",
        ),
        pytest.param(
            "2026-12-31",
            "by 10-01",
            "The last one not after the end of the term, Thu 31 Dec 2026: Thu 1 Oct 2026.",
            id="fixed, this year's",
        ),
        pytest.param(
            "2026-11-30",
            "15 business days, calendar US",
            "Only business days of US count: no weekends,"
            " and not Wed 11 Nov 2026 (Veterans Day), Thu 26 Nov 2026 (Thanksgiving Day).",
            id="business days",
        ),
        pytest.param(
            "2026-06-24",
            "30 days, roll following, calendar GB-ENG",
            "Mon 25 May 2026 is a day off in GB-ENG (Spring Bank Holiday):"
            " moved to the business day after, Tue 26 May 2026.",
            id="following",
        ),
    ],
)
def test_a_deadline_names_the_rule(term_end: str, notice: str, told: str) -> None:
    assert told in spell(of_end(term_end, notice).why_deadline)


def test_a_window_of_one_day_says_so() -> None:
    found = of_end("2026-06-24", "30 days, opens 30 days, calendar GB-ENG")
    assert spell(found.why_opens)[-1] == (
        "The window is a single day, the deadline Fri 22 May 2026."
    )


def test_delivery_in_days_and_a_move_are_told() -> None:
    found = of_end("2026-06-24", "30 days, delivery 5 days, calendar GB-ENG")
    assert spell(found.why_send_by) == [
        "The notice must have arrived by Fri 22 May 2026.",
        "5 days for delivery: sent by Sun 17 May 2026.",
        (
            "Sun 17 May 2026 is a day off in GB-ENG (Sunday):"
            " moved to the business day before, Fri 15 May 2026."
        ),
    ]


EXITS = [
    pytest.param("2026-12-31", "2 months", "2027-02-28", id="months, clipped"),
    pytest.param("2026-12-15", "2 months", "2027-02-15", id="months"),
    pytest.param("2026-12-15", "30 days", "2027-01-14", id="days"),
    pytest.param("2026-12-15", "2 weeks", "2026-12-29", id="weeks"),
    pytest.param("2026-12-15", "0 days", "2026-12-15", id="at once"),
    pytest.param("2026-02-28", "1 month", "2026-03-28", id="from a month end"),
    pytest.param(
        "2026-02-28", "1 month, month_rule eom", "2026-03-31", id="month end to month end"
    ),
    pytest.param("2026-12-15", "30 days, clear_days", "2027-01-15", id="clear days"),
    pytest.param("2026-11-20", "5 business days, calendar US", "2026-11-30", id="business days"),
    pytest.param("2026-10-02", None, "2026-12-31", id="assumed"),
]


@pytest.mark.parametrize(("received", "notice", "expected"), EXITS)
def test_an_open_ended_agreement_ends_after_the_notice(
    received: str, notice: str | None, expected: str
) -> None:
    known = None if notice is None else yearly(notice=notice).notice
    assert str(day_of_exit(known, day(received))[0]) == expected


@pytest.mark.parametrize(
    ("received", "notice", "steps"),
    [
        (
            "2026-12-31",
            "2 months, clear_days",
            [
                "2 months after Thu 31 Dec 2026, the day the notice is received: Sun 28 Feb 2027.",
                "Feb 2027 has no day 31: its last day, Sun 28 Feb 2027, stands in.",
                "Clear days: one day more, Mon 1 Mar 2027.",
            ],
        ),
        (
            "2026-02-28",
            "1 month, month_rule eom",
            [
                "1 month after Sat 28 Feb 2026, the day the notice is received: Tue 31 Mar 2026.",
                "Counted from month end to month end (month_rule eom).",
            ],
        ),
        (
            "2026-11-20",
            "5 business days, calendar US",
            [
                (
                    "5 business days after Fri 20 Nov 2026, the day the notice is received:"
                    " Mon 30 Nov 2026."
                ),
                (
                    "Only business days of US count: no weekends,"
                    " and not Thu 26 Nov 2026 (Thanksgiving Day)."
                ),
            ],
        ),
        (
            "2026-10-02",
            None,
            [
                "The notice period is not known: 90 days are assumed until it is entered.",
                "90 days after Fri 2 Oct 2026, the day the notice is received: Thu 31 Dec 2026.",
            ],
        ),
    ],
)
def test_an_exit_explains_itself(received: str, notice: str | None, steps: list[str]) -> None:
    known = None if notice is None else yearly(notice=notice).notice
    assert spell(day_of_exit(known, day(received))[1]) == steps


def test_a_fixed_day_is_no_length_to_count_forward() -> None:
    with pytest.raises(TypeError):
        day_of_exit(Notice(MonthDay(10, 1)), day("2026-01-01"))


def test_lengths_are_counted_forward() -> None:
    assert count_forward(day("2026-01-31"), Span(1, Unit.MONTHS)) == day("2026-02-28")


def in_force(*amended: tuple[str, str], notice: str = "45 days") -> NoticeDates:
    """Return the dates of the notice that ends a term on 14 April 2025, after amendments.

    An amendment is the day from which it is in force and the new notice.
    """
    terms = yearly(
        notice=notice, amendments=[an_amendment(since, notice=new) for since, new in amended]
    )
    return dates_in_force(terms, schedule_of(terms).notices_for(1), day("2025-04-14"))


AMENDED = [
    pytest.param("45 days", (), "2025-02-28", id="not amended"),
    pytest.param("45 days", (("2024-10-01", "90 days"),), "2025-01-14", id="longer"),
    pytest.param("45 days", (("2024-10-01", "30 days"),), "2025-03-15", id="shorter"),
    pytest.param("45 days", (("2025-03-01", "10 days"),), "2025-02-28", id="it had passed"),
    pytest.param("45 days", (("2025-02-28", "30 days"),), "2025-03-15", id="on its very day"),
    pytest.param("45 days", (("2025-02-28", "60 days"),), "2025-02-27", id="longer, on its day"),
    pytest.param(
        "45 days", (("2025-01-14", "90 days"),), "2025-01-14", id="due the day it takes effect"
    ),
    pytest.param(
        "45 days", (("2025-02-01", "90 days"),), "2025-01-31", id="the day before it takes effect"
    ),
    pytest.param(
        "45 days",
        (("2024-10-01", "90 days"), ("2025-01-20", "30 days")),
        "2025-01-14",
        id="passed by the first amendment",
    ),
    pytest.param(
        "45 days",
        (("2024-10-01", "90 days"), ("2025-01-14", "30 days")),
        "2025-03-15",
        id="saved by the second",
    ),
    pytest.param(
        "45 days",
        (("2025-02-01", "90 days"), ("2025-02-01", "30 days")),
        "2025-01-31",
        id="passed before two of one day",
    ),
    pytest.param(
        "45 days",
        (("2025-02-01", "90 days"), ("2025-02-10", "30 days")),
        "2025-01-31",
        id="what is over stays over",
    ),
    pytest.param("by 02-01", (("2025-01-10", "45 days"),), "2025-02-28", id="a fixed day no more"),
    pytest.param("by 02-01", (("2025-02-02", "45 days"),), "2025-02-01", id="a fixed day passed"),
    pytest.param("45 days", (("2025-05-01", "10 days"),), "2025-02-28", id="after the term"),
]


@pytest.mark.parametrize(("notice", "amended", "deadline"), AMENDED)
def test_a_deadline_that_has_passed_stays_and_others_follow_the_amendment(
    notice: str, amended: tuple[tuple[str, str], ...], deadline: str
) -> None:
    assert str(in_force(*amended, notice=notice).deadline) == deadline


WINDOWS = [
    pytest.param(
        "30 days, opens 180 days",
        ("2024-12-01", "30 days, opens 90 days"),
        "2024-10-16 2025-03-15",
        id="open already",
    ),
    pytest.param(
        "30 days, opens 90 days",
        ("2024-12-01", "30 days, opens 120 days"),
        "2024-12-15 2025-03-15",
        id="opens earlier",
    ),
    pytest.param(
        "30 days, opens 90 days",
        ("2024-12-20", "30 days, opens 120 days"),
        "2024-12-20 2025-03-15",
        id="open when it takes effect",
    ),
    pytest.param(
        "30 days, opens 90 days", ("2024-12-20", "30 days"), "None 2025-03-15", id="no window now"
    ),
    pytest.param(
        "30 days", ("2024-12-20", "30 days, opens 90 days"), "2025-01-14 2025-03-15", id="a window"
    ),
    pytest.param(
        "30 days",
        ("2025-01-20", "30 days, opens 90 days"),
        "None 2025-03-15",
        id="a window, open at once",
    ),
    pytest.param(
        "30 days, opens 90 days",
        ("2025-02-01", "90 days"),
        "2025-01-14 2025-01-31",
        id="shut by the amendment",
    ),
    pytest.param(
        "30 days, opens 60 days",
        ("2025-02-01", "90 days, opens 120 days"),
        "2024-12-15 2025-01-14",
        id="never open",
    ),
]


@pytest.mark.parametrize(("notice", "amended", "expected"), WINDOWS)
def test_a_window_that_has_opened_stays_open(
    notice: str, amended: tuple[str, str], expected: str
) -> None:
    found = in_force(amended, notice=notice)
    assert f"{found.opens} {found.deadline}" == expected


SENDING = [
    pytest.param(
        "45 days", ("2024-10-01", "45 days, delivery 10 days"), "2025-02-18 2024-11-20", id="new"
    ),
    pytest.param(
        "45 days, delivery 20 days",
        ("2025-02-10", "45 days"),
        "2025-02-08 2024-11-10",
        id="the day to send has passed",
    ),
    pytest.param(
        "45 days",
        ("2024-12-01", "45 days, delivery 10 days"),
        "2025-02-18 2024-11-30",
        id="preparation has begun",
    ),
    pytest.param(
        "45 days",
        ("2025-02-20", "45 days, delivery 10 days"),
        "2025-02-19 2024-11-30",
        id="longer on the way, sent in time before",
    ),
    pytest.param(
        "30 days, delivery 7 days",
        ("2025-02-25", "45 days, delivery 10 days"),
        "2025-02-21 2024-12-08",
        id="longer on the way, with its own way before",
    ),
    pytest.param(
        "45 days", ("2025-02-01", "90 days"), "2025-01-31 2024-11-30", id="older clause until then"
    ),
    pytest.param(
        "45 days, delivery 10 days",
        ("2025-02-01", "90 days"),
        "2025-01-21 2024-11-20",
        id="older clause until then, with its delivery",
    ),
    pytest.param(
        "45 days, delivery 40 days",
        ("2025-02-01", "90 days"),
        "2025-01-19 2024-10-21",
        id="sent before the older clause ended",
    ),
    pytest.param(
        "10 days, roll none, calendar GB-ENG",
        ("2025-02-03", "90 days"),
        "2025-01-31 2025-01-04",
        id="not sent on a Sunday",
    ),
]


@pytest.mark.parametrize(("notice", "amended", "expected"), SENDING)
def test_what_was_due_before_an_amendment_stays_due(
    notice: str, amended: tuple[str, str], expected: str
) -> None:
    found = in_force(amended, notice=notice)
    assert f"{found.send_by} {found.negotiation_start}" == expected


def test_preparation_of_an_amended_notice_comes_before_it_is_sent() -> None:
    terms = yearly(
        notice="45 days",
        lead_days=3,
        amendments=[an_amendment("2025-02-27", notice="45 days, delivery 10 days")],
    )
    found = dates_in_force(terms, schedule_of(terms).notices_for(1), day("2025-04-14"))
    assert said(found, "negotiation_start", "send_by", "deadline") == {
        "negotiation_start": "2025-02-25",
        "send_by": "2025-02-26",
        "deadline": "2025-02-28",
    }


def test_an_amended_notice_says_from_when() -> None:
    found = in_force(("2024-10-01", "90 days, opens 120 days"))
    told = "By the amendment effective from Tue 1 Oct 2024."
    assert all(spell(why)[0] == told for _, _, why in found.by_name())
    assert not found.assumed


def test_a_notice_that_an_amendment_cuts_off_says_so() -> None:
    found = in_force(("2025-02-01", "90 days"))
    told = (
        "The amendment effective from Sat 1 Feb 2025 asks for more:"
        " until Fri 31 Jan 2025 the older clause holds."
    )
    assert spell(found.why_deadline) == [
        "By the amendment effective from Sat 1 Feb 2025.",
        (
            "90 days before Mon 14 Apr 2025, the last day of the term:"
            " the notice must have arrived by Tue 14 Jan 2025."
        ),
        told,
    ]
    assert spell(found.why_send_by)[0] == told


def test_a_window_that_an_amendment_opens_says_so() -> None:
    found = in_force(("2024-12-20", "30 days, opens 120 days"), notice="30 days, opens 90 days")
    assert spell(found.why_opens) == [
        "By the amendment the window is open when it takes effect, on Fri 20 Dec 2024."
    ]


def test_an_unknown_notice_that_becomes_known_is_assumed_no_more() -> None:
    terms = some_terms(
        "2024-04-15",
        initial_term="1 year",
        renewal="auto, 1 year",
        amendments=[an_amendment("2024-10-01", notice="30 days")],
    )
    rules = schedule_of(terms).notices_for(1)
    found = dates_in_force(terms, rules, day("2025-04-14"))
    assert (str(found.deadline), found.assumed) == ("2025-03-15", False)
    late = replace(terms, amendments=(an_amendment("2025-01-15", notice="30 days"),))
    found = dates_in_force(late, schedule_of(late).notices_for(1), day("2025-04-14"))
    assert (str(found.deadline), found.assumed) == ("2025-01-14", True)


def test_an_assumed_notice_holds_until_an_amendment_cuts_it_off() -> None:
    terms = some_terms(
        "2024-04-15",
        initial_term="1 year",
        renewal="auto, 1 year",
        amendments=[an_amendment("2025-01-10", notice="120 days")],
    )
    found = dates_in_force(terms, schedule_of(terms).notices_for(1), day("2025-04-14"))
    assert said(found, "negotiation_start", "send_by", "deadline", "assumed") == {
        "negotiation_start": "2024-10-16",
        "send_by": "2025-01-09",
        "deadline": "2025-01-09",
        "assumed": "True",
    }


@pytest.mark.parametrize(
    ("notice", "sent", "arrives"),
    [
        pytest.param(None, "2025-02-01", "2025-02-01", id="unknown"),
        pytest.param("45 days", "2025-02-01", "2025-02-01", id="no delivery"),
        pytest.param("45 days, delivery 3 days", "2025-02-01", "2025-02-04", id="days"),
        pytest.param("45 days, delivery 1 week", "2025-02-01", "2025-02-08", id="a week"),
        pytest.param(
            "45 days, delivery 2 business days, calendar GB-ENG",
            "2026-05-22",
            "2026-05-27",
            id="business days",
        ),
    ],
)
def test_a_notice_without_receipt_is_presumed_to_arrive(
    notice: str | None, sent: str, arrives: str
) -> None:
    known = None if notice is None else yearly(notice=notice).notice
    arrived, steps = arrival_of(known, day(sent))
    assert str(arrived) == arrives
    (told,) = spell(steps)
    assert told.startswith("No receipt is recorded: sent on ")


@pytest.mark.parametrize(
    ("notice", "opens"),
    [
        pytest.param(None, "None", id="unknown"),
        pytest.param("45 days", "None", id="no window"),
        pytest.param("45 days, opens 60 days", "2025-02-13", id="window"),
    ],
)
def test_a_clause_says_itself_when_its_window_opens(notice: str | None, opens: str) -> None:
    known = None if notice is None else yearly(notice=notice).notice
    assert str(opening_in_force(known, day("2025-04-14"))[0]) == opens
