"""A file that was sent in: tried in detail, taken, or taken as far as it goes."""

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from app.records import agreements, audit
from app.records.engine import Database
from app.usecases.files import BadFile
from app.usecases.gathering import OpenQuestions
from app.usecases.mapping_forms import Choice, MannerForm, MappingForm
from app.usecases.mappings import chosen
from app.usecases.receiving import Sent, Taken, rehearse, take
from tests.builders import NOW, OPERATOR, TODAY, sabotage

GERMAN = """Vertragsnummer;Bezeichnung;Lieferant;Vertragsbeginn;Vertragsende;\
Kündigungsfrist (Monate);Auftragswert;Währung;Inventarnummer
V-1;Telefonie;Nordwind GmbH;01.04.2024;31.03.2027;3;1.234,50;EUR;LN-1
V-2;Wartung;Nordwind GmbH;01.05.2024;30.04.2027;;99,00;EUR;
"""
FORM = (
    "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice,"
    "parent_reference,co_terminous\n"
)
GOOD = "A,Backup,Northwind,2024-04-15,12 months,auto,12 months,45 days,,\n"


def sent(content: str | bytes, *, partial: bool = False, **mapping: Any) -> Sent:  # noqa: ANN401 - any JSON
    file = content.encode() if isinstance(content, str) else content
    choice = Choice(MappingForm.model_validate(mapping))
    return Sent(file, 1_000, choice=choice, partial=partial)


def taken(database: Database, file: Sent) -> Taken:
    gathered = file.gathered()
    with database.writing() as session:
        return take(session, file, gathered, actor=OPERATOR, now=NOW)


def tried(database: Database, file: Sent, most: int | None = None) -> dict[str, Any]:
    with database.reading() as session:
        return rehearse(session, file, today=TODAY, now=NOW, most=most)


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["created"], report["changed"], report["unchanged"], report["refused"]


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return [found[1] for found in agreements.keys(session)]


def test_a_file_with_other_names_is_tried_and_taken_and_changes_nothing_again(
    database: Database,
) -> None:
    file = sent(GERMAN)
    report = tried(database, file)
    assert counts(report) == (2, 0, 0, 0)
    assert stored(database) == []
    assert [(one["name"], one["field"], one["unit"]) for one in report["columns"]][5:] == [
        ("Kündigungsfrist (Monate)", "notice", "months"),
        ("Auftragswert", "total_value", None),
        ("Währung", "currency", None),
        ("Inventarnummer", None, None),
    ]
    first = report["creations"][0]
    assert (first["row"], first["reference"], str(first["term_end"])) == (2, "V-1", "2027-03-31")
    assert first["next_notice_deadline"] is None, "it ends by itself"
    assert taken(database, file).report["created"] == 2
    assert counts(tried(database, file)) == (0, 0, 2, 0)
    assert taken(database, file).refused is None


def test_what_is_not_recognised_is_kept_if_asked(database: Database) -> None:
    taken(database, sent(GERMAN, keep_unrecognised=True))
    with database.reading() as session:
        rows = {row["reference"]: row["custom"] for row in agreements.every(session)}
    assert rows == {"V-1": '{"Inventarnummer": "LN-1"}', "V-2": None}


def test_reasons_of_the_last_time_are_not_kept(database: Database) -> None:
    first, *rows = GERMAN.strip().splitlines()
    mended = "\n".join([f"{first};refused_because", *(f"{row};No such day." for row in rows)])
    taken(database, sent(mended, keep_unrecognised=True))
    with database.reading() as session:
        kept = {row["custom"] for row in agreements.every(session)}
    assert kept == {'{"Inventarnummer": "LN-1"}', None}


def test_a_dry_run_tells_changes_field_by_field_and_the_dates_that_move(
    database: Database,
) -> None:
    taken(database, sent(FORM + GOOD + GOOD.replace("A,", "B,")))
    changed = GOOD.replace("45 days", "90 days").replace("Backup", "Restore")
    report = tried(database, sent(FORM + changed))
    assert counts(report) == (0, 1, 0, 0)
    (change,) = report["changes"]
    assert (change["row"], change["reference"]) == (2, "A")
    assert (
        change["fields"]
        == [
            {"field": "notice.unit", "old": "days", "new": "days"},
            {"field": "notice.value", "old": 45, "new": 90},
            {"field": "title", "old": "Backup", "new": "Restore"},
        ][1:]
    )
    moved = {(one["term"], one["milestone"]): one for one in change["dates"]}
    deadline = moved[3, "notice_deadline"]
    assert (str(deadline["old"]), str(deadline["new"])) == ("2027-02-28", "2027-01-14")
    assert (3, "renewal") not in moved
    assert [one["reference"] for one in report["missing_agreements"]] == ["B"]
    assert report["missing"] == 1
    assert stored(database) == ["A", "B"]


