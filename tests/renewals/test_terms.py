"""Terms that contradict themselves, or leave the calendar, cannot be built."""

from dataclasses import replace
from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import Renewal, RenewalKind
from app.renewals.terms import Terms
from tests.renewals.builders import a_letter, a_span, an_amendment, chose, day, some_terms, yearly

FIRST_TERM = [
    pytest.param(
        {}, "initial_term: give the length of the first term, or its end as end_date.", id="none"
    ),
    pytest.param(
        {"initial_term": "12 months", "end_date": "2025-01-01"},
        "end_date: give initial_term or end_date, not both.",
        id="both",
    ),
    pytest.param(
        {"initial_term": "0 months"},
        "initial_term.value: a term lasts at least 1; give its full length.",
        id="zero",
    ),
    pytest.param(
        {"initial_term": "-3 days"},
        "initial_term.value: a term lasts at least 1; give its full length.",
        id="negative",
    ),
    pytest.param(
        {"initial_term": "5 business days"},
        "initial_term.unit: cannot be business_days here; use one of days, weeks, months, years.",
        id="business days",
    ),
    pytest.param(
        {"end_date": "2024-04-14"},
        "end_date: must not be before start_date; check both dates.",
        id="end before start",
    ),
    pytest.param(
        {"end_date": "2024-04-15", "end_date_is": "renewal_date"},
        "end_date: a renewal date must be after start_date; check both dates.",
        id="renews on its first day",
    ),
    pytest.param(
        {"end_date": "2200-01-01"},
        "end_date: the year must be from 1970 to 2199.",
        id="end too late",
    ),
    pytest.param(
        {"renewal": "perpetual", "initial_term": "1 year"},
        "initial_term: a perpetual agreement has no end; leave it out.",
        id="perpetual for a year",
    ),
    pytest.param(
        {"renewal": "perpetual", "end_date": "2025-01-01"},
        "end_date: a perpetual agreement has no end; leave it out.",
        id="perpetual to a day",
    ),
]
OTHERS = [
    pytest.param({"lead_days": -1}, "lead_days: must be from 0 to 3650 days.", id="negative lead"),
    pytest.param({"lead_days": 3651}, "lead_days: must be from 0 to 3650 days.", id="long lead"),
    pytest.param(
        {"holdover": "0 months"},
        "holdover.value: a term lasts at least 1; give its full length.",
        id="holdover of no length",
    ),
    pytest.param(
        {"notice_received_on": "1969-12-31"},
        "notice_received_on: the year must be from 1970 to 2199.",
        id="notice before time",
    ),
    pytest.param(
        {"renewal": "evergreen", "notice": "by 10-01"},
        "notice.by_month_day: a fixed day needs terms; make renewal.kind auto, by year, instead.",
        id="fixed day without terms",
    ),
    pytest.param(
        {"renewal": "evergreen", "renewal_notice": "by 10-01"},
        "renewal_notice.by_month_day: a fixed day needs terms;"
        " make renewal.kind auto, by year, instead.",
        id="later fixed day without terms",
    ),
]


@pytest.mark.parametrize(("fields", "sentence"), FIRST_TERM)
def test_a_first_term_that_cannot_be_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-04-15", **fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize(("fields", "sentence"), OTHERS)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize("start", ["1969-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_a_start_outside_the_kept_years_is_refused(start: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(start)
    assert bad.value.sentence == "start_date: the year must be from 1970 to 2199."


def test_a_term_of_one_day_is_a_term() -> None:
    assert some_terms("2024-04-15", end_date="2024-04-15").end_date == day("2024-04-15")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"initial_term": a_span("1 year")}, "initial_term"),
        ({"end_date": day("2026-01-01")}, "end_date"),
        ({"renewal": Renewal(RenewalKind.NONE)}, "renewal"),
        ({"start_date": day("2024-04-14")}, "start_date"),
        ({"start_date": day("1969-01-01")}, "start_date"),
    ],
)
def test_a_co_terminous_agreement_takes_its_parents_terms(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadTerms) as bad:
        replace(Terms(start_date=day("2024-06-01"), parent=yearly("2024-04-15")), **fields)
    assert bad.value.field == field


