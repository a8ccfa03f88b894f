"""A row says what its cells say and no more; what settles a doubt is told, what loses is kept."""

import json
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import COLUMNS
from app.usecases.foreign.columns import Column
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.rows import (
    LONGEST_NOTES,
    LONGEST_REFERENCE,
    LONGEST_TITLE,
    ForeignRows,
    Manner,
    Remark,
    Said,
    prose,
    with_custom,
)

PLAIN = Manner()


def said(manner: Manner = PLAIN, units: Mapping[str, str] | None = None, /, **cells: str) -> Said:
    """Return what a row says whose columns are called as our fields, in capitals."""
    columns = [
        Column(place, name.upper(), name, (units or {}).get(name), 0.9, used=True)
        for place, name in enumerate(cells)
    ]
    return ForeignRows(columns, manner, disarmed=False).read(list(cells.values()))


def cells(manner: Manner = PLAIN, units: Mapping[str, str] | None = None, /, **row: str) -> object:
    """Return the cells that a row without faults gives."""
    found = said(manner, units, **row)
    assert not found.faults
    return found.cells


def custom(found: Said) -> object:
    return json.loads(found.cells.get("custom", "{}"))


@pytest.mark.parametrize(
    ("field", "cell", "written"),
    [
        ("reference", " 7356* ", "7356*"),
        ("counterparty", "Smith &amp;  Sons\nLtd", "Smith & Sons Ltd"),
        ("notes", " one  line \r\nand\ranother ", "one line\nand\nanother"),
        ("notice_address", "1 Road\nTown", "1 Road\nTown"),
        ("signed_date", "31/12/2024", "2024-12-31"),
        ("notice_received_on", "31 Dec 2024", "2024-12-31"),
        ("termination_right_earliest_on", "45657", "2024-12-31"),
        ("start_date", "2025-04-01T00:00:00+01:00", "2025-04-01"),
        ("initial_term", "2 x 12 Monate", "24 months"),
        ("initial_term", "half a year", "6 months"),
        ("notice", "drei Monate", "3 months"),
        ("renewal_notice", "15 working days", "15 business days"),
        ("holdover", "1 Mo.", "1 month"),
        ("notice", "0 days", "0 days"),
        ("renewal_kind", "Tacit", "auto"),
        ("renewal_kind", "Express", "option"),
        ("renewal_kind", "Never", "none"),
        ("renewal_kind", "None", "none"),
        ("renewal_kind", "unbefristet", "evergreen"),
        ("auto_renewal", "Yes", {"renewal_kind": "auto"}),
        ("auto_renewal", "No", {"renewal_kind": "none"}),
        ("renewable", "sim", {"renewal_kind": "option"}),
        ("renewable", "não", {"renewal_kind": "none"}),
        ("kind", "Hardware maintenance", "hardware_support"),
        ("kind", "SaaS", "saas"),
        ("currency", "eur", "EUR"),
        ("currency", "€", "EUR"),
        ("total_value", "1.200,50 €", {"total_value": "1200.50", "currency": "EUR"}),
        ("annual_value", "$1,200.00", {"annual_value": "1200.00"}),
        ("annual_value", "£ 12,34,567.89", {"annual_value": "1234567.89", "currency": "GBP"}),
        ("monthly_value", "100.25", {"annual_value": "1203.00"}),
        ("monthly_value", "CHF 100.-", {"annual_value": "1200", "currency": "CHF"}),
        ("renewal_max", "2", "2"),
        ("end_date", "31/12/2025", "2025-12-31"),
        ("end_date", "2025-12-31 24:00", "2025-12-31"),
        ("end_date", "ongoing", {"renewal_kind": "evergreen"}),
        ("end_date", "12/31/99", {"renewal_kind": "evergreen"}),
        ("end_date", "Perpetual", {"renewal_kind": "perpetual"}),
        (
            "end_date",
            "Mo. To Mo.",
            {"renewal_kind": "auto", "renewal_term": "1 month", "initial_term": "1 month"},
        ),
        ("document_link", "https://files.example/1.pdf", "https://files.example/1.pdf"),
        ("tags", "a; b", "a; b"),
        ("name", "A switch", {"title": "A switch", "reference": "A switch"}),
    ],
)
def test_a_cell_is_written_as_the_form_has_it(
    field: str, cell: str, written: str | dict[str, str]
) -> None:
    found = said(**{field: cell})
    assert not found.faults
    assert found.cells == ({field: written} if isinstance(written, str) else written)


