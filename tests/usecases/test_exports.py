"""The register leaves as it was entered: imported again, it changes nothing."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import delete

from app.records import agreements
from app.records.agreements import Filters
from app.records.engine import Database, Session
from app.records.tables import Agreement
from app.usecases import imports, workbook
from app.usecases.agreements import create, remove, row_of
from app.usecases.columns import COLUMNS, cells_of, document_from
from app.usecases.exports import WRITERS, Exported, ending_of, export
from app.usecases.forms import AgreementForm
from app.usecases.imports import Plan
from app.usecases.refusals import TooManyForASheet
from app.usecases.workbook import write_workbook
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    a_form,
    a_row,
    amended,
    entered,
    length,
    sabotage,
    settled,
)
from tests.usecases.strategies import forms, sound_forms

EXAMPLE = (Path(__file__).parents[2] / "examples/register.csv").read_bytes()
EVERYTHING = Filters()
Cell = str | float | bool | date


class Sink(io.RawIOBase):
    """A file that forgets what it was told, and counts it; `each` is asked at every write."""

    def __init__(self, each: Any = None) -> None:  # noqa: ANN401 - whatever can be called
        self.size = 0
        self._each = each

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 - any buffer
        self.size += len(content)
        if self._each is not None:
            self._each()
        return len(content)


def exported(
    database: Database, ending: str, filters: Filters = EVERYTHING
) -> tuple[bytes, Exported]:
    file = io.BytesIO()
    with database.reading() as session:
        told = export(session, filters, ending, file)
    return file.getvalue(), told


def as_csv(database: Database, filters: Filters = EVERYTHING) -> list[str]:
    return exported(database, "csv", filters)[0].decode("utf-8-sig").split("\r\n")[1:-1]


def as_json(database: Database, filters: Filters = EVERYTHING) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(exported(database, "json", filters)[0])
    return found


def as_rows(content: bytes) -> list[list[Any]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)


def planned(session: Session, content: bytes) -> Plan:
    return imports.plan(session, content, now=NOW, max_rows=100)


def counts(found: Plan) -> tuple[int, int, int]:
    return len(found.created), len(found.changed), len(found.unchanged)


def keep(database: Database, *rows: dict[str, Any]) -> None:
    with database.writing() as session:
        agreements.insert_rows(session, rows)


def in_words(cell: Cell) -> str:
    """Return a cell of a sheet as a file has it."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        # The shortest decimals that are this number, as programs for sheets show it.
        return f"{Decimal(repr(cell)).normalize():f}"
    return str(cell)


def with_plain_amounts(form: AgreementForm) -> dict[str, Any]:
    """Return a form with amounts as a sheet gives them back."""
    found = form.model_dump()
    for name in ("annual_value", "total_value"):
        if found[name] is not None:
            whole, _, part = found[name].partition(".")
            found[name] = f"{whole.lstrip('0') or '0'}.{part.rstrip('0')}".rstrip(".")
    return found


@pytest.mark.parametrize("ending", ["csv", "xlsx", "ocds.json"])
def test_the_example_register_leaves_and_comes_back_without_a_change(
    database: Database, ending: str
) -> None:
    with database.writing() as session:
        imports.carry_out(session, planned(session, EXAMPLE), actor=OPERATOR, now=NOW)
    content, told = exported(database, ending)
    assert told == Exported(written=66, left_out=0)
    with database.reading() as session:
        assert counts(planned(session, content)) == (0, 0, 66)
    with database.writing() as session:
        session.execute(delete(Agreement).where(Agreement.parent_id.is_not(None)))
        session.execute(delete(Agreement))
        imports.carry_out(session, planned(session, content), actor=OPERATOR, now=NOW)
    again = exported(database, ending)
    # A sheet gives amounts back without the zeros at their end; a package tells new ids.
    assert again == (content, told) if ending == "csv" else again[1] == told


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sound=st.lists(sound_forms, max_size=5, unique_by=lambda one: (one.reference, one.counterparty))
)
def test_whatever_was_entered_a_file_of_it_changes_nothing(
    database: Database, sound: list[AgreementForm]
) -> None:
    with database.writing() as session:
        session.execute(delete(Agreement))
    keep(database, *(row_of(form, uuid4(), NOW) for form in sound))
    for ending in ("csv", "xlsx", "ocds.json"):
        content, told = exported(database, ending)
        assert told == Exported(written=len(sound), left_out=0)
        with database.reading() as session:
            assert counts(planned(session, content)) == (0, 0, len(sound))


