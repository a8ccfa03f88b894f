"""The terms an agreement has had, the one that holds the day, and those that would follow."""

from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.chain import Link, chain
from app.renewals.terms import Terms
from tests.renewals.builders import (
    a_letter,
    an_amendment,
    both_chose,
    chose,
    day,
    said,
    some_terms,
    yearly,
)


def row(link: Link) -> str:
    outcome = "" if link.outcome is None else f" {link.outcome}"
    return f"{link.number} {link.term_start} {link.term_end} {link.state}{outcome}"


CHAINS = [
    pytest.param(
        yearly(),
        "2026-06-01",
        [
            "1 2024-04-15 2025-04-14 past renewed_by_default",
            "2 2025-04-15 2026-04-14 past renewed_by_default",
            "3 2026-04-15 2027-04-14 current",
            "4 2027-04-15 2028-04-14 projected",
            "5 2028-04-15 2029-04-14 projected",
        ],
        id="auto",
    ),
    pytest.param(
        yearly(),
        "2024-01-01",
        [
            "1 2024-04-15 2025-04-14 projected",
            "2 2025-04-15 2026-04-14 projected",
            "3 2026-04-15 2027-04-14 projected",
        ],
        id="not started",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2030-01-01",
        [
            "1 2024-04-15 2025-04-14 past renewed_by_default",
            "2 2025-04-15 2026-04-14 past ended_by_itself",
        ],
        id="ended after the last renewal",
    ),
    pytest.param(
        yearly(notice_received_on="2025-03-01"),
        "2026-06-01",
        [
            "1 2024-04-15 2025-04-14 past renewed_by_default",
            "2 2025-04-15 2026-04-14 past ended_by_notice",
        ],
        id="ended by a late notice",
    ),
    pytest.param(
        yearly(notice_received_on="2025-03-01"),
        "2025-03-01",
        ["1 2024-04-15 2025-04-14 current", "2 2025-04-15 2026-04-14 projected"],
        id="will end by a late notice",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 2, exercised 1"),
        "2026-06-01",
        [
            "1 2024-04-15 2025-04-14 past option_exercised",
            "2 2025-04-15 2026-04-14 past option_lapsed",
        ],
        id="option lapsed",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 1, exercised 1"),
        "2026-06-01",
        [
            "1 2024-04-15 2025-04-14 past option_exercised",
            "2 2025-04-15 2026-04-14 past ended_by_itself",
        ],
        id="options used up",
    ),
    pytest.param(
        yearly(renewal="none", holdover="1 month"),
        "2026-06-01",
        ["1 2024-04-15 2025-04-14 past holdover"],
        id="held over",
    ),
    pytest.param(
        yearly(renewal="evergreen"),
        "2026-06-01",
        ["1 2024-04-15 2025-04-14 past continued", "2 2025-04-15 None current"],
        id="open-ended after a minimum",
    ),
    pytest.param(
        yearly(renewal="evergreen", notice_received_on="2026-05-01"),
        "2026-06-01",
        ["1 2024-04-15 2025-04-14 past continued", "2 2025-04-15 2026-06-15 current"],
        id="open-ended under notice",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        "2026-06-01",
        ["1 2024-01-01 None current"],
        id="perpetual",
    ),
    pytest.param(
        some_terms("2025-09-01", parent=yearly()),
        "2026-06-01",
        [
            "1 2025-09-01 2026-04-14 past renewed_by_default",
            "2 2026-04-15 2027-04-14 current",
            "3 2027-04-15 2028-04-14 projected",
            "4 2028-04-15 2029-04-14 projected",
        ],
        id="co-terminous",
    ),
    pytest.param(
        yearly("2100-01-01", initial_term="90 years", renewal="auto, 100 years"),
        "2150-01-01",
        ["1 2100-01-01 2189-12-31 current", "2 2190-01-01 2289-12-31 projected"],
        id="no further than 2199",
    ),
]


@pytest.mark.parametrize(("terms", "as_of", "expected"), CHAINS)
def test_terms_stand_in_a_row(terms: Terms, as_of: str, expected: list[str]) -> None:
    assert [row(link) for link in chain(terms, day(as_of), past=5, ahead=2)] == expected


def test_a_part_of_the_row_can_be_asked_for() -> None:
    links = chain(yearly(), day("2030-06-01"), past=1, ahead=1)
    assert [link.number for link in links] == [6, 7, 8]


