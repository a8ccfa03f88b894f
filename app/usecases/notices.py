"""Which notices were given, and what do they bring about? Judged, never silently accepted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.records.engine import Session
from app.renewals.acts import Direction, GivenNotice, Purpose
from app.renewals.bad_terms import BadTerms
from app.renewals.chain import LAST_DAY
from app.renewals.endings import NoticeEffect, ending_of, judged
from app.renewals.reasons import say_day, spell
from app.renewals.schedule import schedule_of
from app.usecases.act_forms import GivenNoticeForm, ReceiptForm
from app.usecases.acts import ActKind, Done
from app.usecases.agreements import Actor
from app.usecases.amendments import found_act
from app.usecases.dossiers import Dossier
from app.usecases.recording import open_dossier, record
from app.usecases.refusals import AlreadyWithdrawn, Fault, Invalid, Over


@dataclass(frozen=True, slots=True)
class Judged:
    """A notice that was recorded, with what it brings about as things are known now."""

    dossier: Dossier
    done: Done
    given: GivenNotice
    effect: NoticeEffect


def give(
    session: Session,
    agreement_id: UUID,
    form: GivenNoticeForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> Judged:
    """Record a notice and judge it by the clause in force when it arrives.

    Raises `NotFound`, `Invalid`, and `Over` where nothing was left to end on that day.
    """
    dossier = open_dossier(session, agreement_id)
    _check_has_happened(form.model_dump(), today)
    given = _given(dossier, form)
    ending = ending_of(dossier.terms, schedule_of(dossier.terms))
    if ending.ends_on is not None and given.known_on > ending.ends_on:
        raise Over(f"The agreement ended on {say_day(ending.ends_on)}: there is nothing to end.")
    document = {**form.model_dump(mode="json"), "term_start": given.term_start}
    document["judged"] = _verdict(dossier, given)
    dossier, done = record(
        session, dossier, ActKind.NOTICE, document, actor=actor, today=today, now=now
    )
    return _judged(dossier, done)


def receive(
    session: Session,
    agreement_id: UUID,
    number: int,
    form: ReceiptForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> Judged:
    """Record the day on which a notice arrived, and judge it anew.

    Raises `NotFound`, `AlreadyWithdrawn` also for a notice that has its receipt, `Invalid`.
    """
    dossier = open_dossier(session, agreement_id)
    notice = found_act(dossier, ActKind.NOTICE, number)
    known = dossier.acts.notice_of(notice)
    if known.received_on is not None:
        sentence = f"It arrived on {say_day(known.received_on)}: withdraw it to record another day."
        raise AlreadyWithdrawn(sentence)
    _check_has_happened(form.model_dump(), today)
    received_on = date.fromisoformat(form.received_on)
    if known.sent_on is not None and received_on < known.sent_on:
        rule = f"must not be before it was sent, on {say_day(known.sent_on)}; check the day."
        raise Invalid([Fault("received_on", rule)])
    document = {"act": number, **form.model_dump(mode="json")}
    dossier, _ = record(
        session, dossier, ActKind.RECEIPT, document, actor=actor, today=today, now=now
    )
    return _judged(dossier, notice)


def every_notice(dossier: Dossier) -> list[Judged]:
    """Return all notices that stand, in the order they were recorded."""
    return [_judged(dossier, done) for done in dossier.acts.standing(ActKind.NOTICE)]


def _judged(dossier: Dossier, done: Done) -> Judged:
    given = dossier.acts.notice_of(done)
    terms = dossier.terms
    return Judged(dossier, done, given, judged(terms, schedule_of(terms), given))


def _verdict(dossier: Dossier, given: GivenNotice) -> dict[str, Any]:
    """Return the judgement on a notice by the clauses as they were known when it was recorded."""
    effect = judged(dossier.terms, schedule_of(dossier.terms), given)
    return {
        "verdict": effect.verdict.value,
        "term_number": effect.term_number or None,
        "ends_on": None if effect.ends_on is None else effect.ends_on.isoformat(),
        "why": spell(effect.reason),
    }


def _given(dossier: Dossier, form: GivenNoticeForm) -> GivenNotice:
    try:
        return GivenNotice(
            received_on=_day(form.received_on),
            sent_on=_day(form.sent_on),
            direction=Direction(form.direction),
            purpose=Purpose(form.purpose),
            term_start=_start_of(dossier, form.term_number),
        )
    except BadTerms as bad:
        raise Invalid([Fault(bad.field, bad.rule)]) from bad


def _start_of(dossier: Dossier, number: int | None) -> date | None:
    if number is None:
        return None
    schedule = schedule_of(dossier.terms)
    last = schedule.last_number
    if last is not None and number > last:
        rule = f"the last term is number {last}; give one that there is."
        raise Invalid([Fault("term_number", rule)])
    if number > schedule.number_on(LAST_DAY):
        rule = "lies beyond what a calendar holds; check the number."
        raise Invalid([Fault("term_number", rule)])
    return schedule.term(number).start


def _check_has_happened(given: dict[str, Any], today: date) -> None:
    for name in ("sent_on", "received_on"):
        day = _day(given.get(name))
        if day is not None and day > today:
            rule = "lies ahead; record it once it has happened."
            raise Invalid([Fault(name, rule)])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
