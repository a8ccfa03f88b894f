"""How does a file of agreements come in? Read whole, checked whole, then stored or not.

A row is matched by reference and counterparty. Either every row is stored or none is, unless
it was asked for those that can be; a plan tells beforehand what would be created, changed and
left alone. Rows wait on the disk, so that a large file takes little memory.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from app.records import agreements, audit, register
from app.records.agreements import ReferenceTaken
from app.records.engine import Row, Session
from app.renewals.bad_terms import BadTerms
from app.renewals.terms import Terms
from app.usecases.acts import Acts
from app.usecases.agreements import KEPT, Actor, change_entry, found, row_of, snapshot
from app.usecases.columns import COLUMNS, NEEDED, column_of, document_from
from app.usecases.dossiers import LONGEST_LINE, Dossier, Dossiers
from app.usecases.files import WHOLE_ROW, BadFile, Format, RowFault, bad_row
from app.usecases.foreign.amounts import AmountQuestion
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayQuestion
from app.usecases.foreign.headers import is_import_form, look, proposed
from app.usecases.foreign.import_form import FormRows
from app.usecases.foreign.rows import ForeignRows, Manner, Remark, Said
from app.usecases.foreign.synonyms import IGNORED, plain
from app.usecases.forms import AgreementForm, faults_of, terms_document
from app.usecases.mapping_forms import Choice
from app.usecases.refusals import Fault, Stale, Unreadable
from app.usecases.register import place_milestones, span_of, work_out
from app.usecases.sheets import Sheet, read
from app.usecases.staging import Staged

Key = tuple[str, str]
"""What tells agreements apart: reference and counterparty."""

_CHUNK = 250
_MOST_WORKED_OUT = 20_000
"""The terms of so many agreements are kept in memory between judging and storing."""
_SHOWN = 60
"""So much of a cell is shown with what is wrong in it."""


Progress = Callable[[str, int, int | None], None]
"""Told how far an import is: its phase, the rows behind it, and how many there are if known."""


def nobody(_phase: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


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
    terms_of: Callable[[Key], Terms | None] = field(default=lambda _: None)
    stated: frozenset[Key] = frozenset()
    worked_out: dict[UUID, Terms] = field(default_factory=dict)

    @property
    def refused(self) -> list[int]:
        """The numbers of the rows that are left out."""
        return sorted({fault.row for fault in self.faults})


@dataclass(frozen=True, slots=True)
class Understood:
    """How a sheet is read: its columns, what it leaves open, and who reads its rows."""

    columns: list[Column]
    rows: FormRows | ForeignRows
    questions: list[DayQuestion | AmountQuestion]


@dataclass(slots=True)
class Gathered:
    """What the rows of a file state, where each is staged, and what is wrong in the others."""

    read_as: Format
    columns: list[Column]
    name_of: Callable[[str], str]
    staged: Staged = field(default_factory=Staged)
    numbers: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    keys: dict[Key, int] = field(default_factory=dict)
    parents: dict[int, Key] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)


class OpenQuestions(BadFile):
    """A file can be read in two ways, and only somebody who knows it can say which."""

    def __init__(
        self,
        header_row: int,
        questions: Sequence[DayQuestion | AmountQuestion],
        read_as: Format,
        columns: list[Column],
    ) -> None:
        super().__init__(
            [RowFault(header_row, one.column, one.sentence) for one in questions], read_as, columns
        )
        self.questions = questions


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


def gather(
    content: bytes,
    *,
    max_rows: int,
    worksheet: str | None = None,
    choice: Choice | None = None,
    tell: Progress = nobody,
) -> Gathered:
    """Return what the rows of a file state, by its named or first worksheet and by a mapping.

    Needs no register, so that nobody waits meanwhile. Raises `BadFile` for what is no table or
    lacks a column, `OpenQuestions` where the file can be read in two ways, and `TooLarge`.
    """
    tell("looking", 0, None)
    sheet, understood = look_into(content, max_rows, worksheet, choice)
    return _gathered(sheet, understood, tell)


def look_into(
    content: bytes, max_rows: int, worksheet: str | None, choice: Choice | None
) -> tuple[Sheet, Understood]:
    """Return a file and how it is read. Raises as `gather` does, but for faults of rows."""
    sheet = read(content, max_rows=max_rows, worksheet=worksheet)
    understood = understand(sheet, choice or Choice())
    if understood.questions:
        raise OpenQuestions(
            sheet.header_row, understood.questions, sheet.format, understood.columns
        )
    return sheet, understood


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
    planned.stated = frozenset(gathered.keys)
    register.lock(session)
    resolver = _Resolver(session, gathered, planned, now, tell)
    resolver.resolve()
    planned.terms_of = resolver.terms_of
    planned.faults.sort(key=lambda fault: fault.row)
    if planned.faults and not partial:
        raise BadFile(planned.faults, planned.read_as, planned.columns)
    return planned


def understand(sheet: Sheet, choice: Choice) -> Understood:
    """Return how a sheet is read. Raises `BadFile` where it cannot be."""
    fixed, manner = choice.mapping.fixed(), choice.manner()
    if sheet.format.name == "ocds":
        # Its header is ours; what stands beside our columns was put there to be kept.
        manner = replace(manner, keep_unrecognised=True)
    sample = [cells for _, cells in islice(sheet.rows(), 5 * _CHUNK)]
    columns = proposed(sheet.header, fixed, sample)
    ours = is_import_form(sheet.header) and not fixed
    if ours:
        columns = [_as_named(one) for one in columns]
    _check_columns(sheet, columns, manner, fixed if choice.is_strict else {}, ours=ours)
    looked = look(columns, sheet.rows())
    odd = not ours or looked.odd_amounts
    questions: list[DayQuestion | AmountQuestion] = []
    if manner.day_order is None and looked.days.question is not None:
        questions.append(looked.days.question)
    if manner.decimal_mark is None and odd and looked.amounts.question is not None:
        questions.append(looked.amounts.question)
    manner = replace(
        manner,
        day_order=manner.day_order or looked.days.order,
        decimal_mark=manner.decimal_mark or (looked.amounts.order if odd else "point"),
    )
    disarmed = sheet.format.name == "csv"
    rows: FormRows | ForeignRows = (
        FormRows(columns, manner, disarmed=disarmed)
        if ours
        else ForeignRows(columns, manner, disarmed=disarmed)
    )
    return Understood(columns, rows, questions)


def _as_named(column: Column) -> Column:
    """Return a column of the import form: it is what it is called, or nothing."""
    if column.name in COLUMNS:
        return replace(column, field=column.name, confidence=1.0, used=True)
    return replace(column, used=False)


def _check_columns(
    sheet: Sheet,
    columns: Iterable[Column],
    manner: Manner,
    fixed: Mapping[str, object],
    *,
    ours: bool,
) -> None:
    said = {one.field for one in columns if one.used} | set(manner.constants)
    if "name" in said:
        said |= {"reference", "title"}
    if "planned_start_date" in said:
        said.add("start_date")
    faults = [
        Fault(
            name, "this column is needed; name the one that says it in the mapping, or a constant"
        )
        for name in NEEDED
        if name not in said
    ]
    if not any(one.used for one in columns):
        rule = "names no column that is known; say in a mapping what they are"
        raise bad_row(sheet.header_row, rule)
    there = {plain(name) for name in sheet.header}
    faults += [
        Fault(name, "is in the mapping, and the file has no such column")
        for name in fixed
        if name not in there
    ]
    if ours and not manner.keep_unrecognised:
        # In a file of our own form a name that is none of ours is a slip, and costs a date.
        faults += [
            Fault(one.name[:_SHOWN], "is no column of the import form; mend its name, or keep it")
            for one in columns
            if not one.used and one.name != IGNORED
        ]
    if faults:
        raise BadFile(
            [RowFault(sheet.header_row, fault.field, fault.rule) for fault in faults],
            None if ours else sheet.format,
            list(columns),
        )


def _gathered(sheet: Sheet, understood: Understood, tell: Progress) -> Gathered:
    """Return what the rows of a sheet state, and what is wrong in the others."""
    rows = understood.rows
    gathered = Gathered(sheet.format, understood.columns, rows.name_of, faults=[*sheet.faults])
    for count, (number, cells) in enumerate(sheet.rows()):
        if count % _CHUNK == 0:
            tell("reading", count, None)
        said = rows.read(cells)
        gathered.warnings += [_told(number, one) for one in said.warnings]
        form, parent, faults = _form_of(said, rows.name_of)
        if form is not None:
            index = len(gathered.numbers)
            first = gathered.keys.setdefault((form.reference, form.counterparty), index)
            if first == index:
                gathered.numbers.append(number)
                gathered.places.append(gathered.staged.put(form, said.theirs))
                if parent is not None:
                    gathered.parents[index] = parent
            else:
                same = gathered.numbers[first]
                rule = f"the same reference and counterparty stand in row {same}"
                faults = [Remark(rows.name_of("reference"), rule, form.reference)]
        gathered.faults += [_told(number, one) for one in faults]
    return gathered


def _told(number: int, remark: Remark) -> RowFault:
    value = remark.value if len(remark.value) <= _SHOWN else remark.value[: _SHOWN - 1] + "…"
    return RowFault(number, remark.column, remark.rule, value)


def _form_of(
    said: Said, name_of: Callable[[str], str]
) -> tuple[AgreementForm | None, Key | None, list[Remark]]:
    document, wrong = document_from(said.cells)
    faults = list(said.faults)
    parent_reference = document.pop("parent_reference", None)
    parent_counterparty = document.pop("parent_counterparty", None)
    if parent_reference is None and parent_counterparty is not None:
        wrong.append(Fault("parent_reference", "is needed where parent_counterparty is given"))
    if parent_reference is not None:
        # A stand-in, so that the form's own rule about parents can be judged.
        document["parent_id"] = _UNRESOLVED
    form = None
    try:
        form = AgreementForm.model_validate(document)
    except ValidationError as error:
        known = {fault.field for fault in wrong}
        found = [Fault(column_of(fault.field), fault.rule) for fault in faults_of(error)]
        wrong += [
            Fault(fault.field, _EMPTY)
            if fault.field in NEEDED and not said.cells.get(fault.field)
            else fault
            for fault in found
            if fault.field not in known
        ]
    named = {one.column for one in faults}
    faults += [
        Remark(name_of(one.field), one.rule, said.cells.get(one.field, ""))
        for one in wrong
        if name_of(one.field) not in named
    ]
    if faults or form is None:
        return None, None, faults
    if parent_reference is None:
        return form, None, faults
    return form, (parent_reference, parent_counterparty or form.counterparty), faults


_UNRESOLVED = UUID(int=0)
_EMPTY = "is needed, and this row leaves it empty"
_NO_PARENT = "the parent cannot be taken, so neither can this row"


def carry_out(
    session: Session, planned: Plan, *, actor: Actor, now: datetime, tell: Progress = nobody
) -> None:
    """Store what a plan says, with milestones and audit, in the session's transaction.

    Raises `Stale` when somebody else entered or changed one of the agreements since the plan.
    """
    first, last = span_of(session)
    dossiers, following = Dossiers(session), []
    total = len(planned.created) + len(planned.changed)
    for start in range(0, len(planned.created), _CHUNK):
        tell("storing", start, total)
        forms = [(one.id, one.form) for one in planned.created[start : start + _CHUNK]]
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
    for start in range(0, len(planned.changed), _CHUNK):
        tell("storing", len(planned.created) + start, total)
        some = planned.changed[start : start + _CHUNK]
        audit.add(session, _changes(session, some, actor, now))
    following += [entry.id for entry in planned.changed]
    known = Dossiers(session)
    for done, agreement_id in enumerate(following):  # parents and children change together
        if done % _CHUNK == 0:
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
        self.terms_of = lru_cache(maxsize=_CHUNK)(self._found_terms)

    def resolve(self) -> None:
        """Sort all rows into the plan, parents before what stands below them."""
        keys = list(self._rows.keys)
        order = sorted(range(len(keys)), key=lambda index: self._depth(self._ids[keys[index]]))
        for start in range(0, len(order), _CHUNK):
            self._tell("checking", start, len(order))
            some = order[start : start + _CHUNK]
            old_rows = agreements.by_ids(
                self._session,
                (self._ids[keys[index]] for index in some if keys[index] in self._known),
            )
            for index in some:
                key = keys[index]
                fault = self._sorted(index, key, old_rows.get(self._ids[key]))
                if fault is not None:
                    self._bad.add(index)
                    self._planned.faults.append(_told(self._rows.numbers[index], fault))
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
                parent = self.terms_of(parent_key)
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

    def _found_terms(self, key: Key) -> Terms | None:
        """Return the terms of a parent; None where they cannot be told."""
        kept = agreements.by_id(self._session, self._known[key]) if key in self._known else None
        try:
            if key not in self._rows.keys:
                return None if kept is None else self._dossiers.of(kept).terms
            index = self._rows.keys[key]
            form = self._rows.staged.form(self._rows.places[index])
            above = self.terms_of(self._rows.parents[index]) if form.co_terminous else None
            acts = Acts() if kept is None else self._dossiers.acts_of(kept)
            return self._dossiers.with_terms(dict(form), terms_document(form), above, acts)
        except (Unreadable, BadTerms):
            return None