def test_a_term_that_renews_has_its_dates() -> None:
    (link,) = chain(yearly(notice="45 days, opens 60 days"), day("2024-06-01"), past=0, ahead=0)
    expected = {
        "renewal_date": "2025-04-15",
        "notice_window_opens": "2025-02-13",
        "notice_deadline": "2025-02-28",
        "send_by": "2025-02-28",
        "negotiation_start": "2024-11-30",
    }
    assert said(link, *expected) == expected
    assert set(link.why) == {"term_start", "term_end", *expected}
    assert link.why["renewal_date"] == [
        "The next term starts the day after Mon 14 Apr 2025: Tue 15 Apr 2025."
    ]
    assert not link.assumed


def test_a_term_that_ends_by_itself_has_a_day_to_prepare() -> None:
    (link,) = chain(yearly(renewal="none"), day("2024-06-01"), past=0, ahead=0)
    expected = {
        "renewal_date": None,
        "notice_window_opens": None,
        "notice_deadline": None,
        "send_by": None,
        "negotiation_start": "2025-01-14",
    }
    assert said(link, *expected) == expected
    assert link.why["negotiation_start"] == [
        (
            "No lead time is set, so the usual 90 days of preparation before Mon 14 Apr 2025,"
            " the last day, for there is no notice to give: Tue 14 Jan 2025."
        )
    ]


@pytest.mark.parametrize(
    ("as_of", "renewal_date"), [("2025-02-28", "2025-04-15"), ("2025-03-01", None)]
)
def test_an_open_option_may_go_on(as_of: str, renewal_date: str | None) -> None:
    (link,) = chain(yearly(renewal="option, 1 year"), day(as_of), past=0, ahead=0)
    assert said(link, "renewal_date") == {"renewal_date": renewal_date}


def test_an_open_ended_term_that_was_ended_says_by_what() -> None:
    terms = yearly(renewal="evergreen", notice_received_on="2026-05-01")
    link = chain(terms, day("2026-06-01"), past=0, ahead=0)[0]
    assert link.why["term_end"] == [
        "45 days after Fri 1 May 2026, the day the notice is received: Mon 15 Jun 2026."
    ]
    assert said(link, "renewal_date", "negotiation_start") == {
        "renewal_date": None,
        "negotiation_start": None,
    }


def test_a_past_term_keeps_the_dates_that_were_missed() -> None:
    first = chain(yearly(), day("2026-06-01"), past=5, ahead=0)[0]
    assert said(first, "notice_deadline") == {"notice_deadline": "2025-02-28"}


def test_dates_of_an_unknown_notice_are_marked() -> None:
    terms = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    assert all(link.assumed for link in chain(terms, day("2024-06-01"), past=0, ahead=2))


def test_a_day_outside_the_kept_years_is_refused() -> None:
    with pytest.raises(BadTerms):
        chain(yearly(), day("2200-01-01"), past=0, ahead=0)


RENEWED_EARLY = an_amendment("2024-10-01", begins_term=True, term="12 months")
ACTED = [
    pytest.param(
        yearly(said=both_chose("renew", "2025-02-28")),
        ["1 2024-04-15 2025-04-14 past renewed_by_decision"],
        id="settled on the deadline",
    ),
    pytest.param(
        yearly(said=both_chose("renew", "2025-03-01")),
        ["1 2024-04-15 2025-04-14 past renewed_by_default"],
        id="settled a day late",
    ),
    pytest.param(
        yearly(said=both_chose("do_not_renew")),
        ["1 2024-04-15 2025-04-14 past renewed_by_default"],
        id="wanted to leave",
    ),
    pytest.param(
        yearly(
            said=both_chose("renegotiate"),
            amendments=[an_amendment("2025-04-15", annual_value="9000", recorded_on="2025-02-01")],
        ),
        ["1 2024-04-15 2025-04-14 past renewed_by_decision"],
        id="renegotiated",
    ),
    pytest.param(
        yearly(amendments=[RENEWED_EARLY]),
        [
            "1 2024-04-15 2024-09-30 past renewed_by_decision",
            "2 2024-10-01 2025-09-30 past renewed_by_default",
        ],
        id="renewed early",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-04-15", begins_term=True, term="1 year")]),
        ["1 2024-04-15 2025-04-14 past renewed_by_decision"],
        id="renewed on its day",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")]),
        [
            "1 2024-04-15 2025-04-14 past renewed_by_decision",
            "2 2025-04-15 2026-04-14 past ended_by_itself",
        ],
        id="carried on",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 1", said=both_chose("extend")),
        [
            "1 2024-04-15 2025-04-14 past option_exercised",
            "2 2025-04-15 2026-04-14 past ended_by_itself",
        ],
        id="extended",
    ),
    pytest.param(
        yearly(renewal="evergreen", amendments=[an_amendment("2025-04-15", end_date="2025-12-31")]),
        [
            "1 2024-04-15 2025-04-14 past continued",
            "2 2025-04-15 2025-12-31 past continued",
        ],
        id="open-ended with another minimum",
    ),
    pytest.param(
        yearly(notices=[a_letter("2025-01-10")]),
        ["1 2024-04-15 2025-04-14 past ended_by_notice"],
        id="ended by notice",
    ),
]


