"""How do the parts become one application? The only place where every part meets."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.clock import Clock, WallClock
from app.records.engine import Database
from app.records.polls import polls_of
from app.settings import Settings
from app.usecases.fetches import Fetches
from app.usecases.jobs import Jobs
from app.usecases.operation import publisher_of
from app.web import errors, health, robots
from app.web.api import (
    acts,
    agreements,
    exports,
    feeds,
    import_mappings,
    imports,
    lead_times,
    preview,
    renewals,
    tokens,
)
from app.web.calendar_url import Calendars, secret_in
from app.web.deps import Installation
from app.web.documentation import DescribedAPI
from app.web.frame import Frame


class Application(DescribedAPI):
    """The application: the calendars' addresses in front, and the framework's routes."""

    def __init__(self, calendars: Calendars, jobs: Jobs, proxies: list[str]) -> None:
        super().__init__(self._lifespan)
        self.calendars = calendars
        self._jobs = jobs
        self._entrance: ASGIApp = self._answer
        if proxies:
            self._entrance = ProxyHeadersMiddleware(self._answer, proxies)  # type: ignore[assignment,arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._entrance(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret = secret_in(scope)
        if secret is None:
            await super().__call__(scope, receive, send)
        else:
            await self.calendars.answer(secret, scope, send)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        yield
        await self.calendars.close()
        await run_in_threadpool(self._jobs.close)


def served() -> FastAPI:
    """Return the application as the environment configures it, for the server to call."""
    app = create_app(Settings())
    # What is loaded by now stays: looked through again and again, it makes polls wait.
    gc.collect()
    gc.freeze()
    return app


def create_app(
    settings: Settings, database: Database | None = None, clock: Clock | None = None
) -> FastAPI:
    """Return the application for these settings; the database is expected to be prepared."""
    database = database or Database(settings.database_url)
    clock = clock or WallClock(ZoneInfo(settings.timezone))
    publisher = publisher_of(database, settings)
    calendars = Calendars(
        polls=polls_of(database), publisher=publisher, fetches=Fetches(database), clock=clock
    )

    jobs = Jobs(database, clock)
    app = Application(calendars, jobs, settings.proxies)
    app.state.installation = Installation(settings, database, clock, publisher, jobs)
    for part in (
        robots,
        health,
        agreements,
        acts,
        renewals,
        preview,
        lead_times,
        feeds,
        tokens,
        imports,
        import_mappings,
        exports,
    ):
        app.include_router(part.router)
    errors.install(app)
    app.add_middleware(Frame, clock=clock)
    return app
