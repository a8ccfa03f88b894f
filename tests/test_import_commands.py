"""Files of agreements at the command line, as a procurement assistant sends them."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.records import agreements
from app.records.engine import Database

COMMAND = [sys.executable, "-c", "from app.cli import cli; cli()"]
GERMAN = """Vertragsnummer;Bezeichnung;Lieferant;Vertragsbeginn;Vertragsende;Frist;Inventarnummer
V-1;Telefonie;Nordwind;03/04/2024;05/06/2027;3;LN-1
V-2;Wartung;Nordwind;04/05/2024;06/07/2027;3;LN-2
"""
FORM = "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice\n"
ROW = "{reference},Backup,Northwind,2024-04-15,12 months,auto,12 months,45 days\n"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """Return the environment of an operator with an empty register."""
    return {**os.environ, "NOTICEBOARD_DATABASE_URL": database_url}


@pytest.fixture
def german(tmp_path: Path) -> str:
    file = tmp_path / "vertraege.csv"
    file.write_text(GERMAN)
    return str(file)


def run(environment: dict[str, str], *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return [found[1] for found in agreements.keys(session)]


def test_a_dry_run_asks_and_tells_and_stores_nothing(
    environment: dict[str, str], database: Database, german: str
) -> None:
    asked = run(environment, "import", german, "--dry-run", status=1).stdout
    assert "Question: 03/04/2024 in row 2 may be Wed 3 Apr 2024 or Mon 4 Mar 2024" in asked
    told = run(environment, "import", german, "--dry-run", "--day-order", "dmy").stdout
    assert told.splitlines() == [
        "Read as CSV in UTF-8, with a semicolon between cells.",
        "Vertragsnummer: reference",
        "Bezeichnung: title",
        "Lieferant: counterparty",
        "Vertragsbeginn: start_date",
        "Vertragsende: end_date",
        "Frist: not used",
        "Inventarnummer: not used",
        "row 2, V-1 of Nordwind: new, end of the term 2027-06-05, next notice deadline nothing",
        "row 3, V-2 of Nordwind: new, end of the term 2027-07-06, next notice deadline nothing",
        "2 would be created, 0 would be changed, 0 left alone.",
    ]
    assert stored(database) == []


def test_a_proposal_is_mended_saved_and_used(
    environment: dict[str, str], database: Database, german: str, tmp_path: Path
) -> None:
    proposal = tmp_path / "mapping.json"
    told = run(environment, "import", german, "--propose", str(proposal), "--day-order", "dmy")
    assert f"mend it, then use --mapping {proposal}" in told.stdout
    mapping = json.loads(proposal.read_text())
    assert mapping["day_order"] == "dmy"
    assert mapping["columns"][5:] == [  # what is not used stands last
        {"column": "Frist", "field": None},
        {"column": "Inventarnummer", "field": None},
    ]
    mapping["columns"][5] = {"column": "Frist", "field": "notice", "unit": "months"}
    proposal.write_text(json.dumps(mapping))
    again = tmp_path / "again.json"
    run(environment, "import", german, "--mapping", str(proposal), "--propose", str(again))
    assert json.loads(again.read_text())["columns"] == mapping["columns"]
    run(environment, "mapping", "save", "vertraege", str(proposal))
    assert "vertraege  saved" in run(environment, "mapping", "list").stdout
    shown = json.loads(run(environment, "mapping", "show", "vertraege").stdout)
    assert shown["columns"][5]["unit"] == "months"
    told = run(environment, "import", german, "--mapping", "vertraege", "--keep-unrecognised")
    assert "Frist: notice in months" in told.stdout
    assert stored(database) == ["V-1", "V-2"]
    with database.reading() as session:
        assert {row["custom"] for row in agreements.every(session)} == {
            '{"Inventarnummer": "LN-1"}',
            '{"Inventarnummer": "LN-2"}',
        }
    run(environment, "mapping", "remove", "vertraege")
    assert "No mapping" in run(environment, "mapping", "show", "vertraege", status=1).stderr


def test_a_proposal_for_our_own_form_reads_it_as_it_is(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file, proposal = tmp_path / "register.csv", tmp_path / "mapping.json"
    endless = "E,Line,Northwind,2024-04-15,,evergreen,,30 days\n"
    file.write_text(FORM.strip() + ",refused_because\n" + endless.strip() + ",No reason.\n")
    run(environment, "import", str(file), "--propose", str(proposal))
    told = run(environment, "import", str(file), "--mapping", str(proposal)).stdout
    assert told.endswith("1 created, 0 changed, 0 left alone.\n")


def test_changes_and_what_is_missing_are_told_line_by_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(FORM + ROW.format(reference="A") + ROW.format(reference="B"))
    run(environment, "import", str(file))
    file.write_text(FORM + ROW.format(reference="A").replace("45 days", "90 days"))
    told = run(environment, "import", str(file), "--dry-run").stdout
    assert "row 2, A of Northwind:\n  notice.value: 45 -> 90\n" in told
    assert re.search(r"\n  notice deadline of term [0-9]+: [0-9-]{10} -> [0-9-]{10}\n", told)
    assert "Not in the file: B of Northwind; it stays as it is.\n" in told
    file.write_text(FORM + ROW.format(reference="A").replace(",45 days", ","))
    emptied = run(environment, "import", str(file), "--dry-run").stdout
    assert "  notice.value: 45 -> nothing\n" in emptied


def test_the_rows_that_can_be_are_stored_and_the_others_written(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    file, refused = tmp_path / "register.csv", tmp_path / "refused.csv"
    bad = ROW.format(reference="A").replace("45 days", "soon")
    file.write_text(FORM + bad + ROW.format(reference="B"))
    done = run(environment, "import", str(file), "--partial", str(refused), status=1)
    assert "row 2, notice: must be a length" in done.stdout
    assert done.stdout.endswith("1 created, 0 changed, 0 left alone, 1 refused.\n")
    assert f"1 rows were refused: {refused} has them" in done.stderr
    assert stored(database) == ["B"]
    refused.write_text(refused.read_text(encoding="utf-8-sig").replace("soon", "45 days"))
    run(environment, "import", str(refused), "--partial", str(tmp_path / "none.csv"))
    assert stored(database) == ["A", "B"]
    assert not (tmp_path / "none.csv").exists()
    nowhere = str(tmp_path / "no" / "refused.csv")
    lost = run(environment, "import", str(file), "--partial", nowhere, status=1)
    assert "cannot be written" in lost.stderr


def test_dates_of_another_tool_are_compared(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "glpi.csv"
    file.write_text(
        "Name;Number;Associated suppliers;Start date;Duration;Periodicity;Renewal;Expiration\n"
        "Antivirus;G-1;Contoso;2022-01-01;600;12;Never;2072-01-01\n"
    )
    told = run(environment, "import", str(file), "--dry-run", "--mapping", "glpi").stdout
    assert "row 2, G-1: the term end was 2072-01-01 there, and is 2071-12-31 here." in told


def test_a_warning_and_a_likely_column_are_told(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "Contract Number,Title,Supplier,Start,End,Contrct Valu\nA,B,C,2025-01-01,2026-01-01,5\n"
    )
    told = run(environment, "import", str(file), "--dry-run").stdout
    assert "Contrct Valu: not used; it may be total_value\n" in told
    assert "Look at row 2, End: is the start's anniversary" in told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read"), ("{", "Invalid JSON"), ('{"columns": 5}', "columns: ")],
)
def test_a_mapping_that_is_none_says_so(
    environment: dict[str, str], german: str, tmp_path: Path, content: str | None, sentence: str
) -> None:
    mapping = tmp_path / "mapping.json"
    if content is not None:
        mapping.write_text(content)
    told = run(environment, "import", german, "--mapping", str(mapping), status=1)
    assert sentence in told.stderr


def test_a_mapping_needs_a_plain_name(environment: dict[str, str], tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text("{}")
    told = run(environment, "mapping", "save", "No Name", str(mapping), status=1)
    assert "small letters" in told.stderr
    preset = run(environment, "mapping", "save", "glpi", str(mapping), status=1)
    assert "take another name" in preset.stderr


def test_a_package_of_contracts_comes_in(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text(FORM + ROW.format(reference="A"))
    run(environment, "import", str(file))
    package = tmp_path / "register.ocds.json"
    run(environment, "export", str(package))
    told = run(environment, "import", str(package)).stdout
    assert told == "Read as OCDS.\n0 created, 0 changed, 1 left alone.\n"


def test_progress_is_shown_on_a_terminal_and_not_in_a_pipe(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(FORM + "".join(ROW.format(reference=f"R{n}") for n in range(600)))
    command = [*COMMAND, "import", str(file)]
    piped = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert piped.stderr == ""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command,
        env={**environment, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:
            pass  # as a terminal says that nobody writes to it any more
        assert running.stdout is not None
        said = running.stdout.read()
    os.close(ours)
    assert b"Looking through" in shown
    assert b"500/600" in shown
    assert said.endswith(b"0 created, 0 changed, 600 left alone.\n")
