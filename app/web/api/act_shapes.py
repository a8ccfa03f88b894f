"""How is what people did answered with? The models of choices, notices, amendments, checks."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.renewals.acts import Team
from app.renewals.prices import LockedIn
from app.renewals.reasons import spell
from app.usecases.act_forms import AmendmentForm, ChoiceName, ClauseName, NewTermsForm
from app.usecases.acts import ActKind, Done
from app.usecases.decisions import Decided
from app.usecases.dossiers import Dossier
from app.usecases.notices import Judged
from app.usecases.terms import TermTold
from app.web.api.shapes import (
    PriceOut,
    TermDates,
    VerificationState,
    amount_out,
    price_out,
    term_dates,
)

DecisionName = Literal[
    "undecided",
    "in_review",
    "contested",
    "renew",
    "renegotiate",
    "do_not_renew",
    "extend",
    "replace",
]
VerdictName = Literal["in_time", "late", "too_early", "not_needed"]


class SideOut(BaseModel):
    """What one team chose last: who, when and why."""

    choice: ChoiceName
    reason: str | None
    successor_id: UUID | None
    successor: str | None
    amendment: NewTermsForm | None
    by: str = Field(description="The name of the token it was recorded with.")
    on: date
    at: datetime


class DecisionOut(BaseModel):
    """Where the decision about one term stands."""

    term_number: int
    term_start: date
    term_end: date | None
    decision: DecisionName
    settled_on: date | None
    handled_on: date | None = Field(
        description="From when on nobody need do more: what was settled is carried out."
    )
    it: SideOut | None
    procurement: SideOut | None
    version: int = Field(description="Of the agreement, as in its ETag.")


class JudgedThen(BaseModel):
    """What the engine said of a notice when it was recorded."""

    verdict: VerdictName
    term_number: int | None
    ends_on: date | None
    why: list[str]


class NoticeOut(BaseModel):
    """A notice that was given, and what it brings about by the clause in force."""

    number: int
    direction: Literal["ours", "theirs"]
    purpose: Literal["end", "extend"]
    sent_on: date | None
    received_on: date | None
    meant_for_term: int | None
    method: str | None
    proof: str | None
    note: str | None
    recorded_by: str
    recorded_on: date
    verdict: VerdictName
    term_number: int | None = Field(description="The term that it ends or extends.")
    ends_on: date | None = Field(description="The last covered day that it brings about.")
    assumed: bool = Field(description="Whether its arrival, or the notice period, is presumed.")
    why: list[str]
    judged_when_recorded: JudgedThen


class NoticeList(BaseModel):
    """The notices of an agreement, in the order they were recorded."""

    items: list[NoticeOut]


class AmendmentOut(AmendmentForm):
    """An amendment; `decided_for_term` is set when a decision wrote it."""

    number: int
    decided_for_term: int | None
    recorded_by: str
    recorded_on: date


class AmendmentList(BaseModel):
    """The amendments of an agreement that were not withdrawn, as they were recorded."""

    items: list[AmendmentOut]


class VerificationOut(BaseModel):
    """One check of a clause; `is_current` tells whether the clause still reads like that."""

    number: int
    clause: ClauseName
    quotation: str
    link: str | None
    checked_on: date
    checked_by: str
    is_current: bool


class VerificationList(VerificationState):
    """The checks of an agreement, and what they amount to today."""

    items: list[VerificationOut]


class AcknowledgementOut(BaseModel):
    """Who saw that a deadline was missed, and when."""

    term_number: int
    by: str
    on: date
    note: str | None


class LockedInOut(BaseModel):
    """What the next term costs for its whole length."""

    amount: str
    currency: str
    why: list[str]


class RuleOut(BaseModel):
    """What the contract said for a term, as it was entered or amended."""

    price: PriceOut
    renewal: dict[str, Any] | None
    notice: dict[str, Any] | None
    notice_in_words: str
    amended_from: date | None = Field(description="Null: as it was first entered.")


class TermOut(TermDates):
    """One term with its dates, its rule, and what was done about it."""

    rule: RuleOut
    decision: DecisionName
    settled_on: date | None
    it: SideOut | None
    procurement: SideOut | None
    notices: list[NoticeOut]
    acknowledged: AcknowledgementOut | None
    locked_in: LockedInOut | None = Field(
        description="Of a past term that renewed: what that came to."
    )


def side_out(done: Done | None) -> dict[str, Any] | None:
    """Return what a team chose in the shape of `SideOut`."""
    if done is None:
        return None
    document = done.document
    fields = ("choice", "reason", "successor_id", "successor", "amendment")
    told = {name: document.get(name) for name in fields}
    return {**told, "by": done.actor_name, "on": done.on, "at": done.at}


def decision_out(decided: Decided) -> dict[str, Any]:
    """Return where a decision stands in the shape of `DecisionOut`."""
    return {
        "term_number": decided.term.number,
        "term_start": decided.term.start,
        "term_end": decided.term.end,
        "decision": decided.standing.state,
        "settled_on": decided.standing.settled_on,
        "handled_on": decided.handled_on,
        "it": side_out(decided.sides.get(Team.IT)),
        "procurement": side_out(decided.sides.get(Team.PROCUREMENT)),
        "version": decided.version,
    }


def notice_out(judged: Judged) -> dict[str, Any]:
    """Return a notice in the shape of `NoticeOut`."""
    done, given, effect = judged.done, judged.given, judged.effect
    document = done.document
    return {
        "number": done.number,
        "direction": given.direction,
        "purpose": given.purpose,
        "sent_on": given.sent_on,
        "received_on": given.received_on,
        "meant_for_term": document.get("term_number"),
        **{name: document.get(name) for name in ("method", "proof", "note")},
        "recorded_by": done.actor_name,
        "recorded_on": done.on,
        "verdict": effect.verdict,
        "term_number": effect.term_number or None,
        "ends_on": effect.ends_on,
        "assumed": effect.assumed,
        "why": spell(effect.reason),
        "judged_when_recorded": document["judged"],
    }


def amendment_out(done: Done) -> dict[str, Any]:
    """Return an amendment in the shape of `AmendmentOut`."""
    document = done.document
    return {
        **dict.fromkeys(AmendmentForm.model_fields),
        "begins_term": False,
        "decided_for_term": None,
        **document,
        "number": done.number,
        "recorded_by": done.actor_name,
        "recorded_on": done.on,
    }


def verifications_out(dossier: Dossier, checksums: dict[str, str]) -> list[dict[str, Any]]:
    """Return the checks of an agreement in the shape of `VerificationOut`.

    `checksums` say how each clause reads now.
    """
    return [
        {
            "number": done.number,
            **{name: done.document.get(name) for name in ("clause", "quotation", "link")},
            "checked_on": done.day("checked_on"),
            "checked_by": done.actor_name,
            "is_current": done.document["checksum"] == checksums[done.document["clause"]],
        }
        for done in dossier.acts.standing(ActKind.VERIFICATION)
    ]


def acknowledgement_out(done: Done | None) -> dict[str, Any] | None:
    """Return an acknowledgement in the shape of `AcknowledgementOut`."""
    if done is None:
        return None
    number, _ = done.term
    note = done.document.get("note")
    return {"term_number": number, "by": done.actor_name, "on": done.on, "note": note}


def term_out(told: TermTold) -> dict[str, Any]:
    """Return a term of the chain in the shape of `TermOut`."""
    standing, rule = told.link.standing, told.rule
    return {
        **term_dates(told.link),
        "rule": {
            **{name: getattr(rule, name) for name in RuleOut.model_fields},
            "price": price_out(rule.price),
        },
        "decision": standing.state,
        "settled_on": standing.settled_on,
        "it": side_out(told.sides.get(Team.IT)),
        "procurement": side_out(told.sides.get(Team.PROCUREMENT)),
        "notices": [notice_out(one) for one in told.notices],
        "acknowledged": acknowledgement_out(told.acknowledged),
        "locked_in": locked_in_out(told.locked_in),
    }


def locked_in_out(found: LockedIn | None) -> dict[str, Any] | None:
    """Return what is locked in in the shape of `LockedInOut`."""
    if found is None:
        return None
    return {
        "amount": amount_out(found.amount),
        "currency": found.currency,
        "why": spell(found.steps),
    }