@pytest.mark.parametrize(
    ("field", "cell", "unit", "written"),
    [
        ("notice", "3", "months", "3 months"),
        ("notice", "90", "days", "90 days"),
        ("notice", "30", "days", "30 days"),
        ("notice", "10", "business_days", "10 business days"),
        ("initial_term", "1080", "days", "36 months"),
        ("initial_term", "365", "days", "1 year"),
        ("initial_term", "2", "years", "2 years"),
    ],
)
def test_a_bare_number_counts_what_its_column_does(
    field: str, cell: str, unit: str, written: str
) -> None:
    assert cells(PLAIN, {field: unit}, **{field: cell}) == {field: written}


@pytest.mark.parametrize(
    ("field", "cell", "rule"),
    [
        ("start_date", "11/31/2015", "no calendar has that day; check it"),
        ("end_date", "11/31/2015", "no calendar has that day; check it"),
        ("start_date", "03/04/2025", "may be one day or another"),
        ("start_date", "ongoing", "is no day"),
        ("total_value", "1.200", "may be one amount or another"),
        ("total_value", "a lot", "must be one amount"),
        ("notice", "90", "must say what it counts"),
        ("notice", "soon", "must be a length"),
        ("initial_term", "3+12", "must say whether it counts months or years"),
        ("initial_term", "0 months", "must be longer than nothing"),
        ("renewal_kind", "perhaps", "must say how it renews"),
        ("auto_renewal", "perhaps", "must be yes or no"),
        ("renewable", "perhaps", "must be yes or no"),
        ("currency", "Euro", "must be an ISO 4217 currency"),
        ("currency", "$", "must be an ISO 4217 currency"),
        ("currency", "ÄÖÜ", "must be an ISO 4217 currency"),
    ],
)
def test_what_cannot_be_read_is_a_fault_of_its_column(field: str, cell: str, rule: str) -> None:
    (fault,) = said(**{field: f" {cell} "}).faults
    assert (fault.column, fault.value) == (field.upper(), cell)
    assert fault.rule.startswith(rule)


@pytest.mark.parametrize("cell", ["", " ", "n/a", "TBC", "-", "unknown", "?"])
@pytest.mark.parametrize(
    "field",
    sorted(set(FIELDS) - {"end_date", "planned_end_date"} - {"reference", "title", "notes"}),
)
def test_what_says_nothing_is_left_out(field: str, cell: str) -> None:
    found = said(**{field: cell})
    assert not found.faults
    assert not found.theirs
    if FIELDS[field] not in ("text", "prose"):
        assert found.cells == {}


def test_the_order_and_the_marks_of_the_file_are_used() -> None:
    row = {"start_date": "03/04/2025", "total_value": "1.200"}
    assert cells(Manner(day_order="dmy", decimal_mark="comma"), **row) == {
        "start_date": "2025-04-03",
        "total_value": "1200",
    }
    assert cells(Manner(day_order="mdy", decimal_mark="point"), **row) == {
        "start_date": "2025-03-04",
        "total_value": "1.200",
    }


AWARDED = {"start_date": "2025-02-01", "end_date": "2026-01-15"}
PLANNED = {"planned_start_date": "2025-01-01", "planned_end_date": "2025-12-15"}


def test_the_awarded_period_wins_as_a_whole_and_the_planned_is_kept() -> None:
    found = said(**PLANNED, **AWARDED)
    kept = {"PLANNED_START_DATE": "2025-01-01", "PLANNED_END_DATE": "2025-12-15"}
    assert custom(found) == kept
    assert {name: found.cells[name] for name in AWARDED} == AWARDED


