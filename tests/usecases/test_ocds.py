"""A public contract is a row of the import form, and says no more than its notices do."""

import contextlib
import copy
import csv
import io
import json
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.records.engine import Database
from app.usecases import imports
from app.usecases.columns import COLUMNS, cells_of, document_from
from app.usecases.exports import Leaving
from app.usecases.files import BadFile, Format
from app.usecases.forms import AgreementForm
from app.usecases.ocds import EXTRAS
from app.usecases.refusals import TooLarge
from app.usecases.release_packages import release_of, write_package
from app.usecases.sheets import Sheet, read
from tests.builders import NOW, OPERATOR, a_row, an_agreement, length
from tests.usecases.strategies import forms

Json = dict[str, Any]

OCID = "ocds-h6vhtk-04ed24"

# In the shape of Find a Tender (United Kingdom): releases of the EU profile with the UK's own
# extensions, a contract with its own hasRenewal, and moments in the zone of the day.
FIND_A_TENDER: Json = {
    "uri": "https://notices.example/api/1.0/ocdsReleasePackages/ocds-h6vhtk-04ed24",
    "version": "1.1",
    "extensions": ["https://standard.open-contracting.org/profiles/eu/latest/en/extension.json"],
    "publishedDate": "2025-04-10T09:00:00+01:00",
    "publisher": {"name": "Notices Office", "scheme": "GB-GOR", "uid": "X2"},
    "releases": [
        {
            "ocid": OCID,
            "id": "019376-2025",
            "date": "2025-04-10T09:00:00+01:00",
            "tag": ["contract"],
            "initiationType": "tender",
            "parties": [
                {
                    "id": "GB-PPON-PAAA-1111-BBBB",
                    "name": "Borough of Elmbridge-on-Sea",
                    "roles": ["buyer"],
                    "details": {"classifications": [{"scheme": "UK_CA_TYPE"}]},
                },
                {
                    "id": "GB-COH-01234567",
                    "name": "Northwind Software Ltd",
                    "identifier": {"scheme": "GB-COH", "id": "01234567"},
                    "roles": ["supplier"],
                },
            ],
            "buyer": {"id": "GB-PPON-PAAA-1111-BBBB", "name": "Borough of Elmbridge-on-Sea"},
            "contracts": [
                {
                    "id": "1",
                    "awardID": "1",
                    "title": "Case management system\r\n",
                    "status": "active",
                    "dateSigned": "2025-03-30T00:00:00+01:00",
                    "period": {
                        "startDate": "2025-04-01T00:00:00+01:00",
                        "endDate": "2028-03-31T23:59:59+01:00",
                        "maxExtentDate": "2030-03-31T23:59:59+01:00",
                    },
                    "hasRenewal": True,
                    "renewal": {"description": "Option to extend for 2 x 12 months"},
                    "value": {"amount": 385000.10, "amountGross": 462000.12, "currency": "GBP"},
                    "aboveThreshold": True,
                    "statusDetails": None,
                }
            ],
        },
        {
            "ocid": OCID,
            "id": "009376-2025",
            "date": "2025-03-07T12:00:00Z",
            "tag": ["award"],
            "initiationType": "tender",
            "tender": {
                "id": "ocds-h6vhtk-04ed24",
                "title": "Case management for social care",
                "lots": [
                    {
                        "id": "LOT-0000",
                        "contractPeriod": {
                            "startDate": "2025-03-01T00:00:00Z",
                            "endDate": "2028-02-28T23:59:59Z",
                        },
                    }
                ],
            },
            "awards": [
                {
                    "id": "1",
                    "status": "active",
                    "relatedLots": ["LOT-0000"],
                    "suppliers": [
                        {"id": "GB-COH-01234567", "name": "Northwind Software Ltd"},
                    ],
                }
            ],
        },
    ],
}

# In the shape of Contracts Finder (United Kingdom): a notice of an award, and no contract.
CONTRACTS_FINDER: Json = {
    "uri": "https://finder.example/Published/Notice/OCDS/1f24",
    "version": "1.1",
    "publishedDate": "2025-05-06T10:11:12+01:00",
    "publisher": {"name": "Finder", "uri": "https://finder.example"},
    "license": "https://licence.example/3",
    "releases": [
        {
            "ocid": "ocds-b5fd17-8bd50608-1f24-49bb-9017-000000000000",
            "id": "ocds-b5fd17-8bd50608-1f24-49bb-9017-000000000000-2025-05-06T10:11:12+01:00",
            "language": "en",
            "date": "2025-05-06T10:11:12+01:00",
            "tag": ["award"],
            "initiationType": "tender",
            "tender": {
                "id": "DN319523",
                "title": "Firewall support",
                "status": "complete",
                "value": {"amount": 50000, "currency": "GBP"},
                "contractPeriod": {
                    "startDate": "2025-05-01T00:00:00+01:00",
                    "endDate": "2027-04-30T23:59:59+01:00",
                },
                "suitability": {"sme": False, "vcse": False},
            },
            "parties": [
                {"id": "GB-CFS-77998", "name": "Elmbridge County Council", "roles": ["buyer"]},
                {
                    "id": "GB-CFS-160001",
                    "name": "CONTOSO NETWORKS LIMITED",
                    "roles": ["supplier"],
                    "details": {"scale": "sme"},
                },
            ],
            "buyer": {"id": "GB-CFS-77998", "name": "Elmbridge County Council"},
            "awards": [
                {
                    "id": "ocds-b5fd17-8bd50608-1f24-49bb-9017-000000000000-1",
                    "status": "active",
                    "date": "2025-05-02T00:00:00+01:00",
                    "value": {"amount": 33355, "currency": "GBP"},
                    "suppliers": [{"id": "GB-CFS-160001", "name": "CONTOSO NETWORKS LIMITED"}],
                    "contractPeriod": {
                        "startDate": "2025-05-12T00:00:00+01:00",
                        "endDate": "2026-05-11T23:59:59+01:00",
                    },
                }
            ],
        }
    ],
}