@pytest.mark.parametrize(("terms", "expected"), ACTED)
def test_a_past_term_says_what_became_of_it(terms: Terms, expected: list[str]) -> None:
    links = chain(terms, day("2026-06-01"), past=5, ahead=0)
    assert [row(link) for link in links[: len(expected)]] == expected


DEFAULTED = "The deadline Fri 28 Feb 2025 passed"
OUTCOMES = [
    pytest.param({}, [f"{DEFAULTED}, and nothing was settled: it renewed."], id="by default"),
    pytest.param(
        {"said": [chose("it", "renew"), chose("procurement", "replace")]},
        [f"{DEFAULTED} while the teams differed: it renewed."],
        id="by default, contested",
    ),
    pytest.param(
        {"said": both_chose("do_not_renew")},
        [
            (
                "Both teams settled on Sun 1 Dec 2024: do not renew. But by the deadline"
                " Fri 28 Feb 2025 it was not done: it renewed."
            )
        ],
        id="by default, wanted to leave",
    ),
    pytest.param(
        {"said": both_chose("renew")},
        ["It was settled to renew, in time for the deadline Fri 28 Feb 2025."],
        id="by decision",
    ),
    pytest.param(
        {"amendments": [RENEWED_EARLY]},
        ["The parties agreed on the next term in an amendment."],
        id="by amendment",
    ),
    pytest.param(
        {"renewal": "option, 1 year", "said": both_chose("extend")},
        ["The option to extend was exercised."],
        id="by option",
    ),
    pytest.param(
        {"renewal": "evergreen"},
        ["After its minimum term it runs on, open-ended."],
        id="open-ended",
    ),
    pytest.param(
        {"notices": [a_letter("2025-01-10")]},
        [
            "A notice received on Fri 10 Jan 2025 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="by notice",
    ),
]


@pytest.mark.parametrize(("fields", "steps"), OUTCOMES)
def test_an_outcome_explains_itself(fields: dict[str, Any], steps: list[str]) -> None:
    first = chain(yearly(**fields), day("2026-06-01"), past=5, ahead=0)[0]
    assert first.why["outcome"] == steps


@pytest.mark.parametrize(
    ("as_of", "outcome", "state"),
    [
        pytest.param("2025-02-01", None, "undecided", id="before anybody spoke"),
        pytest.param("2025-02-10", None, "in_review", id="one has spoken"),
        pytest.param("2025-04-14", None, "renew", id="settled, still running"),
        pytest.param("2025-04-15", "renewed_by_decision", "renew", id="over"),
    ],
)
def test_a_term_stands_as_it_was_known_on_the_day(
    as_of: str, outcome: str | None, state: str
) -> None:
    said_so = [chose("it", "renew", "2025-02-10"), chose("procurement", "renew", "2025-02-20")]
    first = chain(yearly(said=said_so), day(as_of), past=5, ahead=0)[0]
    assert (first.outcome, first.standing.state.value) == (outcome, state)


def test_a_term_counts_the_amendments_that_it_goes_by() -> None:
    terms = yearly(
        amendments=[
            an_amendment("2024-10-01", notice="60 days"),
            an_amendment("2025-04-14", annual_value="1"),
            an_amendment("2025-04-15", annual_value="2"),
        ]
    )
    assert [link.amendments for link in chain(terms, day("2024-06-01"), past=0, ahead=2)] == [
        2,
        3,
        3,
    ]
    open_ended = yearly(
        renewal="evergreen", amendments=[an_amendment("2030-01-01", notice="1 day")]
    )
    assert [link.amendments for link in chain(open_ended, day("2024-06-01"), past=0, ahead=1)] == [
        0,
        1,
    ]


def test_a_term_that_was_carried_on_keeps_its_day_to_prepare() -> None:
    terms = yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="1 year")])
    first = chain(terms, day("2026-01-01"), past=1, ahead=0)[0]
    assert said(first, "renewal_date", "notice_deadline", "negotiation_start") == {
        "renewal_date": "2025-04-15",
        "notice_deadline": None,
        "negotiation_start": "2025-01-14",
    }