def test_a_fixed_day_cannot_end_an_open_ended_parents_child() -> None:
    parent = some_terms("2024-04-15", renewal="evergreen", notice="1 month")
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-06-01", parent=parent, notice="by 10-01")
    assert bad.value.field == "notice.by_month_day"


def test_a_child_cannot_start_after_its_parent_has_ended() -> None:
    parent = some_terms("2024-04-15", initial_term="1 year", renewal="none")
    assert some_terms("2025-04-14", parent=parent).start_date == day("2025-04-14")
    with pytest.raises(BadTerms) as bad:
        some_terms("2025-04-15", parent=parent)
    assert bad.value.sentence == (
        "start_date: its parent agreement ends before that, on Mon 14 Apr 2025."
    )


def test_a_renewal_that_is_not_stated_is_none() -> None:
    assert some_terms("2024-04-15", initial_term="1 year").kind is RenewalKind.NONE


def test_the_notice_of_a_renewal_term_can_be_another_one() -> None:
    terms = yearly(notice="90 days", renewal_notice="30 days")
    found = [terms.own_notice(number) for number in (1, 2, 3)]
    assert found == [terms.notice, terms.renewal_notice, terms.renewal_notice]


def test_the_lead_time_has_a_default() -> None:
    end = day("2026-04-14")
    assert (yearly().lead_on(end), yearly(lead_days=0).lead_on(end)) == (90, 0)


