"""Files of agreements at the command line: taken in, tried first, and read by mappings."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.office import OPERATOR, Office, content_of, opened_office, stop
from app.usecases import mappings
from app.usecases.files import Format
from app.usecases.foreign.synonyms import IGNORED, plain
from app.usecases.forms import faults_of
from app.usecases.gathering import Progress as Tell
from app.usecases.gathering import nobody
from app.usecases.mapping_forms import MannerForm, MappingForm
from app.usecases.receiving import Sent, Taken, rehearse, take

mapping_commands = typer.Typer(help="How columns of other people's files are read.")

_PHASES = {
    "looking": "Looking through",
    "reading": "Reading",
    "checking": "Checking",
    "storing": "Storing",
    "dating": "Dating",
}


def import_file(  # noqa: PLR0913 - one for each option
    file: Annotated[Path, typer.Argument(help="A CSV, XLSX or OCDS file of agreements.")],
    *,
    worksheet: Annotated[
        str | None,
        typer.Option(help="Which worksheet; the first visible one with cells if left out."),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what the file would do.")] = False,
    partial: Annotated[
        Path | None,
        typer.Option(help="Store the rows that can be, and write the others into this file."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(help="A preset, a saved mapping, or a file that ends with .json."),
    ] = None,
    day_order: Annotated[
        Literal["dmy", "mdy"] | None, typer.Option(help="Which of 03/04/2025 is the month.")
    ] = None,
    decimal_mark: Annotated[
        Literal["point", "comma"] | None, typer.Option(help="What stands before decimals.")
    ] = None,
    end_date_is: Annotated[
        Literal["last_day", "renewal_date"] | None, typer.Option(help="What an end is.")
    ] = None,
    no_end: Annotated[
        Literal["evergreen", "perpetual"] | None,
        typer.Option(help="What an agreement without an end is; refused if left out."),
    ] = None,
    keep_unrecognised: Annotated[
        bool | None, typer.Option(help="Keep columns that are none of ours in custom.")
    ] = None,
    propose: Annotated[
        Path | None,
        typer.Option(help="Write how the columns are read as a mapping, to be mended; store none."),
    ] = None,
) -> None:
    """Take in a file of agreements: every row, or none and the reasons."""
    answers = MannerForm(
        day_order=day_order,
        decimal_mark=decimal_mark,
        end_date_is=end_date_is,
        no_end=no_end,
        keep_unrecognised=keep_unrecognised,
    )
    with opened_office() as office, _progress() as tell:
        content = content_of(file, office.settings.max_import_bytes)
        given, name = _mapping_of(mapping)
        with office.database.reading() as session:
            choice = mappings.chosen(session, name, given, answers)
        most = office.settings.max_import_rows
        sent = Sent(content, most, worksheet, choice, partial is not None)
        if propose is not None or dry_run:
            report = _rehearsed(office, sent, tell)
        else:
            taken = _taken(office, sent, tell)
            report = taken.report
    if propose is not None:
        _write(propose, _as_json(_proposal(report, choice.mapping)).encode())
        typer.echo(f"{propose} says how each column is read: mend it, then use --mapping {propose}")
        for line in _faults(report):
            typer.echo(line)
        return
    _tell(report)
    if not dry_run and partial is not None and taken.refused is not None:
        _write(partial, taken.refused)
        stop(f"{report['refused']} rows were refused: {partial} has them, with the reasons.")
    if dry_run and report["refused"]:
        raise typer.Exit(1)


@mapping_commands.command("list")
def mapping_list() -> None:
    """List the presets and the saved mappings."""
    with opened_office() as office, office.database.reading() as session:
        for one in mappings.every(session):
            typer.echo(f"{one.name}  {'preset' if one.is_preset else 'saved'}")


@mapping_commands.command("show")
def mapping_show(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Print a mapping as JSON."""
    with opened_office() as office, office.database.reading() as session:
        found = mappings.by_name(session, name).mapping.model_dump(exclude_none=True)
    typer.echo(_as_json(found))


@mapping_commands.command("save")
def mapping_save(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    file: Annotated[Path, typer.Argument(help="A JSON file, as --propose writes it.")],
) -> None:
    """Keep a mapping under a name, in the place of what was saved before."""
    form = _mapping_in(file)
    with opened_office() as office, office.database.writing() as session:
        mappings.check_name(name)
        mappings.save(session, name, form, actor=OPERATOR, now=office.clock.now())


