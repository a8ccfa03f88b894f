"""Is the register what its audit trail tells? Asked from outside, over HTTP, at rest.

`noticeboard verify` asks the same from inside; two that look in different ways seldom
overlook the same.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import httpx

from app.renewals.documents import TERMS_FIELDS
from bench.edits import AGREEMENTS, lines_of, mark_of

_FACTS = frozenset({"created", "corrected"})
"""Entries that hold all facts; the others hold what was recorded beside them."""


@dataclass(slots=True)
class Seen:
    """What the register holds: marks with how often they stand, versions by id, and faults.

    `half_done` are the agreements that are not as their trails tell.
    """

    marks: Counter[str] = field(default_factory=Counter)
    versions: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    half_done: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def look(client: httpx.Client, **filters: str) -> Seen:
    """Look at all agreements that pass the filters, with their trails; nobody writes meanwhile."""
    seen = Seen()
    for agreement in _pages(client, AGREEMENTS, filters, seen.faults):
        path = f"{AGREEMENTS}/{agreement['id']}/history"
        entries = list(_pages(client, path, {}, seen.faults))
        seen.versions[agreement["id"]] = agreement["version"]
        seen.marks.update(mark_of(entry) for entry in entries)
        seen.entries += len(entries)
        if faults := list(_faults(client, agreement, entries)):
            seen.half_done.add(agreement["reference"])
            seen.faults += [f"agreement {agreement['reference']} {fault}" for fault in faults]
    return seen


def _pages(
    client: httpx.Client, path: str, filters: dict[str, str], faults: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield the items of all pages; what cannot be read, or is not there, is a fault."""
    query = {**filters, "limit": "200"}
    while True:
        answer = client.get(path, params=query)
        if not answer.is_success:
            faults.append(f"{path} answers {answer.status_code}")
            return
        page = answer.json()
        if page.get("left_out"):
            faults.append(f"{path} leaves out {page['left_out']} that cannot be read")
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def _faults(
    client: httpx.Client, agreement: dict[str, Any], entries: list[dict[str, Any]]
) -> Iterator[str]:
    """Yield what is done to an agreement and not told, or told and not done."""
    if agreement["version"] != len(entries):
        yield f"is at version {agreement['version']} and has {len(entries)} entries"
    facts = [entry for entry in entries if entry["action"] in _FACTS]
    if not facts or facts[0]["action"] != "created" or facts[0]["before"] is not None:
        yield "has no first entry that tells how it was created"
    for earlier, later in pairwise(facts):
        if later["before"] != earlier["after"]:
            yield f"entry {later['id']} does not begin with what entry {earlier['id']} left"
    if facts and not _is_as(agreement, facts[-1]["after"]):
        yield f"is not as entry {facts[-1]['id']} left it"
    corrected = [mark_of(entry) for entry in facts[1:]]
    if lines_of(agreement["notes"]) != corrected:
        yield "has notes that are not the marks of its corrections in their order"
    if agreement["vendor_reference"] != str(len(corrected)):
        yield f"has counted to {agreement['vendor_reference']} in {len(corrected)} corrections"
    yield from _faults_of_acts(client, agreement["id"], entries)


def _is_as(agreement: dict[str, Any], told: dict[str, Any]) -> bool:
    terms = {name: agreement[name] for name in TERMS_FIELDS if agreement[name] is not None}
    facts = {name: agreement[name] for name in told if name != "terms"}
    return {**facts, "terms": terms} == told


def _faults_of_acts(
    client: httpx.Client, agreement_id: str, entries: list[dict[str, Any]]
) -> Iterator[str]:
    acts = [entry["after"] for entry in entries if entry["action"] not in _FACTS]
    if [act["act"] for act in acts] != list(range(1, len(acts) + 1)):
        yield "has acts that the trail does not count from 1 on"
    path = f"{AGREEMENTS}/{agreement_id}"
    given = [(act["act"], act["document"]["note"]) for act in acts if act["kind"] == "notice"]
    if given:
        kept = client.get(f"{path}/notices").raise_for_status().json()["items"]
        if [(notice["number"], notice["note"]) for notice in kept] != given:
            yield "has other notices than the trail tells"
    said = {
        act["document"]["side"]: (act["document"]["choice"], act["document"]["reason"])
        for act in acts
        if act["kind"] == "decision"
    }
    if said:
        kept = client.get(f"{path}/terms/1/decision").raise_for_status().json()
        sides = {side: kept[side] for side in ("it", "procurement") if kept[side] is not None}
        if {side: (one["choice"], one["reason"]) for side, one in sides.items()} != said:
            yield "has another decision than the trail tells"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of what was sent, by marks.

    `uncalled` is there although it was refused, or nobody sent it; `applied` was in doubt.
    """

    lost: frozenset[str]
    doubled: frozenset[str]
    uncalled: frozenset[str]
    applied: frozenset[str]

    @property
    def faults(self) -> list[str]:
        """What must not be, in words."""
        wrong = {
            "was acknowledged and is lost": self.lost,
            "is there more than once": self.doubled,
            "is there and should not be": self.uncalled,
        }
        return [f"{mark or 'an entry'} {what}" for what in wrong for mark in sorted(wrong[what])]


def judge(
    seen: Seen, acknowledged: AbstractSet[str], in_doubt: AbstractSet[str] = frozenset()
) -> Judgement:
    """Compare what is there with what was sent: acknowledged is there once, refused is not."""
    there = frozenset(seen.marks)
    return Judgement(
        lost=frozenset(acknowledged - there),
        doubled=frozenset(mark for mark, count in seen.marks.items() if count > 1),
        uncalled=there - acknowledged - in_doubt,
        applied=there & in_doubt,
    )
