"""How early is an agreement prepared that does not say so? By the policy that is kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from app.records import lead_times
from app.records.engine import Session
from app.renewals.lead_times import (
    DEFAULT_POLICY,
    BadPolicy,
    Policy,
    PolicyRow,
    Profile,
    UsualLead,
    lead_time,
)
from app.renewals.prices import Price
from app.renewals.terms import Terms
from app.usecases.refusals import Unreadable

_AMOUNTS = ("value_from", "value_below")


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """The policy as it is kept, and how often it was replaced: a new one is version 1."""

    version: int
    policy: Policy


def current(session: Session) -> KeptPolicy:
    """Return the policy in force. Raises `Unreadable` when what is stored is none.

    Ask once for many agreements: it is one query.
    """
    kept = lead_times.current(session)
    if kept is None:
        message = (
            "no lead-time policy was founded: serve, or run a command, to prepare the database"
        )
        raise RuntimeError(message)
    return KeptPolicy(kept["version"], policy_of_text(kept["rows"]))


def price_of(facts: Mapping[str, Any]) -> Price:
    """Return the price among an agreement's facts. Raises `InvalidOperation` for no number."""
    annual, total = facts["annual_value"], facts["total_value"]
    return Price(
        None if annual is None else Decimal(annual),
        None if total is None else Decimal(total),
        facts["currency"],
    )


def with_usual_leads(terms: Terms, facts: Mapping[str, Any], policy: Policy) -> Terms:
    """Return terms with the lead times that a policy gives them; their own stays as it is.

    There are several where amendments change the price. Raises `InvalidOperation` for a value
    that is no number.
    """
    if terms.lead_days is not None:
        return terms
    price = price_of(facts)
    prices = [(date.min, price)]
    for amendment in terms.amendments:
        if amendment.sets_a_price:
            price = price.amended(amendment)
            prices.append((amendment.effective_from, price))
    profile = Profile(
        kind=facts["kind"],
        monthly=terms.is_monthly,
        criticality=facts["criticality"],
        spend_class=facts["spend_class"],
        handling=facts["handling"],
    )
    leads = [
        UsualLead(from_day, lead_time(policy, _with_price(profile, price)))
        for from_day, price in prices
    ]
    return replace(terms, usual_leads=tuple(leads))


def _with_price(profile: Profile, price: Price) -> Profile:
    return replace(profile, annual_value=price.annual_value, currency=price.currency)


def policy_text(policy: Policy) -> str:
    """Return a policy's rows as they are kept: the same text for the same rows."""
    rows = [
        {name: value for name, value in asdict(row).items() if value is not None}
        for row in policy.rows
    ]
    return json.dumps(rows, default=str, ensure_ascii=False)


DEFAULT_TEXT = policy_text(DEFAULT_POLICY)


@lru_cache(maxsize=4)
def policy_of_text(text: str) -> Policy:
    """Return the policy that was kept as a text. Raises `Unreadable` for none."""
    # Kept by its text: reading the table costs more than asking it.
    try:
        return Policy(tuple(_row(fields) for fields in orjson.loads(text)))
    except (BadPolicy, ValueError, TypeError, ArithmeticError) as error:
        sentence = "The stored lead-time policy cannot be read: an administrator replaces it."
        raise Unreadable(sentence) from error


def _row(fields: Mapping[str, Any]) -> PolicyRow:
    amounts = {name: Decimal(fields[name]) for name in _AMOUNTS if name in fields}
    return PolicyRow(**{**fields, **amounts})
