"""What does the server cost without an application? Prepared answers, and nothing else.

The anchor of the feeds' figures: plain ASGI, every header made at the start, one comparison
between "not modified" and the bytes. No log, no clock, no database.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

_Headers = list[tuple[bytes, bytes]]


def _answers() -> dict[str, tuple[bytes, _Headers, bytes, bytes]]:
    """Return tag, headers, body and compressed body of each calendar, by its path."""
    found = {}
    for calendar in Path(os.environ["BENCH_FOLDER"]).glob("*.ics"):
        tag = b'"%s"' % calendar.stem.encode()
        headers = [
            (b"etag", tag),
            (b"last-modified", b"Mon, 23 Nov 2026 08:00:00 GMT"),
            (b"cache-control", b"private, max-age=300"),
            (b"vary", b"Accept-Encoding"),
        ]
        compressed = calendar.with_suffix(".ics.gz").read_bytes()
        found[f"/{calendar.name}"] = (tag, headers, calendar.read_bytes(), compressed)
    return found


_ANSWERS = _answers()
_NOTHING: tuple[bytes, _Headers, bytes, bytes] = (b"", [(b"content-length", b"0")], b"", b"")
_CALENDAR = (b"content-type", b"text/calendar; charset=utf-8")
_GZIP = (b"content-encoding", b"gzip")


async def app(
    scope: dict[str, Any],
    _receive: Callable[[], Awaitable[Any]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer a request for one of the calendars."""
    tag, headers, body, compressed = _ANSWERS.get(scope["path"], _NOTHING)
    asked = dict(scope["headers"])
    status = 200
    if not tag:
        status = 404
    elif asked.get(b"if-none-match") == tag:
        status, body = 304, b""
    elif asked.get(b"accept-encoding") == b"gzip":
        body = compressed
        headers = [*headers, _CALENDAR, _GZIP, (b"content-length", b"%d" % len(body))]
    else:
        headers = [*headers, _CALENDAR, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
