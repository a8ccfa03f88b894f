"""How does an agreement look as one row of a table? Column names and cells, read strictly.

The columns are the API's own fields; nested ones are joined by an underscore, and a length
is written in words: `renewal_term` is "12 months", `notice` "90 days".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.usecases.forms import FACTS, AgreementForm
from app.usecases.refusals import Fault

_LENGTH = re.compile(r"([0-9]{1,5})\s+(day|week|month|year|business[ _]day)s?", re.IGNORECASE)
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_NOTICE_LENGTHS = ("opens", "delivery")
_NOTICE_WORDS = ("counted_from", "month_rule", "by_month_day", "roll", "calendar")

LINES = (
    *(name for name in FACTS if name not in {"parent_id", "co_terminous", "tags"}),
    *("start_date", "end_date", "end_date_is", "short_month", "notice_received_on"),
)
LENGTHS = ("initial_term", "holdover")


def _notice_columns(prefix: str) -> dict[str, tuple[str, str]]:
    """Return each column of a notice with its field and what its cells are."""
    columns = {f"{prefix}_{name}": (f"{prefix}.{name}", "length") for name in _NOTICE_LENGTHS}
    columns |= {f"{prefix}_{name}": (f"{prefix}.{name}", "line") for name in _NOTICE_WORDS}
    return {
        prefix: (prefix, "length"),
        f"{prefix}_clear_days": (f"{prefix}.clear_days", "truth"),
        **columns,
    }


COLUMNS: Mapping[str, tuple[str, str]] = {
    **{name: (name, "line") for name in LINES},
    **{name: (name, "length") for name in LENGTHS},
    "parent_reference": ("parent_reference", "line"),
    "co_terminous": ("co_terminous", "truth"),
    "tags": ("tags", "words"),
    "lead_days": ("lead_days", "whole"),
    "renewal_kind": ("renewal.kind", "line"),
    "renewal_term": ("renewal.term", "length"),
    "renewal_terms": ("renewal.terms", "lengths"),
    "renewal_max": ("renewal.max", "whole"),
    "renewal_exercised": ("renewal.exercised", "whole"),
    **_notice_columns("notice"),
    **_notice_columns("renewal_notice"),
    "termination_right_notice": ("termination_right.notice", "length"),
    "termination_right_earliest_on": ("termination_right.earliest_on", "line"),
    "termination_right_fee": ("termination_right.fee", "line"),
}
"""Every column: the dotted field it fills, and how its cells are read."""

NEEDED = tuple(name for name, field in AgreementForm.model_fields.items() if field.is_required())
_COLUMN_OF = {field: column for column, (field, _) in COLUMNS.items()}
_COLUMN_OF |= {"parent_id": "parent_reference", "renewal": "renewal_max"}


class BadCell(ValueError):
    """A cell that cannot be read; the message is the rule it breaks."""


def document_from(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the agreement that a row states, and what in its cells cannot be read.

    Empty cells are not given. Faults name columns.
    """
    document: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, text in cells.items():
        if not text.strip():
            continue
        field, reading = COLUMNS[column]
        try:
            _put(document, field, _READERS[reading](text.strip()))
        except BadCell as bad:
            faults.append(Fault(column, str(bad)))
    return document, faults


def column_of(field: str) -> str:
    """Return the column that fills a dotted field, or the field's own name."""
    parts = field.split(".")
    outwards = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((_COLUMN_OF[name] for name in outwards if name in _COLUMN_OF), field)


def _put(document: dict[str, Any], field: str, value: object) -> None:
    *parents, name = field.split(".")
    part = document
    for parent in parents:
        part = part.setdefault(parent, {})
    if isinstance(value, dict) and isinstance(part.get(name), dict):
        part[name] |= value
    else:
        part[name] = value


def _length(text: str) -> dict[str, Any]:
    match = _LENGTH.fullmatch(text)
    if match is None:
        message = "must be a length such as 12 months, 90 days or 15 business_days"
        raise BadCell(message)
    return {"value": int(match[1]), "unit": match[2].lower().replace(" ", "_") + "s"}


def _lengths(text: str) -> list[dict[str, Any]]:
    return [_length(part.strip()) for part in text.split(";")]


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        message = "must be true or false"
        raise BadCell(message)
    return _TRUTHS[text.lower()]


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        message = "must be a whole number"
        raise BadCell(message)
    return int(text)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


_READERS: dict[str, Callable[[str], Any]] = {
    "line": str,
    "length": _length,
    "lengths": _lengths,
    "truth": _truth,
    "whole": _whole,
    "words": _words,
}