@pytest.mark.parametrize("awarded", [{}, {"start_date": "", "end_date": ""}, {"end_date": "TBC"}])
def test_a_planned_period_counts_where_none_was_awarded(awarded: dict[str, str]) -> None:
    found = said(**PLANNED, **awarded)
    assert found.cells == {"start_date": "2025-01-01", "end_date": "2025-12-15"}
    assert not found.faults


@pytest.mark.parametrize("only", ["start_date", "end_date"])
def test_half_an_awarded_period_is_never_filled_from_the_planned_one(only: str) -> None:
    found = said(**PLANNED, **{only: AWARDED[only]})
    assert {name for name in found.cells if name in AWARDED} == {only}
    assert len(json.loads(found.cells["custom"])) == 2


def test_a_planned_period_like_the_awarded_one_is_not_kept() -> None:
    planned = {f"planned_{name}": day for name, day in AWARDED.items()}
    assert cells(**planned, **AWARDED) == AWARDED


def test_a_planned_period_may_have_no_end() -> None:
    row = {"planned_start_date": "2025-01-01", "planned_end_date": "ongoing"}
    assert cells(**row) == {"start_date": "2025-01-01", "renewal_kind": "evergreen"}
    (fault,) = said(**row | {"planned_end_date": "TBC"}).faults
    assert fault == Remark(
        "PLANNED_END_DATE",
        "says no end; fill it in, or say with no_end what an empty one means",
        "TBC",
    )


ANNIVERSARY = {"start_date": "2024-01-31", "end_date": "2025-01-31"}


@pytest.mark.parametrize(
    ("start", "end", "is_warned"),
    [
        ("2024-01-31", "2025-01-31", True),
        ("2024-01-31", "2024-02-29", True),
        ("2024-02-29", "2025-02-28", True),
        ("2024-01-01", "2024-04-01", True),
        ("2024-01-01", "2024-12-31", False),
        ("2024-01-01", "2024-01-01", False),
        ("2024-01-01", "2023-01-01", False),
        ("2024-01-01", "2025-01-02", False),
    ],
)
def test_an_end_on_the_anniversary_is_warned_about(start: str, end: str, is_warned: bool) -> None:  # noqa: FBT001 - an expectation
    found = said(start_date=start, end_date=end)
    assert found.cells == {"start_date": start, "end_date": end}
    warned = [one.column for one in found.warnings if "is the start's anniversary" in one.rule]
    assert warned == ["END_DATE"] * is_warned


@pytest.mark.parametrize("ends", ["last_day", "renewal_date"])
def test_what_an_end_is_can_be_said_for_a_file_or_in_a_row(ends: str) -> None:
    expected = ANNIVERSARY | {"end_date_is": ends}
    other = "renewal_date" if ends == "last_day" else "last_day"
    for found in (
        said(Manner(end_date_is=ends), **ANNIVERSARY),
        said(Manner(constants={"end_date_is": ends}), **ANNIVERSARY),
        said(**ANNIVERSARY, end_date_is=ends),
        said(Manner(end_date_is=other), **ANNIVERSARY, end_date_is=ends),
        said(Manner(constants={"end_date_is": other}), **ANNIVERSARY, end_date_is=ends),
    ):
        assert found.cells == expected
        assert not found.warnings


def test_what_an_end_is_needs_an_end() -> None:
    assert cells(Manner(end_date_is="renewal_date"), start_date="2025-01-01") == {
        "start_date": "2025-01-01"
    }


@pytest.mark.parametrize(
    ("length", "is_warned"),
    [
        ("12 months", False),
        ("1 year", False),
        ("364 days", True),
        ("365 days", False),
        ("366 days", False),
        ("53 weeks", True),
        ("36500 years", True),
        ("36500 days", True),
        ("24 months", True),
        ("up to 12 months", False),
    ],
)
def test_an_end_wins_over_a_length_that_says_otherwise(length: str, is_warned: bool) -> None:  # noqa: FBT001 - an expectation
    found = said(start_date="2024-01-01", end_date="2024-12-31", initial_term=length)
    assert "initial_term" not in found.cells
    assert found.cells["end_date"] == "2024-12-31"
    rules = [one.rule for one in found.warnings if one.column == "INITIAL_TERM"]
    assert len(rules) == is_warned
    assert all("which ends on another day; the end counts" in rule for rule in rules)


