"""A name proposes what a column is, and its cells confirm or deny it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import COLUMNS, NEEDED
from app.usecases.foreign.columns import Column
from app.usecases.foreign.fields import FIELDS, Reading
from app.usecases.foreign.headers import is_import_form, look, proposed
from app.usecases.foreign.synonyms import CERTAIN, IGNORED, LIKELY, VAGUE, Meaning, plain

Rows = Sequence[Sequence[str]]


def column(name: str, *cells: str, other: str = "other") -> Column:
    """Return what a column with some cells is taken for, beside one that is none of ours."""
    rows = [[cell, "x"] for cell in cells]
    return proposed([name, other], {}, rows)[0]


@pytest.mark.parametrize(
    ("name", "field", "unit", "confidence", "used"),
    [
        ("start_date", "start_date", None, CERTAIN, True),
        ("Vertragsbeginn", "start_date", None, LIKELY, True),
        ("Laufzeit (Monate)", "initial_term", "months", LIKELY, True),
        ("Account", "cost_centre", None, VAGUE, True),
        ("Contract Start Dates", "start_date", None, 0.4, False),
        ("Supllier name", "counterparty", None, 0.4, False),
        ("Room", None, None, 0.0, False),
        ("", None, None, 0.0, False),
        (IGNORED, None, None, 0.0, False),
    ],
)
def test_a_name_proposes_and_what_is_only_alike_is_not_used(
    name: str,
    field: str | None,
    unit: str | None,
    confidence: float,
    used: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert column(name) == Column(0, name, field, unit, confidence, used=used)


@pytest.mark.parametrize(
    ("name", "cells", "confidence", "used"),
    [
        ("Start", ("2025-01-01", "31/12/2025", "", " 45657 "), 0.95, True),
        ("Start", ("2025-01-01", "TBC", "-"), 0.95, True),
        ("End", ("12/31/99", "Mo. To Mo.", "2025-12-31", "ongoing"), 0.95, True),
        ("Start", ("", " "), 0.95, True),
        ("Start", ("2025-01-01", "yes"), 0.47, False),
        ("Start", ("yes", "no"), 0.0, False),
        ("Termination date", ("2025-01-01", "2025-01-02", "2025-01-03", "x"), 0.52, True),
        ("Notice date", ("90 days",), 0.0, False),
        ("Value", ("1.200,50 €", "n/a", "7"), 0.95, True),
        ("Value", ("high", "low"), 0.0, False),
        ("Value", ("high", "7", "8", "9"), 0.71, True),
        ("Title", ("2025-01-01",), 1.0, True),
    ],
)
def test_cells_confirm_or_deny(
    name: str,
    cells: tuple[str, ...],
    confidence: float,
    used: bool,  # noqa: FBT001 - an expectation
) -> None:
    found = column(name, *cells)
    assert found.confidence == pytest.approx(confidence, abs=0.006)
    assert found.used is used


def test_only_the_first_cells_have_a_say() -> None:
    assert column("Start", *["2025-01-01"] * 200, *["x"] * 800).used


@pytest.mark.parametrize(("parent", "used"), [("A", True), ("Board", False), ("", True)])
def test_a_parent_is_the_reference_of_a_row(parent: str, used: bool) -> None:  # noqa: FBT001 - an expectation
    rows = [["A", parent], ["B", parent], ["", ""]]
    assert proposed(["Contract Number", "Parent"], {}, rows)[1].used is used


def test_the_surest_of_two_columns_is_used() -> None:
    header = ["Expiry", "end_date", "Contract End"]
    assert [one.used for one in proposed(header, {}, [])] == [False, True, False]
    assert [one.used for one in proposed(["Expiry", "Contract End"], {}, [])] == [True, False]
    assert [one.used for one in proposed(["Firma", "Supplier"], {}, [])] == [True, True]


def test_what_is_said_of_a_column_is_not_doubted() -> None:
    fixed = {
        plain("Room"): Meaning("start_date", None, CERTAIN),
        plain("Start"): None,
        plain(IGNORED): Meaning("notes", None, CERTAIN),
        plain("Notice"): Meaning("notice", "weeks", CERTAIN),
    }
    header = ["ROOM", "Start", IGNORED, "Notice"]
    assert proposed(header, fixed, [["x", "2025-01-01", "x", "4"]]) == [
        Column(0, "ROOM", "start_date", None, CERTAIN, used=True),
        Column(1, "Start"),
        Column(2, IGNORED, "notes", None, CERTAIN, used=True),
        Column(3, "Notice", "notice", "weeks", CERTAIN, used=True),
    ]


def test_an_import_form_names_what_is_needed() -> None:
    assert is_import_form(COLUMNS)
    assert is_import_form([*NEEDED, "Room"])
    assert not is_import_form(NEEDED[1:])


def used(name: str, field: str, place: int = 0) -> Column:
    return Column(place, name, field, None, CERTAIN, used=True)


def test_a_look_goes_over_all_days_and_amounts() -> None:
    columns = [
        used("Start", "start_date", 0),
        used("End", "end_date", 1),
        used("Value", "total_value", 2),
        used("Title", "title", 3),
        Column(4, "Signed", "signed_date"),
    ]
    rows = [
        (2, ["03/04/2025", "12/31/99", "1.200", "05/06/2025", "31/12/2025"]),
        (3, [" ", "2025-12-31", "", "", ""]),
        (4, ["2025-01-01", " 05/06/2025 ", "7", "", ""]),
    ]
    looked = look(columns, rows)
    days, amounts = looked.days.question, looked.amounts.question
    assert days is not None
    assert (days.column, days.row, days.count, days.speak) == ("Start", 2, 2, {})
    assert amounts is not None
    assert (amounts.column, amounts.row, amounts.count) == ("Value", 2, 1)
    assert not looked.odd_amounts


def test_one_row_can_settle_a_file() -> None:
    rows = [(number, ["03/04/2025"]) for number in range(2, 500)]
    looked = look([used("Start", "start_date")], [*rows, (500, ["31/12/2025"])])
    assert looked.days.question is None
    assert looked.days.order == "dmy"


def test_an_open_end_says_nothing_of_the_order() -> None:
    looked = look([used("End", "end_date")], [(2, ["12/31/99"]), (3, ["31/12/2099"])])
    assert looked.days.order is None


@pytest.mark.parametrize(
    ("cell", "is_odd"),
    [("1200", False), ("1200.5", False), ("1.200", False), ("1,200", True), ("€5", True)],
)
def test_amounts_that_the_form_has_not_are_odd(cell: str, is_odd: bool) -> None:  # noqa: FBT001 - an expectation
    assert look([used("Value", "total_value")], [(2, [cell])]).odd_amounts is is_odd


def test_every_field_has_a_reading_and_every_reading_a_field() -> None:
    assert set(COLUMNS) <= set(FIELDS)
    assert set(FIELDS.values()) == set(Reading)
    assert Column(0, "Room").reading is Reading.PROSE
    assert Column(0, "End", "end_date").reading is Reading.END


NAMES = st.sampled_from(["Start", "End", "Contract", "Value", "Parent", "Notice", "Supplier"])


@given(
    st.lists(NAMES | st.text(max_size=12), min_size=1, max_size=6).flatmap(
        lambda header: st.tuples(
            st.just(header),
            st.lists(st.lists(st.text(max_size=12), min_size=len(header), max_size=len(header))),
        )
    )
)
def test_any_table_is_looked_at(table: tuple[list[str], list[list[str]]]) -> None:
    header, rows = table
    columns = proposed(header, {}, rows)
    assert [one.name for one in columns] == header
    assert all(0 <= one.confidence <= 1 for one in columns)
    assert all(one.field in FIELDS for one in columns if one.used)
    looked = look(columns, enumerate(rows, start=2))
    assert looked.days.question is None or looked.days.order is None