# In the shape of a Latin American publisher: a record package with links to the releases, a
# compiled release beside them, lengths in days, amounts without decimals.
RECORDS: Json = {
    "uri": "https://contrataciones.example/datos/record-package/191705.json",
    "version": "1.1",
    "publishedDate": "2024-08-26T21:20:23Z",
    "publisher": {"name": "Contrataciones", "uri": "https://contrataciones.example"},
    "packages": ["https://contrataciones.example/datos/id/contract/191705.json"],
    "records": [
        {
            "ocid": "ocds-03ad3f-191705",
            "releases": [
                {
                    "date": "2024-03-11T12:00:00Z",
                    "tag": ["contract"],
                    "url": "https://contrataciones.example/datos/id/contract/191705.json",
                }
            ],
            "compiledRelease": {
                "ocid": "ocds-03ad3f-191705",
                "id": "ocds-03ad3f-191705-2024-03-11T12:00:00Z",
                "date": "2024-03-11T12:00:00Z",
                "tag": ["compiled"],
                "initiationType": "tender",
                "language": "es",
                "parties": [
                    {"id": "PY-1", "name": "Ministerio de Obras", "roles": ["procuringEntity"]},
                    {"id": "PY-2", "name": "Dirección de Sistemas", "roles": ["buyer", "payer"]},
                    {"id": "PY-RUC-8", "roles": ["supplier"], "identifier": {"legalName": "Ñandé"}},
                ],
                "tender": {
                    "id": "191705",
                    "title": "Mantenimiento de servidores",
                    "status": "complete",
                    "contractPeriod": {"durationInDays": 720},
                },
                "awards": [{"id": 7, "suppliers": [{"id": "PY-RUC-8"}]}],
                "contracts": [
                    {
                        "id": 191705,
                        "awardID": 7,
                        "status": "active",
                        "dateSigned": "2024-03-11",
                        "value": {"amount": 1250000000, "currency": "PYG"},
                        "period": {
                            "startDate": "2024-03-15T00:00:00-04:00",
                            "durationInDays": 1080,
                        },
                    }
                ],
            },
        }
    ],
}

CONTRACT: Json = FIND_A_TENDER["releases"][0]["contracts"][0]
PERIOD: Json = {"startDate": "2025-04-01", "endDate": "2028-03-31"}


def sheet(*values: object) -> Sheet:
    return read(written(*values), max_rows=1_000)


def written(*values: object) -> bytes:
    return "\n".join(map(json.dumps, values)).encode()


def rows(*values: object) -> list[dict[str, str]]:
    """Return the filled cells of each row."""
    found = sheet(*values)
    return [
        {name: cell for name, cell in zip(found.header, cells, strict=True) if cell}
        for _, cells in found.rows()
    ]


def release(contract: Json | None = None, **members: Any) -> Json:  # noqa: ANN401 - any JSON
    """Return a release of one contract that says what a row needs, and what is given."""
    usual: Json = {
        "id": "c-1",
        "title": "Backup",
        "suppliers": [{"id": "s", "name": "Northwind"}],
        "period": PERIOD,
    }
    told = usual | (contract or {})
    return {"ocid": "ocds-x-1", "id": "1", "contracts": [told], **members}


def row(contract: Json | None = None, **members: Any) -> dict[str, str]:  # noqa: ANN401
    (found,) = rows({"releases": [release(contract, **members)]})
    return found


def refusal(content: bytes) -> list[tuple[int, str, str]]:
    """Return what is wrong with a file as a whole, or with its rows."""
    try:
        faults = read(content, max_rows=1_000).faults
    except BadFile as bad:
        faults = bad.faults
    assert faults
    return [(fault.row, fault.column, fault.rule) for fault in faults]


def refused(contract: Json | None = None, **members: Any) -> tuple[str, str]:  # noqa: ANN401
    (fault,) = refusal(written({"releases": [release(contract, **members)]}))
    assert fault[0] == 1
    return fault[1:]


