"""Which mapping is a file read by? A known tool's, one that was saved, or one given with it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

import orjson
from pydantic import StringConstraints, TypeAdapter, ValidationError

from app.records import mappings, register
from app.records.engine import Row, Session
from app.usecases.agreements import Actor, note_change
from app.usecases.mapping_forms import PRESETS, Choice, MannerForm, MappingForm
from app.usecases.refusals import AlreadyThere, Fault, Invalid, NotFound, Unreadable

MappingName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""What a mapping may be called."""

_NAMES: TypeAdapter[str] = TypeAdapter(MappingName)
_SPACE = UUID("0f0b4a86-4b0a-4c1e-8f44-1b9a3f6f2d51")
"""From this and its name follows what the audit trail knows a mapping by."""


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """A mapping under its name; a preset came with the release, and cannot be changed."""

    name: str
    is_preset: bool
    mapping: MappingForm


def every(session: Session) -> list[KeptMapping]:
    """Return the presets and what was saved, by name."""
    known = [KeptMapping(name, is_preset=True, mapping=form) for name, form in PRESETS.items()]
    return known + [_kept(row) for row in mappings.every(session)]


def by_name(session: Session, name: str) -> KeptMapping:
    """Return a preset or what was saved. Raises `NotFound` and `Unreadable`."""
    if name in PRESETS:
        return KeptMapping(name, is_preset=True, mapping=PRESETS[name])
    row = mappings.by_name(session, name)
    if row is None:
        names = ", ".join(one.name for one in every(session))
        raise NotFound(f"No mapping has this name; there are {names}.")
    return _kept(row)


def check_name(name: str) -> None:
    """Check what a mapping is to be called. Raises `Invalid`."""
    try:
        _NAMES.validate_python(name)
    except ValidationError:
        rule = "must be small letters, digits and hyphens, at most 40, such as assets-sheet"
        raise Invalid([Fault("name", rule)]) from None


def save(session: Session, name: str, form: MappingForm, *, actor: Actor, now: datetime) -> None:
    """Keep a mapping under a name, in the place of what was saved before.

    Raises `AlreadyThere` for the name of a preset.
    """
    if name in PRESETS:
        raise AlreadyThere("A preset has this name and cannot be changed: take another name.")
    register.lock(session)
    old = mappings.by_name(session, name)
    document = json.dumps(form.model_dump(exclude_none=True), ensure_ascii=False)
    version = 1 if old is None else old["version"] + 1
    row = {"name": name, "version": version, "document": document}
    mappings.keep(session, {**row, "actor_name": actor.name, "updated_at": now})
    before = None if old is None else old["document"]
    note_change(session, actor, now, "mapping", uuid5(_SPACE, name), before, document)


def remove(session: Session, name: str, *, actor: Actor, now: datetime) -> None:
    """Forget a mapping that was saved. Raises `NotFound`."""
    register.lock(session)
    old = mappings.by_name(session, name)
    if old is None:
        raise NotFound("No saved mapping has this name; presets cannot be removed.")
    mappings.remove(session, name)
    note_change(session, actor, now, "mapping", uuid5(_SPACE, name), old["document"], None)


def chosen(
    session: Session, name: str | None, given: MappingForm | None, answers: MannerForm
) -> Choice:
    """Return how a file is to be read: by name, else as given, with what was answered for it.

    Raises `NotFound` and `Unreadable`.
    """
    mapping = given or MappingForm()
    if name is not None:
        mapping = by_name(session, name).mapping
    return Choice(mapping.with_answers(answers), name if name in PRESETS else None)


def _kept(row: Row) -> KeptMapping:
    try:
        mapping = MappingForm.model_validate(orjson.loads(row["document"]))
    except (ValidationError, ValueError) as error:
        sentence = f"The saved mapping {row['name']} cannot be read: save it anew."
        raise Unreadable(sentence) from error
    return KeptMapping(row["name"], is_preset=False, mapping=mapping)
