"""The examples of docs/renewal-rules.md are worked out and must come true.

An example states terms, one `name: value` a line (`parent.name` for a parent's), may list
`terms start: day, day`, and then has one or more `on DAY:` with the values of that day.
"""

import re
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.renewals.chain import chain
from app.renewals.lead_times import DEFAULT_POLICY, PolicyRow, Profile, UsualLead, lead_time
from app.renewals.position import Position, position
from app.renewals.terms import Terms
from tests.renewals.builders import day, some_terms

DOCUMENT = Path(__file__).parents[2] / "docs" / "renewal-rules.md"
FEWEST_EXAMPLES = 35
_NUMBERS = ("lead_days",)
_FACTS = ("kind", "currency", "annual_value", "criticality", "spend_class", "handling")
_NAMES = {part.name for part in fields(Position)} - {"as_of", "reasons"}
_LINE = re.compile(r"(?P<name>[a-z_.]+): (?P<value>\S.*)")
_DAY = re.compile(r"on (?P<day>\d{4}-\d{2}-\d{2}):")


@dataclass
class Example:
    """What an example states and claims; `line` is where it begins in the document."""

    line: int
    stated: dict[str, Any] = field(default_factory=dict)
    starts: list[str] = field(default_factory=list)
    claims: dict[str, dict[str, str]] = field(default_factory=dict)


class Unreadable(Exception):
    """An example is not written in its notation."""


def examples_in(text: str) -> list[Example]:
    found: list[Example] = []
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fence = "" if fence else line
            if fence == "```example":
                found.append(Example(number))
        elif fence == "```example":
            _read_line(found[-1], line, number)
    for example in found:
        if not example.stated or not all([example.claims, *example.claims.values()]):
            message = f"line {example.line}: it states or claims nothing"
            raise Unreadable(message)
    if fence:
        message = "the last block is never closed"
        raise Unreadable(message)
    return found


def _read_line(example: Example, line: str, number: int) -> None:
    if on := _DAY.fullmatch(line):
        example.claims[on["day"]] = {}
    elif line.startswith("terms start: "):
        example.starts = line.removeprefix("terms start: ").split(", ")
    elif (stated := _LINE.fullmatch(line)) and not example.claims:
        example.stated[stated["name"]] = stated["value"]
    elif (claimed := _LINE.fullmatch(line.removeprefix("  "))) and line.startswith("  "):
        if not example.claims or claimed["name"] not in _NAMES:
            message = f"line {number}: {claimed['name']} is nothing that a position has"
            raise Unreadable(message)
        list(example.claims.values())[-1][claimed["name"]] = claimed["value"]
    else:
        message = f"line {number}: {line!r} is not in the notation of examples"
        raise Unreadable(message)


def terms_of_example(example: Example) -> Terms:
    stated: dict[str, Any] = {
        name: int(v) if name in _NUMBERS else v for name, v in example.stated.items()
    }
    of_parent = {
        name.removeprefix("parent."): value
        for name, value in stated.items()
        if name.startswith("parent.")
    }
    known = {name: value for name, value in stated.items() if name in _FACTS}
    own = {
        name: value
        for name, value in stated.items()
        if not name.startswith("parent.") and name not in known
    }
    terms = some_terms(**own, parent=some_terms(**of_parent) if of_parent else None)
    return by_the_first_policy(terms, known)


def by_the_first_policy(terms: Terms, known: dict[str, str]) -> Terms:
    facts: dict[str, Any] = {"kind": "other", **known}
    if "annual_value" in facts:
        facts["annual_value"] = Decimal(facts["annual_value"])
    found = lead_time(DEFAULT_POLICY, Profile(monthly=terms.is_monthly, **facts))
    return replace(terms, usual_leads=(UsualLead(date.min, found),))


def as_written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "none" if value is None else str(value)


EXAMPLES = examples_in(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line {example.line}")
def test_an_example_comes_true(example: Example) -> None:
    terms = terms_of_example(example)
    for on, claims in example.claims.items():
        found = position(terms, day(on))
        assert {name: as_written(getattr(found, name)) for name in claims} == claims
        assert {name for name in claims if isinstance(getattr(found, name), date)} <= set(found.why)
    links = chain(terms, terms.start_date, 0, len(example.starts))
    assert [str(link.term_start) for link in links][: len(example.starts)] == example.starts


def test_there_are_examples_under_every_heading() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    without = [part.splitlines()[0] for part in sections if "```example\n" not in part]
    assert without == []
    assert len(EXAMPLES) >= FEWEST_EXAMPLES


def test_the_list_of_rules_names_every_heading_in_order() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d+)\. (.+)$", text, flags=re.MULTILINE)
    listed = re.findall(r"^(\d+)\. \[(.+)\]\(#.+\)$", text, flags=re.MULTILINE)
    assert listed == headings


def test_the_first_lead_time_policy_stands_there_row_by_row() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = re.findall(r"^\| \d+ \| (.+) \| (.*) \| (\d+) \|$", text, flags=re.MULTILINE)
    assert table == [(row.name, told(row), str(row.days)) for row in DEFAULT_POLICY.rows]


def told(row: PolicyRow) -> str:
    given = [(part.name, getattr(row, part.name)) for part in fields(row)]
    return ", ".join(
        f"`{name}` {str(value).lower()}"
        for name, value in given
        if value is not None and name not in {"name", "days"}
    )


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("```example\nstart_date 2024-04-15\n```", "not in the notation"),
        ("```example\nstart_date: 2024-04-15\non 2024-05-01:\n```", "claims nothing"),
        ("```example\nstart_date: 2024-04-15\n```", "claims nothing"),
        ("```example\non 2024-05-01:\n  phase: active\n```", "states or claims nothing"),
        (
            "```example\nstart_date: 2024-04-15\non 2024-05-01:\n  end: 2024-05-02\n```",
            "nothing that a position has",
        ),
        ("```example\nstart_date: 2024-04-15\n  phase: active\n```", "nothing that a position"),
        ("```example\nstart_date: 2024-04-15\non 2024-05-01:\n  phase: active", "never closed"),
    ],
)
def test_an_example_that_cannot_be_read_fails(block: str, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        examples_in(block)
