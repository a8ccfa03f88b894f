"""Agreements made up with every field there is, and texts that are hard on files."""

import unicodedata
from datetime import date
from typing import Any

from hypothesis import strategies as st

from app.usecases.forms import AgreementForm
from tests.builders import length

_TURNED_AROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CHARACTERS = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cn", "Cs", "Zl", "Zp"),
    exclude_characters=_TURNED_AROUND,
)
_HARD = (
    "", "'", "''", "=", "'=", "''=", "+", "-", "@", "'@", "\uff1d", "'\uff20", ";", '"', ",",
    "<r>", "_x000D_", "_x005F_", "#N/A", "00", "1e5", "true", "{=", "\ufeff", "\\", "&amp;",
)  # fmt: skip
_TAILS = ("", "</r>", ";", "'", '"', "\\", "1-2")
_PLAIN_TERMS: list[dict[str, Any]] = [
    {"initial_term": length("12 months"), "renewal": {"kind": "auto", "term": length("1 year")}},
    {
        "end_date": "2030-03-31",
        "end_date_is": "renewal_date",
        "short_month": "roll_forward",
        "renewal": {
            "kind": "option",
            "terms": [length("24 months"), length("1 months")],
            "max": 3,
            "exercised": 0,
        },
        "notice": length("0 days")
        | {"clear_days": False, "month_rule": "eom", "opens": length("180 days")},
        "renewal_notice": {"by_month_day": "10-01", "counted_from": "renewal_date"},
        "lead_days": 0,
        "holdover": length("1 month"),
        "notice_received_on": "2026-09-28",
    },
    {
        "initial_term": length("36 months"),
        "notice": length("15 business_days")
        | {
            "clear_days": True,
            "delivery": length("1 business_days"),
            "roll": "following",
            "calendar": "GB-ENG",
        },
        "termination_right": {
            "notice": length("6 months"),
            "earliest_on": "2025-12-31",
            "fee": "=10 %",
        },
    },
]


_PARTS = st.tuples(
    st.sampled_from(_HARD), st.text(_CHARACTERS, max_size=12), st.sampled_from(_TAILS)
)
_NO_WORD = str.maketrans("", "", '"%\\')


def _kept(text: str) -> str:
    """Return a text as it would be kept; one that is empty becomes another."""
    return unicodedata.normalize("NFC", text).strip() or "x"


lines = _PARTS.map("".join).map(_kept)
words = _PARTS.map(lambda parts: _kept("".join(parts).translate(_NO_WORD)))
notes = st.lists(lines, min_size=1, max_size=3).map(lambda some: _kept("\n".join(some)))
days = st.dates(date(1970, 1, 1), date(2199, 12, 31)).map(str)
amounts = st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,4})?", fullmatch=True)


def _lengths(most: int, *units: str, least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"value": st.integers(least, most), "unit": st.sampled_from(units)}
    )


_terms = _lengths(36_500, "days", "weeks", "months", "years", least=1)
_notice_lengths = _lengths(3_650, "days", "weeks", "months", "years", "business_days")
_notice_parts = st.fixed_dictionaries(
    {},
    optional={
        "counted_from": st.sampled_from(["term_end", "renewal_date"]),
        "month_rule": st.sampled_from(["clip", "eom"]),
        "clear_days": st.booleans(),
        "opens": _notice_lengths,
        "delivery": _lengths(3_650, "days", "weeks", "business_days"),
        "roll": st.sampled_from(["none", "preceding", "following"]),
        "calendar": st.sampled_from(["GB-ENG", "US"]),
    },
)
_notices = st.tuples(
    _notice_lengths | st.just({"by_month_day": "10-01"}), _notice_parts
).map(lambda both: {**both[0], **both[1]})  # fmt: skip
_renewals = st.fixed_dictionaries(
    {"kind": st.sampled_from(["auto", "option", "none", "evergreen", "perpetual"])},
    optional={
        "term": _terms,
        "terms": st.lists(_terms, min_size=1, max_size=4),
        "max": st.integers(0, 1_000),
        "exercised": st.integers(0, 1_000),
    },
)
_FACTS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("vendor_reference", "reseller", "owner", "procurement_contact"), lines),
    **dict.fromkeys(("cost_centre", "notice_method", "governing_law", "time_zone"), lines),
    **dict.fromkeys(("criticality", "spend_class", "handling"), words),
    **dict.fromkeys(("annual_value", "total_value"), amounts),
    "kind": st.sampled_from(["saas", "other", "telecom_circuit"]),
    "signed_date": days,
    "notice_address": notes,
    "document_link": st.just("https://contracts.example/?a=b;c='d'&e=%22"),
    "tags": st.lists(words, max_size=4),
    "notes": notes,
    "custom": st.dictionaries(
        lines.map(lambda name: _kept(name[:90])), notes, min_size=1, max_size=3
    ),
}
_TERMS: dict[str, st.SearchStrategy[Any]] = {
    "initial_term": _terms,
    "end_date": days,
    "end_date_is": st.sampled_from(["last_day", "renewal_date"]),
    "short_month": st.sampled_from(["clip", "roll_forward"]),
    "renewal": _renewals,
    "notice": _notices,
    "renewal_notice": _notices,
    "lead_days": st.integers(0, 3_650),
    "holdover": _terms,
    "notice_received_on": days,
    "termination_right": st.fixed_dictionaries(
        {"notice": _terms}, optional={"earliest_on": days, "fee": lines}
    ),
}
_NEEDED = {"reference": lines, "title": lines, "counterparty": lines, "currency": st.just("EUR")}

forms = st.fixed_dictionaries(
    _NEEDED | {"start_date": days}, optional=_FACTS | _TERMS
).map(AgreementForm.model_validate)  # fmt: skip
"""Agreements that may be entered as far as the form goes; their terms may make no sense."""

sound_forms = st.tuples(
    st.fixed_dictionaries(_NEEDED, optional=_FACTS), st.sampled_from(_PLAIN_TERMS)
).map(lambda both: AgreementForm.model_validate({"start_date": "2024-02-29", **both[0], **both[1]}))
"""Agreements with any facts and with terms that make sense."""