def test_a_length_beside_an_end_without_a_start_is_not_compared() -> None:
    assert cells(end_date="2024-12-31", initial_term="5 years") == {"end_date": "2024-12-31"}


def test_an_exact_week_is_compared_in_days() -> None:
    assert not said(start_date="2024-01-01", end_date="2024-01-14", initial_term="2 weeks").warnings


def test_a_length_counts_where_no_end_is_known() -> None:
    for end in ("", "TBC"):
        assert cells(end_date=end, initial_term="36 months") == {"initial_term": "36 months"}


def test_the_most_that_a_length_can_be_is_warned_about() -> None:
    found = said(initial_term="up to 24 months")
    assert found.cells == {"initial_term": "24 months"}
    (warning,) = found.warnings
    assert warning == Remark(
        "INITIAL_TERM", "is the most that it can be; taken as the length", "up to 24 months"
    )


NO_END = "says no end; fill it in, or say with no_end what an empty one means"


@pytest.mark.parametrize("end", ["", "TBC"])
def test_an_end_that_is_not_known_is_asked_for(end: str) -> None:
    found = said(start_date="2025-01-01", end_date=end)
    assert found.faults == [Remark("END_DATE", NO_END, end)]
    for kind in ("evergreen", "perpetual"):
        row = {"start_date": "2025-01-01", "end_date": end}
        assert cells(Manner(no_end=kind), **row) == {
            "start_date": "2025-01-01",
            "renewal_kind": kind,
        }


def test_an_end_that_is_not_known_is_no_second_fault() -> None:
    assert len(said(start_date="2025-01-01", end_date="31.11.2025").faults) == 1
    assert cells(end_date="", renewal_kind="evergreen") == {"renewal_kind": "evergreen"}
    assert cells(start_date="2025-01-01") == {"start_date": "2025-01-01"}


def test_no_end_says_nothing_of_a_renewal_that_is_stated() -> None:
    manner = Manner(no_end="evergreen")
    assert cells(manner, end_date="", renewal_kind="auto") == {"renewal_kind": "auto"}


def test_an_open_end_keeps_the_length_as_the_least() -> None:
    found = said(end_date="ongoing", initial_term="12 months", renewal_kind="none")
    assert found.cells == {"renewal_kind": "evergreen", "initial_term": "12 months"}
    assert [one.rule for one in found.warnings] == ["is taken as the time that it runs at least"]


@pytest.mark.parametrize(
    "renews", [{"auto_renewal": "yes", "renewal_term": "1 year"}, {"renewal_term": "1 year"}]
)
def test_an_open_end_after_which_terms_follow_is_none(renews: dict[str, str]) -> None:
    found = said(end_date="ongoing", initial_term="12 months", **renews)
    assert found.cells == {
        "initial_term": "12 months",
        "renewal_kind": "auto",
        "renewal_term": "1 year",
    }


@pytest.mark.parametrize(
    ("end", "ours"),
    [
        ("perpetual", {"renewal_kind": "perpetual"}),
        (
            "month to month",
            {"renewal_kind": "auto", "renewal_term": "1 month", "initial_term": "1 month"},
        ),
    ],
)
def test_a_length_that_an_end_overrules_is_kept(end: str, ours: dict[str, str]) -> None:
    found = said(end_date=end, initial_term="12 months", renewal_term="1 year")
    assert custom(found) == {"INITIAL_TERM": "12 months", "RENEWAL_TERM": "1 year"}
    assert {name: cell for name, cell in found.cells.items() if name != "custom"} == ours


STATED = {"start_date": "2024-01-01", "end_date": "2025-12-31"}


