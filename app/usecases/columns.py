"""How does an agreement look as one row of a table? Column names and cells, both ways.

The columns are the API's own fields; nested ones are joined by an underscore, and a length
is written in words: `renewal_term` is "12 months", `notice` "90 days". Reading is strict, and
what was written is read as what it was.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from app.usecases.forms import AgreementForm
from app.usecases.refusals import Fault

LENGTH = re.compile(r"([0-9]{1,5})\s+(day|week|month|year|business[ _]day)s?", re.IGNORECASE)
"""A length as a cell of the import form has it."""

# No word holds a backslash, so one before a semicolon can say that the word goes on.
_KEPT_SEMICOLON = r"\;"
_BETWEEN_WORDS = re.compile(r"(?<!\\);")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def _plain(reading: str, *names: str) -> dict[str, tuple[str, str]]:
    """Return columns that are called like their fields."""
    return {name: (name, reading) for name in names}


def _notice(prefix: str) -> dict[str, tuple[str, str]]:
    """Return the columns of a notice."""
    readings = {
        "counted_from": "line",
        "month_rule": "line",
        "clear_days": "truth",
        "by_month_day": "line",
        "opens": "length",
        "delivery": "length",
        "roll": "line",
        "calendar": "line",
    }
    parts = {f"{prefix}_{name}": (f"{prefix}.{name}", read) for name, read in readings.items()}
    return {prefix: (prefix, "length"), **parts}


COLUMNS: Mapping[str, tuple[str, str]] = {
    **_plain("line", "reference", "title", "counterparty", "kind", "vendor_reference"),
    **_plain("line", "reseller", "owner", "procurement_contact", "cost_centre", "criticality"),
    **_plain("line", "spend_class", "handling", "currency", "annual_value", "total_value"),
    **_plain("line", "signed_date", "start_date"),
    "initial_term": ("initial_term", "length"),
    **_plain("line", "end_date", "end_date_is", "short_month"),
    "renewal_kind": ("renewal.kind", "line"),
    "renewal_term": ("renewal.term", "length"),
    "renewal_terms": ("renewal.terms", "lengths"),
    "renewal_max": ("renewal.max", "whole"),
    "renewal_exercised": ("renewal.exercised", "whole"),
    **_notice("notice"),
    **_notice("renewal_notice"),
    "lead_days": ("lead_days", "whole"),
    "holdover": ("holdover", "length"),
    "notice_received_on": ("notice_received_on", "line"),
    "termination_right_notice": ("termination_right.notice", "length"),
    "termination_right_earliest_on": ("termination_right.earliest_on", "line"),
    "termination_right_fee": ("termination_right.fee", "line"),
    **_plain("line", "notice_method", "notice_address"),
    **_plain("line", "parent_reference", "parent_counterparty"),
    "co_terminous": ("co_terminous", "truth"),
    **_plain("line", "governing_law", "time_zone", "document_link"),
    "tags": ("tags", "words"),
    "notes": ("notes", "line"),
    "custom": ("custom", "record"),
}
"""Every column, in the order of a file: the dotted field, and how its cells are read."""

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


def cells_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return an agreement as the cells of a row, one for every column; empty is not given.

    Takes what `document_from` returns, and is its inverse.
    """
    return {
        column: "" if (value := _found(document, path)) is None else write(value)
        for column, path, write in _CELLS
    }


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
    match = LENGTH.fullmatch(text)
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
    words = (word.replace(_KEPT_SEMICOLON, ";").strip() for word in _BETWEEN_WORDS.split(text))
    return [word for word in words if word]


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        message = 'must be names with texts as JSON, such as {"asset tag": "LN-1180"}'
        raise BadCell(message)
    return record


def _found(document: Mapping[str, Any], path: list[str]) -> object:
    part: Any = document
    for name in path:
        part = part.get(name)
        if part is None:
            return None
    return part


def length_in_words(length: Mapping[str, Any]) -> str:
    """Return a length as its cell has it."""
    # A notice by a fixed day has no length, and stands in columns of its own.
    value, unit = length.get("value"), length.get("unit")
    if value == 1 and unit is not None:
        unit = unit.removesuffix("s")
    return " ".join(str(part).replace("_", " ") for part in (value, unit) if part is not None)


def lengths_in_words(lengths: Iterable[Mapping[str, Any]]) -> str:
    """Return lengths in order as their cell has them."""
    return "; ".join(map(length_in_words, lengths))


def _listed(words: Iterable[str]) -> str:
    return "; ".join(word.replace(";", _KEPT_SEMICOLON) for word in words)


def _truth_in_words(truth: object) -> str:
    return "true" if truth else "false"


_READERS: dict[str, Callable[[str], Any]] = {
    "line": str,
    "length": _length,
    "lengths": _lengths,
    "truth": _truth,
    "whole": _whole,
    "words": _words,
    "record": _record,
}
_WRITERS: dict[str, Callable[[Any], str]] = {
    "line": str,
    "length": length_in_words,
    "lengths": lengths_in_words,
    "truth": _truth_in_words,
    "whole": str,
    "words": _listed,
    "record": partial(json.dumps, ensure_ascii=False),
}
_CELLS = [
    (column, field.split("."), _WRITERS[reading]) for column, (field, reading) in COLUMNS.items()
]