def test_a_package_of_find_a_tender() -> None:
    (found,) = rows(FIND_A_TENDER)
    assert found == {
        "reference": "ocds-h6vhtk-04ed24/1",
        "title": "Case management system",
        "counterparty": "Northwind Software Ltd",
        "cost_centre": "Borough of Elmbridge-on-Sea",
        "currency": "GBP",
        "total_value": "385000.1",
        "signed_date": "2025-03-30",
        "start_date": "2025-04-01",
        "end_date": "2028-03-31",
        "end_date_is": "last_day",
        "renewal_kind": "option",
        "renewal_term": "12 months",
        "renewal_max": "2",
        "notes": "The notice leaves open: the notice period.",
        "ocid": "ocds-h6vhtk-04ed24",
        "contract_status": "active",
        "planned_start_date": "2025-03-01",
        "planned_end_date": "2028-02-28",
        "max_extent_date": "2030-03-31",
        "renewal_description": "Option to extend for 2 x 12 months",
    }


def test_an_award_of_contracts_finder() -> None:
    (found,) = rows(CONTRACTS_FINDER)
    ocid = "ocds-b5fd17-8bd50608-1f24-49bb-9017-000000000000"
    assert found == {
        "reference": f"{ocid}/award/{ocid}-1",
        "title": "Firewall support",
        "counterparty": "CONTOSO NETWORKS LIMITED",
        "cost_centre": "Elmbridge County Council",
        "currency": "GBP",
        "total_value": "33355",
        "start_date": "2025-05-12",
        "end_date": "2026-05-11",
        "end_date_is": "last_day",
        "renewal_kind": "none",
        "notes": "The notice leaves open: the notice period.",
        "ocid": ocid,
        "contract_status": "active",
        "planned_start_date": "2025-05-01",
        "planned_end_date": "2027-04-30",
    }


def test_a_record_package() -> None:
    (found,) = rows(RECORDS)
    assert found == {
        "reference": "ocds-03ad3f-191705/191705",
        "title": "Mantenimiento de servidores",
        "counterparty": "Ñandé",
        "cost_centre": "Dirección de Sistemas",
        "currency": "PYG",
        "total_value": "1250000000",
        "signed_date": "2024-03-11",
        "start_date": "2024-03-15",
        "initial_term": "36 months",
        "renewal_kind": "none",
        "notes": "The notice leaves open: the notice period.",
        "ocid": "ocds-03ad3f-191705",
        "contract_status": "active",
    }


@pytest.mark.parametrize("package", [FIND_A_TENDER, CONTRACTS_FINDER, RECORDS])
def test_what_is_read_can_be_imported_and_again_changes_nothing(
    database: Database, package: Json
) -> None:
    # The columns beside the form are for fields of one's own; here the form alone is looked at.
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([one.get(name, "") for name in COLUMNS] for one in rows(package))
    content = text.getvalue().encode()
    with database.writing() as session:
        planned = imports.plan(session, content, now=NOW, max_rows=9)
        assert len(planned.created) == 1
        imports.carry_out(session, planned, actor=OPERATOR, now=NOW)
    with database.reading() as session:
        assert len(imports.plan(session, content, now=NOW, max_rows=9).unchanged) == 1


def test_a_file_is_known_by_its_bytes() -> None:
    for content in (
        written(RECORDS),
        b"\xef\xbb\xbf" + written(RECORDS),
        b" \n" + json.dumps(RECORDS, indent=2, ensure_ascii=False).encode() + b"\n",
    ):
        found = read(content, max_rows=1)
        assert found.format == Format("ocds")
        assert found.format.sentence == "Read as OCDS."
        assert (found.header_row, [number for number, _ in found.rows()]) == (0, [1])


def test_columns_beside_the_form_are_there_when_a_row_fills_them() -> None:
    assert sheet({"releases": []}).header == list(COLUMNS)
    assert sheet({"releases": [release()]}).header == [*COLUMNS, "ocid"]
    assert not set(COLUMNS) & set(EXTRAS)


def test_contracts_are_counted_and_awards_without_one_with_them() -> None:
    award = {"suppliers": [{"name": "Contoso"}], "contractPeriod": PERIOD, "title": "Of an award"}
    first = release({"awardID": "a"}, awards=[{"id": "a"}, award | {"id": "b"}])
    package = {"releases": [first, release(ocid="ocds-x-2")]}
    found = sheet(package)
    assert [(number, cells[0]) for number, cells in found.rows()] == [
        (1, "ocds-x-1/c-1"),
        (2, "ocds-x-1/award/b"),
        (3, "ocds-x-2/c-1"),
    ]
    with pytest.raises(TooLarge, match="More than 2 rows"):
        read(written(package), max_rows=2)


def test_an_award_that_came_to_nothing_is_no_row() -> None:
    assert len(rows(release(awards=[{"id": "a", "status": "unsuccessful"}]))) == 1
    assert rows({"ocid": "x", "awards": [{"id": "a", "status": "unsuccessful"}]}) == []


