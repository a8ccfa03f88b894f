"""Plain functions that make what tests need, with sensible defaults."""

from datetime import date
from typing import Any

from app.usecases.agreements import Actor
from app.usecases.forms import AgreementForm

TODAY = date(2026, 11, 23)
OPERATOR = Actor(None, "the tests", "admin")


def length(text: str) -> dict[str, Any]:
    """Return "12 months" as the API has it."""
    value, unit = text.split()
    return {"value": int(value), "unit": unit if unit.endswith("s") else unit + "s"}


def an_agreement(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any type
    """Return an agreement as the API takes it: 12 + 12 months with 45 days' notice."""
    return {
        "reference": "IT-2024-017",
        "title": "Backup software, 400 servers",
        "counterparty": "Northwind Software",
        "kind": "software_maintenance",
        "start_date": "2024-04-15",
        "initial_term": length("12 months"),
        "renewal": {"kind": "auto", "term": length("12 months")},
        "notice": length("45 days"),
        "lead_days": 90,
        **changes,
    }


def a_form(**changes: Any) -> AgreementForm:  # noqa: ANN401 - fields of any type
    """Return the same agreement as a checked form."""
    return AgreementForm.model_validate(an_agreement(**changes))
