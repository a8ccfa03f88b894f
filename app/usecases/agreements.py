"""What do people do with agreements? Enter, read, list, change and remove them."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import ValidationError

from app import calendars
from app.records import agreements, audit, milestones, register
from app.records.agreements import Filters, Order, ReferenceTaken
from app.records.engine import Row, Session
from app.renewals.bad_terms import BadTerms
from app.renewals.chain import Link, chain
from app.renewals.documents import TERMS_FIELDS, terms_of
from app.renewals.position import Phase, Position, position
from app.renewals.terms import Terms
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
from app.usecases.register import LONGEST_LINE, add_milestones, place_milestones, terms_of_row

log = logging.getLogger("noticeboard")

_SCAN = 200


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a token, or the operator at the command line (no id)."""

    id: UUID | None
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An agreement as it is kept, with what the calendar says of it."""

    id: UUID
    version: int
    facts: dict[str, Any]
    terms_document: dict[str, Any]
    terms: Terms
    position: Position
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
    agreement_id = uuid4()
    terms = checked_terms(session, form, agreement_id)
    row = row_of(form, agreement_id, now)
    try:
        agreements.insert_rows(session, [row])
    except ReferenceTaken:
        raise _already_there() from None
    add_milestones(session, agreement_id, terms)
    note_change(session, actor, now, "created", agreement_id, None, snapshot(row))
    register.raise_revision(session)
    return _kept(row, terms, today)


def read(session: Session, agreement_id: UUID, *, as_of: date) -> Kept:
    """Return an agreement as it stands on a day. Raises `NotFound` and `Unreadable`."""
    row = _found(session, agreement_id)
    return _kept(row, terms_of_row(session, row), as_of)


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
    """Put the given fields in the place of the old ones; None empties a field.

    Raises `NotFound`, `Stale` when the agreement is at none of `versions`, `Invalid`,
    `AlreadyThere`, and `StillNeeded` when one that ends with it could not any more. A change
    that changes nothing keeps the version.
    """
    old = _found(session, agreement_id)
    if (version := old["version"]) not in versions:
        raise _stale()
    register.lock(session)
    form = _form_with(old, changes)
    terms = checked_terms(session, form, agreement_id)
    row = row_of(form, agreement_id, now)
    before, after = snapshot(old), snapshot(row)
    if before == after:
        return _kept(old, terms, today)
    kept_as_they_were = ("id", "version", "created_at")
    values = {name: value for name, value in row.items() if name not in kept_as_they_were}
    try:
        changed = agreements.update_if_version(session, agreement_id, version, values)
    except ReferenceTaken:
        raise _already_there() from None
    if not changed:
        raise _stale()
    place_milestones(session, agreement_id, terms)
    note_change(session, actor, now, "changed", agreement_id, before, after)
    register.raise_revision(session)
    return _kept(row | {"version": version + 1, "created_at": old["created_at"]}, terms, today)


def remove(
    session: Session, agreement_id: UUID, versions: frozenset[int], *, actor: Actor, now: datetime
) -> None:
    """Remove an agreement; its audit trail stays.

    Raises `NotFound`, `Stale`, and `StillNeeded` while others name it as their parent.
    """
    old = _found(session, agreement_id)
    if (version := old["version"]) not in versions:
        raise _stale()
    register.lock(session)
    if agreements.has_children(session, agreement_id):
        raise StillNeeded(
            "Other agreements name this one as their parent_id; change or remove them first."
        )
    milestones.remove(session, [agreement_id])
    if not agreements.delete_if_version(session, agreement_id, version):
        raise _stale()
    note_change(session, actor, now, "removed", agreement_id, snapshot(old), None)
    register.raise_revision(session)


def terms_chain(
    session: Session, agreement_id: UUID, *, as_of: date, past: int, ahead: int
) -> list[Link]:
    """Return the agreement's terms around a day. Raises `NotFound` and `Unreadable`."""
    return chain(terms_of_row(session, _found(session, agreement_id)), as_of, past, ahead)


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
    found = Page(after=after)
    while True:
        wanted = limit - len(found.items) + 1 if phase is None else _SCAN
        rows = agreements.page(session, filters, order, found.after, wanted)
        for key, row in rows:
            if len(found.items) == limit:
                return found
            found.after = (key, row["id"])
            try:
                kept = _kept(row, terms_of_row(session, row), order.as_of)
            except Unreadable:
                log.exception("agreement %s is left out of a list", row["id"])
                found.left_out += 1
                continue
            if phase is None or kept.position.phase is phase:
                found.items.append(kept)
        if len(rows) < wanted:
            found.after = None
            return found


def checked_terms(
    session: Session, form: AgreementForm | PreviewForm, agreement_id: UUID | None = None
) -> Terms:
    """Return the terms that a form states, and check what it refers to. Raises `Invalid`."""
    parent = None
    if form.parent_id is not None:
        row = _parent_row(session, form.parent_id, agreement_id)
        parent = terms_of_row(session, row) if form.co_terminous else None
    try:
        return terms_of(terms_document(form), calendars.named, parent)
    except BadTerms as bad:
        raise Invalid([Fault(bad.field, bad.rule)]) from bad


def row_of(form: AgreementForm, agreement_id: UUID, now: datetime) -> dict[str, Any]:
    """Return a form as a row of the record, at version 1."""
    given = form.model_dump()
    row = {name: given[name] for name in FACTS}
    if form.signed_date is not None:
        row["signed_date"] = date.fromisoformat(form.signed_date)
    searched = f"{form.title}\n{form.counterparty}\n{form.reference}"
    return row | {
        "id": agreement_id,
        "version": 1,
        "tags": json.dumps(form.tags, ensure_ascii=False),
        "terms": json.dumps(terms_document(form), ensure_ascii=False),
        "search_text": searched.casefold(),
        "created_at": now,
        "updated_at": now,
    }


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a row, as they were entered. Raises `Unreadable`."""
    facts = {name: row[name] for name in FACTS}
    facts["tags"] = _parsed(row["tags"])
    if not isinstance(facts["tags"], list):
        sentence = f"The stored tags of agreement {row['id']} cannot be read: enter them anew."
        raise Unreadable(sentence)
    if row["signed_date"] is not None:
        facts["signed_date"] = row["signed_date"].isoformat()
    return facts


def snapshot(row: Mapping[str, Any]) -> str:
    """Return a row's facts and terms as text, the same for the same facts, for the trail."""
    facts = {name: row[name] for name in FACTS}
    facts |= {"tags": _parsed(row["tags"]), "terms": _parsed(row["terms"])}
    return json.dumps(facts, default=str, ensure_ascii=False, sort_keys=True)


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text)
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


def _kept(row: Mapping[str, Any], terms: Terms, as_of: date) -> Kept:
    return Kept(
        id=row["id"],
        version=row["version"],
        facts=facts_of(row),
        terms_document=orjson.loads(row["terms"]),
        terms=terms,
        position=position(terms, as_of),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _form_with(old: Row, changes: Mapping[str, Any]) -> AgreementForm:
    # What cannot be read of them is put right by giving it anew.
    terms, tags = _parsed(old["terms"]), _parsed(old["tags"])
    entered = terms if isinstance(terms, dict) else {}
    known = {name: entered[name] for name in TERMS_FIELDS if name in entered}
    facts = facts_of({**old, "tags": old["tags"] if isinstance(tags, list) else "[]"})
    try:
        return AgreementForm.model_validate({**facts, **known, **changes})
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error


def _found(session: Session, agreement_id: UUID) -> Row:
    row = agreements.by_id(session, agreement_id)
    if row is None:
        raise _not_found()
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