def test_releases_records_and_lines_say_the_same() -> None:
    one = release()
    compiled = {"ocid": one["ocid"], "compiledRelease": one}
    versioned = {"ocid": "x", "versionedRelease": as_versioned(one)}
    expected = rows(one)
    for values in (
        [{"releases": [one]}],
        [compiled],
        [{"records": [compiled]}],
        [{"ocid": one["ocid"], "releases": [one]}],
        [{"records": [{"releases": [one]}]}],
        [{"records": [versioned]}],
        [one, one],
        [{"releases": [one]}, {"records": [compiled]}],
    ):
        assert rows(*values) == expected
    assert len(rows(one, one | {"ocid": "ocds-x-2"})) == 2


def as_versioned(one: Json) -> Json:
    """Return a release as the standard keeps its versions: nothing that is an id has any."""

    def versions(value: object) -> object:
        if isinstance(value, list):
            return [as_versioned(each) for each in value]
        if isinstance(value, dict):
            return as_versioned(value)
        old = {"releaseDate": "2024-01-01T00:00:00Z", "releaseTag": ["award"], "value": "old"}
        return [old, {"releaseDate": "2025-01-01T00:00:00Z", "value": value}]

    return {
        name: value if name in {"id", "ocid"} else versions(value) for name, value in one.items()
    }


def test_of_several_releases_the_later_one_counts_and_parts_are_taken_whole() -> None:
    early = release(
        {"title": "Early", "status": "pending", "value": {"amount": 1, "currency": "EUR"}},
        date="2025-02-01T00:30:00+01:00",  # in January, as the world counts
        buyer={"name": "Buyer"},
    )
    late = release({"title": "Late", "period": {"startDate": "2025-06-01"}})
    del late["contracts"][0]["suppliers"]
    late["date"] = "2025-01-31T23:45:00Z"
    (found,) = rows(late, early)
    assert (found["title"], found["contract_status"]) == ("Late", "pending")
    assert (found["start_date"], "end_date" in found) == ("2025-06-01", False)
    assert (found["total_value"], found["cost_centre"]) == ("1", "Buyer")


@pytest.mark.parametrize("unclear", [None, "soon", "2020-01-01", "0001-01-01T00:00:00+14:00"])
def test_a_release_without_a_clear_moment_comes_first(unclear: str | None) -> None:
    dated = release({"title": "Dated"}, date="2025-01-01T00:00:00Z")
    (found,) = rows(dated, release({"title": "Unclear"}, date=unclear))
    assert found["title"] == "Dated"


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        pytest.param(
            {"period": {"startDate": "2025-04-01T00:00:00+01:00", "endDate": "2026-03-31"}},
            {"start_date": "2025-04-01", "end_date": "2026-03-31"},
            id="a moment in another zone is the day that is written",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01", "endDate": "2026-03-31 24:00"}},
            {"end_date": "2026-03-31", "end_date_is": "last_day"},
            id="the end is the last day",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01", "durationInDays": 365}},
            {"initial_term": "1 year", "renewal_kind": "none"},
            id="a year in days",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01", "durationInDays": 100}},
            {"initial_term": "100 days"},
            id="days",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01", "durationInDays": 1080.0}},
            {"initial_term": "36 months"},
            id="days with a point",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01"}},
            {"renewal_kind": "evergreen"},
            id="no end",
        ),
        pytest.param(
            {"period": {"startDate": "2025-04-01", "endDate": "2099-12-31"}},
            {"renewal_kind": "evergreen"},
            id="an end that stands for none",
        ),
        pytest.param(
            {"title": None}, {"title": "Of the tender"}, id="a title of the tender"
        ),
        pytest.param({"title": "x" * 301}, {"title": "x" * 299 + "\u2026"}, id="a long title"),
        pytest.param({"id": "y" * 300}, {}, id="a long id"),
        pytest.param(
            {"id": 12345678901234}, {"reference": "ocds-x-1/12345678901234"}, id="a whole number"
        ),
        pytest.param(
            {"value": {"amount": 0.33335, "currency": "EUR"}},
            {"total_value": "0.3334", "currency": "EUR"},
            id="more than four decimals",
        ),
        pytest.param(
            {"value": {"amount": "120000.00", "currency": "EUR"}},
            {"total_value": "120000.00"},
            id="an amount as text",
        ),
        pytest.param(
            {"suppliers": [{"name": "A"}, {"name": " A "}]}, {"counterparty": "A"}, id="one twice"
        ),
        pytest.param({"status": "terminated"}, {"renewal_kind": "none"}, id="terminated"),
    ],
)  # fmt: skip
def test_a_contract_is_a_row(contract: Json, expected: dict[str, str]) -> None:
    found = row(contract, tender={"title": "Of the tender"})
    assert {name: found[name] for name in expected} == expected
    assert ("end_date" in found) <= ("initial_term" not in found)
    document, faults = document_from({name: found[name] for name in COLUMNS if name in found})
    assert not faults
    AgreementForm.model_validate(document)


def test_amounts_are_read_as_they_are_written() -> None:
    content = written(release({"value": {"amount": "HERE", "currency": "EUR"}}))
    for amount, told in {
        b"120000.00": "120000.00",
        b"1.2E+3": "1200",
        b"0.10": "0.10",
        b"-0.0": "0.0",
        b"123456789012345.6789": "123456789012345.6789",
    }.items():
        found = read(content.replace(b'"HERE"', amount), max_rows=9)
        ((_, cells),) = found.rows()
        assert dict(zip(found.header, cells, strict=True))["total_value"] == told


