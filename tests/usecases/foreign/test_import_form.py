"""What reads as the form has it stays as it is; what a spreadsheet made of it is read."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import COLUMNS, cells_of
from app.usecases.foreign.amounts import Mark
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayOrder
from app.usecases.foreign.import_form import FormRows
from app.usecases.foreign.rows import Manner
from app.usecases.forms import AgreementForm
from tests.usecases.strategies import forms

PLAIN = Manner(decimal_mark="point")


def rows(names: Mapping[str, str], manner: Manner = PLAIN, *, disarmed: bool = False) -> FormRows:
    columns = [
        Column(place, name, name if name in COLUMNS else None, None, 1.0, used=name in COLUMNS)
        for place, name in enumerate(names)
    ]
    return FormRows(columns, manner, disarmed=disarmed)


def read(row: Mapping[str, str], manner: Manner = PLAIN) -> dict[str, str]:
    found = rows(row, manner).read(list(row.values()))
    assert not found.faults
    assert not found.warnings
    assert not found.theirs
    return found.cells


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("start_date", "2025-01-01", "2025-01-01"),
        ("start_date", " 2025-01-01 ", " 2025-01-01 "),
        ("start_date", "2025-02-30", "2025-02-30"),
        ("start_date", "2025-01-01T00:00:00+01:00", "2025-01-01"),
        ("start_date", "31/12/2025", "2025-12-31"),
        ("end_date", "12/31/2025 23:59:59", "2025-12-31"),
        ("end_date", "46022", "2025-12-31"),
        ("signed_date", "31. Dez. 2025", "2025-12-31"),
        ("end_date", "31.11.2025", "31.11.2025"),
        ("end_date", "03/04/2025", "03/04/2025"),
        ("end_date", "TBC", "TBC"),
        ("total_value", "1200.50", "1200.50"),
        ("total_value", "1.200", "1.200"),
        ("total_value", "1,200.50", "1200.50"),
        ("total_value", "$1,200", "1200"),
        ("total_value", "1200.50 or so", "1200.50 or so"),
        ("total_value", "-5", "-5"),
        ("total_value", " ", " "),
        ("initial_term", "12 months", "12 months"),
        ("initial_term", "12 Months", "12 Months"),
        ("initial_term", "12 Mo.", "12 months"),
        ("renewal_term", "1 Jahr", "1 year"),
        ("notice", "15 business_days", "15 business_days"),
        ("notice", "three months", "3 months"),
        ("notice", "90", "90"),
        ("initial_term", "3+1", "3+1"),
        ("title", "12 Mo.", "12 Mo."),
        ("notes", " a\n b ", " a\n b "),
        ("renewal_kind", "Tacit", "Tacit"),
        ("notice_by_month_day", "10-01", "10-01"),
    ],
)
def test_a_cell_is_read_if_the_form_has_it_otherwise(column: str, cell: str, expected: str) -> None:
    assert read({column: cell}) == {column: expected}


def test_the_order_and_the_marks_of_the_file_are_used() -> None:
    row = {"start_date": "03/04/2025", "total_value": "1.200"}
    assert read(row, Manner(day_order="dmy", decimal_mark="comma")) == {
        "start_date": "2025-04-03",
        "total_value": "1200",
    }
    assert read(row, Manner(day_order="mdy")) == {
        "start_date": "2025-03-04",
        "total_value": "1.200",
    }
    assert read({"total_value": "1.200,50"}, Manner(decimal_mark="comma")) == {
        "total_value": "1200.50"
    }


@pytest.mark.parametrize(
    ("currency", "cell", "expected"),
    [
        ("EUR", "€ 1,200", {"currency": "EUR", "total_value": "1200"}),
        ("", "€ 1,200", {"currency": "EUR", "total_value": "1200"}),
        ("CAD", "$1,200", {"currency": "CAD", "total_value": "1200"}),
        ("", "$1,200", {"total_value": "1200"}),
        ("USD", "€ 1,200", {"currency": "USD", "total_value": "€ 1,200"}),
    ],
)
def test_an_amount_in_another_currency_than_its_row_is_not_taken(
    currency: str, cell: str, expected: dict[str, str]
) -> None:
    assert read({"currency": currency, "total_value": cell}) == expected


def test_a_constant_is_for_rows_that_do_not_say() -> None:
    manner = Manner(constants={"currency": "EUR", "kind": "saas"})
    assert read({"currency": " ", "total_value": "5"}, manner) == {
        "currency": "EUR",
        "kind": "saas",
        "total_value": "5",
    }
    assert read({"currency": "USD", "total_value": "€5"}, manner)["total_value"] == "€5"
    assert read({"currency": "", "total_value": "$5"}, manner)["currency"] == "EUR"
    assert read({"currency": "", "total_value": "£5"}, manner)["currency"] == "GBP"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"end_date": "2025-12-31"}, {"end_date": "2025-12-31", "end_date_is": "renewal_date"}),
        (
            {"end_date": "2025-12-31", "end_date_is": " "},
            {"end_date": "2025-12-31", "end_date_is": "renewal_date"},
        ),
        (
            {"end_date": "2025-12-31", "end_date_is": "last_day"},
            {"end_date": "2025-12-31", "end_date_is": "last_day"},
        ),
        ({"end_date": " "}, {"end_date": " "}),
        ({"title": "x"}, {"title": "x"}),
    ],
)
def test_what_an_end_is_can_be_said_for_a_file(
    row: dict[str, str], expected: dict[str, str]
) -> None:
    assert read(row, Manner(end_date_is="renewal_date")) == expected


def test_columns_that_are_none_of_ours_are_kept_if_that_is_wanted() -> None:
    row = {"reference": "7", "Room": " B  12 ", "Floor": " "}
    assert read(row) == {"reference": "7"}
    assert read(row, Manner(keep_unrecognised=True)) == {
        "reference": "7",
        "custom": '{"Room": "B 12"}',
    }
    both = read(row | {"custom": '{"Room": "C"}'}, Manner(keep_unrecognised=True))
    assert json.loads(both["custom"]) == {"Room": "C"}
    assert read({"reference": "7", "Room": ""}, Manner(keep_unrecognised=True)) == {
        "reference": "7"
    }


def test_cells_that_were_disarmed_are_read_as_they_were_meant() -> None:
    row = {"title": "'=7"}
    assert rows(row, disarmed=True).read(["'=7"]).cells == {"title": "=7"}
    assert rows(row).read(["'=7"]).cells == {"title": "'=7"}
    assert rows(row).name_of("title") == "title"


@given(forms)
def test_what_was_exported_comes_back_unchanged(form: AgreementForm) -> None:
    cells = cells_of(form.model_dump(exclude_none=True))
    assert read(cells) == {name: cell for name, cell in cells.items() if cell}


CELL = st.text(max_size=20) | st.sampled_from(
    ["31/12/2025", "2025-12-31", "1.200,5", "€5", "12 Mo.", "3+1", "9" * 5_000, "'=1", "{", "[1]"]
)


@given(
    row=st.dictionaries(st.sampled_from([*COLUMNS, "?"]), CELL, max_size=12),
    order=st.sampled_from([None, "dmy", "mdy"]),
    mark=st.sampled_from([None, "point", "comma"]),
    keep=st.booleans(),
    disarmed=st.booleans(),
)
def test_any_row_is_read_in_our_columns(
    row: dict[str, str],
    order: DayOrder | None,
    mark: Mark | None,
    keep: bool,  # noqa: FBT001 - a case
    disarmed: bool,  # noqa: FBT001 - a case
) -> None:
    manner = Manner(day_order=order, decimal_mark=mark, keep_unrecognised=keep)
    found = rows(row, manner, disarmed=disarmed).read(list(row.values()))
    assert set(found.cells) <= set(COLUMNS)
