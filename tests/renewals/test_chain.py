"""The terms an agreement has had, the one that holds the day, and those that would follow."""

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.chain import Link, chain
from app.renewals.terms import Terms
from tests.renewals.builders import day, said, some_terms, yearly


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
