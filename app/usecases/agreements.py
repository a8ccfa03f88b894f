"""What do people do with agreements? Enter, read, list, change and remove them."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import ValidationError

from app.records import agreements, audit, milestones, register
from app.records.agreements import Filters, Order, ReferenceTaken
from app.records.engine import Row, Session
from app.renewals.bad_terms import BadTerms
from app.renewals.documents import TERMS_FIELDS
from app.renewals.position import Phase, Position, position
from app.renewals.prices import Price, price_on
from app.renewals.terms import Terms
from app.usecases.dossiers import LONGEST_LINE, Dossier, Dossiers
from app.usecases.forms import FACTS, AgreementForm, PreviewForm, faults_of, terms_document
from app.usecases.refusals import (
    AlreadyThere,
    Fault,
    Invalid,
    NotFound,
    Stale,
    StillNeeded,
    Unreadable,
)
from app.usecases.register import add_milestones, place_milestones
from app.usecases.told import clauses_checked

log = logging.getLogger("noticeboard")

_SCAN = 200
_STRUCTURED: dict[str, tuple[type | UnionType, str | None]] = {
    "tags": (list, "[]"),
    "custom": (dict | NoneType, None),
}
"""The facts that are kept as JSON: what they are, and what stands for none."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a token, or the operator at the command line (no id)."""

    id: UUID | None
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An agreement as it is kept, with what the calendar says of it.

    `price` is the one in force on the position's day; `checked` says when each clause that
    dates rest on was last checked as it reads now.
    """

    id: UUID
    version: int
    facts: dict[str, Any]
    terms_document: dict[str, Any]
    terms: Terms
    position: Position
    price: Price
    checked: dict[str, date | None]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Page:
    """Part of a list. `left_out` counts rows that cannot be read; `after` is where it goes on."""

    items: list[Kept] = field(default_factory=list)
    after: tuple[Any, UUID] | None = None
    left_out: int = 0


def create(
    session: Session, form: AgreementForm, *, actor: Actor, today: date, now: datetime
) -> Kept:
    """Keep a new agreement with its milestones.

    Raises `Invalid` and `AlreadyThere`.
    """
    register.lock(session)
    row = row_of(form, uuid4(), now)
    dossier = checked(session, form, row)
    try:
        agreements.insert_rows(session, [row])
    except ReferenceTaken:
        raise _already_there() from None
    add_milestones(session, dossier)
    note_change(session, actor, now, "created", dossier.id, None, snapshot(row))
    register.raise_revision(session)
    return kept(dossier, today)


def change(
    session: Session,
    agreement_id: UUID,
    versions: frozenset[int],
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> Kept:
    """Put right what was entered: the given fields take the place of the old ones.

    None empties a field; a correction of nothing keeps the version. What the parties agreed on
    later is an amendment instead. Raises `NotFound`, `Stale` when the agreement is at none of
    `versions`, `Invalid`, `AlreadyThere`, and `StillNeeded` when one that ends with it could
    not any more.
    """
    register.lock(session)
    old = found_at(session, agreement_id, versions)
    version = old["version"]
    form = _form_with(old, changes)
    row = {**old, **row_of(form, agreement_id, now), **{name: old[name] for name in KEPT}}
    dossier = checked(session, form, row)
    before, after = snapshot(old), snapshot(row)
    if before == after:
        return kept(Dossier(old, dossier.acts, dossier.terms), today)
    values = {name: row[name] for name in row if name not in KEPT}
    try:
        store(session, agreement_id, version, values)
    except ReferenceTaken:
        raise _already_there() from None
    dossier = Dossier({**row, "version": version + 1}, dossier.acts, dossier.terms)
    place_milestones(session, Dossiers(session), dossier)
    note_change(session, actor, now, "corrected", agreement_id, before, after)
    register.raise_revision(session)
    return kept(dossier, today)


def remove(
    session: Session,
    agreement_id: UUID,
    versions: frozenset[int],
    *,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Take an agreement out of the lists and the calendars; its facts and its trail stay.

    Raises `NotFound`, `Stale`, and `StillNeeded` while others name it as their parent.
    """
    register.lock(session)
    old = found_at(session, agreement_id, versions)
    if agreements.has_children(session, agreement_id):
        raise StillNeeded(
            "Other agreements name this one as their parent_id; change or remove them first."
        )
    milestones.remove(session, [agreement_id])
    values = {"removed_at": now, "removed_because": reason, "updated_at": now}
    store(session, agreement_id, old["version"], values)
    why = None if reason is None else json.dumps({"reason": reason}, ensure_ascii=False)
    note_change(session, actor, now, "removed", agreement_id, snapshot(old), why)
    register.raise_revision(session)


