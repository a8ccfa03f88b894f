"""The examples of docs/decisions-and-notices.md are carried out and must come true.

An example states an agreement, one `name: value` a line, then acts (`DAY TEAM verb ...:` with
what was sent below it, `=>` what the answer says, `refused` a refusal) and days (`on DAY:`)
with what the register says on them, in the order of the page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.records.engine import Database
from tests.builders import an_agreement
from tests.renewals.builders import a_document, a_length, a_notice, a_renewal
from tests.stories.office import Json, Office, open_office

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "decisions-and-notices.md"
FEWEST_EXAMPLES = 20
_STATED = re.compile(r"([a-z_]+): (\S.*)")
_DAY = re.compile(r"on (?P<day>\S+?)(, as known at (?P<known>\S+))?:")
_ACT = re.compile(
    r"(?P<day>[0-9-]{10}) (?P<who>it|procurement)"
    r" (?P<verb>[a-z]+)( (?P<what>[a-z]+))?( (?P<number>\d+))?:( (?P<choice>[a-z_]+))?"
)
_BELOW = re.compile(r"  (?P<answer>=> )?(?P<name>[a-z0-9_. ]+): (?P<value>\S.*)")


@dataclass
class Step:
    """One act, or one day that is looked at, with the lines below it."""

    line: str
    sent: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass
class Example:
    number: int
    stated: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def examples_in(text: str) -> list[Example]:
    blocks = re.finditer(r"^```example\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [_read(number, block[1].splitlines()) for number, block in enumerate(blocks, 1)]


def _read(number: int, lines: list[str]) -> Example:
    example = Example(number)
    for line in lines:
        if _DAY.fullmatch(line) or _ACT.fullmatch(line):
            example.steps.append(Step(line))
        elif below := _BELOW.fullmatch(line):
            step = example.steps[-1]
            (step.answers if below["answer"] else step.sent)[below["name"]] = below["value"]
        elif (stated := _STATED.fullmatch(line)) and not example.steps:
            example.stated[stated[1]] = stated[2]
        else:
            message = f"example {number}: {line!r} is not in the notation of examples"
            raise ValueError(message)
    return example


EXAMPLES = examples_in(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"example {example.number}")
async def test_an_example_comes_true(database: Database, example: Example) -> None:
    office = await _enter(open_office(database), example)
    claims = 0
    for step in example.steps:
        if act := _ACT.fullmatch(step.line):
            claims += await _act(office, act, step)
        elif look := _DAY.fullmatch(step.line):
            claims += await _look(office, look["day"], look["known"], step.sent)
    assert claims


async def _enter(office: Office, example: Example) -> Office:
    # The register learns of it on the first day of the agreement.
    stated = {"currency": "EUR", "lead_days": 90, **a_document(example.stated)}
    usual = {"initial_term": None, "renewal": None, "notice": None}
    body = an_agreement(**{**usual, **stated})
    day = str(stated["start_date"])
    entered = await office.ask(day, "POST", "/api/v1/agreements", "procurement", json=body)
    assert entered.status_code == 201, entered.text
    office.agreement = entered.json()["id"]
    return office


async def _act(office: Office, act: re.Match[str], step: Step) -> int:
    sent = dict(step.sent)
    refusal = sent.pop("refused", None)
    method, path, body = _request(act, sent)
    read = await office.ask(act["day"], "GET", f"/api/v1/agreements/{office.agreement}", "it")
    done = await office.ask(
        act["day"],
        method,
        f"/api/v1/agreements/{office.agreement}{path}",
        act["who"],
        json=body,
        headers={"If-Match": read.headers["ETag"]},
    )
    if refusal is not None:
        assert 400 <= done.status_code < 500
        assert refusal in done.json()["detail"]
        return 1
    assert done.is_success, done.text
    assert _told(done, step.answers) == step.answers
    return len(step.answers)


def _told(done: httpx.Response, wanted: dict[str, str]) -> dict[str, str]:
    answer: Json = done.json() if done.content else {}
    return {name: _as_written(answer[name]) for name in wanted}


_PATHS = {
    "decides": "/terms/{number}/decision",
    "acknowledges": "/terms/{number}/acknowledgement",
    "amends": "/amendments",
    "gives": "/notices",
    "receives": "/notices/{number}/receipt",
    "withdraws": "/notices/{number}/withdrawal",
    "checks": "/verifications",
}


def _request(act: re.Match[str], sent: dict[str, str]) -> tuple[str, str, Json]:
    verb, why = act["verb"], "As the page says."
    usual: dict[str, Json] = {
        "decides": {"choice": act["choice"], "reason": why},
        "withdraws": {"reason": why},
        "checks": {"clause": act["what"], "quotation": why},
    }
    method = "PUT" if verb == "decides" else "POST"
    path = _PATHS[verb].format(number=act["number"])
    return method, path, {**usual.get(verb, {}), **_body(sent)}


_READERS: dict[str, Callable[[str], Any]] = {
    "term": a_length,
    "notice": a_notice,
    "renewal": a_renewal,
    "term_number": int,
    "begins_term": lambda text: text == "true",
    "is_anchor": lambda text: text == "true",
}


def _body(sent: dict[str, str]) -> Json:
    body: Json = {}
    for path, text in sent.items():
        *above, name = path.split(".")
        part = body
        for step in above:
            part = part.setdefault(step, {})
        part[name] = _READERS.get(name, str)(text)
    return body


async def _look(office: Office, day: str, known: str | None, claims: dict[str, str]) -> int:
    query = {"as_of": day} if known is None else {"as_of": day, "known_at": known}
    read = await office.read(day, **query)
    terms = {term["number"]: term for term in await office.terms(day, **query)}
    told: dict[str, str] = {}
    for name in claims:
        if name == "alarms":
            told[name] = _alarms(await office.due(day, **query))
        elif name == "verification":
            told[name] = read["verification"]["state"]
        elif name.startswith("term "):
            _, number, of_term = name.split()
            told[name] = _as_written(terms[int(number)][of_term])
        else:
            told[name] = _as_written(read["position"][name])
    assert told == claims
    return len(claims)


def _alarms(items: list[Json]) -> str:
    found = [
        f"{item['term_number']} {alarm}"
        for item in items
        for alarm in item["alarms"]
        if alarm != "unverified"
    ]
    return ", ".join(found) or "none"


def _as_written(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['amount']} {value['currency']}"
    return "none" if value is None else str(value)


def test_there_are_examples_under_every_heading() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in sections if "```example\n" not in part] == []
    assert len(EXAMPLES) >= FEWEST_EXAMPLES


def test_the_list_of_sections_names_every_heading_in_order() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d+)\. (.+)$", text, flags=re.MULTILINE)
    assert re.findall(r"^(\d+)\. \[(.+)\]\(#.+\)$", text, flags=re.MULTILINE) == headings


@pytest.mark.parametrize(
    "line", ["on 2026-01-01", "2026-01-01 nobody decides term 1: renew", "  alarms none"]
)
def test_an_example_that_cannot_be_read_fails(line: str) -> None:
    with pytest.raises(ValueError, match="not in the notation"):
        examples_in(f"```example\nstart_date: 2024-04-15\n{line}\n```\n")