def test_long_ids_stay_different() -> None:
    references = {row({"id": "y" * 300 + str(number)})["reference"] for number in range(3)}
    assert len(references) == 3
    assert max(map(len, references)) < 200


@pytest.mark.parametrize(
    ("contract", "members", "left_open"),
    [
        ({}, {}, []),
        ({"period": {"startDate": "2025-04-01"}}, {}, ["the end"]),
        ({"value": {"amount": 10}}, {}, ["the currency of its value, 10"]),
        (
            {"hasRenewal": True},
            {},
            ["how long it can be renewed, so that no renewal is entered"],
        ),
        (
            {"period": PERIOD | {"maxExtentDate": "2029-03-31"}},
            {},
            ["whether the time up to 2029-03-31, entered as one option, is divided into several"],
        ),
        (
            {"status": "terminatedEarly"},
            {},
            ["the day it really ended, for it is terminatedEarly"],
        ),
    ],
)
def test_the_notes_say_what_is_left_open(
    contract: Json, members: Json, left_open: list[str]
) -> None:
    told = "; ".join(["the notice period", *left_open])
    assert row(contract, **members)["notes"] == f"The notice leaves open: {told}."


TWICE = {"description": "May be extended twice by 12 months."}


@pytest.mark.parametrize(
    ("latest", "contract", "tender", "expected"),
    [
        pytest.param(None, {}, {}, ("none", None, None), id="nothing"),
        pytest.param(None, {"hasRenewal": False}, {}, ("none", None, None), id="none"),
        pytest.param(None, {"hasRenewal": True}, {}, ("none", None, None), id="not how long"),
        pytest.param(None, {"renewal": TWICE}, {}, ("option", "12 months", "2"), id="text"),
        pytest.param(
            None, {"hasRenewal": False}, {"renewal": TWICE}, ("none", None, None), id="taken back"
        ),
        pytest.param(
            None, {}, {"options": TWICE}, ("option", "12 months", "2"), id="among the options"
        ),
        pytest.param(
            None,
            {"renewal": {"maximumRenewals": 3, "period": {"durationInDays": 365}}},
            {},
            ("option", "1 year", "3"),
            id="numbers",
        ),
        pytest.param("2029-03-31", {}, {}, ("option", "12 months", "1"), id="latest end"),
        pytest.param("2028-05-15", {}, {}, ("option", "45 days", "1"), id="no whole months"),
        pytest.param("2028-03-31", {}, {}, ("none", None, None), id="the end is the latest"),
        pytest.param("2099-12-31", {}, {}, ("none", None, None), id="stands for no end"),
        pytest.param(
            "2030-03-31", {"renewal": TWICE}, {}, ("option", "12 months", "2"), id="text fits"
        ),
        pytest.param(
            "2029-03-31", {"renewal": TWICE}, {}, ("option", "12 months", "1"), id="text does not"
        ),
        pytest.param(
            "2029-03-31",
            {"renewal": {"maximumRenewals": 9999, "period": {"durationInDays": 36500}}},
            {},
            ("option", "12 months", "1"),
            id="beyond all calendars",
        ),
    ],
)
def test_a_renewal_is_what_the_notice_states(
    latest: str | None,
    contract: Json,
    tender: Json,
    expected: tuple[str, str | None, str | None],
) -> None:
    period = PERIOD | ({} if latest is None else {"maxExtentDate": latest})
    found = row(contract | {"period": period}, tender=tender)
    names = ("renewal_kind", "renewal_term", "renewal_max")
    assert tuple(found.get(name) for name in names) == expected
    assert found.get("max_extent_date") == latest


def test_a_length_that_leads_beyond_all_calendars_has_no_end() -> None:
    period = {"startDate": "9999-12-01", "durationInDays": 60, "maxExtentDate": "2029-03-31"}
    assert row({"period": period})["renewal_kind"] == "none"


def test_a_lot_tells_of_a_contract_when_it_is_the_only_one() -> None:
    lots = [
        {"id": "L1", "hasRenewal": True, "renewal": TWICE},
        {"id": "L2", "contractPeriod": {"startDate": "2024-01-01"}},
    ]
    awards = [{"id": "a", "relatedLots": ["L1"]}]
    assert row(awards=awards, tender={"lots": lots})["renewal_max"] == "2"
    awards = [{"id": "a", "relatedLots": ["L1", "L2"]}]
    assert row(awards=awards, tender={"lots": lots})["renewal_kind"] == "none"
    assert row({"relatedLots": ["L2"]}, tender={"lots": lots})["planned_start_date"] == "2024-01-01"