def test_no_agreement_is_missing_whose_row_is_refused(database: Database) -> None:
    taken(database, sent(FORM + GOOD))
    report = tried(database, sent(FORM + GOOD.replace("45 days", "soon")))
    assert (report["refused"], report["missing"]) == (1, 0)


def test_a_change_of_kind_brings_dates_and_takes_others(database: Database) -> None:
    taken(database, sent(FORM + GOOD))
    ends = "A,Backup,Northwind,2024-04-15,36 months,none,,,,\n"
    (change,) = tried(database, sent(FORM + ends))["changes"]
    fields = {one["field"]: (one["old"], one["new"]) for one in change["fields"]}
    assert fields["notice.value"] == (45, None)
    assert fields["initial_term.value"] == (12, 36)
    olds = [one for one in change["dates"] if one["new"] is None]
    news = [one for one in change["dates"] if one["old"] is None]
    assert olds
    assert news


def test_what_cannot_be_read_can_be_put_right_by_a_file(database: Database) -> None:
    taken(database, sent(FORM + GOOD))
    with database.writing() as session:
        (one,) = agreements.ids_by_references(session, ["A"]).values()
        sabotage(session, one, terms="{}")
    (change,) = tried(database, sent(FORM + GOOD))["changes"]
    assert all(moved["old"] is None for moved in change["dates"])
    assert taken(database, sent(FORM + GOOD)).report["changed"] == 1


def test_every_refusal_is_told_with_the_cell(database: Database) -> None:
    rows = "".join(f"R{n},Backup,Northwind,31/31/2024,12 months,none,,,,\n" for n in range(120))
    long = f"L,Backup,Northwind,{'9' * 80},12 months,none,,,,\n"
    report = tried(database, sent(FORM + rows + long))
    assert (report["refused"], report["errors_in_all"], len(report["errors"])) == (121, 121, 121)
    first, *_, last = report["errors"]
    assert first == {
        "row": 2,
        "column": "start_date",
        "value": "31/31/2024",
        "detail": "must be a day as YYYY-MM-DD",
    }
    assert last["value"] == "9" * 59 + "…"


def test_lists_are_cut_and_counts_are_not(database: Database) -> None:
    rows = "".join(GOOD.replace("A,", f"R{n},") for n in range(5))
    report = tried(database, sent(FORM + rows), most=2)
    assert (report["created"], len(report["creations"])) == (5, 2)


def test_an_open_question_is_asked_once_and_an_answer_settles_it(database: Database) -> None:
    content = (
        "Contract Number,Title,Supplier,Start,End,Value,Currency\n"
        "A,B,C,03/04/2025,05/06/2026,1.200,EUR\n"
    )
    report = tried(database, sent(content))
    assert [one["setting"] for one in report["questions"]] == ["day_order", "decimal_mark"]
    assert counts(report) == (0, 0, 0, 1)
    with pytest.raises(OpenQuestions) as asked:
        sent(content).check()
    assert "day_order" in asked.value.faults[0].rule
    answered = sent(content, day_order="dmy", decimal_mark="comma")
    answered.check()
    taken(database, answered)
    with database.reading() as session:
        (row,) = agreements.every(session)
    assert row["total_value"] == "1200"
    assert '"start_date":"2025-04-03"' in row["terms"].replace(" ", "")


def test_answers_go_before_a_mapping(database: Database) -> None:
    given = MappingForm(day_order="mdy", no_end="evergreen")
    with database.reading() as session:
        choice = chosen(session, None, given, MannerForm(day_order="dmy"))
        assert (choice.mapping.day_order, choice.mapping.no_end) == ("dmy", "evergreen")
        assert chosen(session, "netbox-contract", None, MannerForm()).manner().compares_end
        assert not chosen(session, "glpi", None, MannerForm()).manner().compares_end


def test_a_column_that_is_not_there_is_a_fault(database: Database) -> None:
    columns = [{"column": "Frist", "field": "notice"}]
    report = tried(database, sent(GERMAN, columns=columns))
    assert [(one["row"], one["column"]) for one in report["errors"]] == [(1, "frist")]
    assert "no such column" in report["errors"][0]["detail"]


def test_a_file_of_which_nothing_is_known_is_refused(database: Database) -> None:
    with pytest.raises(BadFile, match="no column that is known"):
        tried(database, sent("Shoe size,Colour of hair\n46,grey\n"))


