"""How does a file of agreements come in? Read whole, checked whole, then stored or not.

A row is matched by reference and counterparty. Either every row is stored or none is; a
plan tells beforehand what would be created, changed and left alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from app.records import agreements, audit, register
from app.records.agreements import ReferenceTaken
from app.records.engine import Session
from app.renewals.bad_terms import BadTerms
from app.renewals.terms import Terms
from app.usecases.acts import Acts
from app.usecases.agreements import KEPT, Actor, change_entry, found, row_of, snapshot
from app.usecases.columns import COLUMNS, NEEDED, column_of, document_from
from app.usecases.dossiers import LONGEST_LINE, Dossier, Dossiers
from app.usecases.files import WHOLE_ROW, BadFile, Format, RowFault
from app.usecases.forms import AgreementForm, faults_of, terms_document
from app.usecases.formulas import as_meant
from app.usecases.refusals import Fault, Stale, Unreadable
from app.usecases.register import place_milestones, span_of, work_out
from app.usecases.sheets import Sheet, read

Key = tuple[str, str]
"""What tells agreements apart: reference and counterparty."""

Read = tuple[AgreementForm, Key | None]
"""A row that was read: the agreement, and which one it belongs to."""

_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the file as an agreement, with its terms and what is kept of it so far.

    A new one is at version 0, and nothing was before. The terms hold what was done about it.
    """

    row_number: int
    form: AgreementForm
    id: UUID
    terms: Terms
    version: int
    before: str | None


@dataclass(slots=True)
class Plan:
    """What a file would do to the register, and how it was read."""

    read_as: Format
    created: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)


def plan(
    session: Session, content: bytes, *, now: datetime, max_rows: int, worksheet: str | None = None
) -> Plan:
    """Return what a CSV or XLSX file would do, by its named or first worksheet.

    Raises `BadFile` with every fault, and `TooLarge`.
    """
    sheet = read(content, max_rows=max_rows, worksheet=worksheet)
    _check_header(sheet)
    faults: list[RowFault] = []
    forms: dict[int, Read] = {}
    for number, cells in sheet.rows:
        meant = map(as_meant, cells) if sheet.format.name == "csv" else cells
        parsed, wrong = _form_of(dict(zip(sheet.header, meant, strict=True)))
        faults += [RowFault(number, fault.field, fault.rule) for fault in wrong]
        if parsed is not None:
            forms[number] = parsed
    faults += _repeated(forms)
    register.lock(session)
    resolved = _Resolver(session, forms)
    faults += resolved.faults
    if faults:
        raise BadFile(sorted(faults, key=lambda fault: fault.row), sheet.format)
    return _sorted_out(resolved.entries, now, sheet.format)


def carry_out(session: Session, planned: Plan, *, actor: Actor, now: datetime) -> None:
    """Store what a plan says, with milestones and audit, in the session's transaction.

    Raises `Stale` when somebody else entered or changed one of the agreements since the plan.
    """
    first, last = span_of(session)
    new_rows = [row_of(entry.form, entry.id, now) for entry in planned.created]
    try:
        agreements.insert_rows(session, new_rows)
    except ReferenceTaken:
        raise _overtaken() from None
    created = zip(planned.created, new_rows, strict=True)
    dossiers = [Dossier(row, Acts(), entry.terms) for entry, row in created]
    for start in range(0, len(dossiers), _CHUNK):
        work_out(session, dossiers[start : start + _CHUNK], first, last)
    entries = [
        change_entry(actor, now, "imported", row["id"], None, snapshot(row)) for row in new_rows
    ]
    entries += [_change(session, entry, actor, now) for entry in planned.changed]
    known = Dossiers(session)
    for entry in planned.changed:  # all facts first: parents and children change together
        place_milestones(session, known, known.of(found(session, entry.id)))
    audit.add(session, entries)
    if entries:
        register.raise_revision(session)


def _change(session: Session, entry: Entry, actor: Actor, now: datetime) -> dict[str, Any]:
    row = row_of(entry.form, entry.id, now)
    values = {name: row[name] for name in row if name not in KEPT}
    if not agreements.update_if_version(session, entry.id, entry.version, values):
        raise _overtaken()
    return change_entry(actor, now, "imported", entry.id, entry.before, snapshot(row))


def _overtaken() -> Stale:
    return Stale("Somebody else changed the same agreements meanwhile: import the file again.")


def _sorted_out(entries: Iterable[Entry], now: datetime, read_as: Format) -> Plan:
    found = Plan(read_as)
    for entry in entries:
        if entry.before is None:
            found.created.append(entry)
        elif entry.before == snapshot(row_of(entry.form, entry.id, now)):
            found.unchanged.append(entry)
        else:
            found.changed.append(entry)
    return found


def _check_header(sheet: Sheet) -> None:
    faults = [
        *(Fault(name, "this column is needed") for name in NEEDED if name not in sheet.header),
        *(
            Fault(name[:60], "is no column of the import form")
            for name in sheet.header
            if name not in COLUMNS
        ),
    ]
    if faults:
        raise BadFile([RowFault(sheet.header_row, fault.field, fault.rule) for fault in faults])


