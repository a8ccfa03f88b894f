"""A row says of an agreement what the API says, and the other way round."""

import pytest
from hypothesis import given, settings

from app.usecases.columns import COLUMNS, cells_of, column_of, document_from
from app.usecases.forms import AgreementForm
from tests.builders import an_agreement, length
from tests.usecases.strategies import forms


@settings(deadline=None)
@given(forms)
def test_what_was_written_is_read_as_what_it_was(form: AgreementForm) -> None:
    cells = cells_of(form.model_dump(exclude_none=True))
    document, faults = document_from(cells)
    assert not faults
    assert list(cells) == list(COLUMNS)
    assert AgreementForm.model_validate(document) == form


def test_every_field_has_a_column() -> None:
    schema = AgreementForm.model_json_schema()
    for name, field in schema["properties"].items():
        fields = [name]
        for kind in field.get("anyOf", [field]):
            part = schema["$defs"].get(kind.get("$ref", "").removeprefix("#/$defs/"), {})
            if "Form" in part.get("title", ""):
                fields = [f"{name}.{inner}" for inner in part["properties"]]
        for each in fields:
            assert column_of(each) in COLUMNS, each


@pytest.mark.parametrize(
    ("said", "column", "cell"),
    [
        ({"initial_term": length("1 months")}, "initial_term", "1 month"),
        ({"notice": length("0 days")}, "notice", "0 days"),
        ({"notice": length("1 business_days")}, "notice", "1 business day"),
        ({"notice": length("15 business_days")}, "notice", "15 business days"),
        ({"notice": {"by_month_day": "10-01"}}, "notice", ""),
        ({"notice": {"by_month_day": "10-01"}}, "notice_by_month_day", "10-01"),
        ({"notice": length("5 days") | {"clear_days": False}}, "notice_clear_days", "false"),
        ({"notice": length("5 days") | {"clear_days": True}}, "notice_clear_days", "true"),
        ({"notice": None}, "notice", ""),
        (
            {"renewal": {"kind": "auto", "terms": [length("24 months"), length("1 years")]}},
            "renewal_terms",
            "24 months; 1 year",
        ),
        ({"tags": ["a b", "c;d", ";"]}, "tags", r"a b; c\;d; \;"),
        ({"tags": []}, "tags", ""),
        ({"lead_days": 0}, "lead_days", "0"),
        ({"co_terminous": False}, "co_terminous", "false"),
        ({"parent_reference": "P"}, "parent_reference", "P"),
        ({"notes": "a\nb"}, "notes", "a\nb"),
    ],
    ids=str,
)
def test_a_value_is_written_in_words(said: dict[str, object], column: str, cell: str) -> None:
    assert cells_of(an_agreement(**said))[column] == cell


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("a; b;;c", ["a", "b", "c"]),
        (r"a\;b;c", ["a;b", "c"]),
        (r"\;;\;", [";", ";"]),
        (" ; ", None),
    ],
)
def test_a_list_is_read_word_by_word(cell: str, words: list[str] | None) -> None:
    document, faults = document_from({"tags": cell})
    assert not faults
    assert document["tags"] == (words or [])
