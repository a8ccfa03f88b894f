"""Is the audit trail as it was written, and does the register hold what it says?"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import orjson

from app.records import acts, agreements, audit, register
from app.records.audit import NO_ENTRY, Head
from app.records.engine import Row, Session
from app.usecases.acts import ActKind
from app.usecases.agreements import ACTS_OF_FACT, snapshot
from app.usecases.recording import act_text

_ACTS = frozenset(ActKind)
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written, and the entry that shows it, if one does."""

    entry_id: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries a trail has, the last one, and what was found wrong."""

    entries: int
    head: Head
    findings: list[Finding]


@dataclass(slots=True)
class _Told:
    """What the trail says of an agreement by an entry, as digests: the texts may be many."""

    entry_id: int = 0
    facts: bytes = b""
    acts: bytes = b""

    def finding(self, what: str) -> Finding:
        """Return what is wrong with the agreement, and since when it may be."""
        return Finding(self.entry_id, f"{what}, up to entry {self.entry_id}.")


def verify(session: Session, noted: Head | None = None) -> Verdict:
    """Go through the whole trail, and compare with it what the register holds.

    `noted` is the head of an earlier day, kept elsewhere: nothing else tells a trail that was
    written anew as a whole. Ask nothing of the session before this.
    """
    register.stand_still(session)
    known, last, entries = audit.head(session), NO_ENTRY, 0
    stands = noted in (None, NO_ENTRY)
    findings: list[Finding] = []
    told: dict[UUID, _Told] = {}
    for entry_id, entry in audit.every(session):
        entries += 1
        findings += _faults_of(entry_id, entry, last)
        last = Head(entry_id, "" if entry is None else entry["hash"])
        stands = stands or last == noted
        if entry is not None:
            _take_in(told, entry)
    if last != known:
        sentence = f"The trail does not end with entry {known.id} as the register knows it."
        findings.append(Finding(known.id, sentence))
    if noted is not None and not stands:
        sentence = f"Entry {noted.id} does not stand in the trail as it was noted."
        findings.append(Finding(noted.id, sentence))
    try:
        findings += _not_as_told(session, told)
    except (ValueError, TypeError, AttributeError):
        sentence = "The register holds what cannot be read: it was not compared to its end."
        findings.append(Finding(None, sentence))
    return Verdict(entries, last, findings)


def _faults_of(entry_id: int, entry: Row | None, last: Head) -> Iterator[Finding]:
    if entry is None:
        yield Finding(entry_id, f"Entry {entry_id} was changed: it cannot be read.")
        return
    if entry["hash"] != audit.entry_hash(entry):
        yield Finding(entry_id, f"Entry {entry_id} was changed after it was written.")
    if last.hash and entry["previous_hash"] != last.hash:
        sentence = (
            f"Entry {entry_id} was not written after entry {last.id}:"
            " entries were removed, put in or reordered."
        )
        yield Finding(entry_id, sentence)


def _take_in(told: dict[UUID, _Told], entry: Row) -> None:
    """Bring what is told of an agreement up to an entry."""
    subject, action = entry["subject_id"], entry["action"]
    if action == "removed":
        told.pop(subject, None)
    elif action in ACTS_OF_FACT or action in _ACTS:
        of_subject = told.setdefault(subject, _Told())
        of_subject.entry_id = entry["id"]
        if action in _ACTS:
            of_subject.acts = _with_act(of_subject.acts, entry["after"])
        else:
            of_subject.facts = _digest_of_facts(entry["after"])


def _not_as_told(session: Session, told: dict[UUID, _Told]) -> Iterator[Finding]:
    """Yield where the agreements that are there are not what is told of them."""
    rows = agreements.every(session)
    while some := list(islice(rows, _CHUNK)):
        done = acts.of(session, (row["id"] for row in some))
        for row in some:
            name, of_row = f"Agreement {row['id']}", told.pop(row["id"], None)
            if of_row is None:
                yield Finding(None, f"{name} is in the register, and no entry tells of it.")
                continue
            if of_row.facts != _digest_of_facts(snapshot(row)):
                yield of_row.finding(f"{name} has other facts than the trail tells")
            if of_row.acts != _digest_of_acts(row, done[row["id"]]):
                yield of_row.finding(f"{name} has other acts than the trail tells")
    for agreement_id, of_gone in told.items():
        yield of_gone.finding(f"Agreement {agreement_id} is gone, and no entry tells why")


def _digest_of_facts(text: str) -> bytes:
    try:
        facts = orjson.loads(text)
        # What a later release asks for first is missing in older entries, and empty in rows.
        given = {name: value for name, value in facts.items() if value is not None}
    except (ValueError, AttributeError):
        return b""  # an entry that was changed
    return hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).digest()


def _digest_of_acts(row: Row, done: list[Row]) -> bytes | None:
    if len(done) != row["acts"]:
        return None  # none of them is looked up for a row that says it has none
    digest = b""
    for act in done:
        digest = _with_act(digest, act_text(act))
    return digest


def _with_act(digest: bytes, text: str) -> bytes:
    return hashlib.sha256(digest + str(text).encode()).digest()
