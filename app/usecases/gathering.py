"""What do the rows of a file state, and what is wrong in those that state nothing?

A file is looked through as a whole before a row of it is read: its names and cells say what
each column is, and the cells that leave no choice say how days and amounts are written. What
stays open is asked. Needs no register, so that nobody waits meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from uuid import UUID

from pydantic import ValidationError

from app.usecases.columns import COLUMNS, NEEDED, column_of, document_from
from app.usecases.files import BadFile, Format, RowFault, bad_row
from app.usecases.foreign.amounts import AmountQuestion
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayQuestion
from app.usecases.foreign.headers import is_import_form, look, proposed
from app.usecases.foreign.import_form import FormRows
from app.usecases.foreign.rows import ForeignRows, Manner, Remark, Said
from app.usecases.foreign.synonyms import IGNORED, plain
from app.usecases.forms import AgreementForm, faults_of
from app.usecases.mapping_forms import Choice
from app.usecases.refusals import Fault
from app.usecases.sheets import Sheet, read
from app.usecases.staging import Staged

Key = tuple[str, str]
"""What tells agreements apart: reference and counterparty."""

Progress = Callable[[str, int, int | None], None]
"""Told how far an import is: its phase, the rows behind it, and how many there are if known."""

CHUNK = 250
"""So many rows are worked on at a time."""
_SHOWN = 60
"""So much of a cell is shown with what is wrong in it."""


def nobody(_phase: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Understood:
    """How a sheet is read: its columns, what it leaves open, and who reads its rows."""

    columns: list[Column]
    rows: FormRows | ForeignRows
    questions: list[DayQuestion | AmountQuestion]


@dataclass(slots=True)
class Gathered:
    """What the rows of a file state, where each is staged, and what is wrong in the others.

    `refused` are the agreements that rows name which cannot be read otherwise.
    """

    read_as: Format
    columns: list[Column]
    name_of: Callable[[str], str]
    staged: Staged = field(default_factory=Staged)
    numbers: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    keys: dict[Key, int] = field(default_factory=dict)
    parents: dict[int, Key] = field(default_factory=dict)
    refused: set[Key] = field(default_factory=set)
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


def understand(sheet: Sheet, choice: Choice) -> Understood:
    """Return how a sheet is read. Raises `BadFile` where it cannot be."""
    fixed, manner = choice.mapping.fixed(), choice.manner()
    if sheet.format.name == "ocds":
        # Its header is ours; what stands beside our columns was put there to be kept.
        manner = replace(manner, keep_unrecognised=True)
    sample = [cells for _, cells in islice(sheet.rows(), 5 * CHUNK)]
    columns = proposed(sheet.header, fixed, sample)
    ours = is_import_form(sheet.header) and choice.mapping.is_of_our_form()
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
    read_by = [one for one in columns if one.name != IGNORED]  # reasons of the last time
    rows: FormRows | ForeignRows = (
        FormRows(read_by, manner, disarmed=disarmed)
        if ours
        else ForeignRows(read_by, manner, disarmed=disarmed)
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
            if not one.used and one.name != IGNORED and plain(one.name) not in fixed
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
        if count % CHUNK == 0:
            tell("reading", count, None)
        said = rows.read(cells)
        gathered.warnings += [told(number, one) for one in said.warnings]
        form, parent, faults = _form_of(said, rows.name_of)
        if form is None:
            named = (said.cells.get(name, "").strip() for name in ("reference", "counterparty"))
            gathered.refused.add((next(named), next(named)))
        else:
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
        gathered.faults += [told(number, one) for one in faults]
    return gathered


def told(number: int, remark: Remark) -> RowFault:
    """Return what is said about a cell of a row, with the cell shortened."""
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
