"""What surrounds every answer? A request id, safe headers, and one line in the access log.

Plain ASGI. The log names the route's template, never the path: a path can hold a secret.
"""

import logging
import time
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

access_log = logging.getLogger("noticeboard.access")

_SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Frame:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = uuid4().hex
        started, status = time.perf_counter(), 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = scope["request_id"]
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_framed)
        finally:
            access_log.info(
                "%s %s %d %.1f ms %s",
                scope["method"],
                _template_of(scope),
                status,
                (time.perf_counter() - started) * 1000,
                scope["request_id"],
            )


def _template_of(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", "(no route)"))
