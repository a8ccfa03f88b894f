"""What may be entered is judged at the door, field by field, and never repeated."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from app.usecases.forms import AgreementForm, PreviewForm, faults_of, terms_document
from app.usecases.refusals import Invalid
from tests.builders import a_form, an_agreement, length

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "   "}, "title"),
    ({"title": "\u00a0"}, "title"),
    ({"title": 7}, "title"),
    ({"title": ["Backup"]}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"title": "\u0958" * 300}, "title"),  # NFC makes two characters of each
    ({"title": "a\x00b"}, "title"),
    ({"title": "a\rb"}, "title"),
    ({"title": "a\x1bb"}, "title"),
    ({"title": "a\x85b"}, "title"),
    ({"title": "a\u2028b"}, "title"),
    ({"title": "a\u2029b"}, "title"),
    ({"title": "a\ud800b"}, "title"),
    ({"title": "a\ufdd0b"}, "title"),
    ({"title": "a\uffffb"}, "title"),
    ({"title": "a\U0010ffffb"}, "title"),
    ({"title": "a\u202eb"}, "title"),
    ({"title": "a\u2066b"}, "title"),
    ({"reference": "x" * 201}, "reference"),
    ({"counterparty": None}, "counterparty"),
    ({"notes": "a\x0bb"}, "notes"),
    ({"notes": "a\rb"}, "notes"),
    ({"notes": "x" * 5_001}, "notes"),
    ({"kind": "SAAS"}, "kind"),
    ({"start_date": 0}, "start_date"),
    ({"start_date": "86400"}, "start_date"),
    ({"start_date": "2024-W16-1"}, "start_date"),
    ({"start_date": "20240415"}, "start_date"),
    ({"start_date": "2024-04-15T00:00:00"}, "start_date"),
    ({"start_date": "２０２４-04-15"}, "start_date"),  # noqa: RUF001 - digits, but not ours
    ({"start_date": "2023-02-29"}, "start_date"),
    ({"start_date": "1969-12-31"}, "start_date"),
    ({"start_date": "2200-01-01"}, "start_date"),
    ({"lead_days": True}, "lead_days"),
    ({"lead_days": "90"}, "lead_days"),
    ({"lead_days": 90.0}, "lead_days"),
    ({"lead_days": float("nan")}, "lead_days"),
    ({"lead_days": 2**70}, "lead_days"),
    ({"lead_days": 3_651}, "lead_days"),
    ({"co_terminous": 1}, "co_terminous"),
    ({"co_terminous": True}, "parent_id"),
    ({"parent_id": "R-1"}, "parent_id"),
    ({"parent_id": 7}, "parent_id"),
    ({"annual_value": 10}, "annual_value"),
    ({"annual_value": "1e3"}, "annual_value"),
    ({"annual_value": "-1"}, "annual_value"),
    ({"annual_value": "1.23456"}, "annual_value"),
    ({"annual_value": "10\n"}, "annual_value"),
    ({"annual_value": "10"}, "currency"),
    ({"total_value": "10"}, "currency"),
    ({"currency": "EURO"}, "currency"),
    ({"document_link": "ftp://example.org"}, "document_link"),
    ({"document_link": "javascript:alert(1)"}, "document_link"),
    ({"document_link": 'https://example.org/"'}, "document_link"),
    ({"document_link": "https://<b>"}, "document_link"),
    ({"tags": "vpn"}, "tags"),
    ({"tags": ["vpn"] * 21}, "tags"),
    ({"tags": ["ok", 'a"b']}, "tags.1"),
    ({"tags": ["50%"]}, "tags.0"),
    ({"tags": ["a\\b"]}, "tags.0"),
    ({"initial_term": "12 months"}, "initial_term"),
    ({"initial_term": {"value": 12}}, "initial_term.unit"),
    ({"initial_term": {"value": 12, "unit": "fortnights"}}, "initial_term.unit"),
    ({"renewal": {"kind": "auto", "terms": []}}, "renewal.terms"),
    ({"notice": {"value": 45, "unit": "days", "why": "so"}}, "notice.why"),
    ({"notice": {"by_month_day": "1 October"}}, "notice.by_month_day"),
    ({"id": str(UUID(int=1))}, "id"),
    ({"version": 7}, "version"),
    ({"created_at": "2024-01-01T00:00:00Z"}, "created_at"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED, ids=lambda value: ascii(value)[:50])
def test_what_may_not_be_entered_is_told_by_field_and_not_repeated(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        a_form(**changes)
    (fault,) = faults_of(error.value)
    assert fault.field == field
    assert fault.rule
    assert "Value error" not in fault.rule
    json.dumps(fault.rule).encode("utf-8", "strict")
    for value in changes.values():
        if isinstance(value, str) and value.strip():
            assert value not in fault.rule


@pytest.mark.parametrize("name", ["reference", "title", "counterparty", "start_date"])
def test_what_is_needed_is_told(name: str) -> None:
    given = an_agreement()
    del given[name]
    with pytest.raises(ValidationError) as error:
        AgreementForm.model_validate(given)
    assert [fault.field for fault in faults_of(error.value)] == [name]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as error:
        a_form(title="", lead_days=-1, colour="red")
    faults = faults_of(error.value)
    assert {fault.field for fault in faults} == {"title", "lead_days", "colour"}
    refusal = Invalid(faults)
    assert refusal.sentence.count("; ") == 2
    assert refusal.faults == faults


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("title", "  Backup  ", "Backup"),
        ("title", "Zu\u0308rich", "Zürich"),
        ("title", "x" * 300, "x" * 300),
        ("title", "👩‍💻 & <b>", "👩‍💻 & <b>"),
        ("title", "=1+1", "=1+1"),
        ("notes", "one\r\ntwo\nthree", "one\ntwo\nthree"),
        ("notice_address", "1 High Street\nLeeds", "1 High Street\nLeeds"),
        ("document_link", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("start_date", "1970-01-01", "1970-01-01"),
        ("signed_date", "2199-12-31", "2199-12-31"),
        ("tags", ["it's", "data room"], ["it's", "data room"]),
    ],
)
def test_what_may_be_entered_is_kept_in_one_form(name: str, given: object, kept: object) -> None:
    assert getattr(a_form(**{name: given}), name) == kept


def test_the_largest_amount_may_be_entered() -> None:
    form = a_form(annual_value="999999999999999.9999", currency="EUR")
    assert form.annual_value == "999999999999999.9999"


def test_a_parent_is_named_by_its_id_as_text_or_as_it_is() -> None:
    parent_id = uuid4()
    for given in (parent_id, str(parent_id), parent_id.hex):
        assert a_form(parent_id=given).parent_id == parent_id


def test_the_document_holds_the_terms_that_were_given_and_no_facts() -> None:
    form = a_form(owner="Ada", holdover=length("1 month"))
    assert terms_document(form) == {
        "start_date": "2024-04-15",
        "initial_term": {"value": 12, "unit": "months"},
        "renewal": {"kind": "auto", "term": {"value": 12, "unit": "months"}},
        "notice": {"value": 45, "unit": "days"},
        "lead_days": 90,
        "holdover": {"value": 1, "unit": "months"},
    }


def test_a_preview_needs_no_name_and_takes_a_day_to_look_from() -> None:
    form = PreviewForm.model_validate(
        {"start_date": "2024-04-15", "renewal": {"kind": "perpetual"}, "as_of": "2030-01-01"}
    )
    assert form.reference is None
    assert form.terms == 3
    assert terms_document(form) == {"start_date": "2024-04-15", "renewal": {"kind": "perpetual"}}
