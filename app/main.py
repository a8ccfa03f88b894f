"""How do the parts become one application? The only place where every part meets."""

from pathlib import Path
from zoneinfo import ZoneInfo

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from app.clock import Clock, WallClock
from app.records.engine import Database
from app.settings import Settings
from app.usecases.feeds import Bodies
from app.web import calendar_url, errors, health
from app.web.api import agreements, imports, preview, renewals, tokens
from app.web.deps import Installation
from app.web.frame import Frame

_MAX_JSON_BYTES = 1_000_000
_DOCS_ASSETS = Path(fastapi_offline.__file__).parent / "static"


def create_app(
    settings: Settings, database: Database | None = None, clock: Clock | None = None
) -> FastAPI:
    """Return the application for these settings; the database is expected to be prepared."""
    app = FastAPI(
        title="Noticeboard",
        version="0.1.0",
        summary="The shared renewal calendar of IT and procurement.",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.state.installation = Installation(
        settings=settings,
        database=database or Database(settings.database_url),
        clock=clock or WallClock(ZoneInfo(settings.timezone)),
        bodies=Bodies(),
    )
    app.include_router(calendar_url.router)
    app.include_router(health.router)
    for api in (agreements, renewals, preview, tokens):
        app.include_router(api.router, max_body_size=_MAX_JSON_BYTES)
    app.include_router(imports.router, max_body_size=settings.max_import_bytes)
    app.mount("/docs/assets", StaticFiles(directory=_DOCS_ASSETS), name="docs-assets")
    app.add_api_route("/docs", _docs, include_in_schema=False)
    errors.install(app)
    app.add_middleware(Frame)
    return app


async def _docs() -> HTMLResponse:
    """Show the API's documentation from our own files: it works without the internet."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Noticeboard API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
    )


_DESCRIPTION = """
Agreements in, dates out: every date comes with the steps that led to it.

Send `Authorization: Bearer` with a token of this installation. Days are `YYYY-MM-DD`,
moments UTC, money is decimal text with an ISO 4217 currency. Errors are
`application/problem+json` (RFC 9457). What replaces something asks for `If-Match`; a POST
with an `Idempotency-Key` may be sent again.
"""
