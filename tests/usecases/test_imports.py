"""A file comes in whole, or not at all and with every reason."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.records import acts, agreements, audit, milestones, register
from app.records.agreements import Filters, Order
from app.records.engine import Database, Session
from app.records.tables import Act
from app.renewals.acts import DecisionState
from app.usecases import imports
from app.usecases.agreements import Kept, change, page, remove
from app.usecases.columns import COLUMNS
from app.usecases.decisions import decision
from app.usecases.dossiers import LONGEST_LINE
from app.usecases.files import BadFile
from app.usecases.imports import Plan
from app.usecases.refusals import Stale, StillNeeded, TooLarge, Unreadable
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    amended,
    checked,
    entered,
    findings,
    length,
    noticed,
    read,
    sabotage,
    settled,
)

EXAMPLE = (Path(__file__).parents[2] / "examples/register.csv").read_bytes()
LATER = NOW + timedelta(hours=1)
Cells = dict[str, str]
USUAL = {
    "reference": "R-1",
    "title": "Backup software",
    "counterparty": "Northwind",
    "start_date": "2024-04-15",
    "initial_term": "12 months",
    "renewal_kind": "auto",
    "renewal_term": "12 months",
    "notice": "45 days",
}
TOGETHER = {
    "co_terminous": "yes",
    "start_date": "2024-06-01",
    "initial_term": "",
    "renewal_kind": "",
    "renewal_term": "",
    "notice": "",
}


def a_line(**cells: str) -> Cells:
    return {**USUAL, **cells}


def a_file(*lines: Cells) -> bytes:
    columns = list(dict.fromkeys(name for line in lines for name in line))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue().encode()


def planned(session: Session, content: bytes, *, max_rows: int = 100) -> Plan:
    return imports.plan(session, content, now=LATER, max_rows=max_rows)


def taken(session: Session, *lines: Cells) -> Plan:
    found = planned(session, a_file(*lines))
    imports.carry_out(session, found, actor=OPERATOR, now=LATER)
    return found


def counts(found: Plan) -> tuple[int, int, int]:
    return len(found.created), len(found.changed), len(found.unchanged)


def faults_of(session: Session, content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(BadFile) as bad:
        planned(session, content)
    return [(fault.row, fault.column, fault.rule) for fault in bad.value.faults]


def where(session: Session, *lines: Cells) -> list[tuple[int, str]]:
    return [(row, column) for row, column, _ in faults_of(session, a_file(*lines))]


def everything(session: Session) -> dict[str, Kept]:
    order = Order("counterparty", descending=False, as_of=TODAY)
    found = page(session, Filters(), order, phase=None, after=None, limit=1_000)
    return {str(one.facts["reference"]): one for one in found.items}


def deadlines(session: Session, one: Kept) -> list[str]:
    return [str(row["act_by"]) for row in milestones.of_agreement(session, one.id)]


def revision(session: Session) -> int:
    state = register.state(session)
    assert state is not None
    return state.revision


def test_every_cell_finds_its_field(database: Database) -> None:
    cells = {
        "reference": "R-1",
        "vendor_reference": "V-9",
        "title": "Backup, 400 servers",
        "kind": "saas",
        "counterparty": "Northwind",
        "reseller": "Somebody",
        "owner": "Ada",
        "currency": "EUR",
        "annual_value": "1200.50",
        "signed_date": "2024-04-01",
        "start_date": "2024-04-15",
        "initial_term": "3 Years",
        "renewal_kind": "auto",
        "renewal_terms": "24 months; 12 months",
        "renewal_max": "3",
        "notice": "15 business days",
        "notice_counted_from": "renewal_date",
        "notice_clear_days": "Yes",
        "notice_opens": "180 days",
        "notice_delivery": "2 business_days",
        "notice_roll": "preceding",
        "notice_calendar": "GB-ENG",
        "renewal_notice": "1 month",
        "lead_days": "120",
        "holdover": "1 month",
        "termination_right_notice": "6 months",
        "termination_right_earliest_on": "2025-04-15",
        "termination_right_fee": "10 %",
        "document_link": "https://contracts.example/R-1",
        "tags": "backup; data room;",
        "notes": "plain",
    }
    with database.writing() as session:
        assert counts(taken(session, cells)) == (1, 0, 0)
        new = everything(session)["R-1"]
    facts = (
        "vendor_reference", "title", "kind", "reseller", "owner", "currency", "annual_value",
        "signed_date", "document_link", "notes",
    )  # fmt: skip
    assert {name: new.facts[name] for name in facts} == {name: cells[name] for name in facts}
    assert new.facts["tags"] == ["backup", "data room"]
    assert new.terms_document == {
        "start_date": "2024-04-15",
        "initial_term": {"value": 3, "unit": "years"},
        "renewal": {
            "kind": "auto",
            "terms": [{"value": 24, "unit": "months"}, {"value": 12, "unit": "months"}],
            "max": 3,
        },
        "notice": {
            "value": 15,
            "unit": "business_days",
            "counted_from": "renewal_date",
            "clear_days": True,
            "opens": {"value": 180, "unit": "days"},
            "delivery": {"value": 2, "unit": "business_days"},
            "roll": "preceding",
            "calendar": "GB-ENG",
        },
        "renewal_notice": {"value": 1, "unit": "months"},
        "lead_days": 120,
        "holdover": {"value": 1, "unit": "months"},
        "termination_right": {
            "notice": {"value": 6, "unit": "months"},
            "earliest_on": "2025-04-15",
            "fee": "10 %",
        },
    }


def test_columns_may_stand_in_any_order(database: Database) -> None:
    cells = a_line(notice="5 business days", notice_calendar="GB-ENG", notice_roll="following")
    with database.reading() as session:
        found = [
            planned(session, a_file(dict(sorted(cells.items(), reverse=backwards))))
            for backwards in (False, True)
        ]
    assert found[0].created[0].form == found[1].created[0].form
    assert found[0].created[0].form.notice is not None
    assert found[0].created[0].form.notice.calendar == "GB-ENG"


def test_the_example_register_comes_in_without_a_fault(database: Database) -> None:
    with database.writing() as session:
        found = planned(session, EXAMPLE)
        imports.carry_out(session, found, actor=OPERATOR, now=NOW)
        kept = everything(session)
        assert len(kept) == len(found.created) > 55
        assert counts(planned(session, EXAMPLE)) == (0, 0, len(kept))
        children = [one for one in kept.values() if one.facts["parent_id"]]
        assert children
        for one in kept.values():
            assert read(session, one.id).position.why


def test_a_plan_stores_nothing(database: Database) -> None:
    with database.reading() as session:
        assert counts(planned(session, a_file(a_line()))) == (1, 0, 0)
    with database.reading() as session:
        assert everything(session) == {}
        assert revision(session) == 0


def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line())
        before = revision(session)
        again = taken(session, a_line())
        assert counts(again) == (0, 0, 1)
        assert revision(session) == before
        (new,) = everything(session).values()
        assert new.version == 1
        assert len(audit.about(session, new.id, 0, 9)) == 1


def test_rows_are_matched_by_reference_and_counterparty(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line(), a_line(reference="R-2"))
        first = everything(session)
        found = taken(
            session,
            a_line(notice="60 days"),
            a_line(reference="R-2"),
            a_line(reference="R-1", counterparty="Other"),
        )
        assert counts(found) == (1, 1, 1)
        changed = read(session, first["R-1"].id)
        assert (changed.version, changed.created_at, changed.updated_at) == (2, LATER, LATER)
        assert deadlines(session, changed)[0] == "2026-02-13"
        entries = audit.about(session, changed.id, 0, 9)
    assert [(entry["action"], entry["before"] is None) for entry in entries] == [
        ("imported", True),
        ("imported", False),
    ]
    assert entries[1]["before"] == entries[0]["after"]


def test_a_cell_that_is_emptied_empties_its_field(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line(owner="Ada"))
        taken(session, a_line(owner=" "))
        assert everything(session)["R-1"].facts["owner"] is None


def test_an_import_is_one_transaction(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.writing() as session:
        taken(session, a_line())

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    for broken in ((audit, "add"), (register, "raise_revision"), (milestones, "add")):
        with monkeypatch.context() as patch:
            patch.setattr(*broken, fail)
            with pytest.raises(ZeroDivisionError), database.writing() as session:
                taken(session, a_line(title="New"), a_line(reference="R-2"))
    with database.reading() as session:
        kept = everything(session)
        assert [(one.version, one.facts["title"]) for one in kept.values()] == [
            (1, "Backup software")
        ]
        assert revision(session) == 1


def test_one_bad_row_keeps_all_rows_out(database: Database) -> None:
    with database.writing() as session:
        assert where(session, a_line(), a_line(reference="R-2", start_date="soon")) == [
            (3, "start_date")
        ]
        assert everything(session) == {}


BAD_CELLS: list[tuple[Cells, list[str]]] = [
    ({"start_date": ""}, ["start_date"]),
    ({"title": " "}, ["title"]),
    ({"title": "a\nb"}, ["title"]),
    ({"title": "a\x01b"}, ["title"]),
    ({"title": "x" * 301}, ["title"]),
    ({"title": "\u202egnitset"}, ["title"]),
    ({"kind": "toaster"}, ["kind"]),
    ({"start_date": "15/14/2024"}, ["start_date"]),
    ({"start_date": "2024-02-30"}, ["start_date"]),
    ({"start_date": "1969-12-31"}, ["start_date"]),
    ({"signed_date": "2024"}, ["signed_date"]),
    ({"initial_term": "some years"}, ["initial_term"]),
    ({"initial_term": "12"}, ["initial_term"]),
    ({"initial_term": "0 months"}, ["initial_term"]),
    ({"initial_term": "12 business days"}, ["initial_term"]),
    ({"initial_term": "1000 years"}, ["initial_term"]),
    ({"initial_term": ""}, ["initial_term"]),
    ({"end_date": "2025-04-14"}, ["end_date"]),
    ({"initial_term": "", "end_date": "2024-04-14"}, ["end_date"]),
    ({"end_date_is": "someday"}, ["end_date_is"]),
    ({"renewal_kind": "maybe"}, ["renewal_kind"]),
    ({"renewal_kind": ""}, ["renewal_kind"]),
    ({"renewal_term": ""}, ["renewal_term"]),
    ({"renewal_terms": "1 year; soon", "renewal_term": ""}, ["renewal_terms"]),
    ({"renewal_terms": "1 year; 2 years"}, ["renewal_terms"]),
    ({"renewal_terms": "1 year; 200 years", "renewal_term": ""}, ["renewal_terms"]),
    ({"renewal_max": "many"}, ["renewal_max"]),
    ({"renewal_max": "-1"}, ["renewal_max"]),
    ({"renewal_exercised": "1"}, ["renewal_exercised"]),
    ({"renewal_term": "100 years", "renewal_max": "1000"}, ["renewal_max"]),
    ({"notice": "soon"}, ["notice"]),
    ({"notice": "5 business days"}, ["notice"]),
    ({"notice": "5 business days", "notice_calendar": "XX"}, ["notice_calendar"]),
    ({"notice_by_month_day": "10-01"}, ["notice"]),
    ({"notice": "", "notice_by_month_day": "13-01"}, ["notice_by_month_day"]),
    ({"notice": "", "notice_roll": "none"}, ["notice"]),
    ({"notice_clear_days": "perhaps"}, ["notice_clear_days"]),
    ({"notice_opens": "10 days"}, ["notice_opens"]),
    ({"notice_delivery": "1 month"}, ["notice_delivery"]),
    ({"lead_days": "ninety"}, ["lead_days"]),
    ({"lead_days": "-1"}, ["lead_days"]),
    ({"lead_days": "1.5"}, ["lead_days"]),
    ({"holdover": "1 fortnight"}, ["holdover"]),
    ({"annual_value": "10"}, ["currency"]),
    ({"annual_value": "1,000 or so", "currency": "EUR"}, ["annual_value"]),
    ({"annual_value": "NaN", "currency": "EUR"}, ["annual_value"]),
    ({"currency": "euro"}, ["currency"]),
    ({"document_link": "javascript:alert(1)"}, ["document_link"]),
    ({"tags": 'a "quoted" tag'}, ["tags"]),
    ({"tags": "; ".join(str(number) for number in range(21))}, ["tags"]),
    ({"co_terminous": "yes"}, ["parent_reference"]),
    ({"co_terminous": "2"}, ["co_terminous"]),
    ({"custom": "loose words"}, ["custom"]),
    ({"custom": '["a list"]'}, ["custom"]),
    ({"custom": '{"a": 1}'}, ["custom"]),
    ({"custom": "{}"}, ["custom"]),
    ({"custom": json.dumps({str(n): "x" * 1_999 for n in range(6)})}, ["custom"]),
    ({"parent_reference": "R-9"}, ["parent_reference"]),
    ({"parent_reference": "R-1"}, ["parent_reference"]),
    ({"termination_right_fee": "10 %"}, ["termination_right_notice"]),
    ({"termination_right_notice": "soon"}, ["termination_right_notice"]),
    ({"title": "", "notice": "soon", "lead_days": "x"}, ["lead_days", "notice", "title"]),
]


@pytest.mark.parametrize(("cells", "columns"), BAD_CELLS, ids=lambda value: str(value)[:60])
def test_what_a_cell_cannot_be_is_told_by_row_and_column(
    database: Database, cells: Cells, columns: list[str]
) -> None:
    with database.reading() as session:
        faults = faults_of(session, a_file(a_line(reference="R-0"), a_line(**cells)))
    assert sorted((row, column) for row, column, _ in faults) == [(3, name) for name in columns]
    for _, column, rule in faults:
        assert column in COLUMNS, "every column that is told is one of the form"
        assert len(rule) > 8
        for cell in cells.values():
            assert len(cell) < 4 or f" {cell} " not in f" {rule} ", "the value is not repeated"


@pytest.mark.parametrize(
    ("content", "row", "column", "rule"),
    [
        pytest.param(b"", 1, "(whole file)", "is empty", id="empty"),
        pytest.param(b"\xff\xfe", 1, "(whole file)", "is empty", id="a mark alone"),
        pytest.param(b"caf\xe9", 1, "(whole row)", "no column that is known", id="Latin-1"),
        pytest.param(b'"reference', 1, "(whole row)", "cannot be read as CSV", id="open header"),
        pytest.param(
            b"reference,title,counterparty\nA,B,C\n",
            1,
            "start_date",
            "this column is needed",
            id="missing column",
        ),
        pytest.param(
            b"reference,title,counterparty,start_date,colour\n",
            1,
            "colour",
            "is no column",
            id="unknown column",
        ),
        pytest.param(
            b"reference,title,counterparty,start_date,title\n",
            1,
            "title",
            "stands there twice",
            id="twice",
        ),
        pytest.param(
            b"\nreference;title;counterparty;when\n",
            2,
            "start_date",
            "is needed",
            id="semicolons, in row 2",
        ),
    ],
)
def test_a_file_that_is_no_import_form_says_why(
    database: Database, content: bytes, row: int, column: str, rule: str
) -> None:
    with database.reading() as session:
        first, *_ = faults_of(session, content)
    assert first[:2] == (row, column)
    assert rule in first[2]


HEADER = b"reference,title,counterparty,start_date,end_date\r\n"
GOOD = b"A,B,C,2024-01-01,2024-12-31\r\n"


@pytest.mark.parametrize(
    ("lines", "row", "rule"),
    [
        (GOOD + b"A,B,C,2024-01-01,2024-12-31,more\r\n", 3, "more cells"),
        (GOOD + b"\r\n" + b'D,"B,C,2024-01-01\r\n', 4, "cannot be read as CSV"),
        (GOOD + b'D,"B"x,C,2024-01-01,2024-12-31\r\n', 3, "cannot be read as CSV"),
        (b'"' + b"x" * 140_000 + b'"\r\n', 2, "cannot be read as CSV"),
    ],
    ids=["too many cells", "an unclosed quote", "text after a quote", "a huge field"],
)
def test_a_broken_row_is_told_by_its_number(
    database: Database, lines: bytes, row: int, rule: str
) -> None:
    with database.reading() as session:
        ((found, column, told),) = faults_of(session, HEADER + lines)
    assert (found, column) == (row, "(whole row)")
    assert rule in told


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + HEADER + GOOD, id="with a BOM"),
        pytest.param((HEADER + GOOD).replace(b"\r\n", b"\n"), id="lines end in LF"),
        pytest.param((HEADER + GOOD).replace(b"\r\n", b"\r"), id="lines end in CR"),
        pytest.param((HEADER + GOOD).rstrip(), id="no end of line"),
        pytest.param(HEADER + b"\r\n,,,,\r\n  ,\r\n" + GOOD + b"\r\n", id="blank lines"),
        pytest.param(HEADER.replace(b"title", b" title "), id="no rows, spaces in the header"),
        pytest.param((HEADER + GOOD).replace(b"\r", b",\r"), id="an empty column at the end"),
        pytest.param((HEADER + GOOD).replace(b",", b";"), id="semicolons"),
        pytest.param((HEADER + GOOD).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(HEADER + GOOD.replace(b"C", b"C\xe9"), id="Windows-1252"),
    ],
)
def test_files_of_other_programs_come_in_too(database: Database, content: bytes) -> None:
    with database.reading() as session:
        assert len(planned(session, content).created) == content.count(b"B")


def test_rows_are_counted_as_a_spreadsheet_counts_them(database: Database) -> None:
    lines = b'A,B,C,2024-01-01,2024-12-31\r\n\r\n"D","B","C",soon,\r\n'
    with database.reading() as session:
        assert faults_of(session, HEADER + lines)[0][:2] == (4, "start_date")


def test_a_line_break_in_notes_stays(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line(notes="one\r\ntwo"))
        assert everything(session)["R-1"].facts["notes"] == "one\ntwo"


def test_short_rows_leave_the_last_columns_empty(database: Database) -> None:
    header = b"reference,title,counterparty,start_date,end_date,owner\n"
    with database.reading() as session:
        found = planned(session, header + b"A,B,C,2024-01-01,2024-12-31\n")
    assert found.created[0].form.owner is None


def test_too_many_rows_are_too_large(database: Database) -> None:
    content = a_file(*(a_line(reference=f"R-{number}") for number in range(4)))
    with database.reading() as session:
        with pytest.raises(TooLarge, match="More than 3 rows"):
            planned(session, content, max_rows=3)
        assert counts(planned(session, content, max_rows=4)) == (4, 0, 0)


def test_all_faults_are_told_in_the_order_of_rows(database: Database) -> None:
    with database.reading() as session:
        found = where(
            session,
            a_line(reference="R-1", parent_reference="R-9"),
            a_line(reference="R-2", lead_days="x"),
            a_line(reference="R-3", initial_term=""),
            a_line(reference="R-1"),
        )
    assert found == [
        (2, "parent_reference"),
        (3, "lead_days"),
        (4, "initial_term"),
        (5, "reference"),
    ]


def test_a_bad_file_is_summed_up_by_its_first_fault(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(BadFile) as one:
            planned(session, a_file(a_line(lead_days="x")))
        with pytest.raises(BadFile) as two:
            planned(session, a_file(a_line(lead_days="x", notice="x")))
    assert one.value.sentence == "Row 2, column lead_days: must be a whole number"
    assert two.value.sentence.endswith("(and 1 more)")


def test_the_same_agreement_twice_is_told_with_the_first_row(database: Database) -> None:
    with database.reading() as session:
        ((row, column, rule),) = faults_of(session, a_file(a_line(), a_line(title="Other")))
    assert (row, column) == (3, "reference")
    assert "row 2" in rule


def test_a_parent_may_have_another_counterparty(database: Database) -> None:
    below = {"parent_reference": "P", "parent_counterparty": "Reseller"}
    with database.writing() as session:
        lines = [
            a_line(reference="C", **below),
            a_line(reference="P", counterparty="Reseller"),
            a_line(reference="P"),
        ]
        assert counts(taken(session, *lines)) == (3, 0, 0)
        child = everything(session)["C"]
        above = read(session, child.facts["parent_id"])
        assert (above.facts["reference"], above.facts["counterparty"]) == ("P", "Reseller")
        assert counts(taken(session, *lines)) == (0, 0, 3)
        assert counts(taken(session, a_line(reference="D", **below))) == (1, 0, 0)
        alone = a_line(reference="E", parent_counterparty="Reseller")
        assert where(session, alone) == [(2, "parent_reference")]
        nobody = a_line(reference="E", **below | {"parent_counterparty": "Nobody"})
        assert where(session, nobody) == [(2, "parent_reference")]


@pytest.mark.parametrize("child_first", [False, True], ids=["parent first", "child first"])
@pytest.mark.parametrize("together", [False, True], ids=["apart", "co-terminous"])
def test_parents_may_stand_anywhere_in_the_file(
    database: Database, *, child_first: bool, together: bool
) -> None:
    below = TOGETHER if together else {}
    lines = [
        a_line(reference="P"),
        a_line(reference="C", parent_reference="P", **below),
        a_line(reference="G", parent_reference="C", **below),
    ]
    with database.writing() as session:
        taken(session, *(lines[::-1] if child_first else lines))
        kept = everything(session)
        assert kept["C"].facts["parent_id"] == kept["P"].id
        assert kept["G"].facts["parent_id"] == kept["C"].id
        for name in ("C", "G"):
            assert deadlines(session, kept[name])[-3:] == deadlines(session, kept["P"])[-3:]
        assert counts(planned(session, a_file(*lines))) == (0, 0, 3)


def test_a_parent_is_found_in_the_register_with_the_same_counterparty(
    database: Database,
) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P", counterparty="Northwind")
        entered(session, reference="Q", counterparty="Other")
        taken(session, a_line(reference="C", parent_reference="P", **TOGETHER))
        kept = everything(session)
        assert kept["C"].facts["parent_id"] == parent.id
        assert deadlines(session, kept["C"]) == deadlines(session, parent)
        line = a_line(reference="D", parent_reference="Q")
        assert where(session, line) == [(2, "parent_reference")]


@pytest.mark.parametrize("together", [False, True], ids=["apart", "co-terminous"])
def test_parents_in_a_circle_are_faults_of_their_rows(
    database: Database, *, together: bool
) -> None:
    below = TOGETHER if together else {}
    with database.writing() as session:
        found = where(
            session,
            a_line(reference="A", parent_reference="C", **below),
            a_line(reference="B", parent_reference="A", **below),
            a_line(reference="C", parent_reference="B", **below),
            a_line(reference="D"),
        )
    assert found == [(2, "parent_reference"), (3, "parent_reference"), (4, "parent_reference")]


@pytest.mark.parametrize("together", [False, True], ids=["apart", "co-terminous"])
def test_a_circle_through_the_register_is_a_fault(database: Database, *, together: bool) -> None:
    below = TOGETHER if together else {}
    with database.writing() as session:
        taken(session, a_line(reference="A"))
        taken(session, a_line(reference="B", parent_reference="A", **below))
        taken(session, a_line(reference="C", parent_reference="B", **below))
        closing = a_line(reference="A", parent_reference="C", **below)
        assert where(session, closing) == [(2, "parent_reference")]


def test_a_circle_is_left_by_the_same_file_that_closes_another(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line(reference="A"), a_line(reference="B", parent_reference="A"))
        taken(session, a_line(reference="A", parent_reference="B"), a_line(reference="B"))
        kept = everything(session)
    assert kept["A"].facts["parent_id"] == kept["B"].id
    assert kept["B"].facts["parent_id"] is None


def test_a_line_of_parents_has_an_end(database: Database) -> None:
    def line(number: int) -> Cells:
        above = {"parent_reference": f"{number - 1}", **TOGETHER} if number else {}
        return a_line(reference=f"{number}", **above)

    with database.writing() as session:
        too_many = [line(number) for number in range(LONGEST_LINE + 2)]
        assert where(session, *too_many) == [(LONGEST_LINE + 3, "parent_reference")]
        assert counts(taken(session, *too_many[:-1])) == (LONGEST_LINE + 1, 0, 0)
        assert len(everything(session)) == LONGEST_LINE + 1
        assert where(session, too_many[-1]) == [(2, "parent_reference")]


def test_a_thousand_rows_above_one_another_are_faults_and_no_crash(database: Database) -> None:
    lines = [
        a_line(reference=f"{number}", parent_reference=f"{number - 1}", **TOGETHER)
        for number in range(1_000, 0, -1)
    ]
    with database.reading() as session:
        found = imports_faults(session, a_file(*lines, a_line(reference="0")))
    assert found == 1_000 - LONGEST_LINE


def imports_faults(session: Session, content: bytes) -> int:
    with pytest.raises(BadFile) as bad:
        planned(session, content, max_rows=2_000)
    return len(bad.value.faults)


def test_a_child_of_a_bad_row_cannot_be_taken_either(database: Database) -> None:
    with database.writing() as session:
        found = where(
            session,
            a_line(reference="C", parent_reference="P", **TOGETHER),
            a_line(reference="P", initial_term=""),
        )
    assert found == [(2, "parent_reference"), (3, "initial_term")]


def test_a_child_that_starts_before_its_parent_is_told_by_its_start(database: Database) -> None:
    with database.writing() as session:
        child = a_line(
            reference="C", parent_reference="P", **TOGETHER | {"start_date": "2024-01-01"}
        )
        assert where(session, a_line(reference="P"), child) == [(3, "start_date")]


def test_a_child_of_what_cannot_be_read_cannot_be_taken(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P", counterparty="Northwind")
        sabotage(session, parent.id, terms="{")
        child = a_line(reference="C", parent_reference="P", **TOGETHER)
        assert where(session, child) == [(2, "parent_reference")]
        taken(session, a_line(reference="D", parent_reference="P"))
        assert counts(taken(session, a_line(reference="P"), child)) == (1, 1, 0)
        assert set(everything(session)) == {"P", "C", "D"}


def test_parents_and_children_change_together(database: Database) -> None:
    with database.writing() as session:
        lines = [a_line(reference="P"), a_line(reference="C", parent_reference="P", **TOGETHER)]
        taken(session, *lines)
        moved = [line | {"start_date": "2025-01-01"} for line in lines]
        assert counts(taken(session, *moved)) == (0, 2, 0)
        kept = everything(session)
        assert deadlines(session, kept["C"]) == deadlines(session, kept["P"])
        assert deadlines(session, kept["P"])[0] == "2025-11-16"


def test_a_child_in_the_file_follows_a_parent_above_its_parent_in_the_register(
    database: Database,
) -> None:
    top, middle, low = (
        a_line(reference="A"),
        a_line(reference="B", parent_reference="A", **TOGETHER),
        a_line(reference="C", parent_reference="B", **TOGETHER),
    )
    with database.writing() as session:
        taken(session, top, middle, low)
        taken(session, top | {"notice": "60 days"}, low | {"title": "New"})
        kept = everything(session)
        for name in ("B", "C"):
            assert deadlines(session, kept[name]) == deadlines(session, kept["A"])


def test_children_in_the_register_follow_an_imported_parent(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line(reference="P"))
        parent = everything(session)["P"]
        child = entered(
            session,
            reference="C",
            parent_id=parent.id,
            co_terminous=True,
            start_date="2024-06-01",
            initial_term=None,
            renewal=None,
            notice=None,
        )
        taken(session, a_line(reference="P", notice="60 days"))
        assert deadlines(session, child) == deadlines(session, parent)
        assert deadlines(session, child)[0] == "2026-02-13"
    with pytest.raises(StillNeeded), database.writing() as session:
        taken(session, a_line(reference="P", start_date="2025-04-15"))


def test_what_was_changed_by_hand_is_what_an_import_compares_with(database: Database) -> None:
    with database.writing() as session:
        taken(session, a_line())
        new = everything(session)["R-1"]
        changes: dict[str, Any] = {"notice": length("60 days")}
        change(session, new.id, frozenset({1}), changes, actor=OPERATOR, today=TODAY, now=LATER)
        assert counts(planned(session, a_file(a_line(notice="60 days")))) == (0, 0, 1)
        assert counts(planned(session, a_file(a_line()))) == (0, 1, 0)


def test_many_rows_come_in_in_chunks(database: Database) -> None:
    lines = [a_line(reference=f"R-{number:03}") for number in range(260)]
    with database.writing() as session:
        found = planned(session, a_file(*lines), max_rows=1_000)
        imports.carry_out(session, found, actor=OPERATOR, now=LATER)
        assert len(list(agreements.every(session))) == 260
        assert revision(session) == 1
        assert all(milestones.of_agreement(session, entry.id) for entry in found.created)


def test_a_file_that_was_overtaken_by_somebody_else_stores_nothing(database: Database) -> None:
    with database.writing() as session:
        first = planned(session, a_file(a_line()))
        created = planned(session, a_file(a_line()))
        imports.carry_out(session, first, actor=OPERATOR, now=NOW)
    with database.writing() as session:
        changed = planned(session, a_file(a_line(title="Changed by the file")))
        imports.carry_out(session, changed, actor=OPERATOR, now=LATER)
    for late in (created, changed):
        with pytest.raises(Stale, match="import the file again"), database.writing() as session:
            imports.carry_out(session, late, actor=OPERATOR, now=LATER)


def with_acts(session: Session, **cells: str) -> Kept:
    """Import an agreement, and do all kinds of things about it."""
    taken(session, a_line(**cells))
    one = everything(session)[cells.get("reference", "R-1")]
    amended(session, one.id, "2026-12-01", annual_value="9.00", currency="EUR")
    settled(session, one.id, 3, "do_not_renew")
    noticed(session, one.id, sent_on="2026-11-20")
    checked(session, one.id, "term", "renewal", "notice")
    return one


def test_what_was_done_stays_when_an_import_corrects_an_agreement(database: Database) -> None:
    with database.writing() as session:
        one = with_acts(session)
        before = acts.of(session, [one.id]), decision(session, one.id, 3).sides
        assert counts(planned(session, a_file(a_line()))) == (0, 0, 1)
        assert counts(taken(session, a_line(title="New", notice="60 days"))) == (0, 1, 0)
        assert (acts.of(session, [one.id]), decision(session, one.id, 3).sides) == before
        found = read(session, one.id, "2026-12-01")
        actions = [entry["action"] for entry in audit.about(session, one.id, 0, 99)]
    assert (found.version, found.facts["title"]) == (9, "New")
    assert str(found.price.annual_value) == "9.00"
    assert str(found.position.final_end) == "2027-04-14"
    # The clause that reads differently is to be checked anew.
    assert found.checked == {"term": TODAY, "renewal": TODAY, "notice": None}
    assert actions == [
        "imported",
        "amendment",
        *["decision"] * 2,
        "notice",
        *["verification"] * 3,
        "imported",
    ]
    assert findings(database) == []


def test_an_import_that_moves_the_terms_lets_choices_lapse(database: Database) -> None:
    with database.writing() as session:
        one = with_acts(session)
        taken(session, a_line(start_date="2024-05-01"))
        assert decision(session, one.id, 3).standing.state is DecisionState.UNDECIDED
        taken(session, a_line())
        assert decision(session, one.id, 3).standing.state is DecisionState.DO_NOT_RENEW


def test_an_import_that_an_amendment_does_not_fit_is_told_by_its_row(database: Database) -> None:
    with database.writing() as session:
        one = with_acts(session)
        child = a_line(reference="C", parent_reference="R-1", **TOGETHER)
        lines = [a_line(reference="R-0"), a_line(start_date="2026-12-15"), child]
        found = faults_of(session, a_file(*lines))
        assert read(session, one.id).version == 8
    rule = (
        "an amendment that is on record would not fit"
        " (amendments.0.effective_from: must not be before start_date; correct the terms.)"
    )
    assert found == [
        (3, "(whole row)", rule),
        (4, "parent_reference", "the parent cannot be taken, so neither can this row"),
    ]


def test_an_import_of_what_has_unreadable_acts_is_told_by_its_row(database: Database) -> None:
    with database.writing() as session:
        one = with_acts(session)
        session.execute(update(Act).where(Act.number == 3).values(document="{"))
        found = faults_of(session, a_file(a_line(reference="R-0"), a_line(title="New")))
        assert counts(taken(session, a_line(reference="R-0"))) == (1, 0, 0)
        with pytest.raises(Unreadable):
            read(session, one.id)
    assert found == [
        (3, "(whole row)", "what was done about this agreement cannot be read; leave the row out")
    ]


def test_children_follow_what_was_done_about_an_imported_parent(database: Database) -> None:
    child = a_line(reference="C", parent_reference="R-1", **TOGETHER)
    with database.writing() as session:
        one = with_acts(session)
        taken(session, a_line(title="New"), child)
        of_child = everything(session)["C"]
        assert deadlines(session, of_child) == deadlines(session, one)
        assert str(read(session, of_child.id).position.final_end) == "2027-04-14"


def test_the_reference_of_what_was_removed_is_new_again(database: Database) -> None:
    with database.writing() as session:
        one = with_acts(session)
        remove(session, one.id, frozenset({8}), reason=None, actor=OPERATOR, now=LATER)
        assert counts(taken(session, a_line())) == (1, 0, 0)
        again = everything(session)["R-1"]
    assert again.id != one.id
    assert (again.version, again.position.final_end) == (1, None)