def _fault_of(number: int, bad: BadTerms) -> RowFault:
    column = column_of(bad.field)
    if column in COLUMNS:
        return RowFault(number, column, bad.rule)
    rule = f"an amendment that is on record would not fit ({bad.sentence})"
    return RowFault(number, WHOLE_ROW, rule)


def _form_of(cells: Mapping[str, str]) -> tuple[Read | None, list[Fault]]:
    document, faults = document_from(cells)
    parent_reference = document.pop("parent_reference", None)
    parent_counterparty = document.pop("parent_counterparty", None)
    if parent_reference is None and parent_counterparty is not None:
        faults.append(Fault("parent_reference", "is needed where parent_counterparty is given"))
    if parent_reference is not None:
        # A stand-in, so that the form's own rule about parents can be judged.
        document["parent_id"] = _UNRESOLVED
    try:
        form = AgreementForm.model_validate(document)
    except ValidationError as error:
        known = {fault.field for fault in faults}
        found = [Fault(column_of(fault.field), fault.rule) for fault in faults_of(error)]
        return None, faults + [fault for fault in found if fault.field not in known]
    if faults:
        return None, faults
    if parent_reference is None:
        return (form, None), faults
    return (form, (parent_reference, parent_counterparty or form.counterparty)), faults


_UNRESOLVED = UUID(int=0)


def _with_amounts_of(form: AgreementForm, old: Mapping[str, Any]) -> AgreementForm:
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


def _repeated(forms: Mapping[int, Read]) -> list[RowFault]:
    seen: dict[Key, int] = {}
    faults = []
    for number, (form, _) in forms.items():
        first = seen.setdefault((form.reference, form.counterparty), number)
        if first != number:
            rule = f"the same reference and counterparty stand in row {first}"
            faults.append(RowFault(number, "reference", rule))
    return faults


class _Resolver:
    """Finds what rows refer to: what is kept already, and their parents, in the file or not."""

    def __init__(self, session: Session, forms: Mapping[int, Read]) -> None:
        self.faults: list[RowFault] = []
        self._session = session
        self._forms = forms
        self._dossiers = Dossiers(session)
        self._numbers = {
            (form.reference, form.counterparty): number for number, (form, _) in forms.items()
        }
        wanted = {form.reference for form, _ in forms.values()}
        wanted |= {parent[0] for _, parent in forms.values() if parent is not None}
        self._old = {
            (row["reference"], row["counterparty"]): row
            for row in agreements.by_references(session, wanted)
        }
        self._ids = {
            key: self._old[key]["id"] if key in self._old else uuid4() for key in self._numbers
        }
        self._parents: dict[UUID, UUID | None] = {
            self._ids[form.reference, form.counterparty]: (
                None if parent is None else self._id_of(parent)
            )
            for form, parent in forms.values()
        }
        self._entries: dict[int, Entry | None] = {}
        for number in forms:
            self._entry(number)

    @property
    def entries(self) -> Iterator[Entry]:
        """The rows as agreements, parents before what stands below them."""
        return (entry for entry in self._entries.values() if entry is not None)

    def _entry(self, number: int) -> Entry | None:
        """Return a row as an agreement; None when its faults were noted."""
        if number not in self._entries:
            self._entries[number] = self._made(number)
        return self._entries[number]

    def _made(self, number: int) -> Entry | None:
        form, parent_key = self._forms[number]
        key = (form.reference, form.counterparty)
        parent: Terms | None = None
        if parent_key is not None:
            parent_id = self._id_of(parent_key)
            if parent_id is None or parent_key == key:
                rule = "no other agreement with that counterparty has that reference"
                self.faults.append(RowFault(number, "parent_reference", rule))
                return None
            if not self._has_a_top(self._ids[key]):
                rule = f"the parents lead back to this row, or are more than {LONGEST_LINE}"
                self.faults.append(RowFault(number, "parent_reference", rule))
                return None
            form = form.model_copy(update={"parent_id": parent_id})
            parent = self._terms_of(parent_key)  # which also puts the parent's row first
            if form.co_terminous and parent is None:
                rule = "the parent cannot be taken, so neither can this row"
                self.faults.append(RowFault(number, "parent_reference", rule))
                return None
        old = self._old.get(key)
        form = form if old is None else _with_amounts_of(form, old)
        version, before = (0, None) if old is None else (old["version"], snapshot(old))
        try:
            acts = Acts() if old is None else self._dossiers.acts_of(old)
            terms = self._dossiers.with_terms(
                dict(form), terms_document(form), parent if form.co_terminous else None, acts
            )
        except BadTerms as bad:
            self.faults.append(_fault_of(number, bad))
            return None
        except Unreadable:
            rule = "what was done about this agreement cannot be read; leave the row out"
            self.faults.append(RowFault(number, WHOLE_ROW, rule))
            return None
        return Entry(number, form, self._ids[key], terms, version, before)

    def _id_of(self, key: Key) -> UUID | None:
        if key in self._ids:
            return self._ids[key]
        return self._old[key]["id"] if key in self._old else None

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

    def _terms_of(self, key: Key) -> Terms | None:
        if key in self._numbers:
            entry = self._entry(self._numbers[key])
            return None if entry is None else entry.terms
        try:
            return self._dossiers.of(self._old[key]).terms
        except Unreadable:
            return None
