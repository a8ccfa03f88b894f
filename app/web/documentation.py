"""How does the API describe itself? Its OpenAPI document, and the page that shows it."""

import base64
import hashlib
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.types import Lifespan

from app.web.calendar_url import TEMPLATE
from app.web.errors import Problem, ProblemError

_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_DESCRIPTION = """
Agreements in, dates out: every date comes with the steps that led to it.

Send `Authorization: Bearer` with a token of this installation. Days are `YYYY-MM-DD`,
moments UTC, money is decimal text with an ISO 4217 currency. Errors are
`application/problem+json` (RFC 9457). What replaces something asks for `If-Match`; a POST
with an `Idempotency-Key` may be sent again.
"""


class DescribedAPI(FastAPI):
    """An application whose document says what it really answers."""

    def __init__(self, lifespan: Lifespan[FastAPI]) -> None:
        super().__init__(
            lifespan=lifespan,
            title="Noticeboard",
            version="0.1.0",
            summary="The shared renewal calendar of IT and procurement.",
            description=_DESCRIPTION,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,  # a redirect would repeat the Host header, and a secret
            generate_unique_id_function=_operation_id,
        )
        self.add_api_route("/docs", _docs_page(), include_in_schema=False)
        self.mount("/docs/assets", StaticFiles(directory=_ASSETS), name="docs-assets")

    def openapi(self) -> dict[str, Any]:
        """Return the document, with our error shape in the place of the framework's."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["paths"][TEMPLATE] = {"get": _CALENDAR}
            for path in document["paths"].values():
                for operation in path.values():
                    if operation["responses"].get("422", {}).get("description") == _NEVER_SENT:
                        del operation["responses"]["422"]
            schemas = document["components"]["schemas"]
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for model in (Problem, ProblemError):
                schemas[model.__name__] = model.model_json_schema(ref_template=_SCHEMA)
                schemas[model.__name__].pop("$defs", None)
        return super().openapi()


_TEXT = {"type": "string"}
_VALIDATORS = {
    "ETag": {"required": True, "schema": _TEXT},
    "Last-Modified": {"required": True, "schema": _TEXT},
}


def _in_words(description: str, *headers: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"text/plain": {"schema": _TEXT}},
        "headers": {name: {"required": True, "schema": _TEXT} for name in headers},
    }


# It is no route of the framework, so it is described by hand.
_CALENDAR = {
    "tags": ["feeds"],
    "operationId": "feeds_calendar",
    "summary": "The calendar at a secret address",
    "description": "Return the calendar that the address opens, or 304 while it is unchanged.",
    "parameters": [
        {"name": "secret", "in": "path", "required": True, "schema": _TEXT},
        {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "For people's eyes: the secret alone opens the calendar.",
            "schema": _TEXT,
        },
        {"name": "If-None-Match", "in": "header", "schema": _TEXT},
        {"name": "If-Modified-Since", "in": "header", "schema": _TEXT},
    ],
    "responses": {
        "200": {
            "description": "The calendar.",
            "content": {"text/calendar": {"schema": _TEXT}},
            "headers": _VALIDATORS,
        },
        "304": {"description": "Unchanged since the validators that were sent."},
        "404": _in_words("No calendar is here."),
        "410": _in_words("The address was revoked or replaced, or has expired."),
        "429": _in_words("Too many wrong addresses were tried from there.", "Retry-After"),
        "503": _in_words("Not at the moment; what was fetched before is right.", "Retry-After"),
    },
}

_NEVER_SENT = "Validation Error"
_SCHEMA = "#/components/schemas/{model}"


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def _docs_page() -> Callable[[], Coroutine[Any, Any, HTMLResponse]]:
    """Return a route that shows the documentation from our own files, without the internet."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Noticeboard API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},  # it would ask a host of its own
    )
    content = bytes(page.body)
    headers = {"Content-Security-Policy": _policy(content)}

    async def docs() -> HTMLResponse:
        return HTMLResponse(content, headers=headers)

    return docs


def _policy(page: bytes) -> str:
    """Return a policy that lets the page's own script run, and nothing from elsewhere."""
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' {allowed};"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
