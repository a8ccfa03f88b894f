"""How is an act recorded? With the dates that follow, the trail and the revision, in one."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.records import acts, register
from app.records.engine import Session
from app.renewals.bad_terms import BadTerms
from app.usecases.acts import ActKind, Acts, Done
from app.usecases.agreements import Actor, found, note_change, store
from app.usecases.dossiers import Dossier, Dossiers
from app.usecases.refusals import Fault, Invalid, Stale
from app.usecases.register import place_milestones


def open_dossier(
    session: Session, agreement_id: UUID, versions: frozenset[int] | None = None
) -> Dossier:
    """Return all that is known of an agreement, while nobody else can change it.

    Raises `NotFound`, `Unreadable`, and `Stale` when it is at none of `versions`, if given.
    """
    register.lock(session)
    row = found(session, agreement_id)
    if versions is not None and row["version"] not in versions:
        raise Stale("Somebody else changed this agreement since you read it: read it again.")
    return Dossiers(session).of(row)


def record(
    session: Session,
    dossier: Dossier,
    kind: ActKind,
    document: Mapping[str, Any],
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> tuple[Dossier, Done]:
    """Add an act to an agreement, and work its dates out anew.

    Raises `Invalid` for an act that does not fit the terms, `StillNeeded` when an agreement
    that ends with this one could not any more.
    """
    given = {name: value for name, value in document.items() if value is not None}
    text = json.dumps(given, ensure_ascii=False, sort_keys=True, default=str)
    number = dossier.row["acts"] + 1
    done = Done(number, kind, orjson.loads(text), today, now, actor.name)
    after = with_act(session, dossier, done, now)
    row = {
        "agreement_id": dossier.id,
        "number": number,
        "kind": kind.value,
        "document": text,
        "done_on": today,
        "at": now,
        "actor_id": actor.id,
        "actor_name": actor.name,
    }
    acts.add(session, [row])
    values = {"acts": number, "updated_at": now}
    store(session, dossier.id, dossier.row["version"], values)
    place_milestones(session, Dossiers(session), after)
    note_change(session, actor, now, kind.value, dossier.id, None, act_text(row))
    register.raise_revision(session)
    return after, done


def act_text(row: Mapping[str, Any]) -> str:
    """Return a stored act as text for the trail, the same for the same act."""
    told = {
        "act": row["number"],
        "kind": row["kind"],
        "done_on": row["done_on"].isoformat(),
        "document": orjson.loads(row["document"]),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def with_act(session: Session, dossier: Dossier, done: Done, now: datetime) -> Dossier:
    """Return what would be known with one more act, which is not recorded yet.

    Raises `Invalid` when it does not fit the terms.
    """
    known = Acts([*dossier.acts.every, done])
    old = dossier.row
    row = {**old, "acts": done.number, "version": old["version"] + 1, "updated_at": now}
    entered = orjson.loads(row["terms"])
    try:
        terms = Dossiers(session).with_terms(row, entered, dossier.terms.parent, known)
    except BadTerms as bad:
        # The amendments are counted; whoever adds one knows which it is.
        field = bad.field.removeprefix("amendments.").lstrip("0123456789").removeprefix(".")
        raise Invalid([Fault(field, bad.rule)]) from bad
    return Dossier(row, known, terms)
