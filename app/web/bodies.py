"""What does the body of a request say? Read with a limit, and strictly.

The framework's own reading takes what RFC 8259 advises against: NaN, a name given twice,
other encodings than UTF-8. What cannot be read here is told like any other bad input.
"""

import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

_JSON = "application/json"
_MULTIPART = "multipart/form-data"


class StrictRequest(Request):
    """A request whose body has at most `most_bytes`."""

    most_bytes: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in pieces; raises 413 as soon as it is known to be too large."""
        if self._declared_bytes() > self.most_bytes:
            raise HTTPException(413)
        received = 0
        async for piece in super().stream():
            received += len(piece)
            if received > self.most_bytes:
                raise HTTPException(413)
            yield piece

    async def body(self) -> bytes:
        """Return the body of a request for JSON; raises 415 for one in another format."""
        content = await super().body()
        if content and not _is_json(self._media_type()):
            raise HTTPException(415, f"Send the body as Content-Type: {_JSON}.")
        return content

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return what the body says; raises `JSONDecodeError` for all that is no plain JSON."""
        content = await self.body()
        try:
            return json.loads(
                content.decode("utf-8"),
                object_pairs_hook=_each_name_once,
                parse_constant=_no_number,
            )
        except UnreadableBody:
            raise
        except json.JSONDecodeError as error:
            _unreadable(f"is no JSON: look at line {error.lineno}, column {error.colno}")
        except UnicodeDecodeError:
            _unreadable("is not encoded in UTF-8; encode it so")
        except RecursionError:
            _unreadable("is nested too deeply; it needs a few levels only")
        except ValueError:
            _unreadable("holds a number that is too long; check it")

    async def _get_form(self, **limits: Any) -> FormData:  # noqa: ANN401 - the framework's own
        if self._media_type() != _MULTIPART:
            raise HTTPException(415, f"Send the body as Content-Type: {_MULTIPART}.")
        try:
            return await super()._get_form(**limits)
        except HTTPException as error:
            if error.status_code != HTTPStatus.BAD_REQUEST:
                raise
            _unreadable("is no multipart form; let your HTTP library make it")

    def _declared_bytes(self) -> int:
        declared = self.headers.get("content-length", "")
        return int(declared[:18]) if declared.isdecimal() else 0

    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(media_type: str) -> bool:
    kind, _, subtype = media_type.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        _unreadable("has a name twice in one object; give each once")
    return fields


def _no_number(_constant: str) -> NoReturn:
    _unreadable("holds NaN or Infinity, which JSON does not have; leave the field out")


class UnreadableBody(json.JSONDecodeError):
    """A body that cannot be read; its message is the rule that it breaks.

    The framework turns this class, and no other, into a `RequestValidationError`.
    """


def _unreadable(rule: str) -> NoReturn:
    raise UnreadableBody(rule, "", 0)
