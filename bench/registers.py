"""A register of any size, the same each time: agreements as they are mixed in a company."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

MIXTURE = (
    # share, first term, renewal, notice
    (45, "12 months", {"kind": "auto", "term": "12 months"}, {"period": "90 days"}),
    (15, "36 months", {"kind": "auto", "term": "12 months"}, {"period": "3 months"}),
    (10, "1 months", {"kind": "auto", "term": "1 months"}, {"period": "60 days"}),
    (10, "24 months", {"kind": "option", "term": "12 months", "max": 2}, {"period": "4 months"}),
    (8, "36 months", {"kind": "none"}, None),
    (5, "12 months", {"kind": "evergreen"}, {"period": "2 months"}),
    (4, "12 months", {"kind": "auto", "term": "12 months"}, {"days": 15, "calendar": "US"}),
    (3, "36 months", {"kind": "auto", "term": "12 months"}, {"period": "90 days", "opens": 180}),
)


def agreements(count: int) -> Iterator[dict[str, Any]]:
    """Yield agreements as the API takes them, twenty years of monthly renewals among them."""
    chance = random.Random(20_261_123)
    shares = [share for share, *_ in MIXTURE]
    for number in range(count):
        _, first, renewal, notice = chance.choices(MIXTURE, shares)[0]
        start = date(2006, 1, 1) + timedelta(days=chance.randrange(365 * 20))
        if renewal["kind"] in ("none", "option"):
            start = date(2024, 1, 1) + timedelta(days=chance.randrange(365 * 3))
        yield {
            "reference": f"B-{number:06}",
            "title": f"Agreement number {number} about some service",
            "counterparty": f"Supplier {number % 400}",
            "kind": chance.choice(["saas", "telecom_circuit", "managed_service", "other"]),
            "owner": f"Owner {number % 40}",
            "criticality": chance.choice(["low", "medium", "high"]),
            "currency": "EUR",
            "annual_value": f"{chance.randrange(1_000, 900_000)}.00",
            "start_date": start.isoformat(),
            "initial_term": _length(first),
            "renewal": {**renewal, **_term(renewal)},
            "lead_days": 90,
            **({} if notice is None else {"notice": _notice(notice)}),
        }


def _length(text: str) -> dict[str, Any]:
    value, unit = text.split()
    return {"value": int(value), "unit": unit}


def _term(renewal: dict[str, Any]) -> dict[str, Any]:
    return {"term": _length(renewal["term"])} if "term" in renewal else {}


def _notice(notice: dict[str, Any]) -> dict[str, Any]:
    if "days" in notice:
        counted = {"value": notice["days"], "unit": "business_days"}
        return {**counted, "calendar": notice["calendar"]}
    opens = {"opens": {"value": notice["opens"], "unit": "days"}} if "opens" in notice else {}
    return {**_length(notice["period"]), **opens}
