"""How does a file of agreements come in? Read whole, checked whole, then stored or not.

A row is matched by reference and counterparty. Either every row is stored or none is, unless
it was asked for those that can be; a plan tells beforehand what would be created, changed and
left alone. Rows wait on the disk, so that a large file takes little memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from app.records import agreements, audit, register
from app.records.agreements import ReferenceTaken
from app.records.engine import Row, Session
from app.renewals.bad_terms import BadTerms
from app.renewals.terms import Terms
from app.usecases.acts import Acts
from app.usecases.agreements import KEPT, Actor, change_entry, found, row_of, snapshot
from app.usecases.columns import COLUMNS, column_of
from app.usecases.dossiers import LONGEST_LINE, Dossier, Dossiers
from app.usecases.files import WHOLE_ROW, BadFile, Format, RowFault
from app.usecases.foreign.columns import Column
from app.usecases.foreign.rows import Remark
from app.usecases.forms import AgreementForm, terms_document
from app.usecases.gathering import CHUNK, Gathered, Key, Progress, gather, nobody, told
from app.usecases.mapping_forms import Choice
from app.usecases.refusals import Stale, Unreadable
from app.usecases.register import place_milestones, span_of, work_out
from app.usecases.staging import Staged

_MOST_WORKED_OUT = 20_000
"""The terms of so many agreements are kept in memory between judging and storing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the file as an agreement. A new one is at version 0."""

    row_number: int
    id: UUID
    version: int
    parent_id: UUID | None
    place: int
    staged: Staged

    @property
    def form(self) -> AgreementForm:
        """What the row states."""
        form = self.staged.form(self.place)
        return (
            form
            if self.parent_id is None
            else form.model_copy(update={"parent_id": self.parent_id})
        )

    @property
    def theirs(self) -> dict[str, date]:
        """What another tool says: `their_end_date`, `their_notice_deadline`."""
        return self.staged.theirs(self.place)


@dataclass(slots=True)
class Plan:
    """What a file would do to the register, and how it was read.

    `faults` are those of rows that are left out, where only the others were asked for.
    `terms_of` tells the terms of a row that can be taken, in the transaction of the plan;
    `stated` are all agreements that rows name, whatever became of them. `worked_out` keeps the
    terms of some that would be created, so that they need not be worked out twice.
    """

    read_as: Format
    columns: list[Column] = field(default_factory=list)
    created: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)
    terms_of: Callable[[Key], Terms] = field(init=False)
    stated: frozenset[Key] = frozenset()
    worked_out: dict[UUID, Terms] = field(default_factory=dict)


def plan(
    session: Session,
    content: bytes,
    *,
    now: datetime,
    max_rows: int,
    worksheet: str | None = None,
    choice: Choice | None = None,
) -> Plan:
    """Return what a file would do: `gather` and `judge` in one."""
    gathered = gather(content, max_rows=max_rows, worksheet=worksheet, choice=choice)
    return judge(session, gathered, now=now)


def judge(
    session: Session,
    gathered: Gathered,
    *,
    now: datetime,
    partial: bool = False,
    tell: Progress = nobody,
) -> Plan:
    """Return what gathered rows would do to the register, which others cannot change meanwhile.

    Raises `BadFile` with every fault. With `partial` faulty rows are left out and told in the
    plan instead.
    """
    planned = Plan(
        gathered.read_as, gathered.columns, faults=gathered.faults, warnings=gathered.warnings
    )
    planned.stated = frozenset({*gathered.keys, *gathered.refused})
    register.lock(session)
    resolver = _Resolver(session, gathered, planned, now, tell)
    resolver.resolve()
    planned.terms_of = resolver.terms_of_row
    planned.faults.sort(key=lambda fault: fault.row)
    if planned.faults and not partial:
        raise BadFile(planned.faults, planned.read_as, planned.columns)
    return planned


def carry_out(
    session: Session, planned: Plan, *, actor: Actor, now: datetime, tell: Progress = nobody
) -> None:
    """Store what a plan says, with milestones and audit, in the session's transaction.

    Raises `Stale` when somebody else entered or changed one of the agreements since the plan.
    """
    first, last = span_of(session)
    dossiers, following = Dossiers(session), []
    total = len(planned.created) + len(planned.changed)
    for start in range(0, len(planned.created), CHUNK):
        tell("storing", start, total)
        forms = [(one.id, one.form) for one in planned.created[start : start + CHUNK]]
        rows = [row_of(form, agreement_id, now) for agreement_id, form in forms]
        try:
            agreements.insert_rows(session, rows)
        except ReferenceTaken:
            raise _overtaken() from None
        audit.add(
            session,
            [change_entry(actor, now, "imported", row["id"], None, snapshot(row)) for row in rows],
        )
        # Who ends with a parent waits until the parents are what the file says.
        following += [row["id"] for row in rows if row["co_terminous"]]
        work_out(
            session,
            (
                Dossier(
                    row,
                    Acts(),
                    planned.worked_out.get(row["id"])
                    or dossiers.with_terms(row, terms_document(form), None, Acts()),
                )
                for row, (_, form) in zip(rows, forms, strict=True)
                if not row["co_terminous"]
            ),
            first,
            last,
        )
    for start in range(0, len(planned.changed), CHUNK):
        tell("storing", len(planned.created) + start, total)
        some = planned.changed[start : start + CHUNK]
        audit.add(session, _changes(session, some, actor, now))
    following += [entry.id for entry in planned.changed]
    known = Dossiers(session)
    for done, agreement_id in enumerate(following):  # parents and children change together
        if done % CHUNK == 0:
            tell("dating", done, len(following))
        place_milestones(session, known, known.of(found(session, agreement_id)))
    if total:
        register.raise_revision(session)


def _changes(
    session: Session, entries: Sequence[Entry], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Change agreements; return what the trail says of it."""
    told = []
    old_rows = agreements.by_ids(session, (one.id for one in entries))
    for entry in entries:
        old = old_rows.get(entry.id)
        if old is None or old["version"] != entry.version:
            raise _overtaken()
        row = row_of(with_amounts_of(entry.form, old), entry.id, now)
        values = {name: row[name] for name in row if name not in KEPT}
        agreements.update_if_version(session, entry.id, entry.version, values)
        told.append(change_entry(actor, now, "imported", entry.id, snapshot(old), snapshot(row)))
    return told


