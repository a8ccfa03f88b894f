import httpx
import pytest
from fastapi import FastAPI

from app import credentials, main
from app.clock import StoppedClock
from app.credentials import Opens
from app.records.engine import Database
from app.settings import Settings
from app.usecases.operation import prepare
from app.web.guesses import MOST_MISSES
from tests.builders import TODAY
from tests.conftest import bearer

pytestmark = pytest.mark.anyio


async def test_the_server_gets_the_application_that_the_environment_configures(
    monkeypatch: pytest.MonkeyPatch, database_url: str, database: Database
) -> None:
    prepare(database, StoppedClock(TODAY), migrate=False)
    monkeypatch.setenv("NOTICEBOARD_DATABASE_URL", database_url)
    monkeypatch.setenv("NOTICEBOARD_BASE_URL", "https://calendar.example/")
    app = main.served()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.example") as client:
        assert (await client.get("/readyz")).json() == {"status": "ok"}
    here = app.state.installation
    assert here.settings.base_url == "https://calendar.example"
    here.database.close()


PROXY, OTHER_PROXY, STRANGER, CLIENT = "10.0.0.7", "10.255.0.1", "198.51.100.3", "203.0.113.9"


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "counted"),
    [
        ("10.0.0.0/8", CLIENT, [], CLIENT),
        ("10.0.0.0/8", STRANGER, [CLIENT], STRANGER),
        ("none", PROXY, [CLIENT], PROXY),
        ("none", STRANGER, [CLIENT], STRANGER),
        ("none", "127.0.0.1", [CLIENT], "127.0.0.1"),
        ("10.0.0.0/8", "127.0.0.1", [CLIENT], "127.0.0.1"),
        ("10.0.0.0/8", PROXY, [], PROXY),
        ("10.0.0.0/8", PROXY, [""], PROXY),
        ("10.0.0.0/8", PROXY, [CLIENT], CLIENT),
        ("10.0.0.7", PROXY, [CLIENT], CLIENT),
        ("192.0.2.0/24, 10.0.0.0/8", PROXY, [CLIENT], CLIENT),
        ("10.0.0.0/8", PROXY, [f"{STRANGER}, {CLIENT}"], CLIENT),
        ("10.0.0.0/8", PROXY, [STRANGER, CLIENT], CLIENT),
        ("10.0.0.0/8", PROXY, [f"10.9.9.9, {CLIENT}"], CLIENT),
        ("10.0.0.0/8", PROXY, [f"{STRANGER}, {CLIENT}, {OTHER_PROXY}"], CLIENT),
        ("10.0.0.0/8", PROXY, [f"<b>, ' OR 1=1, {CLIENT}"], CLIENT),
        ("10.0.0.0/8", PROXY, [f"{CLIENT}:4711"], CLIENT),
        ("10.0.0.0/8", PROXY, [f"::ffff:{CLIENT}"], CLIENT),
        ("2001:db8::/32", "2001:db8::1", [CLIENT], CLIENT),
    ],
)
async def test_who_asks_is_believed_from_configured_proxies_only(
    database: Database, proxies: str, peer: str, forwarded: list[str], counted: str
) -> None:
    app = main.create_app(Settings(trusted_proxies=proxies), database, StoppedClock(TODAY))
    path = f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
    async with app.router.lifespan_context(app):
        async with from_(app, counted) as client:
            for _ in range(MOST_MISSES):
                assert (await client.get(path)).status_code == 404
        async with from_(app, peer) as client:
            headers = [("X-Forwarded-For", each) for each in forwarded]
            assert (await client.get(path, headers=headers)).status_code == 429


async def test_a_stranger_changes_nothing_by_naming_others(database: Database) -> None:
    settings = Settings(trusted_proxies="10.0.0.0/8")
    app = main.create_app(settings, database, StoppedClock(TODAY))
    path = f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
    async with app.router.lifespan_context(app), from_(app, STRANGER) as client:
        statuses = [
            (await client.get(path, headers={"X-Forwarded-For": f"192.0.2.{number}"})).status_code
            for number in range(MOST_MISSES + 2)
        ]
    assert statuses == [404] * MOST_MISSES + [429] * 2


@pytest.mark.parametrize("junk", ["é", ",", ", ,", "x" * 10_000, "[", "[::1", "1.2.3.4:x", "%00"])
async def test_what_a_proxy_sends_need_not_be_an_address(database: Database, junk: str) -> None:
    app = main.create_app(Settings(trusted_proxies="10.0.0.0/8"), database, StoppedClock(TODAY))
    path = f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
    async with app.router.lifespan_context(app), from_(app, PROXY) as client:
        headers = [(b"X-Forwarded-For", junk.encode("latin-1"))]
        assert (await client.get(path, headers=headers)).status_code == 404
        assert (await client.get("/healthz", headers=headers)).status_code == 200


@pytest.mark.parametrize("proxies", ["none", "10.0.0.0/8"])
async def test_no_proxy_changes_the_addresses_that_are_printed(
    database: Database, proxies: str
) -> None:
    settings = Settings(base_url="https://nb.example", trusted_proxies=proxies)
    app = main.create_app(settings, database, StoppedClock(TODAY))
    sent = {
        **bearer(database, "viewer"),
        "X-Forwarded-For": CLIENT,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "Host": "evil.example",
    }
    async with from_(app, PROXY) as client:
        feed = await client.post("/api/v1/feeds", json={"name": "Mine"}, headers=sent)
        assert feed.headers["location"].startswith("https://nb.example/api/v1/feeds/")
        address = f"/api/v1/feeds/{feed.json()['id']}/subscriptions"
        new = await client.post(address, json={"label": "me"}, headers=sent)
    assert new.json()["address"].startswith("https://nb.example/feeds/nbfeed_")
    assert "evil" not in feed.text + new.text


def from_(app: FastAPI, address: str) -> httpx.AsyncClient:
    """Return who asks the application from an address."""
    transport = httpx.ASGITransport(app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="https://x.example")
