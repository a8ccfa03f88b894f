"""Plain functions that make what tests need, with sensible defaults."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update

from app.clock import StoppedClock
from app.records.engine import Session
from app.records.tables import Agreement
from app.usecases.agreements import Actor, Kept, create, row_of
from app.usecases.forms import AgreementForm

TODAY = date(2026, 11, 23)
NOW = StoppedClock(TODAY).now()
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


def a_row(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any type
    """Return an agreement as the record keeps it; its reference is its own unless given."""
    agreement_id = uuid4()
    given = {"reference": f"#{agreement_id.hex[:12]}", **changes}
    facts = {name: given.pop(name) for name in list(given) if name in AgreementForm.model_fields}
    return row_of(a_form(**facts), agreement_id, NOW) | given


def a_term(
    agreement_id: UUID, act_by: str | None = "2027-02-28", number: int = 1, **changes: object
) -> dict[str, Any]:
    """Return a term as the record keeps it, with nothing told of it."""
    day = None if act_by is None else date.fromisoformat(act_by)
    return {
        "agreement_id": agreement_id,
        "number": number,
        "first_on": day or TODAY,
        "last_on": day or TODAY,
        "act_by": day,
        "open_until": date.max,
        "assumed": False,
        "told": "{}",
        **changes,
    }


def entered(session: Session, **changes: Any) -> Kept:  # noqa: ANN401 - fields of any type
    """Enter an agreement into the register and return it."""
    return create(session, a_form(**changes), actor=OPERATOR, today=TODAY, now=NOW)


def sabotage(session: Session, agreement_id: UUID, **values: object) -> None:
    """Write into an agreement's row what nobody can enter."""
    session.execute(update(Agreement).where(Agreement.id == agreement_id).values(**values))
