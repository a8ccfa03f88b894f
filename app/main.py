"""How do the parts become one application? The only place where every part meets."""

from zoneinfo import ZoneInfo

from fastapi import FastAPI

from app.clock import Clock, WallClock
from app.records.engine import Database
from app.settings import Settings
from app.usecases.feeds import Bodies
from app.web import calendar_url, errors, health
from app.web.api import acts, agreements, imports, lead_times, preview, renewals, tokens
from app.web.deps import Installation
from app.web.documentation import DescribedAPI
from app.web.frame import Frame


def served() -> FastAPI:
    """Return the application as the environment configures it, for the server to call."""
    return create_app(Settings())


def create_app(
    settings: Settings, database: Database | None = None, clock: Clock | None = None
) -> FastAPI:
    """Return the application for these settings; the database is expected to be prepared."""
    app = DescribedAPI()
    app.state.installation = Installation(
        settings=settings,
        database=database or Database(settings.database_url),
        clock=clock or WallClock(ZoneInfo(settings.timezone)),
        bodies=Bodies(),
    )
    for part in (
        calendar_url,
        health,
        agreements,
        acts,
        renewals,
        preview,
        lead_times,
        tokens,
        imports,
    ):
        app.include_router(part.router)
    errors.install(app)
    app.add_middleware(Frame)
    return app
