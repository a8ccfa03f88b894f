"""What /robots.txt tells fetchers: one of a calendar provider reads it, and obeys."""

from urllib.robotparser import RobotFileParser

import httpx
import pytest

pytestmark = pytest.mark.anyio

HOST = "https://noticeboard.example"


@pytest.mark.parametrize("fetcher", ["Google-Calendar-Importer", "Googlebot", "bingbot", "curl"])
async def test_calendars_may_be_fetched_and_the_api_need_not(
    client: httpx.AsyncClient, fetcher: str, feed_secret: str
) -> None:
    rules = RobotFileParser()
    rules.parse((await client.get("/robots.txt")).text.splitlines())
    assert rules.can_fetch(fetcher, f"{HOST}/feeds/{feed_secret}/it.ics")
    assert not rules.can_fetch(fetcher, f"{HOST}/api/v1/agreements")


async def test_it_is_plain_text_for_everybody(client: httpx.AsyncClient) -> None:
    got, head = await client.get("/robots.txt"), await client.head("/robots.txt")
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    for answer in (got, head):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "set-cookie" not in answer.headers