def test_needed_columns_may_be_constants_or_follow_from_others(database: Database) -> None:
    content = "Name,Vendor,Expiry\nVPN,Contoso,31/12/2027\n"
    report = tried(database, sent(content))
    assert [one["column"] for one in report["errors"]] == ["start_date", "reference"]
    columns = [{"column": "Name", "field": "name"}]
    constants = {"start_date": "2025-01-01"}
    named = sent(content, columns=columns, constants=constants)
    assert counts(tried(database, named)) == (1, 0, 0, 0)
    planned = "Name,Vendor,Planned start,Planned end\nVPN,Contoso,1/31/2025,31 December 2027\n"
    assert counts(tried(database, sent(planned, columns=columns))) == (1, 0, 0, 0)


CHILD = "B,Add-on,Northwind,2024-06-01,,,,,A,true\n"


def test_partial_stores_what_can_be_and_returns_the_rest_with_reasons(
    database: Database,
) -> None:
    bad = GOOD.replace("12 months", "soon", 1)
    content = FORM + bad + CHILD + GOOD.replace("A,", "C,")
    with pytest.raises(BadFile):
        taken(database, sent(content))
    found = taken(database, sent(content, partial=True))
    assert counts(found.report) == (1, 0, 0, 2)
    assert stored(database) == ["C"]
    assert found.refused is not None
    header, *rows = found.refused.decode("utf-8-sig").splitlines()
    assert header == FORM.strip() + ",refused_because"
    assert rows == [
        bad.strip() + ',"initial_term: must be a length such as 12 months, 90 days or 15'
        ' business_days"',
        CHILD.strip() + ",parent_reference: no other agreement with that counterparty has that"
        " reference",
    ]
    mended = found.refused.decode("utf-8-sig").replace("soon", "12 months")
    assert counts(taken(database, sent(mended)).report) == (2, 0, 0, 0)
    with database.reading() as session:
        assert len(audit.about(session, next(iter(agreements.every(session)))["id"], 0, 9)) == 1


def test_a_child_of_a_refused_parent_is_refused_too(database: Database) -> None:
    parent = GOOD.replace("auto,12 months", "auto,", 1)
    report = taken(database, sent(FORM + parent + CHILD, partial=True)).report
    assert [(one["row"], one["column"]) for one in report["errors"]] == [
        (2, "renewal_term"),
        (3, "parent_reference"),
    ]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ";"), ("utf-16-be", ",")],
)
def test_refused_rows_go_back_in_the_form_they_came_in(
    database: Database, encoding: str, delimiter: str
) -> None:
    rows = FORM + GOOD.replace("Backup", "Größe ä").replace("12 months,auto", "soon,auto")
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    content = (mark + rows.replace(",", delimiter)).encode(encoding)
    refused = taken(database, sent(content, partial=True)).refused
    assert refused is not None
    told = refused.decode("utf-16" if encoding.startswith("utf-16") else encoding)
    lines = told.removeprefix("\ufeff").splitlines()
    assert lines[0].split(delimiter)[-1] == "refused_because"
    assert "Größe ä" in lines[1]
    assert counts(tried(database, sent(refused))) == (0, 0, 0, 1)


def test_refused_rows_of_a_workbook_go_back_as_one(database: Database) -> None:
    file = io.BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet("2026")
        for number, line in enumerate((FORM + GOOD.replace("12 months", "soon", 1)).splitlines()):
            sheet.write_row(number, 0, line.split(","))
    found = taken(database, sent(file.getvalue(), partial=True))
    assert found.refused is not None
    rows = CalamineWorkbook.from_filelike(io.BytesIO(found.refused)).get_sheet_by_index(0)
    header, row = rows.to_python()
    assert header[-1] == "refused_because"
    assert row[0] == "A"
    assert str(row[-1]).startswith("initial_term: must be a length")


def test_refused_contracts_of_a_package_go_back_as_rows(database: Database) -> None:
    package = b'{"releases": [{"ocid": "x-1", "id": "1", "contracts": [{"id": "1"}]}]}'
    found = taken(database, sent(package, partial=True))
    assert counts(found.report) == (0, 0, 0, 1)
    assert found.refused is not None
    header, row = found.refused.decode("utf-8-sig").splitlines()
    assert header.startswith("reference,title,")
    assert row.startswith(",,,")


def test_progress_is_told_phase_by_phase(database: Database) -> None:
    told: list[tuple[str, int, int | None]] = []
    file = sent(FORM + GOOD + CHILD)
    gathered = file.gathered(lambda *step: told.append(step))
    with database.writing() as session:
        take(
            session,
            file,
            gathered,
            actor=OPERATOR,
            now=NOW,
            tell=lambda *step: told.append(step),
        )
    assert told == [
        ("looking", 0, None),
        ("reading", 0, None),
        ("checking", 0, 2),
        ("storing", 0, 2),
        ("dating", 0, 1),
    ]


def test_a_long_title_is_told_and_kept(database: Database) -> None:
    content = f"Contract Number,Title,Supplier,Start,End\nA,{'x' * 301},C,2025-01-01,2026-01-01\n"
    report = tried(database, sent(content))
    assert [one["column"] for one in report["warnings"]] == ["Title", "End"]
    assert report["warnings_in_all"] == 2