@mapping_commands.command("remove")
def mapping_remove(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Forget a saved mapping; agreements that came in by it stay."""
    with opened_office() as office, office.database.writing() as session:
        mappings.remove(session, name, actor=OPERATOR, now=office.clock.now())


def _rehearsed(office: Office, sent: Sent, tell: Tell) -> dict[str, Any]:
    today, now = office.clock.today(), office.clock.now()
    with office.database.reading() as session:
        return rehearse(session, sent, today=today, now=now, most=None, tell=tell)


def _taken(office: Office, sent: Sent, tell: Tell) -> Taken:
    gathered = sent.gathered(tell)
    with office.database.writing() as session:
        now = office.clock.now()
        return take(session, sent, gathered, actor=OPERATOR, now=now, tell=tell)


@contextmanager
def _progress() -> Iterator[Tell]:
    """Show how far an import is, on a terminal; into a pipe goes nothing of it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield nobody
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("Looking through", total=None)

        def tell(phase: str, done: int, total: int | None) -> None:
            shown.update(task, description=_PHASES[phase], completed=done, total=total)

        yield tell


def _mapping_of(named: str | None) -> tuple[MappingForm | None, str | None]:
    """Return the mapping in a file, or the name of one that is kept."""
    if named is None or not named.endswith(".json"):
        return None, named
    return _mapping_in(Path(named)), None


def _mapping_in(file: Path) -> MappingForm:
    try:
        return MappingForm.model_validate_json(file.read_bytes())
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    except ValidationError as error:
        stop("\n".join(f"{fault.field or file}: {fault.rule}" for fault in faults_of(error)))


def _proposal(report: Mapping[str, Any], mapping: MappingForm) -> dict[str, Any]:
    """Return a mapping that reads the file as it was read; what is only likely is left open.

    The surest column stands first: it goes before others that say the same. Of names that are
    alike but for their spelling, which a mapping takes for one, the one that is used stands.
    """
    surest = sorted(report["columns"], key=lambda one: (-one["used"], -one["confidence"]))
    columns: dict[str, dict[str, Any]] = {}
    for one in surest:
        if one["name"] == IGNORED:
            continue  # no file has it but that of refused rows
        unit = {"unit": one["unit"]} if one["used"] and one["unit"] else {}
        told = {"column": one["name"], "field": one["field"] if one["used"] else None, **unit}
        columns.setdefault(plain(one["name"]), told)
    return mapping.model_dump(exclude_none=True) | {"columns": list(columns.values())}


def _as_json(mapping: Mapping[str, Any]) -> str:
    return json.dumps(mapping, indent=2, ensure_ascii=False)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}.")


def _tell(report: Mapping[str, Any]) -> None:
    """Print a report: what is wrong or worth a look first, then what would be done."""
    for line in _sentences(report):
        typer.echo(line)
    would = "would be " if report["dry_run"] else ""
    refused = f", {report['refused']} refused" if report["refused"] else ""
    typer.echo(
        f"{report['created']} {would}created, {report['changed']} {would}changed,"
        f" {report['unchanged']} left alone{refused}."
    )


def _sentences(report: Mapping[str, Any]) -> Iterator[str]:
    yield Format(**report["format"]).sentence
    yield from _about_columns(report["columns"])
    yield from _faults(report)
    for fault in report["warnings"]:
        yield f"Look at row {fault['row']}, {fault['column']}: {fault['detail']}"
    for one in report["creations"]:
        yield (
            f"row {one['row']}, {one['reference']} of {one['counterparty']}: new, end of the term"
            f" {_value(one['term_end'])}, next notice deadline"
            f" {_value(one['next_notice_deadline'])}"
        )
    for change in report["changes"]:
        yield from _about_change(change)
    for one in report["missing_agreements"]:
        yield f"Not in the file: {one['reference']} of {one['counterparty']}; it stays as it is."
    for one in report["differences"]:
        name = one["which"].replace("_", " ")
        yield (
            f"row {one['row']}, {one['reference']}: the {name} was {one['theirs']} there,"
            f" and is {_value(one['ours'])} here. {' '.join(one['why'])}"
        )


def _faults(report: Mapping[str, Any]) -> Iterator[str]:
    for question in report["questions"]:
        yield f"Question: {question['sentence']}."
    # A question stands among the errors too, for those who know errors alone.
    for fault in () if report["questions"] else report["errors"]:
        shown = f" ({fault['value']})" if fault["value"] else ""
        yield f"row {fault['row']}, {fault['column']}: {fault['detail']}{shown}"


def _about_columns(columns: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in columns:
        if one["used"] and one["field"] != one["name"]:
            unit = f" in {one['unit']}" if one["unit"] else ""
            yield f"{one['name']}: {one['field']}{unit}"
        elif not one["used"]:
            maybe = f"; it may be {one['field']}" if one["field"] else ""
            yield f"{one['name']}: not used{maybe}"


def _about_change(change: Mapping[str, Any]) -> Iterator[str]:
    yield f"row {change['row']}, {change['reference']} of {change['counterparty']}:"
    for field in change["fields"]:
        yield f"  {field['field']}: {_value(field['old'])} -> {_value(field['new'])}"
    for moved in change["dates"]:
        name = moved["milestone"].replace("_", " ")
        dates = f"{_value(moved['old'])} -> {_value(moved['new'])}"
        yield f"  {name} of term {moved['term']}: {dates}"


def _value(value: object) -> str:
    return "nothing" if value is None else str(value)