@pytest.mark.parametrize(
    ("row", "renewal"),
    [
        (
            {"initial_term": "2 years with the option for a further one year extension"},
            {"renewal_kind": "option", "renewal_terms": "1 year", "renewal_max": "1"},
        ),
        (
            {"initial_term": "2+1+1"},
            {"renewal_kind": "option", "renewal_terms": "1 year; 1 year", "renewal_max": "2"},
        ),
        (
            {"initial_term": "2+1", "auto_renewal": "No"},
            {"renewal_kind": "option", "renewal_terms": "1 year", "renewal_max": "1"},
        ),
        (
            {"initial_term": "2+1", "renewal_kind": "Express", "renewal_term": "6 months"},
            {
                "renewal_kind": "option",
                "renewal_terms": "1 year",
                "renewal_max": "1",
                "custom": '{"RENEWAL_TERM": "6 months"}',
            },
        ),
        (
            {"initial_term": "2+1", "renewal_max": "5"},
            {
                "renewal_kind": "option",
                "renewal_terms": "1 year",
                "renewal_max": "1",
                "custom": '{"RENEWAL_MAX": "5"}',
            },
        ),
        (
            {"initial_term": "2+1", "renewal_kind": "Never"},
            {"renewal_kind": "none", "custom": '{"INITIAL_TERM": "2+1"}'},
        ),
        (
            {"initial_term": "2+1", "renewable": "No"},
            {"renewal_kind": "none", "custom": '{"INITIAL_TERM": "2+1"}'},
        ),
        ({"auto_renewal": "No", "renewable": "Yes"}, {"renewal_kind": "option"}),
        ({"auto_renewal": "Yes", "renewable": "No"}, {"renewal_kind": "auto"}),
        ({"auto_renewal": "No", "renewable": "No"}, {"renewal_kind": "none"}),
        ({"auto_renewal": "No", "renewal_kind": "Tacit"}, {"renewal_kind": "auto"}),
        (
            {"renewal_kind": "auto", "renewal_term": "12 months", "renewal_max": "3"},
            {"renewal_kind": "auto", "renewal_term": "12 months", "renewal_max": "3"},
        ),
        (
            {"renewal_kind": "none", "renewal_term": "12 months", "renewal_max": "3"},
            {
                "renewal_kind": "none",
                "custom": '{"RENEWAL_TERM": "12 months", "RENEWAL_MAX": "3"}',
            },
        ),
        (
            {"latest_end_date": "2027-12-31"},
            {"renewal_kind": "option", "renewal_terms": "24 months", "renewal_max": "1"},
        ),
        (
            {"latest_end_date": "2026-01-31", "auto_renewal": "no"},
            {"renewal_kind": "option", "renewal_terms": "1 month", "renewal_max": "1"},
        ),
        (
            {"latest_end_date": "2026-02-10"},
            {"custom": '{"LATEST_END_DATE": "2026-02-10"}'},
        ),
        ({"latest_end_date": "2025-12-31"}, {}),
        ({"latest_end_date": "TBC"}, {}),
        ({"latest_end_date": "2025-06-30"}, {"custom": '{"LATEST_END_DATE": "2025-06-30"}'}),
        ({"latest_end_date": "ongoing"}, {"custom": '{"LATEST_END_DATE": "ongoing"}'}),
        (
            {"latest_end_date": "2027-12-31", "renewal_kind": "auto"},
            {"renewal_kind": "auto", "custom": '{"LATEST_END_DATE": "2027-12-31"}'},
        ),
        (
            {"latest_end_date": "2027-12-31", "renewal_kind": "option", "renewal_term": "1 year"},
            {
                "renewal_kind": "option",
                "renewal_term": "1 year",
                "custom": '{"LATEST_END_DATE": "2027-12-31"}',
            },
        ),
        ({"renewal_term": "12 months"}, {"renewal_kind": "auto", "renewal_term": "12 months"}),
        ({"renewal_term": "0 months"}, {"custom": '{"RENEWAL_TERM": "0 months"}'}),
    ],
)
def test_cells_about_renewal_are_weighed(row: dict[str, str], renewal: dict[str, str]) -> None:
    assert cells(**STATED, **row) == STATED | renewal


