"""Mappings are kept by name, checked as they come in, and told of in the trail."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from app.records import audit
from app.records.engine import Database
from app.records.tables import AuditEntry, ImportMapping
from app.usecases import mappings
from app.usecases.forms import faults_of
from app.usecases.mapping_forms import PRESETS, MannerForm, MappingForm
from app.usecases.refusals import AlreadyThere, Invalid, NotFound, Unreadable
from tests.builders import NOW, OPERATOR

FORM = MappingForm.model_validate(
    {"columns": [{"column": "Frist", "field": "notice", "unit": "months"}], "day_order": "dmy"}
)


def test_a_mapping_is_kept_replaced_and_forgotten(database: Database) -> None:
    with database.writing() as session:
        mappings.save(session, "assets-sheet", FORM, actor=OPERATOR, now=NOW)
        assert mappings.by_name(session, "assets-sheet").mapping == FORM
        other = FORM.model_copy(update={"day_order": "mdy"})
        mappings.save(session, "assets-sheet", other, actor=OPERATOR, now=NOW)
        kept = [one for one in mappings.every(session) if not one.is_preset]
        assert [(one.name, one.mapping) for one in kept] == [("assets-sheet", other)]
        mappings.remove(session, "assets-sheet", actor=OPERATOR, now=NOW)
        assert [one.name for one in mappings.every(session)] == list(PRESETS)
        with pytest.raises(NotFound, match="there are glpi, snipe-it, netbox-contract"):
            mappings.by_name(session, "assets-sheet")
        with pytest.raises(NotFound, match="presets cannot be removed"):
            mappings.remove(session, "glpi", actor=OPERATOR, now=NOW)


def test_the_trail_tells_who_changed_a_mapping(database: Database) -> None:
    with database.writing() as session:
        mappings.save(session, "a", FORM, actor=OPERATOR, now=NOW)
        mappings.remove(session, "a", actor=OPERATOR, now=NOW)
    with database.reading() as session:
        entries = [entry for _, entry in audit.every(session) if entry is not None]
    told = [(one["action"], one["before"] is None, one["after"] is None) for one in entries]
    assert told[-2:] == [("mapping", True, False), ("mapping", False, True)]
    assert len({one["subject_id"] for one in entries[-2:]}) == 1
    assert AuditEntry.__tablename__ == "audit"


def test_a_preset_has_its_name_for_good(database: Database) -> None:
    with database.writing() as session, pytest.raises(AlreadyThere, match="take another name"):
        mappings.save(session, "glpi", FORM, actor=OPERATOR, now=NOW)


@pytest.mark.parametrize("name", ["", "Assets", "a b", "-a", "a" * 41])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(Invalid, match="small letters"):
        mappings.check_name(name)
    mappings.check_name("assets-sheet-2")


def test_a_mapping_that_cannot_be_read_says_so(database: Database) -> None:
    with database.writing() as session:
        mappings.save(session, "a", FORM, actor=OPERATOR, now=NOW)
        for document in ("[", '{"columns": 5}'):
            session.execute(update(ImportMapping).values(document=document))
            with pytest.raises(Unreadable, match="save it anew"):
                mappings.chosen(session, "a", None, MannerForm())


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        ({"columns": [{"column": "A", "field": "colour"}]}, "columns.0.field", "is no field"),
        ({"columns": [{"column": "A", "unit": "hours"}]}, "columns.0.unit", "Input should be"),
        ({"columns": [{"column": "A"}, {"column": "a"}]}, "columns", "stands there twice"),
        ({"constants": {"colour": "red"}}, "constants.colour.[key]", "names a column"),
        ({"day_order": "ymd"}, "day_order", "Input should be"),
        ({"colour": "red"}, "colour", "Extra inputs"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(
    document: dict[str, Any], field: str, rule: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        MappingForm.model_validate(document)
    (fault,) = faults_of(wrong.value)
    assert fault.field == field
    assert fault.rule.startswith((rule, "a column " + rule))
