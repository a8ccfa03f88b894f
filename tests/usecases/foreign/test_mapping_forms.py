"""A mapping says what columns are, and what tools export is known before anybody says it."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.usecases.columns import COLUMNS
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.headers import proposed
from app.usecases.foreign.rows import ForeignRows, Manner, Said
from app.usecases.foreign.synonyms import CERTAIN, Meaning, plain
from app.usecases.mapping_forms import COMPARES_END, PRESETS, MannerForm, MappingForm


def test_a_mapping_says_what_its_columns_are() -> None:
    mapping = MappingForm.model_validate(
        {
            "columns": [
                {"column": "Kündigungsfrist (Monate)", "field": "notice", "unit": "months"},
                {"column": "Ende", "field": "end_date"},
                {"column": "Room", "field": None},
            ]
        }
    )
    # The first of two that say the same goes before the other.
    assert mapping.fixed() == {
        "kundigungsfrist monate": Meaning("notice", "months", CERTAIN),
        "ende": Meaning("end_date", None, CERTAIN - 1 / 10_000),
        "room": None,
    }


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"columns": [{"column": "A", "field": "colour"}]}, "is no field; take one of reference,"),
        ({"columns": [{"column": "", "field": None}]}, "at least 1 character"),
        ({"columns": [{"column": "A", "field": "notice", "unit": "hours"}]}, "Input should be"),
        ({"columns": [{"column": "A b"}, {"column": "a_B"}]}, "a column stands there twice"),
        ({"columns": [{"column": str(n)} for n in range(201)]}, "at most 200"),
        ({"constants": {"colour": "red"}}, "names a column that the import form does not have"),
        ({"constants": {"name": "x"}}, "names a column that the import form does not have"),
        ({"constants": {"currency": ""}}, "at least 1 character"),
        ({"day_order": "ymd"}, "Input should be"),
        ({"decimal_mark": "."}, "Input should be"),
        ({"end_date_is": "end"}, "Input should be"),
        ({"no_end": "auto"}, "Input should be"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(said: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        MappingForm.model_validate(said)


def test_every_field_can_be_named() -> None:
    columns = [{"column": name, "field": name} for name in FIELDS]
    assert len(MappingForm.model_validate({"columns": columns}).fixed()) == len(FIELDS)


def test_a_manner_is_what_was_said() -> None:
    assert MappingForm().manner() == Manner()
    said = {
        "day_order": "dmy",
        "decimal_mark": "comma",
        "end_date_is": "renewal_date",
        "no_end": "evergreen",
        "keep_unrecognised": True,
        "constants": {"currency": "EUR"},
    }
    assert MappingForm.model_validate(said).manner() == Manner(
        day_order="dmy",
        decimal_mark="comma",
        end_date_is="renewal_date",
        no_end="evergreen",
        keep_unrecognised=True,
        compares_end=False,
        constants={"currency": "EUR"},
    )


def test_an_answer_for_one_file_changes_nothing_else() -> None:
    mapping = MappingForm.model_validate(
        {"day_order": "dmy", "no_end": "evergreen", "columns": [{"column": "A"}]}
    )
    answered = mapping.with_answers(MannerForm(day_order="mdy", keep_unrecognised=False))
    assert answered.day_order == "mdy"
    assert answered.no_end == "evergreen"
    assert answered.keep_unrecognised is False
    assert answered.columns == mapping.columns
    assert mapping.day_order == "dmy"
    assert mapping.with_answers(MannerForm()) == mapping


def test_an_answer_in_a_whole_mapping_leaves_the_columns() -> None:
    mapping = MappingForm.model_validate({"columns": [{"column": "A", "field": "notes"}]})
    answered = mapping.with_answers(MappingForm(day_order="mdy"))
    assert answered.columns == mapping.columns
    assert answered.day_order == "mdy"


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_is_a_mapping_that_keeps_the_rest(name: str) -> None:
    preset = PRESETS[name]
    assert MappingForm.model_validate(preset.model_dump()) == preset
    assert preset.keep_unrecognised
    assert set(preset.constants) <= set(COLUMNS)


def test_presets_that_compare_an_end_are_presets() -> None:
    assert set(PRESETS) >= COMPARES_END


def read(preset: str, row: dict[str, str]) -> Said:
    mapping = PRESETS[preset]
    columns = proposed(list(row), mapping.fixed(), [list(row.values())])
    return ForeignRows(columns, mapping.manner(), disarmed=False).read(list(row.values()))


def test_a_contract_of_glpi_is_read() -> None:
    found = read(
        "glpi",
        {
            "Name": "Backup",
            "Number": "C-1",
            "Contract type": "Maintenance",
            "Start date": "2024-01-01",
            "Initial contract period": "24",
            "Contract renewal period": "12",
            "Renewal": "Tacit",
            "Notice": "3",
            "Expiration": "2025-12-31",
            "Entity": "Root",
        },
    )
    assert not found.faults
    assert found.cells == {
        "reference": "C-1",
        "title": "Backup",
        "kind": "software_maintenance",
        "start_date": "2024-01-01",
        "initial_term": "24 months",
        "renewal_kind": "auto",
        "renewal_term": "12 months",
        "notice": "3 months",
        "custom": '{"Entity": "Root"}',
    }
    assert set(found.theirs) == {"their_end_date"}


def test_a_licence_of_snipe_it_is_read() -> None:
    found = read(
        "snipe-it",
        {
            "License Name": "Drawing",
            "ID": "9",
            "Purchase Date": "2024-01-01",
            "Expiration Date": "2024-12-31",
            "Purchase Cost": "1,200.00",
            "Order Number": "PO-1",
        },
    )
    assert not found.faults
    assert found.cells == {
        "reference": "9",
        "title": "Drawing",
        "vendor_reference": "PO-1",
        "start_date": "2024-01-01",
        "end_date": "2024-12-31",
        "total_value": "1200.00",
        "kind": "software_maintenance",
    }


def test_a_contract_of_netbox_is_read_with_its_notice_in_days() -> None:
    found = read(
        "netbox-contract",
        {
            "name": "Line 7",
            "id": "7",
            "external_party": "Telco",
            "start_date": "2024-01-01",
            "end_date": "2024-12-31",
            "renewal_term": "12",
            "notice_period": "90",
            "mrc": "100.00",
            "currency": "usd",
            "parent": "Frame",
        },
    )
    assert not found.faults
    assert found.cells["notice"] == "90 days"
    assert found.cells["renewal_term"] == "12 months"
    assert found.cells["annual_value"] == "1200.00"
    assert found.cells["currency"] == "USD"
    assert found.cells["custom"] == '{"parent": "Frame"}'
    assert "parent_reference" not in found.cells


def test_names_of_a_preset_are_found_however_they_are_written() -> None:
    assert plain("END_DATE") in PRESETS["netbox-contract"].fixed()
