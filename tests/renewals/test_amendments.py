"""Amendments that contradict themselves, or change nothing, cannot be built."""

from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from tests.renewals.builders import an_amendment

ANCHOR = "only an end can be an anchor; give term or end_date."
NOTHING = "nothing is changed; give an end, a renewal, a notice or a value."
REFUSED = [
    pytest.param({}, f"effective_from: {NOTHING}", id="nothing"),
    pytest.param(
        {"end_date_is": "renewal_date"}, f"effective_from: {NOTHING}", id="a reading of no end"
    ),
    pytest.param(
        {"term": "12 months", "end_date": "2026-01-01"},
        "end_date: give term or end_date, not both.",
        id="two ends",
    ),
    pytest.param(
        {"term": "0 months"},
        "term.value: a term lasts at least 1; give its full length.",
        id="a term of no length",
    ),
    pytest.param(
        {"end_date": "2200-01-01"},
        "end_date: the year must be from 1970 to 2199.",
        id="an end too late",
    ),
    pytest.param(
        {"begins_term": True, "notice": "30 days"},
        "term: a new term needs its length, or its end as end_date.",
        id="a new term of no length",
    ),
    pytest.param({"is_anchor": True, "notice": "30 days"}, f"is_anchor: {ANCHOR}", id="no end"),
    pytest.param({"is_anchor": False, "notice": "30 days"}, f"is_anchor: {ANCHOR}", id="no end"),
    pytest.param(
        {"is_anchor": False, "term": "12 months", "renewal": "auto, 1 year"},
        "is_anchor: a new renewal rule counts from the new end; leave is_anchor out.",
        id="a new renewal rule from the old end",
    ),
]


@pytest.mark.parametrize(("fields", "sentence"), REFUSED)
def test_an_amendment_that_cannot_be_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        an_amendment("2025-01-01", **fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize("effective_from", ["1969-12-31", "2200-01-01"])
def test_an_amendment_outside_the_kept_years_is_refused(effective_from: str) -> None:
    with pytest.raises(BadTerms) as bad:
        an_amendment(effective_from, notice="30 days")
    assert bad.value.sentence == "effective_from: the year must be from 1970 to 2199."


@pytest.mark.parametrize(
    ("fields", "sets_an_end", "counts_anew", "sets_a_price"),
    [
        pytest.param({"end_date": "2026-01-01"}, True, False, False, id="end"),
        pytest.param({"term": "1 year"}, True, False, False, id="length"),
        pytest.param({"term": "1 year", "is_anchor": True}, True, True, False, id="anchor"),
        pytest.param({"term": "1 year", "begins_term": True}, True, True, False, id="new term"),
        pytest.param(
            {"term": "1 year", "begins_term": True, "is_anchor": False},
            True,
            False,
            False,
            id="new term, no anchor",
        ),
        pytest.param(
            {"term": "1 year", "renewal": "none"}, True, True, False, id="end and renewal"
        ),
        pytest.param({"renewal": "auto, 1 year"}, False, True, False, id="renewal"),
        pytest.param({"notice": "30 days"}, False, False, False, id="notice"),
        pytest.param({"annual_value": "0"}, False, False, True, id="value"),
        pytest.param({"total_value": "99.50"}, False, False, True, id="total"),
        pytest.param({"currency": "EUR"}, False, False, True, id="currency"),
    ],
)
def test_an_amendment_knows_what_it_changes(
    fields: dict[str, Any], *, sets_an_end: bool, counts_anew: bool, sets_a_price: bool
) -> None:
    found = an_amendment("2025-01-01", **fields)
    assert (found.sets_an_end, found.counts_anew, found.sets_a_price) == (
        sets_an_end,
        counts_anew,
        sets_a_price,
    )