MONTHLY = [
    ({"renewal": "auto, 1 month", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 31 days", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 4 weeks", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 32 days", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 5 weeks", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 month then 2 months", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 year then 1 month", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 year", "initial_term": "1 month"}, False),
    ({"renewal": "none", "initial_term": "1 month"}, True),
    ({"renewal": "none", "initial_term": "2 months"}, False),
    # Without its option it all ends, so it is the first term that counts.
    ({"renewal": "option, 1 month", "initial_term": "3 years"}, False),
    ({"renewal": "option, 1 year", "initial_term": "1 month"}, True),
    ({"renewal": "evergreen", "initial_term": "1 month"}, True),
    ({"renewal": "evergreen", "initial_term": "1 year"}, False),
    ({"renewal": "evergreen"}, False),
    ({"renewal": "perpetual"}, False),
    ({"end_date": "2025-02-27"}, True),
    ({"end_date": "2025-02-28"}, False),
    ({"end_date": "2025-02-28", "end_date_is": "renewal_date"}, True),
    ({"end_date": "2025-03-01", "end_date_is": "renewal_date"}, False),
]


@pytest.mark.parametrize(("fields", "monthly"), MONTHLY)
def test_what_goes_on_by_the_month_at_most_is_monthly(
    fields: dict[str, Any], *, monthly: bool
) -> None:
    terms = some_terms("2025-01-31", **fields)
    assert terms.is_monthly is monthly
    assert some_terms("2025-02-01", parent=terms).is_monthly is monthly


KNOWN = yearly(
    notice_received_on="2025-03-05",
    amendments=[an_amendment("2026-01-01", notice="60 days")],
    notices=[a_letter("2025-02-10", sent_on="2025-02-05"), a_letter("2025-03-10")],
    said=[chose("it", "renew", "2025-01-10"), chose("procurement", "renew", "2025-01-20")],
)


@pytest.mark.parametrize(
    ("on", "received", "notices", "choices"),
    [
        pytest.param("2025-01-09", None, 0, 0, id="nothing yet"),
        pytest.param("2025-01-10", None, 0, 1, id="one has spoken"),
        pytest.param("2025-02-04", None, 0, 2, id="both have"),
        pytest.param("2025-02-05", None, 1, 2, id="a notice is sent"),
        pytest.param("2025-03-05", "2025-03-05", 1, 2, id="a notice is received"),
    ],
)
def test_only_what_was_done_by_a_day_was_known_on_it(
    on: str, received: str | None, notices: int, choices: int
) -> None:
    found = KNOWN.known_on(day(on))
    assert found.notice_received_on == (None if received is None else day(received))
    assert (len(found.notices), len(found.said)) == (notices, choices)
    assert found.amendments == KNOWN.amendments
    assert found.known_on(day(on)) is found
    child = some_terms("2025-06-01", parent=KNOWN).known_on(day(on))
    assert child.parent == found


def test_what_is_known_already_stays_as_it_is() -> None:
    child = some_terms("2025-06-01", parent=KNOWN)
    assert KNOWN.known_on(day("2025-03-10")) is KNOWN
    assert child.known_on(day("2025-03-10")) is child
    assert (KNOWN.as_known_on, child.as_known_on) == (None, None)


AMENDED_TWICE = yearly(
    amendments=[
        an_amendment("2025-01-01", notice="60 days"),
        an_amendment("2026-01-01", term="1 year"),
    ]
)


@pytest.mark.parametrize(
    ("on", "count", "next_on"),
    [
        ("2024-12-31", 0, "2025-01-01"),
        ("2025-01-01", 1, "2026-01-01"),
        ("2025-12-31", 1, "2026-01-01"),
        ("2026-01-01", 2, "9999-12-31"),
    ],
)
def test_an_amendment_is_in_force_from_its_day_on(on: str, count: int, next_on: str) -> None:
    child = some_terms("2024-06-01", parent=AMENDED_TWICE)
    assert AMENDED_TWICE.amended_until(day(on)).amendments == AMENDED_TWICE.amendments[:count]
    assert child.amended_until(day(on)).parent == AMENDED_TWICE.amended_until(day(on))
    assert str(AMENDED_TWICE.next_amendment_after(day(on))) == next_on
    assert str(child.next_amendment_after(day(on))) == next_on


def test_terms_that_are_all_in_force_stay_as_they_are() -> None:
    child = some_terms("2024-06-01", parent=AMENDED_TWICE)
    for terms in (yearly(), AMENDED_TWICE, child):
        assert terms.amended_until(day("2026-01-01")) is terms
    assert [terms.is_amended for terms in (yearly(), AMENDED_TWICE, child)] == [False, True, True]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"end_date": "2026-12-31"}, id="end"),
        pytest.param({"term": "1 year", "begins_term": True}, id="new term"),
        pytest.param({"renewal": "none"}, id="renewal"),
    ],
)
def test_a_co_terminous_agreements_terms_are_amended_with_its_parents(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-06-01", parent=yearly(), amendments=[an_amendment("2025-01-01", **fields)])
    assert bad.value.sentence == (
        "amendments.0.effective_from: a co-terminous agreement takes its parent's terms;"
        " amend the parent."
    )


def test_a_co_terminous_agreement_can_have_another_notice_and_price() -> None:
    amendments = [
        an_amendment("2025-01-01", notice="60 days"),
        an_amendment("2025-01-01", annual_value="100"),
    ]
    assert some_terms("2024-06-01", parent=yearly(), amendments=amendments).is_amended


TO_OPEN_ENDED = an_amendment("2025-01-01", renewal="evergreen")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param(
            {"notice": "by 10-01", "amendments": [TO_OPEN_ENDED]},
            "notice.by_month_day",
            id="made open-ended",
        ),
        pytest.param(
            {"amendments": [TO_OPEN_ENDED, an_amendment("2025-02-01", notice="by 10-01")]},
            "amendments.1.notice.by_month_day",
            id="the day is agreed later",
        ),
        pytest.param(
            {
                "renewal": "evergreen",
                "amendments": [an_amendment("2025-02-01", notice="by 10-01")],
            },
            "amendments.0.notice.by_month_day",
            id="open-ended from the start",
        ),
        pytest.param(
            {
                "notice": "by 10-01",
                "parent": yearly(amendments=[TO_OPEN_ENDED]),
            },
            "notice.by_month_day",
            id="the parent is made open-ended",
        ),
    ],
)
def test_a_fixed_day_cannot_end_what_an_amendment_made_open_ended(
    fields: dict[str, Any], field: str
) -> None:
    usual = {"initial_term": "1 year", "renewal": "auto, 1 year"}
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-06-01", **(fields if "parent" in fields else usual | fields))
    assert bad.value.field == field


def test_the_kinds_of_renewal_are_those_it_has_had() -> None:
    parent = yearly(renewal="none", amendments=[TO_OPEN_ENDED])
    kinds = {RenewalKind.NONE, RenewalKind.EVERGREEN}
    assert parent.kinds == kinds
    child = some_terms("2024-06-01", parent=parent)
    assert (child.kind, child.kinds) == (RenewalKind.NONE, kinds)