def test_a_period_is_taken_as_a_whole_and_the_other_one_is_kept() -> None:
    award = {"id": "a", "contractPeriod": {"startDate": "2025-01-01", "endDate": "2026-12-31"}}
    found = row({"period": {"startDate": "2025-02-01"}}, awards=[award])
    assert (found["start_date"], found["renewal_kind"]) == ("2025-02-01", "evergreen")
    assert (found["planned_start_date"], found["planned_end_date"]) == ("2025-01-01", "2026-12-31")
    found = row({"period": None}, awards=[award])
    assert (found["start_date"], found["end_date"]) == ("2025-01-01", "2026-12-31")
    assert "planned_start_date" not in found


def test_who_it_is_with_is_found_where_it_is_told() -> None:
    parties = [
        {"id": "p", "name": "Party", "roles": ["supplier"]},
        {"id": "b", "name": "Buyer", "roles": ["buyer"]},
    ]
    nobody = {"suppliers": None}
    assert row(nobody, parties=parties)["counterparty"] == "Party"
    assert row({"suppliers": [{"id": "p"}]}, parties=parties)["counterparty"] == "Party"
    awards = [{"id": "a", "suppliers": [{"name": "Award"}]}, {"id": "o", "status": "unsuccessful"}]
    assert row(nobody | {"awardID": "a"}, awards=awards)["counterparty"] == "Award"
    assert row(nobody, awards=awards[:1], parties=parties)["counterparty"] == "Award"
    assert row(parties=parties)["cost_centre"] == "Buyer"
    assert "cost_centre" not in row(parties=[*parties, parties[1] | {"id": "b2"}])
    assert row(buyer={"name": "z" * 201})["cost_centre"] == "z" * 199 + "\u2026"


@pytest.mark.parametrize(
    ("contract", "members", "where", "rule"),
    [
        ({"status": "cancelled"}, {}, "(whole row)", "is cancelled"),
        (
            {"status": "terminated", "period": {"startDate": "2025-01-01"}},
            {},
            "(whole row)",
            "is terminated, but states no end",
        ),
        ({"id": None}, {}, "id", "is missing"),
        ({}, {"ocid": None}, "ocid", "is missing"),
        ({"suppliers": [{"name": "A"}, {"name": "B"}]}, {}, "suppliers", "several (A and B)"),
        ({"suppliers": [{"name": "A"}] * 51}, {}, "suppliers", "are 51, but an agreement has one"),
        ({"suppliers": []}, {}, "suppliers", "are not named"),
        ({"period": None}, {}, "period", "is not stated"),
        ({"period": {"endDate": "2026-01-01"}}, {}, "contract.period.startDate", "is missing"),
        (
            {"period": PERIOD | {"startDate": "1/4/2025"}},
            {},
            "contract.period.startDate",
            "YYYY-MM-DD",
        ),
        (
            {"period": PERIOD | {"endDate": "2026-02-30"}},
            {},
            "contract.period.endDate",
            "no calendar has that day",
        ),
        ({"period": 7}, {}, "contract.period", "must be an object"),
        ({"period": PERIOD | {"startDate": 7}}, {}, "contract.period.startDate", "be a text"),
        (
            {"period": {"startDate": "2025-01-01", "durationInDays": "long"}},
            {},
            "contract.period.durationInDays",
            "must be a whole number",
        ),
        (
            {"period": {"startDate": "2025-01-01", "durationInDays": 0.5}},
            {},
            "contract.period.durationInDays",
            "must be a whole number",
        ),
        (
            {"period": {"startDate": "2025-01-01", "durationInDays": 0}},
            {},
            "contract.period.durationInDays",
            "no time that a contract takes",
        ),
        ({"hasRenewal": "yes"}, {}, "contract.hasRenewal", "must be true or false"),
        ({"suppliers": "Northwind"}, {}, "contract.suppliers", "must be a list"),
        ({"suppliers": ["Northwind"]}, {}, "contract.suppliers[0]", "must be an object"),
        ({"value": {"amount": True}}, {}, "contract.value.amount", "must be a number"),
        ({"value": {"amount": "1,000"}}, {}, "contract.value.amount", "must be a number"),
        ({"value": {"amount": -1}}, {}, "contract.value.amount", "less than nothing"),
        ({"value": {"amount": 10**15}}, {}, "contract.value.amount", "more than there is"),
        ({}, {"awards": [{"id": "a"}, {"id": "b"}]}, "contract.awardID", "is missing"),
        ({"awardID": []}, {}, "contract.awardID", "must be a text"),
        ({"relatedLots": {}}, {}, "contract.relatedLots", "must be a list"),
        ({"noticeboard": []}, {}, "contract.noticeboard", "must be an object"),
    ],
)
def test_what_cannot_be_entered_says_why(
    contract: Json, members: Json, where: str, rule: str
) -> None:
    first = sheet(release(contract, **members)).faults[0]
    assert (first.row, first.column) == (1, where)
    assert rule in first.rule


