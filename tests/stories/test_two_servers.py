"""Two servers over one PostgreSQL: whichever a calendar program happens to reach, it is the same.

Both are real processes, as an operator starts them behind a load balancer.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.clock import StoppedClock
from app.records.engine import Database
from app.usecases.operation import prepare
from tests.builders import TODAY, an_agreement
from tests.conftest import bearer

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from app.cli import cli; cli()"]
BASE_URL = "https://noticeboard.example"
PATIENCE = 60
Json = dict[str, Any]


@dataclass
class Servers:
    """Both servers, and who speaks with them."""

    clients: list[httpx.Client]
    token: dict[str, str]

    def ask(self, server: int, method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        """Ask one of them as somebody with a token; it must not fail."""
        headers = self.token | sent.pop("headers", {})
        answer = self.clients[server].request(method, path, headers=headers, **sent)
        assert answer.status_code < 300, answer.text
        return answer

    def poll(self, address: str, **headers: str) -> list[httpx.Response]:
        """Poll both, at the same time."""
        path = address.removeprefix(BASE_URL)
        sent = {"Accept-Encoding": "identity"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        with ThreadPoolExecutor(len(self.clients)) as threads:
            return list(threads.map(lambda client: client.get(path, headers=sent), self.clients))

    def calendar(self, address: str) -> httpx.Response:
        """Return the calendar, which must be the same from both to the last byte."""
        first, second = self.poll(address)
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.content == second.content
        for name in ("etag", "last-modified", "content-type", "cache-control", "vary"):
            assert first.headers[name] == second.headers[name]
        return first

    def check_unchanged(self, calendar: httpx.Response, address: str) -> None:
        """Check that both know what the other one sent."""
        for sent in (
            {"If_None_Match": calendar.headers["etag"]},
            {"If_Modified_Since": calendar.headers["last-modified"]},
        ):
            for answer in self.poll(address, **sent):
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["etag"] == calendar.headers["etag"]
                assert answer.headers["last-modified"] == calendar.headers["last-modified"]

    def check_closed(self, address: str, sentence: str, **headers: str) -> None:
        """Check that neither opens an address any more."""
        for answer in self.poll(address, **headers):
            assert (answer.status_code, sentence in answer.text) == (410, True)


@pytest.fixture(scope="module")
def own_database(postgresql: str) -> Iterator[Database]:
    """Prepare a database that nobody else uses."""
    shared, name = Database(postgresql), uuid4().hex
    by_hand = shared.engine.execution_options(isolation_level="AUTOCOMMIT")
    with by_hand.connect() as session:
        session.execute(text(f'CREATE DATABASE "{name}"'))
    opened = Database(shared.url.set(database=name).render_as_string(hide_password=False))
    prepare(opened, StoppedClock(TODAY))
    yield opened
    opened.close()
    with by_hand.connect() as session:
        session.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    shared.close()


@pytest.fixture(scope="module")
def servers(own_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Serve the same register twice."""
    environment = {
        **os.environ,
        "NOTICEBOARD_DATABASE_URL": own_database.url.render_as_string(hide_password=False),
        "NOTICEBOARD_BASE_URL": BASE_URL,
    }
    folder = tmp_path_factory.mktemp("servers")
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        processes = []
        for port in ports:
            log = stack.enter_context((folder / f"{port}.log").open("wb"))
            command = [*COMMAND, "serve", "--port", str(port), "--no-migrate"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
        clients = [
            stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False)
            )
            for port in ports
        ]
        for client, process in zip(clients, processes, strict=True):
            wait_for(client, process)
        yield Servers(clients, bearer(own_database, "admin"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.05)
    pytest.fail("a server did not begin to answer")


def test_whichever_server_is_asked_the_calendar_is_the_same(servers: Servers) -> None:
    it = servers.ask(0, "GET", "/api/v1/feeds").json()["items"][0]
    assert it["key"] == "it"
    addresses_of_it = f"/api/v1/feeds/{it['id']}/subscriptions"
    handed_out = [
        servers.ask(server, "POST", addresses_of_it, json={"label": "Anna"}).json()
        for server in (0, 1)
    ]
    address, other = (one["address"] for one in handed_out)

    empty = servers.calendar(address)
    servers.check_unchanged(empty, address)

    # Whatever changes on one server is there on both with the next fetch.
    before = empty
    agreement: Json = {}
    for server, change in enumerate(("entered", "renamed", "entered", "renamed")):
        title = f"Title number {server}"
        if change == "entered":
            form = an_agreement(reference=f"A-{server}", title=title)
            agreement = servers.ask(server % 2, "POST", "/api/v1/agreements", json=form).json()
        else:
            servers.ask(
                server % 2,
                "PATCH",
                f"/api/v1/agreements/{agreement['id']}",
                json={"title": title},
                headers={"If-Match": '"1"'},
            )
        for sent in (
            {"If_None_Match": before.headers["etag"]},
            {"If_Modified_Since": before.headers["last-modified"]},
        ):
            assert [answer.status_code for answer in servers.poll(address, **sent)] == [200, 200]
        after = servers.calendar(address)
        assert title in after.text
        assert servers.calendar(other).content == after.content
        servers.check_unchanged(after, address)
        before = after

    # The feed itself is changed on one of them.
    servers.ask(
        1,
        "PATCH",
        f"/api/v1/feeds/{it['id']}",
        json={"name": "What IT renews", "notes": True},
        headers={"If-Match": '"1"'},
    )
    renamed = servers.calendar(address)
    assert "What IT renews" in renamed.text
    servers.check_unchanged(renamed, address)

    # An address that one of them closed is closed on both, also for those who have the bytes.
    servers.ask(0, "DELETE", f"{addresses_of_it}/{handed_out[0]['id']}")
    servers.check_closed(address, "was revoked")
    servers.check_closed(address, "was revoked", If_None_Match=renamed.headers["etag"])
    replacement = f"{addresses_of_it}/{handed_out[1]['id']}/replacement"
    new = servers.ask(1, "POST", replacement).json()["address"]
    servers.check_closed(other, "was replaced", If_None_Match="*")
    assert servers.calendar(new).content == renamed.content
    servers.check_unchanged(renamed, new)


def test_whoever_polls_just_while_it_changes_is_given_the_change_next(servers: Servers) -> None:
    feed = servers.ask(0, "POST", "/api/v1/feeds", json={"name": "Polled"}).json()
    path = f"/api/v1/feeds/{feed['id']}/subscriptions"
    address = servers.ask(0, "POST", path, json={"label": "Anna"}).json()["address"]
    for number in range(6):
        form = an_agreement(reference=f"P-{number}", title=f"Polled as number {number}")
        with ThreadPoolExecutor() as threads:
            entering = threads.submit(
                servers.ask, number % 2, "POST", "/api/v1/agreements", json=form
            )
            polling = [threads.submit(servers.poll, address) for _ in range(4)]
            entering.result()
            polled = [answer for each in polling for answer in each.result()]
        calendar = servers.calendar(address)
        assert f"Polled as number {number}" in calendar.text
        for one in polled:
            assert one.status_code == 200
            status = 304 if one.content == calendar.content else 200
            for sent in (
                {"If_None_Match": one.headers["etag"]},
                {"If_Modified_Since": one.headers["last-modified"]},
            ):
                found = [answer.status_code for answer in servers.poll(address, **sent)]
                assert found == [status, status]
