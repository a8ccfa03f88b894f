"""Contracts Finder notices in, the import form and refusals out."""

import csv
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "examples" / "contracts_finder.py"
NOTICES = HERE / "contracts_finder.csv"

LEFT_OPEN = (
    "A notice has no field for renewal or for a notice period; what is known is the end it states."
)
EXPECTED = [
    {
        "reference": "notice-2",
        "title": "Parents' portal (SaaS)",
        "kind": "saas",
        "counterparty": "Quillmark Systems Ltd",
        "cost_centre": "Larkbeck Borough Council",
        "currency": "GBP",
        "total_value": "48000.00",
        "start_date": "2025-04-01",
        "end_date": "2027-03-31",
        "end_date_is": "last_day",
        "renewal_kind": "none",
        "document_link": "",
        "notes": (
            "From Contracts Finder, ocds-test-0002, awarded 2025-02-27. "
            f"Planned period: 2025-03-01 to 2027-02-28. {LEFT_OPEN} "
            "Its text speaks of an extension or renewal: read the contract."
        ),
    },
    {
        "reference": "notice-10",
        "title": "Repair of school computers",
        "kind": "hardware_support",
        "counterparty": "Łącza i Syn, Spółka",
        "cost_centre": "Larkbeck Schools Trust",
        "currency": "",
        "total_value": "",
        "start_date": "2025-06-30",
        "end_date": "2026-06-29",
        "end_date_is": "last_day",
        "renewal_kind": "none",
        "document_link": "",
        "notes": f"From Contracts Finder, ocds-test-0010. {LEFT_OPEN}",
    },
    {
        "reference": "notice-2",
        "title": "Parents evening portal",
        "kind": "software_maintenance",
        "counterparty": "Tarnbeck Software Ltd",
        "cost_centre": "Larkbeck Borough Council",
        "currency": "GBP",
        "total_value": "1999.90",
        "start_date": "2025-04-01",
        "end_date": "2027-03-31",
        "end_date_is": "last_day",
        "renewal_kind": "none",
        "document_link": "",
        "notes": f"From Contracts Finder, ocds-test-0002. {LEFT_OPEN}",
    },
]
MESSAGES = [
    "row 5 refused: no Supplier",
    "row 6 refused: Contract End Date 2027-11-31 is not a day of the calendar",
    "row 7 refused: it ends on 2024-03-31, before it starts on 2025-04-01",
    "row 8 refused: no Contract End Date (planned)",
    (
        "row 9 refused: several suppliers, and an agreement has one: "
        "Ashgill Code Ltd; Tarnbeck Software Ltd"
    ),
    "row 13 refused: its end, 2099-12-31, reads as no end at all",
    "row 14 refused: no Currency",
    "row 15 refused: cannot tell whether it is IT: CPV code ''",
    "row 16 refused: no Contract End Date",
    "row 17 refused: Contract Start Date '01/04/2025' is not a date",
    "row 18 refused: Awarded Value 'about 8,000' is not an amount",
    "row 11 repeats row 2: notice-2 / Quillmark Systems Ltd",
    "17 rows read: 2 not IT, 3 written, 11 refused, 1 repeated",
]


def test_it_rows_become_agreements_and_the_rest_is_accounted_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_script(monkeypatch, NOTICES)

    out, err = capsys.readouterr()
    assert list(csv.DictReader(out.splitlines())) == EXPECTED
    assert err.splitlines() == MESSAGES


def test_a_file_of_something_else_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("Supplier,Title\nQuillmark Systems Ltd,Portal\n")

    with pytest.raises(SystemExit):
        run_script(monkeypatch, other)

    out, err = capsys.readouterr()
    assert out == ""
    assert "no column Notice OCID, Notice Identifier" in err


def run_script(monkeypatch: pytest.MonkeyPatch, notices: Path) -> None:
    """Run the script as the command line does."""
    monkeypatch.setattr("sys.argv", [str(SCRIPT), str(notices)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
