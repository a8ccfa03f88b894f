"""The lead-time policy is read by everybody and replaced by administrators, one at a time."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.renewals.lead_times import DEFAULT_POLICY
from tests.web.conftest import Enter

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
ADDRESS = "/api/v1/lead-times"
NO_CONDITIONS = dict.fromkeys(
    (
        "kind",
        "monthly",
        "currency",
        "value_from",
        "value_below",
        "criticality",
        "spend_class",
        "handling",
    )
)
ANYTHING = {"name": "anything", "days": 45}
OURS = {
    "name": "ours",
    "days": 0,
    "kind": "saas",
    "monthly": False,
    "currency": "EUR",
    "value_from": "0.50",
    "value_below": "999999999999999.9999",
    "criticality": "hoch",
    "spend_class": "Run",
    "handling": "hard_to_replace",
}


async def put(
    client: httpx.AsyncClient, headers: Headers, *rows: object, if_match: str | None = '"1"'
) -> httpx.Response:
    sent = headers if if_match is None else headers | {"If-Match": if_match}
    return await client.put(ADDRESS, json={"rows": list(rows)}, headers=sent)


async def test_everybody_reads_the_first_policy(
    client: httpx.AsyncClient, signed_in: Callable[[str], Headers]
) -> None:
    for role in ("viewer", "it", "procurement", "admin"):
        answer = await client.get(ADDRESS, headers=signed_in(role))
        assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    read = answer.json()
    assert read["version"] == 1
    assert [row["name"] for row in read["rows"]] == [row.name for row in DEFAULT_POLICY.rows]
    assert read["rows"][5] == NO_CONDITIONS | {
        "name": "from 500,000 a year",
        "days": 365,
        "value_from": "500000",
    }


async def test_a_policy_is_read_as_it_was_entered(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    answer = await put(client, as_admin, OURS, ANYTHING)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json() == {"version": 2, "rows": [OURS, NO_CONDITIONS | ANYTHING]}
    again = await client.get(ADDRESS, headers=as_admin)
    assert (again.json(), again.headers["etag"]) == (answer.json(), '"2"')


async def test_what_is_read_can_be_sent_back(client: httpx.AsyncClient, as_admin: Headers) -> None:
    first = await client.get(ADDRESS, headers=as_admin)
    answer = await put(client, as_admin, *first.json()["rows"])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


async def test_agreements_follow_the_policy_and_name_its_row(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    new = await enter(lead_days=None, handling="Public_Tender", criticality="High")
    address = f"/api/v1/agreements/{new['id']}"
    assert new["handling"] == "Public_Tender"
    assert "row 3 of the lead-time policy (public tender, high criticality): 540 days" in told(new)
    changed = await put(client, as_admin, {**OURS, "handling": "public_tender"}, ANYTHING)
    assert changed.status_code == 200
    read = (await client.get(address, headers=as_admin)).json()
    assert read["position"]["negotiation_start"] == "2027-01-14"
    assert "row 2 of the lead-time policy (anything): 45 days" in told(read)
    own = await client.patch(address, json={"lead_days": 60}, headers=as_admin | {"If-Match": "*"})
    assert "policy" not in str(own.json()["position"])


async def test_a_preview_follows_the_policy(client: httpx.AsyncClient, as_admin: Headers) -> None:
    terms: dict[str, Any] = {
        "start_date": "2026-01-01",
        "initial_term": {"value": 12, "unit": "months"},
        "kind": "telecom_circuit",
    }
    previewed = await client.post("/api/v1/preview", json=terms, headers=as_admin)
    assert "row 12 of the lead-time policy (telecom circuit): 120 days" in told(previewed.json())


def told(agreement: dict[str, Any]) -> str:
    (step,) = agreement["position"]["why"]["negotiation_start"]
    return str(step)


@pytest.mark.parametrize(
    ("if_match", "status"), [(None, 428), ('"2"', 412), ('W/"1"', 412), ("1", 412), ("*", 200)]
)
async def test_nobody_s_policy_is_lost(
    client: httpx.AsyncClient, as_admin: Headers, if_match: str | None, status: int
) -> None:
    before = await client.get(ADDRESS, headers=as_admin)
    answer = await put(client, as_admin, ANYTHING, if_match=if_match)
    assert answer.status_code == status
    after = await client.get(ADDRESS, headers=as_admin)
    assert (after.json() == before.json()) == (status != 200)


BAD = [
    ([], ["#/rows"]),
    ([OURS], ["#/rows/0"]),
    ([OURS, ANYTHING, OURS, ANYTHING], ["#/rows/1"]),
    ([OURS, {"name": "x"}, {**OURS, "days": 9_999}], ["#/rows/1/days", "#/rows/2/days"]),
    ([{**OURS, "value_below": "0.5"}, ANYTHING], ["#/rows/0/value_below"]),
    ([{**OURS, "id": 1}, ANYTHING], ["#/rows/0/id"]),
]


@pytest.mark.parametrize(("rows", "pointers"), BAD)
async def test_a_bad_policy_is_refused_by_its_field_and_leaves_the_old_one(
    client: httpx.AsyncClient, as_admin: Headers, rows: list[object], pointers: list[str]
) -> None:
    answer = await put(client, as_admin, *rows)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert (await client.get(ADDRESS, headers=as_admin)).headers["etag"] == '"1"'


async def test_a_policy_is_one_whole(client: httpx.AsyncClient, as_admin: Headers) -> None:
    sent = as_admin | {"If-Match": "*"}
    for body in ({}, [], None, [ANYTHING], {"rows": [ANYTHING], "version": 3}):
        assert (await client.put(ADDRESS, json=body, headers=sent)).status_code == 422
    assert (await client.patch(ADDRESS, json={}, headers=sent)).status_code == 405
    assert (await client.delete(ADDRESS, headers=sent)).status_code == 405