def test_what_was_taken_for_a_renewal_is_told() -> None:
    (automatic,) = said(renewal_term="12 months").warnings
    assert automatic.rule == "says for how long, and nothing says how: taken as automatic"
    (option,) = said(**STATED, latest_end_date="2027-12-31").warnings
    assert option == Remark("LATEST_END_DATE", "is taken as one option until then", "2027-12-31")


def test_the_last_possible_end_counts_behind_a_planned_period() -> None:
    found = said(
        **{f"planned_{name}": day for name, day in STATED.items()}, latest_end_date="2026-12-31"
    )
    assert found.cells["renewal_terms"] == "12 months"


@pytest.mark.parametrize(
    ("end", "latest", "ends", "terms"),
    [
        ("2025-02-28", "2026-02-28", "last_day", "12 months"),
        ("2025-04-30", "2025-05-31", "last_day", "1 month"),
        ("2025-04-30", "2025-05-31", "renewal_date", None),
        ("2025-04-30", "2025-05-30", "renewal_date", "1 month"),
        ("2025-01-31", "2025-02-28", "renewal_date", "1 month"),
    ],
)
def test_an_option_until_the_last_possible_end_ends_on_it(
    end: str, latest: str, ends: str, terms: str | None
) -> None:
    found = said(Manner(end_date_is=ends), end_date=end, latest_end_date=latest)
    assert found.cells.get("renewal_terms") == terms
    assert ("custom" in found.cells) == (terms is None)


def test_days_of_a_renewal_term_are_counted_as_those_of_a_term() -> None:
    ours = cells(PLAIN, {"renewal_term": "days"}, renewal_term="360")
    assert ours == {"renewal_kind": "auto", "renewal_term": "12 months"}


def test_a_constant_says_how_it_renews_where_the_row_does_not() -> None:
    manner = Manner(constants={"renewal_kind": "option", "counterparty": "Acme"})
    found = said(manner, renewal_term="1 year", counterparty="Initech")
    assert found.cells == {
        "counterparty": "Initech",
        "renewal_term": "1 year",
        "renewal_kind": "option",
    }
    assert not found.warnings


@pytest.mark.parametrize(
    ("row", "money"),
    [
        ({"annual_value": "1200", "monthly_value": "100"}, {"annual_value": "1200"}),
        (
            {"annual_value": "1000", "monthly_value": "100"},
            {"annual_value": "1000", "custom": '{"MONTHLY_VALUE": "100"}'},
        ),
        (
            {"annual_value": "€ 1200.00", "total_value": "EUR 3600", "currency": "EUR"},
            {"annual_value": "1200.00", "total_value": "3600", "currency": "EUR"},
        ),
        ({"total_value": "$5", "currency": "usd"}, {"total_value": "5", "currency": "USD"}),
    ],
)
def test_amounts_of_a_row_belong_together(row: dict[str, str], money: dict[str, str]) -> None:
    assert cells(**row) == money


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ({"annual_value": "€ 5", "currency": "USD"}, "ANNUAL_VALUE", "in EUR, and the row in USD"),
        (
            {"monthly_value": "€ 5", "currency": "USD"},
            "MONTHLY_VALUE",
            "in EUR, and the row in USD",
        ),
        (
            {"total_value": "5 £", "annual_value": "5 €"},
            "TOTAL_VALUE",
            "in GBP, and the row in EUR",
        ),
    ],
)
def test_currencies_that_disagree_are_a_fault(row: dict[str, str], column: str, rule: str) -> None:
    (fault,) = said(**row).faults
    assert (fault.column, fault.rule) == (column, f"is {rule}")


def test_what_another_tool_worked_out_is_compared_and_never_taken() -> None:
    found = said(their_end_date="31/12/2025", their_notice_deadline="2025-09-30")
    assert found.cells == {}
    assert found.theirs == {
        "their_end_date": date(2025, 12, 31),
        "their_notice_deadline": date(2025, 9, 30),
    }