def test_all_that_is_wrong_is_told_at_once() -> None:
    package = {"releases": [release({"status": "cancelled"}, ocid=f"o-{n}") for n in range(3)]}
    package["releases"][1] = release()
    assert [fault[0] for fault in refusal(written(package))] == [1, 3]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b'{"a": 1}', "is JSON, but no package"),
        (b'{"ocid": "x"} []', "is JSON, but no package"),
        (b'{"releases": [', "is no JSON"),
        (b'{"releases": [{"ocid": "\xff"}]}', "is JSON, but not in UTF-8"),
        (b'{"releases": NaN}', "is no JSON"),
        (b'{"releases": 1e99999999999999999999}', "is no JSON"),
        (b'{"releases": ' + b"9" * 5_000 + b"}", "is no JSON"),
        (b'{"releases": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested more deeply"),
        (b'{"releases": {}}', "the file.releases must be a list"),
        (b'{"releases": [7]}', "the file.releases[0] must be an object"),
        (b'{"releases": [{"ocid": []}]}', "ocid must be a text"),
        (b'{"releases": [{"ocid": "x", "contracts": {}}]}', "contracts must be a list"),
        (b'{"records": [{"ocid": "x", "releases": [{"url": "y"}]}]}', "send its compiled release"),
        (b'{"records": [{"ocid": "x"}]}', "send its compiled release"),
    ],
    ids=range(14),
)
def test_what_is_no_package_is_refused(content: bytes, rule: str) -> None:
    ((number, column, told),) = refusal(content)
    assert (number, column) == (1, "(whole file)")
    assert rule in told


def test_many_parties_and_lots_are_not_looked_through_for_each_contract() -> None:
    many = [{"id": str(number), "name": f"N{number}", "roles": ["x"]} for number in range(5_000)]
    contracts = [
        release({"id": str(number), "suppliers": [{"id": str(number)}], "relatedLots": ["1"]})
        for number in range(5_000)
    ]
    members = [one["contracts"][0] for one in contracts]
    package = {"ocid": "x", "contracts": members, "parties": many, "tender": {"lots": many}}
    content = written(package)
    began = time.process_time()
    assert sum(1 for _ in read(content, max_rows=5_000).rows()) == 5_000
    assert time.process_time() - began < 10  # comparing each with each takes minutes


def test_a_file_of_brackets_does_not_fill_the_memory() -> None:
    with pytest.raises(TooLarge, match="2,000,000 values"):
        sheet({"releases": [[]] * 1_000_001})


def test_a_package_has_no_worksheets() -> None:
    with pytest.raises(BadFile, match="is no workbook"):
        read(written(RECORDS), max_rows=9, worksheet="2026")


def leaving(**document: Any) -> Leaving:  # noqa: ANN401 - fields of any type
    kept = a_row()
    return Leaving(kept["id"], 3, NOW, an_agreement(**document), None)


def package_of(*agreements: Leaving) -> bytes:
    file = io.BytesIO()
    write_package(agreements, file)
    return file.getvalue()


@settings(deadline=None)
@given(forms)
def test_our_own_package_says_all_that_was_entered(form: AgreementForm) -> None:
    # Some of these have terms that no calendar can follow; they are written all the same.
    document = form.model_dump(exclude_none=True)
    parent = ("P", "Somebody") if form.co_terminous else None
    content = package_of(Leaving(a_row()["id"], 1, NOW, document, parent))
    found = read(content, max_rows=9)
    assert found.header == list(COLUMNS)
    ((_, cells),) = found.rows()
    assert dict(zip(found.header, cells, strict=True)) == cells_of(document)


@pytest.mark.parametrize(
    ("own", "faults"),
    [
        ({"title": 7}, [("title", "Input should be a valid string")]),
        ({"parent_reference": 7}, [("contract.noticeboard.parent_reference", "must be a text")]),
        (
            {"parent_id": "00000000-0000-0000-0000-000000000001"},
            [("parent_reference", "is needed where parent_id is given")],
        ),
        ({"x" * 99: 1, "start_date": "2024-02-30"}, None),
    ],
)
def test_our_own_form_is_judged_as_any_other(
    own: Json, faults: list[tuple[str, str]] | None
) -> None:
    told = release({"noticeboard": an_agreement(**own)})
    found = refusal(written(told))
    if faults is None:
        assert [len(fault[1]) for fault in found] == [10, 60]
    else:
        assert [fault[1:] for fault in found] == faults