def history(session: Session, agreement_id: UUID, *, after: int, limit: int) -> list[Row]:
    """Return who changed the agreement, oldest first; also of one that was removed.

    Raises `NotFound` for an id that was never there.
    """
    entries = audit.about(session, agreement_id, after, limit)
    if not entries and not audit.about(session, agreement_id, 0, 1):
        raise _not_found()
    return entries


def page(
    session: Session,
    filters: Filters,
    order: Order,
    *,
    phase: Phase | None,
    after: tuple[Any, UUID] | None,
    limit: int,
) -> Page:
    """Return the next agreements of a list, as they stand on the order's day.

    A phase is worked out, not stored, so a list of one phase looks through the rows until
    the page is full.
    """
    listed, dossiers = Page(after=after), Dossiers(session)
    while True:
        wanted = limit - len(listed.items) + 1 if phase is None else _SCAN
        rows = agreements.page(session, filters, order, listed.after, wanted)
        keys = {row["id"]: key for key, row in rows}
        for row, dossier in dossiers.each_of(row for _, row in rows):
            if len(listed.items) == limit:
                return listed
            listed.after = (keys[row["id"]], row["id"])
            item = None if dossier is None else _readable(dossier, order.as_of)
            if item is None:
                listed.left_out += 1
            elif phase is None or item.position.phase is phase:
                listed.items.append(item)
        if len(rows) < wanted:
            listed.after = None
            return listed


def checked(session: Session, form: AgreementForm | PreviewForm, row: Row) -> Dossier:
    """Return the dossier of a row that a form states, and check what it refers to.

    What was done about the agreement must still fit. Raises `Invalid`.
    """
    dossiers, parent = Dossiers(session), None
    if form.parent_id is not None:
        above = _parent_row(session, form.parent_id, row["id"])
        parent = dossiers.of(above).terms if form.co_terminous else None
    acts = dossiers.acts_of(row)
    try:
        terms = dossiers.with_terms(row, terms_document(form), parent, acts)
    except BadTerms as bad:
        raise Invalid([Fault(bad.field, bad.rule)]) from bad
    return Dossier(row, acts, terms)


def previewed(session: Session, form: PreviewForm, now: datetime) -> Terms:
    """Return the terms of an agreement that is only looked at. Raises `Invalid`."""
    row = {name: getattr(form, name) for name in FACTS} | {"id": None, "acts": 0}
    return checked(session, form, row | {"created_at": now}).terms


def row_of(form: AgreementForm, agreement_id: UUID, now: datetime) -> dict[str, Any]:
    """Return a form as a row of the record, at version 1."""
    given = form.model_dump()
    row = {name: given[name] for name in FACTS}
    if form.signed_date is not None:
        row["signed_date"] = date.fromisoformat(form.signed_date)
    return row | {
        "id": agreement_id,
        "version": 1,
        "tags": json.dumps(form.tags, ensure_ascii=False),
        "custom": None if form.custom is None else json.dumps(form.custom, ensure_ascii=False),
        "terms": json.dumps(terms_document(form), ensure_ascii=False),
        "search_text": agreements.search_text(form.title, form.counterparty, form.reference),
        "acts": 0,
        "dates_version": 0,
        "removed_at": None,
        "removed_because": None,
        "created_at": now,
        "updated_at": now,
    }


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a row, as they were entered. Raises `Unreadable`."""
    facts = {name: row[name] for name in FACTS}
    for name, (shape, _) in _STRUCTURED.items():
        facts[name] = _parsed(row[name])
        if not isinstance(facts[name], shape):
            raise Unreadable(
                f"The stored {name} of agreement {row['id']} cannot be read: enter them anew."
            )
    if row["signed_date"] is not None:
        facts["signed_date"] = row["signed_date"].isoformat()
    return facts


def snapshot(row: Mapping[str, Any]) -> str:
    """Return a row's facts and terms as text, the same for the same facts, for the trail."""
    facts = {name: row[name] for name in FACTS}
    facts |= {name: _parsed(row[name]) for name in (*_STRUCTURED, "terms")}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()


