from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.builders import TODAY, an_agreement, length

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
DATES = (
    "term_start",
    "term_end",
    "renewal_date",
    "final_end",
    "notice_window_opens",
    "notice_deadline",
    "send_by",
    "negotiation_start",
    "next_notice_deadline",
    "next_negotiation_start",
    "exit_if_notice_today",
)


async def previewed(
    client: httpx.AsyncClient,
    headers: Headers,
    **terms: Any,  # noqa: ANN401 - fields of any type
) -> dict[str, Any]:
    answer = await client.post("/api/v1/preview", json=terms, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_dates_are_told_of_an_agreement_that_is_not_stored(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    found = await previewed(client, as_admin, **an_agreement(), as_of="2026-11-23", terms=2)
    assert found["position"]["notice_deadline"] == "2027-02-28"
    assert [term["number"] for term in found["terms"]] == [3, 4]
    assert (await client.get("/api/v1/agreements", headers=as_admin)).json()["items"] == []


async def test_terms_are_enough_names_are_not_needed(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    found = await previewed(
        client, as_admin, start_date="2026-01-01", initial_term=length("1 year")
    )
    assert found["position"]["as_of"] == TODAY.isoformat()
    assert found["position"]["final_end"] == "2026-12-31"


@pytest.mark.parametrize(
    "terms",
    [
        {"renewal": {"kind": "auto", "term": length("12 months")}, "notice": length("3 months")},
        {"renewal": {"kind": "auto", "term": length("1 month"), "max": 3}, "notice": None},
        {"renewal": {"kind": "option", "term": length("12 months"), "exercised": 1}},
        {"renewal": {"kind": "none"}, "notice": None, "holdover": length("1 month")},
        {"renewal": {"kind": "evergreen"}, "notice": length("30 days")},
        {"renewal": {"kind": "perpetual"}, "initial_term": None, "notice": None},
        {"notice": {**length("15 business_days"), "unit": "business_days", "calendar": "GB-ENG"}},
        {"notice": {"by_month_day": "10-01", "delivery": length("5 days")}},
        {"notice": {**length("60 days"), "opens": length("120 days")}},
    ],
    ids="-".join,
)
async def test_every_date_has_the_steps_that_led_to_it(
    client: httpx.AsyncClient, as_admin: Headers, terms: dict[str, Any]
) -> None:
    for day in ("2024-01-01", "2025-04-01", "2026-11-23", "2031-06-30"):
        found = await previewed(client, as_admin, **an_agreement(**terms), as_of=day)
        for dates in (found["position"], *found["terms"]):
            unexplained = [
                name for name in DATES if dates.get(name) is not None and not dates["why"].get(name)
            ]
            assert not unexplained, (day, unexplained)


async def test_unknown_notice_is_assumed_and_marked_so(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    position = (await previewed(client, as_admin, **an_agreement(notice=None)))["position"]
    assert position["notice_deadline"] == "2027-01-14"
    assert "notice_deadline" in position["assumed"]


@pytest.mark.parametrize(("asked", "listed"), [(0, 0), (1, 1), (60, 60)])
async def test_as_many_terms_are_listed_as_were_asked_for(
    client: httpx.AsyncClient, as_admin: Headers, asked: int, listed: int
) -> None:
    found = await previewed(client, as_admin, **an_agreement(), terms=asked)
    assert len(found["terms"]) == listed


async def test_a_co_terminous_agreement_ends_with_its_parent(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    parent = await enter()
    found = await previewed(
        client, as_admin, start_date="2026-06-01", parent_id=parent["id"], co_terminous=True
    )
    assert found["position"]["term_end"] == parent["position"]["term_end"]
