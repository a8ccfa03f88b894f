import httpx
import pytest

from tests.builders import an_agreement

pytestmark = pytest.mark.anyio


async def test_an_agreement_is_entered_and_read_back_with_its_dates(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    entered = await client.post("/api/v1/agreements", json=an_agreement(), headers=as_admin)
    assert entered.status_code == 201, entered.text
    assert entered.headers["etag"] == '"1"'

    read = await client.get(entered.headers["location"], headers=as_admin)
    assert read.json() == entered.json()
    position = read.json()["position"]
    assert position["term_end"] == "2027-04-14"
    assert position["notice_deadline"] == "2027-02-28"