@settings(deadline=None)
@given(forms)
def test_whatever_was_entered_a_sheet_of_it_says_the_same(form: AgreementForm) -> None:
    file = io.BytesIO()
    write_workbook([cells_of(form.model_dump(exclude_none=True))], file)
    header, row = as_rows(file.getvalue())
    assert header == list(COLUMNS)
    document, faults = document_from(dict(zip(header, map(in_words, row), strict=True)))
    assert not faults
    again = AgreementForm.model_validate(document)
    assert with_plain_amounts(again) == with_plain_amounts(form)


def test_an_amount_that_a_sheet_wrote_shorter_is_no_change(database: Database) -> None:
    keep(database, a_row(reference="A", currency="EUR", annual_value="0120.50", total_value="0"))
    content, _ = exported(database, "csv")
    shorter = content.replace(b"0120.50,0,", b"120.5,0.00,")
    other = content.replace(b"0120.50,0,", b"120.05,0,")
    assert len({content, shorter, other}) == 3
    with database.writing() as session:
        assert counts(planned(session, shorter)) == (0, 0, 1)
        assert counts(planned(session, other)) == (0, 1, 0)
        assert counts(planned(session, content.replace(b"0120.50,0,", b",,"))) == (0, 1, 0)
        imports.carry_out(
            session,
            planned(session, shorter.replace(b"Backup", b"Restore")),
            actor=OPERATOR,
            now=NOW,
        )
    assert as_json(database)[0]["annual_value"] == "0120.50"


def test_a_parent_is_told_by_reference_and_by_another_counterparty(database: Database) -> None:
    parent = a_row(reference="P", counterparty="Reseller")
    keep(
        database,
        parent,
        a_row(reference="A", counterparty="Reseller", parent_id=parent["id"]),
        a_row(reference="B", counterparty="Maker", parent_id=parent["id"]),
        a_row(reference="P", counterparty="Maker"),
    )
    content, _ = exported(database, "csv")
    package, _ = exported(database, "ocds.json")
    with database.reading() as session:
        assert counts(planned(session, content)) == (0, 0, 4)
        assert counts(planned(session, package)) == (0, 0, 4)
    told = [line.split(",") for line in as_csv(database, Filters(counterparty="Maker"))]
    at = [list(COLUMNS).index(name) - len(COLUMNS) for name in ("notice_address", "co_terminous")]
    assert [one[at[0] + 1 : at[1]] for one in told] == [["P", "Reseller"], ["", ""]]
    children = {one["reference"]: one.get("parent_id") for one in as_json(database)}
    assert children == {"A": str(parent["id"]), "B": str(parent["id"]), "P": None}


def test_what_was_entered_leaves_and_not_what_was_done_since(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, currency="EUR", annual_value="10.00")
        gone = entered(session, reference="gone")
        before = create(session, a_form(reference="B"), actor=OPERATOR, today=TODAY, now=NOW)
    plain = exported(database, "csv", Filters(text="IT-2024"))
    with database.writing() as session:
        amended(session, one.id, "2026-12-01", annual_value="20.00")
        settled(session, before.id, 3, "renew")
        remove(session, gone.id, frozenset({1}), reason=None, actor=OPERATOR, now=NOW)
    assert exported(database, "csv", Filters(text="IT-2024")) == plain
    assert [one["reference"] for one in as_json(database)] == ["B", "IT-2024-017"]


def test_json_is_what_is_entered_with_an_id_and_nothing_that_was_not_given(
    database: Database,
) -> None:
    row = a_row(reference="A", tags=["a;b"], signed_date="2024-02-29")
    keep(database, row)
    (found,) = as_json(database)
    assert found == {
        "id": str(row["id"]),
        "reference": "A",
        "title": "Backup software, 400 servers",
        "counterparty": "Northwind Software",
        "kind": "software_maintenance",
        "co_terminous": False,
        "signed_date": "2024-02-29",
        "tags": ["a;b"],
        "start_date": "2024-04-15",
        "initial_term": length("12 months"),
        "renewal": {"kind": "auto", "term": length("12 months")},
        "notice": length("45 days"),
        "lead_days": 90,
    }


@pytest.mark.parametrize("ending", WRITERS)
def test_an_empty_register_leaves_as_a_file_of_nothing(database: Database, ending: str) -> None:
    content, told = exported(database, ending)
    assert told == Exported(written=0, left_out=0)
    if ending == "csv":
        assert content.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"
        with database.reading() as session:
            assert counts(planned(session, content)) == (0, 0, 0)
    elif ending == "json":
        assert json.loads(content) == []
    elif ending == "ocds.json":
        assert json.loads(content)["releases"] == []
        with database.reading() as session:
            assert counts(planned(session, content)) == (0, 0, 0)
    else:
        assert as_rows(content) == [list(COLUMNS)]


