"""What surrounds every answer? A request id, safe headers, and one line in the access log.

Plain ASGI. The log names the route's template, never the path: a path can hold a secret.
HEAD is answered as GET without its body (RFC 9110 9.3.2), and what fails is answered here,
so that its answer is framed like any other.
"""

import logging
import time
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock
from app.web.errors import failure

access_log = logging.getLogger("noticeboard.access")

SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


class Frame:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._clock)
        try:
            await self._app(answer.scope, receive, answer.send)
        except Exception as error:
            if answer.status:
                raise  # half of it is out already: the server cuts the connection
            await failure(Request(answer.scope), error)(answer.scope, receive, answer.send)
        finally:
            answer.log()


class _Answer:
    """An answer on its way out."""

    def __init__(self, scope: Scope, send: Send, clock: Clock) -> None:
        self.status = 0
        self._clock = clock
        self.scope = {**scope, "request_id": uuid4().hex}
        self._send = send
        self._method = scope["method"]
        self._started = time.perf_counter()
        if self._method == "HEAD":
            self.scope["method"] = "GET"  # in the copy: the server goes by its own

    async def send(self, message: Message) -> None:
        """Send a part of it on, the first with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.scope["request_id"]
            headers["date"] = http_date(self._clock.now()).decode()
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        elif self._method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def log(self) -> None:
        """Write its line in the access log."""
        route = _template_of(self.scope.get("route"))
        request_id = self.scope["request_id"]
        access_log.info(
            "%s", answer_line(self._method, route, self.status, self._started, request_id)
        )


def _template_of(route: object) -> str:
    """Return a route's path with names in the place of what they stand for."""
    return str(getattr(route, "path_format", getattr(route, "path", "(no route)")))


@lru_cache(maxsize=2)
def http_date(now: datetime) -> bytes:
    """Return what the Date field says at a moment (RFC 9110, section 6.6.1).

    The server's own is up to a second old, and a body may be no younger than its answer.
    """
    return format_datetime(now, usegmt=True).encode()


def answer_line(
    method: str, route: str, status: int, started: float, request_id: str, subscription: str = "-"
) -> str:
    """Return what the access log says of an answer: the route's template, never the path.

    `started` is when the request came, by the performance counter.
    """
    spent = (time.perf_counter() - started) * 1000
    return f"{method} {route} {status} {spent:.1f} ms {request_id} {subscription}"
