"""What do people do with the lead-time policy? Read it, and put another in its place."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from app.records import lead_times, register
from app.records.engine import Session
from app.renewals.lead_times import LONGEST_LEAD, MOST_ROWS, BadPolicy, Policy, PolicyRow
from app.usecases.agreements import Actor, note_change
from app.usecases.forms import AgreementKind, Currency, Line, Money, Word
from app.usecases.refusals import Fault, Invalid, Stale
from app.usecases.register import rebuild
from app.usecases.usual_leads import DEFAULT_TEXT, KeptPolicy, policy_text

POLICY_ID = UUID("5e1f8c7a-3a52-4a0b-9d0e-6f7f6d1c9b24")
"""What the audit trail knows the policy by."""


class LeadTimeRow(BaseModel):
    """One row of the policy: its days, and what must be true of an agreement for it.

    All given conditions must be true; one that is left out is true of any agreement.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Line = Field(
        description="What the row is about; reasons name it.", examples=["from 100,000 a year"]
    )
    days: int = Field(ge=0, le=LONGEST_LEAD, description="The days of preparation.", examples=[180])
    kind: AgreementKind | None = None
    monthly: bool | None = Field(
        None, description="Whether it renews, or if nothing renews it lasts, by a month at most."
    )
    currency: Currency | None = Field(
        None, description="Left out: any, each value in its own currency; none is converted."
    )
    value_from: Money | None = Field(
        None, description="The least annual value.", examples=["100000"]
    )
    value_below: Money | None = Field(
        None, description="What the annual value must be below.", examples=["500000"]
    )
    criticality: Word | None = Field(None, description="Capitals do not matter.")
    spend_class: Word | None = Field(None, description="Capitals do not matter.")
    handling: Word | None = Field(
        None, description="Capitals do not matter.", examples=["hard_to_replace"]
    )


class LeadTimeRows(BaseModel):
    """A whole policy: the first row that matches wins, and the last one matches anything."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rows: Annotated[list[LeadTimeRow], Field(min_length=1, max_length=MOST_ROWS)]


def found_lead_times(session: Session) -> None:
    """Keep the first policy where there is none yet; a register that has dates follows it."""
    if lead_times.current(session) is not None:
        return
    lead_times.found(session, DEFAULT_TEXT)
    state = register.state(session)
    if state is not None and state.revision > 0:
        rebuild(session)
        register.raise_revision(session)


def replace(
    session: Session,
    form: LeadTimeRows,
    versions: frozenset[int],
    *,
    actor: Actor,
    now: datetime,
) -> KeptPolicy:
    """Put another policy in the place of the one that is kept, and work out all dates by it.

    Raises `Invalid`, and `Stale` when the policy is at none of `versions`. The same rows
    again keep the version.
    """
    policy = _policy_of(form)
    register.lock(session)
    old = lead_times.current(session)
    if old is None or old["version"] not in versions:
        raise Stale("Somebody else replaced this policy since you read it: read it again.")
    before, after = old["rows"], policy_text(policy)
    if before == after:
        return KeptPolicy(old["version"], policy)
    kept = KeptPolicy(old["version"] + 1, policy)
    lead_times.replace(session, kept.version, after)
    rebuild(session)
    old_and_new = _snapshot(before), _snapshot(after)
    note_change(session, actor, now, "lead times replaced", POLICY_ID, *old_and_new)
    register.raise_revision(session)
    return kept


def _policy_of(form: LeadTimeRows) -> Policy:
    rows: list[PolicyRow] = []
    faults: list[Fault] = []
    for index, entered in enumerate(form.rows):
        given: dict[str, Any] = entered.model_dump()
        for name in ("value_from", "value_below"):
            given[name] = None if given[name] is None else Decimal(given[name])
        try:
            rows.append(PolicyRow(**given))
        except BadPolicy as bad:
            faults.append(Fault(f"rows.{index}.{bad.field}", bad.rule))
    if faults:
        raise Invalid(faults)
    try:
        return Policy(tuple(rows))
    except BadPolicy as bad:
        raise Invalid([Fault(bad.field, bad.rule)]) from bad


def _snapshot(text: str) -> str:
    """Return a policy for the audit trail."""
    try:
        rows = orjson.loads(text)
    except ValueError:
        rows = text  # what cannot be read is put down as it stands
    return json.dumps({"rows": rows}, ensure_ascii=False, sort_keys=True)
