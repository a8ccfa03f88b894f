"""What was recorded about an agreement beside its first terms, and what does it amount to?

An act is never changed. A receipt completes a notice, a withdrawal takes an act back, and
both are acts themselves: what was believed on a day is told by the acts up to that day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson

from app import calendars
from app.renewals.acts import Choice, Direction, GivenNotice, Purpose, Said, Team
from app.renewals.amendments import Amendment
from app.renewals.documents import AMENDMENT_FIELDS, amendment_of


class ActKind(StrEnum):
    """What kind of thing was done."""

    AMENDMENT = "amendment"
    DECISION = "decision"
    NOTICE = "notice"
    RECEIPT = "receipt"  # a notice arrived
    VERIFICATION = "verification"
    ACKNOWLEDGEMENT = "acknowledgement"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Done:
    """One act as it was recorded; `number` counts within its agreement."""

    number: int
    kind: ActKind
    document: Mapping[str, Any]
    on: date
    at: datetime
    actor_name: str

    def day(self, name: str) -> date | None:
        """Return a day of the document, None where it has none."""
        text = self.document.get(name)
        return None if text is None else date.fromisoformat(text)

    @property
    def term(self) -> tuple[int, date]:
        """The number and first day of the term it is about."""
        return self.document["term_number"], date.fromisoformat(self.document["term_start"])


@dataclass(frozen=True, slots=True)
class Check:
    """That a clause was checked against the paper, and what it read like."""

    clause: str
    checksum: str
    on: date


def done_of(row: Mapping[str, Any]) -> Done:
    """Return a stored act as it was recorded."""
    document = orjson.loads(row["document"])
    if not isinstance(document, dict):
        raise TypeError("the document of an act is an object")
    return Done(
        number=row["number"],
        kind=ActKind(row["kind"]),
        document=document,
        on=row["done_on"],
        at=row["at"],
        actor_name=row["actor_name"],
    )


@dataclass(slots=True)
class Acts:
    """All acts about one agreement, in their order."""

    every: list[Done] = field(default_factory=list)

    @property
    def withdrawn(self) -> dict[int, Done]:
        """The withdrawals, by the number of the act they take back."""
        return {
            done.document["act"]: done for done in self.every if done.kind is ActKind.WITHDRAWAL
        }

    @property
    def receipts(self) -> dict[int, Done]:
        """The receipts, by the number of the notice that arrived; the last one counts."""
        return {done.document["act"]: done for done in self.every if done.kind is ActKind.RECEIPT}

    def standing(self, kind: ActKind) -> list[Done]:
        """Return the acts of a kind that were not withdrawn."""
        gone = self.withdrawn
        return [done for done in self.every if done.kind is kind and done.number not in gone]

    def amendments(self) -> tuple[Amendment, ...]:
        """Return the amendments in force. Raises `BadTerms` for what is none."""
        return tuple(amended_by(done) for done in self.standing(ActKind.AMENDMENT))

    def notices(self) -> tuple[GivenNotice, ...]:
        """Return the notices that were given, with their receipts."""
        return tuple(self.notice_of(done) for done in self.standing(ActKind.NOTICE))

    def notice_of(self, done: Done) -> GivenNotice:
        """Return one notice with its receipt."""
        receipt = self.receipts.get(done.number)
        received_on = done.day("received_on") if receipt is None else receipt.day("received_on")
        return GivenNotice(
            received_on=received_on,
            sent_on=done.day("sent_on"),
            direction=Direction(done.document["direction"]),
            purpose=Purpose(done.document["purpose"]),
            term_start=done.day("term_start"),
        )

    def said(self) -> tuple[Said, ...]:
        """Return what the teams chose, in the order of speaking."""
        return tuple(_said(done) for done in self.every if done.kind is ActKind.DECISION)

    def checks(self) -> list[Check]:
        """Return the checks of clauses that were not withdrawn."""
        return [
            Check(
                done.document["clause"],
                done.document["checksum"],
                date.fromisoformat(done.document["checked_on"]),
            )
            for done in self.standing(ActKind.VERIFICATION)
        ]

    def acknowledged(self) -> dict[tuple[int, date], Done]:
        """Return who saw that a deadline was missed, by the term's number and first day."""
        return {done.term: done for done in self.standing(ActKind.ACKNOWLEDGEMENT)}


def acts_of(rows: Iterable[Mapping[str, Any]]) -> Acts:
    """Return stored acts as they were recorded.

    Raises `ValueError`, `KeyError` or `TypeError` for what is none: each is read once here,
    so that a broken one is found with its agreement and not in the middle of a list.
    """
    acts = Acts([done_of(row) for row in rows])
    for read in (acts.amendments, acts.notices, acts.said, acts.checks, acts.acknowledged):
        read()
    return acts


def amended_by(done: Done) -> Amendment:
    """Return what an amendment changes. Raises `BadTerms` for what is none."""
    terms = {name: done.document[name] for name in AMENDMENT_FIELDS if name in done.document}
    return amendment_of(terms, calendars.named, done.day("signed_date") or done.on)


def _said(done: Done) -> Said:
    document = done.document
    number, start = done.term
    particulars = [document.get(name) for name in ("successor_id", "successor", "amendment")]
    told = [one for one in particulars if one is not None]
    return Said(
        term_number=number,
        term_start=start,
        team=Team(document["side"]),
        choice=Choice(document["choice"]),
        on=done.on,
        particulars=orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode() if told else None,
    )