def _parsed(text: str | None) -> object:
    try:
        return None if text is None else orjson.loads(text)
    except ValueError:
        return text  # what cannot be read is put down as it stands


def note_change(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject_id: UUID,
    before: str | None,
    after: str | None,
) -> None:
    """Write down who did what, in the same transaction as the deed."""
    audit.add(session, [change_entry(actor, now, action, subject_id, before, after)])


def change_entry(
    actor: Actor,
    now: datetime,
    action: str,
    subject_id: UUID,
    before: str | None,
    after: str | None,
) -> dict[str, Any]:
    """Return who did what as a row of the audit trail."""
    return {
        "at": now,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "action": action,
        "subject_id": subject_id,
        "before": before,
        "after": after,
    }


def _already_there() -> AlreadyThere:
    return AlreadyThere(
        "There is already an agreement with this reference and counterparty:"
        " change that one, or use another reference."
    )


def kept(dossier: Dossier, as_of: date) -> Kept:
    """Return an agreement as it stands on a day. Raises `Unreadable`."""
    row, terms = dossier.row, dossier.terms
    return Kept(
        id=row["id"],
        version=row["version"],
        facts=facts_of(row),
        terms_document=orjson.loads(row["terms"]),
        terms=terms,
        position=position(terms, as_of),
        price=price_on(dossier.price, terms.amendments, as_of),
        checked=clauses_checked(dossier),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _readable(dossier: Dossier, as_of: date) -> Kept | None:
    try:
        return kept(dossier, as_of)
    except Unreadable:
        log.exception("agreement %s is left out of a list", dossier.id)
        return None


def _form_with(old: Row, changes: Mapping[str, Any]) -> AgreementForm:
    # What cannot be read of them is put right by giving it anew.
    terms = _parsed(old["terms"])
    readable = {
        name: old[name] if isinstance(_parsed(old[name]), shape) else empty
        for name, (shape, empty) in _STRUCTURED.items()
    }
    entered = terms if isinstance(terms, dict) else {}
    known = {name: entered[name] for name in TERMS_FIELDS if name in entered}
    facts = facts_of({**old, **readable})
    try:
        return AgreementForm.model_validate({**facts, **known, **changes})
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error


KEPT = (
    "id",
    "version",
    "acts",
    "dates_version",
    "created_at",
    "removed_at",
    "removed_because",
)
"""What a correction leaves as it is."""


ACTS_OF_FACT = ("created", "corrected", "imported", "changed")
"""What the trail calls entries that hold all facts; the last is an older word for corrected."""


def found(session: Session, agreement_id: UUID) -> Row:
    """Return a stored agreement. Raises `NotFound`, also for one that was removed."""
    row = agreements.by_id(session, agreement_id)
    if row is None:
        raise _not_found()
    return row


def store(session: Session, agreement_id: UUID, version: int, values: Row) -> None:
    """Store values of an agreement that is still at `version`. Raises `Stale`.

    Whoever holds the register's lock has read the version that is there; this makes sure.
    """
    if not agreements.update_if_version(session, agreement_id, version, values):
        raise _stale()


def found_at(session: Session, agreement_id: UUID, versions: frozenset[int]) -> Row:
    """Return a stored agreement that is at one of `versions`. Raises `NotFound` and `Stale`."""
    row = found(session, agreement_id)
    if row["version"] not in versions:
        raise _stale()
    return row


def _parent_row(session: Session, parent_id: UUID, agreement_id: UUID | None) -> Row:
    """Return a parent, unless the agreement stands above it."""
    row = agreements.by_id(session, parent_id)
    if row is None or parent_id == agreement_id:
        raise Invalid([Fault("parent_id", "there is no such agreement; give another one's id.")])
    above: Row | None = row
    for _ in range(LONGEST_LINE):
        if above is None or above["parent_id"] is None:
            return row
        if above["parent_id"] == agreement_id:
            rule = "this agreement stands above that one; choose another parent."
            raise Invalid([Fault("parent_id", rule)])
        above = agreements.by_id(session, above["parent_id"])
    rule = f"more than {LONGEST_LINE} parents would stand above one another; choose another."
    raise Invalid([Fault("parent_id", rule)])


def _not_found() -> NotFound:
    return NotFound("There is no agreement with this id; it may have been removed.")


def _stale() -> Stale:
    return Stale("Somebody else changed this agreement since you read it: read it again.")