def test_a_day_of_another_tool_that_cannot_be_read_is_no_fault() -> None:
    found = said(their_notice_deadline="31.11.2025")
    assert not found.faults
    assert found.warnings == [
        Remark(
            "THEIR_NOTICE_DEADLINE",
            "is not compared: no calendar has that day; check it",
            "",
        )
    ]


def test_an_end_that_another_tool_goes_by_is_compared_too() -> None:
    manner = Manner(compares_end=True)
    assert said(manner, end_date="2025-12-31").theirs == {"their_end_date": date(2025, 12, 31)}
    assert said(manner, end_date="ongoing").theirs == {}
    both = said(manner, end_date="2025-12-31", their_end_date="2026-12-31")
    assert both.theirs == {"their_end_date": date(2026, 12, 31)}


def test_the_first_filled_column_says_a_name() -> None:
    columns = [
        Column(0, "Number", "reference", None, 0.7, used=True),
        Column(1, "Contract No", "reference", None, 0.95, used=True),
        Column(2, "Ref", "reference", None, 0.7, used=True),
    ]
    rows = ForeignRows(columns, PLAIN, disarmed=False)
    assert rows.read(["1", "2", "3"]).cells == {"reference": "2"}
    assert rows.read(["1", " ", "3"]).cells == {"reference": "1"}
    assert rows.read(["", "", "3"]).cells == {"reference": "3"}
    assert rows.name_of("reference") == "Contract No"
    assert rows.name_of("title") == "title"


def test_a_name_fills_what_is_empty_beside_it() -> None:
    assert cells(name="Switch", reference="7") == {"reference": "7", "title": "Switch"}
    assert cells(name="Switch", title="Switches") == {"reference": "Switch", "title": "Switches"}


@pytest.mark.parametrize("column", ["title", "name"])
def test_a_title_that_is_too_long_is_cut_and_kept(column: str) -> None:
    whole = "word " * 100 + "end"
    found = said(**{column: whole})
    assert len(found.cells["title"]) <= LONGEST_TITLE
    assert found.cells["title"].endswith("word…")
    assert len(found.cells.get("reference", "")) <= LONGEST_REFERENCE
    assert custom(found) == {column.upper(): whole}
    told = "is cut after 300 characters; custom has all of it"
    assert found.warnings == [Remark(column.upper(), told, whole.strip())]


def test_what_is_wrong_is_told_of_the_column_that_says_it() -> None:
    found = said(title="", name="x" * 301, annual_value="", monthly_value="€ 5", currency="USD")
    assert [one.column for one in found.warnings] == ["NAME"]
    assert found.faults == [Remark("MONTHLY_VALUE", "is in EUR, and the row in USD", "€ 5")]
    assert list(json.loads(found.cells["custom"])) == ["NAME"]


def test_notes_that_are_too_long_are_cut() -> None:
    found = said(notes="x" * (LONGEST_NOTES + 1))
    assert found.cells["notes"] == "x" * (LONGEST_NOTES - 1) + "…"
    assert [one.rule for one in found.warnings] == ["is cut after 5000 characters"]
    assert not said(notes="x" * LONGEST_NOTES).warnings


def test_a_document_that_is_no_link_is_kept() -> None:
    found = said(document_link="Cabinet 3")
    assert found.cells == {"custom": '{"DOCUMENT_LINK": "Cabinet 3"}'}


def test_a_kind_that_is_none_of_ours_is_kept() -> None:
    manner = Manner(constants={"kind": "other"})
    assert cells(manner, kind="Catering") == {"kind": "other", "custom": '{"KIND": "Catering"}'}


UNUSED = [Column(0, "Ref", "reference", None, 1.0, used=True), Column(1, "Room")]


def test_columns_that_are_none_of_ours_are_kept_if_that_is_wanted() -> None:
    for manner, kept in (
        (PLAIN, {}),
        (Manner(keep_unrecognised=True), {"custom": '{"Room": "B 12"}'}),
    ):
        rows = ForeignRows(UNUSED, manner, disarmed=False)
        assert rows.read(["7", " B  12 "]).cells == {"reference": "7"} | kept
        assert rows.read(["7", " "]).cells == {"reference": "7"}


