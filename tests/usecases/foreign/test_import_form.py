"""What a row of the import form says, after a spreadsheet program had it in its hands."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.usecases.foreign.columns import Column
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.import_form import FormRows
from app.usecases.foreign.rows import Manner, Said

NOTHING = Manner()


def custom(found: Said) -> dict[str, str]:
    kept: dict[str, str] = json.loads(found.cells.get("custom", "{}"))
    return kept


def form(cells: dict[str, str], manner: Manner = NOTHING, *, disarmed: bool = False) -> Said:
    columns = [
        Column(place, name, name if name in FIELDS else None, None, 1.0, used=name in FIELDS)
        for place, name in enumerate(cells)
    ]
    rows = FormRows(columns, manner, disarmed=disarmed)
    assert rows.name_of("title") == "title"
    return rows.read(list(cells.values()))


def test_the_import_form_is_taken_as_it_is() -> None:
    cells = {
        "reference": "A",
        "start_date": "2025-04-01",
        "annual_value": "1200.5",
        "initial_term": "12 Months",
        "title": " x ",
        "owner": " ",
    }
    assert form(cells).cells == cells
    assert form({"title": "'=1", "owner": ""}, disarmed=True).cells == {"title": "=1"}


def test_what_a_spreadsheet_made_of_the_form_is_understood() -> None:
    found = form(
        {
            "start_date": "01.04.2025",
            "annual_value": "1.200,50",
            "total_value": "1.200",
            "initial_term": "1 Jahr",
            "notice": "soon",
            "signed_date": "2025-02-30x",
        },
        Manner(day_order="dmy", decimal_mark="comma"),
    )
    assert found.cells == {
        "start_date": "2025-04-01",
        "annual_value": "1200.50",
        "total_value": "1200",
        "initial_term": "1 year",
        "notice": "soon",
        "signed_date": "2025-02-30x",
    }


def test_constants_and_answers_hold_for_the_form_too() -> None:
    manner = Manner(
        end_date_is="renewal_date",
        constants={"currency": "EUR", "kind": "saas"},
        keep_unrecognised=True,
    )
    row = {"end_date": "2026-04-01", "currency": "", "kind": "other", "Shoe size": "46"}
    found = form(row, manner)
    assert found.cells["kind"] == "other"
    assert found.cells["currency"] == "EUR"
    assert found.cells["end_date_is"] == "renewal_date"
    assert custom(found) == {"Shoe size": "46"}
    own = form({"end_date": "2026-04-01", "end_date_is": "last_day"}, manner)
    assert own.cells["end_date_is"] == "last_day"
    assert "end_date_is" not in form({"end_date": ""}, manner).cells
    broken = form({"custom": "[", "Shoe size": "46"}, manner)
    assert broken.cells["custom"] == "["


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)),
        st.text(max_size=20) | st.sampled_from(["31/12/2025", "1.200", "3+1+1", "12", "€ 5"]),
        max_size=12,
    ),
    st.sampled_from([NOTHING, Manner("dmy", "comma")]),
)
def test_any_row_says_something(cells: dict[str, str], manner: Manner) -> None:
    assert all(isinstance(value, str) for value in form(cells, manner).cells.values())