def test_no_cell_of_a_csv_begins_like_a_formula(database: Database) -> None:
    keep(database, a_row(reference="=1+1", title="@SUM(A1)", owner="'-2", notes="a\n=1"))
    content, _ = exported(database, "csv")
    assert content.startswith(b"\xef\xbb\xbfreference,")
    (line,) = as_csv(database)
    assert line.startswith("'=1+1,'@SUM(A1),")
    assert ",''-2," in line
    assert line.endswith(',"a\n=1",')


@pytest.mark.parametrize("ending", WRITERS)
def test_the_filters_are_those_of_the_list(database: Database, ending: str) -> None:
    rows = [
        a_row(reference="A", title="VPN für Zürich", kind="saas", tags=["vpn"]),
        a_row(reference="B", owner="Ada", criticality="high", spend_class="core"),
        a_row(reference="C", counterparty="Contoso"),
    ]
    keep(database, *rows)
    for filters in (
        Filters(text="ZÜRICH", tag="vpn"),
        Filters(owner="Ada", criticality="high", spend_class="core"),
        Filters(counterparty="Contoso"),
        Filters(kind="software_maintenance"),
        Filters(tag="nothing"),
    ):
        passing = [row["reference"] for row in rows if filters.take(row)]
        content, told = exported(database, ending, filters)
        assert told == Exported(len(passing), 0)
        assert references_in(content, ending) == passing


def references_in(content: bytes, ending: str) -> list[str]:
    if ending == "xlsx":
        return [row[0] for row in as_rows(content)[1:]]
    if ending == "json":
        return [one["reference"] for one in json.loads(content)]
    if ending == "ocds.json":
        return [one["contracts"][0]["id"] for one in json.loads(content)["releases"]]
    return [line.split(",")[0] for line in content.decode().split("\r\n")[1:-1]]


BROKEN: list[dict[str, object]] = [
    {"terms": "{"},
    {"terms": "[]"},
    {"terms": '{"start_date": "2024-02-30"}'},
    {"terms": '{"start_date": "2024-02-29", "surprise": 1}'},
    {"tags": "7"},
    {"currency": "euro"},
]