def test_cells_that_were_disarmed_are_read_as_they_were_meant() -> None:
    columns = [Column(0, "Ref", "reference", None, 1.0, used=True)]
    for disarmed, expected in ((True, "=7"), (False, "'=7")):
        rows = ForeignRows(columns, PLAIN, disarmed=disarmed)
        assert rows.read(["'=7"]).cells == {"reference": expected}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", {"Room": "B"}),
        ('{"asset": "1"}', {"Room": "B", "asset": "1"}),
        ('{"Room": "C"}', {"Room": "C"}),
    ],
)
def test_custom_takes_more_and_its_own_wins(cell: str, expected: dict[str, str]) -> None:
    assert json.loads(with_custom(cell, {"Room": "B"})) == expected


@pytest.mark.parametrize("cell", ["{", "[1]", '"a"', "7", "[" * 100_000])
def test_a_custom_that_cannot_be_read_is_left_to_the_form(cell: str) -> None:
    assert with_custom(cell, {"Room": "B"}) == cell


def test_what_is_kept_is_cut_to_what_the_form_takes() -> None:
    kept = json.loads(with_custom("", {"n" * 200: "x" * 3_000}))
    assert kept == {"n" * 100: "x" * 1_999 + "…"}


def test_prose_keeps_its_lines() -> None:
    assert prose("  a &lt; b\t\r\n\r\n c ") == "a < b\n\nc"


WORDS = [*("", "-", "TBC", "none", "yes", "no", "auto", "Express", "perpetual", "ongoing", "M2M")]
DATES = ["2025-12-31", "31/12/2025", "03/04/2025", "11/31/2015", "12/31/99", "45657", "2199-12-31"]
LENGTHS = ["12 months", "3+1+1", "up to 2 years", "90", "1080", "36500 years", "half a year", "P1Y"]
AMOUNTS = [
    "1.200",
    "€ 1.200,50",
    "$5",
    "7 kr",
    "USD",
    "£",
    "=1+1",
    "[1]",
    '{"a": "b"}',
    "x" * 5_100,
]
CELL = st.sampled_from(WORDS + DATES + LENGTHS + AMOUNTS) | st.text(max_size=20)
UNITS = st.none() | st.sampled_from(["days", "weeks", "months", "years", "business_days"])
MANNERS = st.builds(
    Manner,
    day_order=st.sampled_from([None, "dmy", "mdy"]),
    decimal_mark=st.sampled_from([None, "point", "comma"]),
    end_date_is=st.sampled_from([None, "last_day", "renewal_date"]),
    no_end=st.sampled_from([None, "evergreen", "perpetual"]),
    keep_unrecognised=st.booleans(),
    compares_end=st.booleans(),
    constants=st.sampled_from([{}, {"renewal_kind": "auto"}, {"custom": "{"}, {"currency": "EUR"}]),
)


@given(
    row=st.dictionaries(st.sampled_from([*FIELDS, "?"]), st.tuples(CELL, UNITS), max_size=12),
    manner=MANNERS,
    disarmed=st.booleans(),
)
def test_any_row_is_read_in_our_columns(
    row: dict[str, tuple[str, str | None]],
    manner: Manner,
    disarmed: bool,  # noqa: FBT001 - a case
) -> None:
    columns = [
        Column(place, name.upper(), name if name in FIELDS else None, unit, 0.9, used=name != "?")
        for place, (name, (_, unit)) in enumerate(row.items())
    ]
    rows = ForeignRows(columns, manner, disarmed=disarmed)
    found = rows.read([cell for cell, _ in row.values()])
    assert set(found.cells) <= set(COLUMNS)
    assert all(isinstance(cell, str) for cell in found.cells.values())
    named = {name.upper() for name in row}
    assert {one.column for one in found.faults} <= named
    assert {one.column for one in found.warnings} <= named
