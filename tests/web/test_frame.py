import logging

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.clock import StoppedClock
from app.web.frame import Frame
from tests.builders import TODAY

pytestmark = pytest.mark.anyio

EVERYWHERE = [
    "/healthz",
    "/docs",
    "/openapi.json",
    "/nothing",
    "/api/v1/agreements",
    "/feeds/x/y.ics",
]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_every_answer_has_safe_headers(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    headers = (await client.request(method, path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert len(headers["x-request-id"]) == 32
    assert not {"server", "x-powered-by", "set-cookie"} & headers.keys()


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_head_tells_what_get_would(client: httpx.AsyncClient, path: str) -> None:
    got, head = await client.get(path), await client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    del got.headers["x-request-id"], head.headers["x-request-id"]
    assert head.headers == got.headers


async def test_the_log_has_one_line_without_the_path(
    client: httpx.AsyncClient, as_admin: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "noticeboard.access"):
        answer = await client.head("/api/v1/agreements/x/terms?as_of=%0A", headers=as_admin)
    (record,) = [record for record in caplog.records if record.name == "noticeboard.access"]
    line = record.getMessage()
    assert line.startswith("HEAD /api/v1/agreements/{agreement_id}/terms 422 ")
    assert line.endswith(f" {answer.headers['x-request-id']} -")
    assert "\n" not in line


async def test_a_fault_after_the_first_byte_cuts_the_answer_off() -> None:
    sent = []

    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def send(message: Message) -> None:
        sent.append(message["type"])

    with pytest.raises(ZeroDivisionError):
        await Frame(broken, StoppedClock(TODAY))({"type": "http", "method": "GET"}, never, send)
    assert sent == ["http.response.start"]


async def test_what_is_no_request_passes_through() -> None:
    seen = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    await Frame(inner, StoppedClock(TODAY))({"type": "lifespan"}, never, nothing)
    assert seen == [{"type": "lifespan"}]


async def never() -> Message:
    raise AssertionError


async def nothing(_message: Message) -> None:
    raise AssertionError