GLPI = """Name;Number;Associated suppliers;Start date;Duration;Periodicity;Renewal;Notice;\
Expiration;Expiration date + notice
Antivirus;G-1;Contoso;2022-01-01;36;12;Tacit;3;2027-01-01;2026-09-30
Cabling;;Fabrikam;2024-01-01;36;0;Never;0;2026-12-31;
Service desk;G-3;Northwind;2024-01-01;24;12;Express;2;2026-12-31;2026-10-31
"""


def test_an_export_of_glpi_comes_in_and_its_dates_are_compared(database: Database) -> None:
    with database.reading() as session:
        choice = chosen(session, "glpi", None, MannerForm())
    file = Sent(GLPI.encode(), 100, choice=choice)
    report = tried(database, file)
    assert counts(report) == (3, 0, 0, 0)
    assert [(one["reference"], one["title"]) for one in report["creations"]] == [
        ("G-1", "Antivirus"),
        ("Cabling", "Cabling"),
        ("G-3", "Service desk"),
    ]
    told = [
        (one["reference"], one["which"], str(one["theirs"]), str(one["ours"]))
        for one in report["differences"]
    ]
    assert told == [
        ("G-1", "term_end", "2027-01-01", "2026-12-31"),
        # It takes an option for exercised that nobody has exercised here.
        ("G-3", "term_end", "2026-12-31", "2025-12-31"),
        ("G-3", "notice_deadline", "2026-10-31", "None"),
    ]
    assert report["differences_in_all"] == 3
    assert "31 Dec 2026" in " ".join(report["differences"][0]["why"])
    taken(database, file)
    assert tried(database, file)["differences_in_all"] == 3, "also of what is there already"


def test_an_export_of_snipe_it_comes_in(database: Database) -> None:
    content = (
        "ID,License Name,Product Key,Supplier,Purchase Date,Expiration Date,Purchase Cost,Seats\n"
        "7,Office,KEY-1,Contoso,2025-01-15,2027-01-14,1200.00,25\n"
    )
    with database.reading() as session:
        choice = chosen(session, "snipe-it", None, MannerForm())
    report = tried(database, Sent(content.encode(), 100, choice=choice))
    # An amount without a currency is nothing that can be kept.
    assert [one["column"] for one in report["errors"]] == ["currency"]
    mapping = choice.mapping.model_copy(
        update={"constants": {**choice.mapping.constants, "currency": "EUR"}}
    )
    file = Sent(content.encode(), 100, choice=Choice(mapping, "snipe-it"))
    assert counts(taken(database, file).report) == (1, 0, 0, 0)
    with database.reading() as session:
        (row,) = agreements.every(session)
    assert (row["reference"], row["kind"], row["custom"]) == (
        "KEY-1",
        "software_maintenance",
        '{"Seats": "25"}',
    )
    assert tried(database, file)["differences"] == []


def test_an_export_of_netbox_contract_comes_in_and_a_stale_end_shows(database: Database) -> None:
    content = (
        "name,external_party_object,external_reference,start_date,end_date,initial_term,"
        "renewal_term,notice_period,currency,mrc,comments,status\n"
        "Circuit 1,Contoso,X-1,2022-01-01,2024-12-31,36,12,90,EUR,100,,Active\n"
    )
    with database.reading() as session:
        choice = chosen(session, "netbox-contract", None, MannerForm())
    file = Sent(content.encode(), 100, choice=choice)
    report = tried(database, file)
    assert counts(report) == (1, 0, 0, 0)
    (told,) = report["differences"]
    assert (str(told["theirs"]), str(told["ours"])) == ("2024-12-31", "2026-12-31")
    taken(database, file)
    with database.reading() as session:
        (row,) = agreements.every(session)
    assert (row["annual_value"], row["vendor_reference"]) == ("1200", "X-1")


def test_a_deadline_that_another_list_states_is_compared(database: Database) -> None:
    content = (
        "Contract Number,Title,Supplier,Start,Duration,Auto renew,Renewal period,Notice,Cancel by\n"
        "A,B,C,2025-01-01,24 months,yes,12 months,3 months,{cancel}\n"
    )
    agreed = tried(database, sent(content.format(cancel="2026-09-30")))
    assert agreed["differences"] == []
    (told,) = tried(database, sent(content.format(cancel="2026-10-31")))["differences"]
    assert (told["which"], str(told["ours"])) == ("notice_deadline", "2026-09-30")
    ended = content.replace("yes,12 months,3 months", "no,,").format(cancel="2026-10-31")
    (over,) = tried(database, sent(ended))["differences"]
    assert over["ours"] is None