def test_the_parent_is_told_by_reference_and_counterparty() -> None:
    above = {"parent_reference": "P  1", "parent_counterparty": "Maker", "co_terminous": True}
    own = an_agreement(**above)
    del own["initial_term"], own["renewal"]
    found = row({"noticeboard": own})
    assert (found["parent_reference"], found["parent_counterparty"]) == ("P  1", "Maker")
    assert found["co_terminous"] == "true"


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ({"initial_term": length("12 months")}, "2025-04-14T23:59:59Z"),
        ({"initial_term": length("30 days")}, "2024-05-14T23:59:59Z"),
        ({"initial_term": length("36500 years")}, None),
        ({"initial_term": length("1 month"), "start_date": "2024-01-31"}, "2024-02-28T23:59:59Z"),
        (
            {
                "initial_term": length("1 month"),
                "start_date": "2024-01-31",
                "short_month": "roll_forward",
            },
            "2024-02-29T23:59:59Z",
        ),
        ({"end_date": "2025-04-14"}, "2025-04-14T23:59:59Z"),
        ({"end_date": "2025-04-15", "end_date_is": "renewal_date"}, "2025-04-14T23:59:59Z"),
        ({"renewal": {"kind": "evergreen"}, "initial_term": length("1 month")}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_period_ends_with_the_last_day_of_the_first_term(said: Json, end: str | None) -> None:
    one = leaving()
    document = {**one.document, "initial_term": None, **said}
    given = {name: value for name, value in document.items() if value is not None}
    told = release_of(Leaving(one.id, 1, NOW, given, None))
    period = told["contracts"][0]["period"]
    assert period.get("endDate") == end
    assert period["startDate"] == f"{given['start_date']}T00:00:00Z"


def test_amounts_are_written_as_they_were_entered() -> None:
    (whole, *_), bare = (
        json.loads(package_of(leaving(**money)), parse_float=str, parse_int=str)["releases"]
        for money in (
            {"currency": "EUR", "total_value": "0123456789012345.60"},
            {"currency": "EUR", "annual_value": "1.00"},
        )
    )
    value = whole["contracts"][0]["value"]
    assert value == {"amount": "123456789012345.60", "currency": "EUR"}
    assert "value" not in bare[0]["contracts"][0]


# Packages with each of these members were also checked once with the official JSON schemas of
# version 1.1 (release schema 1.1.4), formats included, when this was written; what they ask of
# the members that we write is repeated here.
def test_a_package_has_what_the_standard_asks_for() -> None:
    said = {"cost_centre": "4110", "currency": "EUR", "total_value": "7.50"}
    package = json.loads(package_of(leaving(signed_date="2024-01-31", **said), leaving()))
    assert list(package) == ["version", "uri", "publisher", "releases", "publishedDate"]
    assert (package["version"], package["publishedDate"]) == ("1.1", "2026-11-23T12:00:00Z")
    full, bare = package["releases"]
    assert "buyer" not in bare
    assert full["ocid"].startswith("local-")
    assert full["id"] != full["ocid"]
    assert "#" not in full["id"]
    assert (full["date"], full["tag"]) == ("2026-11-23T12:00:00Z", ["contract"])
    assert full["initiationType"] == "tender"
    assert full["parties"] == [
        {"id": "supplier", "name": "Northwind Software", "roles": ["supplier"]},
        {"id": "buyer", "name": "4110", "roles": ["buyer"]},
    ]
    assert full["buyer"] == {"id": "buyer", "name": "4110"}
    (award,), (contract,) = full["awards"], full["contracts"]
    assert award["suppliers"] == [{"id": "supplier", "name": "Northwind Software"}]
    assert contract["awardID"] == award["id"]
    assert contract["dateSigned"] == "2024-01-31T00:00:00Z"
    assert contract["value"] == {"amount": 7.5, "currency": "EUR"}
    assert contract["title"] == "Backup software, 400 servers"


def test_equal_agreements_make_equal_packages() -> None:
    one = leaving()
    assert package_of(one) == package_of(one)
    assert json.loads(package_of())["publishedDate"] == "1970-01-01T00:00:00Z"


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "2025-13-01", "9999-12-31", "0000-00-00", "\0", "1e9999"])
    | st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str)
    | st.just(10**30)
)
NAMES = st.sampled_from(["id", "name", "roles", "ocid", "date", "value", "\ud800", "releaseDate"])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OWN = json.loads(package_of(leaving(notes="x", tags=["a"], currency="EUR", total_value="1.00")))


def places_in(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path to every value in some JSON."""
    named: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        named = list(value.items())
    elif isinstance(value, list):
        named = list(enumerate(value))
    return [path, *(found for name, one in named for found in places_in(one, (*path, name)))]


PACKAGES = [FIND_A_TENDER, CONTRACTS_FINDER, RECORDS, OWN, {"records": [
    {"ocid": "x", "versionedRelease": as_versioned(release(ocid="x"))}
]}]  # fmt: skip
PLACES = [(package, path) for package in PACKAGES for path in places_in(package) if path]


@settings(deadline=None, max_examples=600)
@given(st.lists(st.tuples(st.sampled_from(range(len(PLACES))), ANYTHING), min_size=1, max_size=3))
@example([(0, [])])
def test_whatever_stands_wherever_is_refused_or_read(changes: list[tuple[int, Any]]) -> None:
    package = copy.deepcopy(PLACES[changes[0][0]][0])
    for number, anything in changes:
        part: Any = package
        *parents, name = PLACES[number][1]
        try:
            for parent in parents:
                part = part[parent]
            part[name] = anything
        except (LookupError, TypeError):
            pass  # what another change put there has no such place
    try:
        found = rows(package)
    except (BadFile, TooLarge):
        return
    for one in found:
        document, _ = document_from({name: one[name] for name in COLUMNS if name in one})
        with contextlib.suppress(ValidationError):
            AgreementForm.model_validate(document)


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_whatever_follows_a_brace_is_refused_or_read(content: bytes) -> None:
    with contextlib.suppress(BadFile, TooLarge):
        list(read(b"{" + content, max_rows=9).rows())
