"""What may be recorded about an agreement is stated strictly, and refused by field."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.renewals.documents import AMENDMENT_FIELDS
from app.usecases.act_forms import (
    AcknowledgementForm,
    AmendmentForm,
    DecisionForm,
    GivenNoticeForm,
    NewTermsForm,
    ReceiptForm,
    VerificationForm,
    WithdrawalForm,
)
from app.usecases.forms import StrictForm, faults_of
from app.usecases.told import CLAUSES
from tests.builders import length

WHY = {"reason": "So it is."}
TAKEN: list[tuple[type[StrictForm], dict[str, Any]]] = [
    (AmendmentForm, {"effective_from": "2027-01-01"}),
    (NewTermsForm, {}),
    (
        AmendmentForm,
        {
            "effective_from": "2027-01-01",
            "begins_term": True,
            "term": length("2 years"),
            "is_anchor": True,
            "renewal": {"kind": "auto", "term": length("1 year")},
            "notice": length("90 days"),
            "annual_value": "130000.00",
            "total_value": "1",
            "currency": "EUR",
            "signed_date": "2026-11-01",
            "document_link": "https://contracts.example/1",
            "reason": "Two\nlines",
        },
    ),
    (DecisionForm, {"choice": "undecided"}),
    (DecisionForm, {"choice": "in_review", "side": "it"}),
    (DecisionForm, {"choice": "renew", "amendment": {"annual_value": "1"}, **WHY}),
    (DecisionForm, {"choice": "renegotiate", "amendment": {"annual_value": "1"}, **WHY}),
    (DecisionForm, {"choice": "replace", "successor": "Something new", **WHY}),
    (
        DecisionForm,
        {"choice": "replace", "successor_id": "00000000-0000-0000-0000-000000000001", **WHY},
    ),
    (GivenNoticeForm, {}),
    (GivenNoticeForm, {"direction": "theirs", "purpose": "extend", "term_number": 1}),
    (ReceiptForm, {"received_on": "2026-11-20", "proof": "RR123456789DE"}),
    (AcknowledgementForm, {}),
    (WithdrawalForm, WHY),
    *((VerificationForm, {"clause": clause, "quotation": "As it says."}) for clause in CLAUSES),
]
REFUSED: list[tuple[type[StrictForm], dict[str, Any], str]] = [
    (AmendmentForm, {}, "effective_from"),
    (AmendmentForm, {"effective_from": "2027-02-29"}, "effective_from"),
    (AmendmentForm, {"effective_from": "2027-01-01", "start_date": "2027-01-01"}, "start_date"),
    (AmendmentForm, {"effective_from": "2027-01-01", "begins_term": None}, "begins_term"),
    (AmendmentForm, {"effective_from": "2027-01-01", "annual_value": "1,000"}, "annual_value"),
    (AmendmentForm, {"effective_from": "2027-01-01", "term": "1 year"}, "term"),
    (AmendmentForm, {"effective_from": "2027-01-01", "document_link": "ftp://x"}, "document_link"),
    (DecisionForm, {"choice": "contested", **WHY}, "choice"),
    (DecisionForm, {"choice": "renew"}, "reason"),
    (DecisionForm, {"choice": "renew", "reason": " "}, "reason"),
    (DecisionForm, {"choice": "renew", "side": "admin", **WHY}, "side"),
    (DecisionForm, {"choice": "replace", **WHY}, "successor"),
    (DecisionForm, {"choice": "renew", "successor": "Other", **WHY}, "successor"),
    (DecisionForm, {"choice": "replace", "successor_id": "7", **WHY}, "successor_id"),
    (DecisionForm, {"choice": "extend", "amendment": {}, **WHY}, "amendment"),
    (DecisionForm, {"choice": "renew", "amendment": {"terms": 1}, **WHY}, "amendment.terms"),
    (GivenNoticeForm, {"direction": "sideways"}, "direction"),
    (GivenNoticeForm, {"purpose": "party"}, "purpose"),
    (GivenNoticeForm, {"term_number": 0}, "term_number"),
    (GivenNoticeForm, {"term_number": 100_001}, "term_number"),
    (GivenNoticeForm, {"term_number": True}, "term_number"),
    (GivenNoticeForm, {"method": "two\nlines"}, "method"),
    (ReceiptForm, {}, "received_on"),
    (VerificationForm, {"clause": "price", "quotation": "x"}, "clause"),
    (VerificationForm, {"clause": "term"}, "quotation"),
    (AcknowledgementForm, {"note": "x" * 5_001}, "note"),
    (WithdrawalForm, {}, "reason"),
]


@pytest.mark.parametrize(("form", "sent"), TAKEN, ids=lambda value: str(value)[:60])
def test_what_can_be_recorded_is_taken(form: type[StrictForm], sent: dict[str, Any]) -> None:
    taken = form.model_validate(sent).model_dump(mode="json", exclude_unset=True)
    assert taken.keys() == sent.keys()


@pytest.mark.parametrize(("form", "sent", "field"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_cannot_be_recorded_is_refused_by_field(
    form: type[StrictForm], sent: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(sent)
    assert [fault.field for fault in faults_of(refused.value)] == [field]


def test_whatever_an_amendment_can_state_can_be_entered() -> None:
    assert set(AMENDMENT_FIELDS) <= set(AmendmentForm.model_fields)