@pytest.mark.parametrize("values", BROKEN, ids=str)
def test_what_cannot_be_read_is_left_out_counted_and_logged(
    database: Database, values: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = a_row(reference="A"), a_row(reference="B")
    keep(database, broken, sound)
    with database.writing() as session:
        sabotage(session, broken["id"], **values)
    content, told = exported(database, "json")
    assert told == Exported(written=1, left_out=1)
    assert [one["reference"] for one in json.loads(content)] == ["B"]
    assert str(broken["id"]) in caplog.text


def test_what_belongs_to_nothing_is_left_out(database: Database) -> None:
    parent = a_row(reference="P")
    keep(database, parent, a_row(reference="C", parent_id=parent["id"]))
    with database.writing() as session:
        sabotage(session, parent["id"], removed_at=NOW)
    assert exported(database, "csv")[1] == Exported(written=0, left_out=1)


def test_a_file_is_the_register_of_one_moment(database: Database) -> None:
    keep(database, *(a_row(reference=f"R{number:04}") for number in range(600)))
    changed: list[UUID] = []

    def change() -> None:
        if not changed:
            late = a_row(reference="R9999")
            changed.append(late["id"])
            with database.writing() as session:
                agreements.insert_rows(session, [late])
                (last,) = agreements.ids_by_references(session, ["R0599"]).values()
                sabotage(session, last, removed_at=NOW)

    with database.reading() as session:
        assert export(session, EVERYTHING, "json", sink(change)) == Exported(600, 0)
    assert changed
    assert exported(database, "json")[1] == Exported(600, 0)
    assert as_json(database)[-1]["reference"] == "R9999"


def sink(each: Any = None) -> IO[bytes]:  # noqa: ANN401 - whatever can be called
    found: Any = Sink(each)
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("ending", "many"), [("csv", 20_000), ("json", 5_000), ("xlsx", 5_000), ("ocds.json", 5_000)]
)
def test_a_large_register_does_not_fill_the_memory(
    prepared_sqlite: Path, tmp_path: Path, ending: str, many: int
) -> None:
    path = tmp_path / "large.db"
    path.write_bytes(prepared_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    usual = a_row(notes="x" * 500)
    for start in range(0, many, 2_500):
        numbers = range(start, start + 2_500)
        keep(database, *(usual | {"id": uuid4(), "reference": f"R{each}"} for each in numbers))
    exported(database, ending, Filters(text="nothing"))  # what is loaded once does not count
    tracemalloc.start()
    try:
        with database.reading() as session:
            assert export(session, EVERYTHING, ending, sink()) == Exported(many, 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        database.close()
    assert peak < 3_000_000  # of 13,000,000 bytes that 20,000 agreements take in a file alone


def test_cells_of_a_sheet_have_types_and_none_is_a_formula(database: Database) -> None:
    keep(
        database,
        a_row(
            reference="007",
            title="=1+1",
            owner="<r><t>x</t></r>",
            cost_centre="<r></is></c><c><f>1+1</f></c></r>",
            governing_law="_x0041_",
            notes="a\nb",
            currency="EUR",
            annual_value="120000.00",
            total_value="123456789012345.6789",
            signed_date="2023-11-20",
            document_link="https://contracts.example/7",
        ),
    )
    content, _ = exported(database, "xlsx")
    header, row = as_rows(content)
    found = dict(zip(header, row, strict=True))
    assert {name: cell for name, cell in found.items() if cell != ""} == {
        "reference": "007",
        "title": "=1+1",
        "counterparty": "Northwind Software",
        "kind": "software_maintenance",
        "owner": "<r><t>x</t></r>",
        "cost_centre": "<r></is></c><c><f>1+1</f></c></r>",
        "governing_law": "_x0041_",
        "currency": "EUR",
        "annual_value": 120000.0,
        "total_value": "123456789012345.6789",
        "signed_date": date(2023, 11, 20),
        "start_date": date(2024, 4, 15),
        "initial_term": "12 months",
        "renewal_kind": "auto",
        "renewal_term": "12 months",
        "notice": "45 days",
        "lead_days": 90.0,
        "co_terminous": "false",
        "document_link": "https://contracts.example/7",
        "notes": "a\nb",
    }
    sheet = part_of(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_a_sheet_keeps_its_header_in_sight_and_can_be_filtered(database: Database) -> None:
    keep(database, a_row(), a_row())
    content, _ = exported(database, "xlsx")
    sheet = part_of(content, "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:BI3"/>' in sheet
    assert '<ignoredError sqref="A1:BI3" numberStoredAsText="1"/>' in sheet


def test_equal_registers_make_equal_files_that_tell_nothing_of_the_machine(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(database, a_row(reference="A"))
    first, _ = exported(database, "xlsx")
    with database.writing() as session:
        session.execute(delete(Agreement))
    monkeypatch.setenv("USER", "somebody")
    keep(database, a_row(reference="A"))
    assert exported(database, "xlsx")[0] == first
    core = part_of(first, "docProps/core.xml")
    assert "<dc:creator></dc:creator><cp:lastModifiedBy></cp:lastModifiedBy>" in core
    assert core.count("2000-01-01T00:00:00Z") == 2


def test_more_than_a_sheet_has_rows_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MOST_ROWS", 3)
    rows = [cells_of({"reference": "A"})] * 3
    write_workbook(rows[1:], io.BytesIO())
    with pytest.raises(TooManyForASheet, match="take CSV"):
        write_workbook(rows, io.BytesIO())


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("register.csv", "csv"),
        ("Register.OCDS.JSON", "ocds.json"),
        ("ocds.json", "json"),
        ("register.json", "json"),
        ("register.pdf", None),
        ("csv", None),
    ],
)
def test_the_longest_ending_of_a_name_counts(name: str, ending: str | None) -> None:
    assert ending_of(name) == ending


def test_a_package_is_as_old_as_its_newest_change(database: Database) -> None:
    late = NOW.replace(year=2030)
    keep(database, a_row(updated_at=NOW), a_row(updated_at=late), a_row(updated_at=NOW))
    package = json.loads(exported(database, "ocds.json")[0])
    assert package["publishedDate"] == late.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert package["publishedDate"] in {one["date"] for one in package["releases"]}


def test_a_full_disk_is_told_as_such_and_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = [cells_of({"reference": "A"})]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_workbook(rows, sink(full))
    monkeypatch.setattr("xlsxwriter.workbook.ZipFile.write", full)
    with pytest.raises(OSError, match="No space left"):
        write_workbook(rows, sink())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_finished_does_not_look_whole(tmp_path: Path) -> None:
    def interrupted() -> Iterator[dict[str, str]]:
        yield cells_of({"reference": "A"})
        raise ZeroDivisionError

    file = tmp_path / "register.xlsx"
    with file.open("wb") as opened, pytest.raises(ZeroDivisionError):
        write_workbook(interrupted(), opened)
    assert file.read_bytes() == b""


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()