def _overtaken() -> Stale:
    return Stale("Somebody else changed the same agreements meanwhile: import the file again.")


def with_amounts_of(form: AgreementForm, old: Mapping[str, Any]) -> AgreementForm:
    """Return a form with amounts written as they are on record, where they are the same.

    A sheet keeps 1200.00 as a number, and gives back 1200: that is no change.
    """
    same = {
        name: old[name]
        for name in ("annual_value", "total_value")
        if (new := getattr(form, name)) is not None
        and old[name] is not None
        and _digits(new) == _digits(old[name])
    }
    return form.model_copy(update=same)


def _digits(amount: str) -> tuple[str, str]:
    whole, _, part = amount.partition(".")
    return whole.lstrip("0"), part.rstrip("0")


_NO_PARENT = "the parent cannot be taken, so neither can this row"


class _Resolver:
    """Finds what rows refer to: what is kept already, and their parents, in the file or not."""

    def __init__(
        self,
        session: Session,
        rows: Gathered,
        planned: Plan,
        now: datetime,
        tell: Progress,
    ) -> None:
        self._session = session
        self._rows = rows
        self._planned = planned
        self._now = now
        self._name_of = rows.name_of
        self._tell = tell
        self._dossiers = Dossiers(session)
        wanted = {reference for reference, _ in rows.keys}
        wanted |= {reference for reference, _ in rows.parents.values()}
        self._known = agreements.ids_by_references(session, wanted)
        self._ids = {key: self._known.get(key) or uuid4() for key in rows.keys}
        self._parents: dict[UUID, UUID | None] = {
            self._ids[key]: self._id_of(rows.parents[index]) if index in rows.parents else None
            for key, index in rows.keys.items()
        }
        self._bad: set[int] = set()
        self._terms_above = lru_cache(maxsize=CHUNK)(self._found_terms)

    def resolve(self) -> None:
        """Sort all rows into the plan, parents before what stands below them."""
        keys = list(self._rows.keys)
        order = sorted(range(len(keys)), key=lambda index: self._depth(self._ids[keys[index]]))
        for start in range(0, len(order), CHUNK):
            self._tell("checking", start, len(order))
            some = order[start : start + CHUNK]
            old_rows = agreements.by_ids(
                self._session,
                (self._ids[keys[index]] for index in some if keys[index] in self._known),
            )
            for index in some:
                key = keys[index]
                fault = self._sorted(index, key, old_rows.get(self._ids[key]))
                if fault is not None:
                    self._bad.add(index)
                    self._planned.faults.append(told(self._rows.numbers[index], fault))
        for outcome in (self._planned.created, self._planned.changed, self._planned.unchanged):
            outcome.sort(key=lambda entry: (self._depth(entry.id), entry.row_number))

    def _sorted(self, index: int, key: Key, old: Row | None) -> Remark | None:
        """Put a row into the plan; return what is wrong with it instead, if something is."""
        form = self._rows.staged.form(self._rows.places[index])
        parent_key = self._rows.parents.get(index)
        parent: Terms | None = None
        parent_id = None
        if parent_key is not None:
            rule = self._wrong_parent(key, parent_key)
            if rule is None and form.co_terminous:
                parent = self._terms_above(parent_key)
                rule = _NO_PARENT if parent is None else None
            if rule is not None:
                return Remark(self._name_of("parent_reference"), rule, parent_key[0])
            parent_id = self._id_of(parent_key)
            form = form.model_copy(update={"parent_id": parent_id})
        if old is not None:
            form = with_amounts_of(form, old)
        try:
            acts = Acts() if old is None else self._dossiers.acts_of(old)
            terms = self._dossiers.with_terms(dict(form), terms_document(form), parent, acts)
        except BadTerms as bad:
            return self._of_terms(bad)
        except Unreadable:
            rule = "what was done about this agreement cannot be read; leave the row out"
            return Remark(WHOLE_ROW, rule)
        version = 0 if old is None else old["version"]
        number, place = self._rows.numbers[index], self._rows.places[index]
        entry = Entry(number, self._ids[key], version, parent_id, place, self._rows.staged)
        self._outcome(form, entry, old).append(entry)
        if old is None and parent is None and len(self._planned.worked_out) < _MOST_WORKED_OUT:
            self._planned.worked_out[entry.id] = terms
        return None

    def _outcome(self, form: AgreementForm, entry: Entry, old: Row | None) -> list[Entry]:
        """Return which part of the plan a row belongs to."""
        if old is None:
            return self._planned.created
        same = snapshot(old) == snapshot(row_of(form, entry.id, self._now))
        return self._planned.unchanged if same else self._planned.changed

    def _wrong_parent(self, key: Key, parent: Key) -> str | None:
        """Return why what a row names as its parent cannot be it."""
        if self._id_of(parent) is None or parent == key:
            return "no other agreement with that counterparty has that reference"
        if not self._has_a_top(self._ids[key]):
            return f"the parents lead back to this row, or are more than {LONGEST_LINE}"
        return _NO_PARENT if self._rows.keys.get(parent) in self._bad else None

    def _of_terms(self, bad: BadTerms) -> Remark:
        column = column_of(bad.field)
        if column in COLUMNS:
            return Remark(self._name_of(column), bad.rule)
        rule = f"an amendment that is on record would not fit ({bad.sentence})"
        return Remark(WHOLE_ROW, rule)

    def _id_of(self, key: Key) -> UUID | None:
        return self._ids.get(key) or self._known.get(key)

    def _depth(self, agreement_id: UUID) -> int:
        """Return how many parents stand above, at most one more than there may be."""
        depth, above = 0, self._parents.get(agreement_id)
        while above is not None and depth <= LONGEST_LINE:
            depth, above = depth + 1, self._parents.get(above)
        return depth

    def _has_a_top(self, agreement_id: UUID) -> bool:
        """Tell whether the line of parents ends, and before it is too long."""
        above: UUID | None = agreement_id
        for _ in range(LONGEST_LINE + 1):
            if above is None:
                return True
            above = self._parent_of(above)
        return above is None

    def _parent_of(self, agreement_id: UUID) -> UUID | None:
        if agreement_id not in self._parents:
            row = agreements.by_id(self._session, agreement_id)
            self._parents[agreement_id] = None if row is None else row["parent_id"]
        return self._parents[agreement_id]

    def terms_of_row(self, key: Key) -> Terms:
        """Return the terms of a row. Raises `Unreadable` and `BadTerms`."""
        index = self._rows.keys[key]
        form = self._rows.staged.form(self._rows.places[index])
        kept = agreements.by_id(self._session, self._known[key]) if key in self._known else None
        above = self._terms_above(self._rows.parents[index]) if form.co_terminous else None
        acts = Acts() if kept is None else self._dossiers.acts_of(kept)
        return self._dossiers.with_terms(dict(form), terms_document(form), above, acts)

    def _found_terms(self, key: Key) -> Terms | None:
        """Return the terms of a parent; None where they cannot be told."""
        try:
            if key in self._rows.keys:
                return self.terms_of_row(key)
            kept = agreements.by_id(self._session, self._known[key]) if key in self._known else None
            return None if kept is None else self._dossiers.of(kept).terms
        except (Unreadable, BadTerms):
            return None
