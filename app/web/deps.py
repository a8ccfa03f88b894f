"""Who asks, what day is it, and which transaction is this? What every route leans on.

A route's transaction is opened by the route itself (`with desk.writing()`), so that it is
stored before the answer is made: an answered write is there.
"""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.params import Query
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from app.clock import Clock
from app.records.engine import Database, Session
from app.settings import Settings
from app.usecases import tokens
from app.usecases.agreements import Actor
from app.usecases.jobs import Jobs
from app.usecases.publishing import Publisher
from app.usecases.register import reading_milestones
from app.web.bodies import StrictRequest

READERS = frozenset({"viewer", "it", "procurement", "admin"})
WRITERS = frozenset({"procurement", "admin"})
TEAMS = frozenset({"it", "procurement", "admin"})
ADMINISTRATORS = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Installation:
    """What a running server has: settings, database, clock, who renders feeds, and its jobs."""

    settings: Settings
    database: Database
    clock: Clock
    publisher: Publisher
    jobs: Jobs


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a request is worked on: who asks, what day it is, and the transactions."""

    actor: Actor
    settings: Settings
    today: date
    now: datetime
    database: Database
    publisher: Publisher
    jobs: Jobs

    def reading(self) -> AbstractContextManager[Session]:
        """Open a transaction that reads."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Session]:
        """Open a transaction that writes; it is stored when its block has ended."""
        return self.database.writing()

    def reading_milestones(self, first: date, last: date) -> AbstractContextManager[Session]:
        """Open a transaction that reads milestones of these days."""
        return reading_milestones(self.database, first, last)


def installation_of(request: Request) -> Installation:
    """Return what the server that got this request has."""
    found = request.app.state.installation
    if not isinstance(found, Installation):
        raise TypeError(found)
    return found


class Needs(SecurityBase):
    """The role a route needs; `GuardedRoute` has judged it before the body was read."""

    def __init__(self, roles: frozenset[str], description: str) -> None:
        self.roles = roles
        self.model = BearerModel(bearerFormat="nbapi_…", description=description)
        self.scheme_name = "token"

    async def __call__(self, request: Request) -> Desk:
        """Return the desk of the one who asks; nothing waits here, so no thread is needed."""
        installation = installation_of(request)
        return Desk(
            actor=request.state.actor,
            settings=installation.settings,
            today=installation.clock.today(),
            now=installation.clock.now(),
            database=installation.database,
            publisher=installation.publisher,
            jobs=installation.jobs,
        )


_DESCRIPTION = "A token of this installation, minted by an administrator."
Reader = Annotated[Desk, Depends(Needs(READERS, _DESCRIPTION))]
Writer = Annotated[Desk, Depends(Needs(WRITERS, _DESCRIPTION))]
TeamMember = Annotated[Desk, Depends(Needs(TEAMS, _DESCRIPTION))]
Administrator = Annotated[Desk, Depends(Needs(ADMINISTRATORS, _DESCRIPTION))]


class GuardedRoute(APIRoute):
    """A route that knows who asks before it looks at what is asked.

    The framework reads and parses a body before it asks any dependency, so a stranger with
    a broken body would be told about the body. Here a stranger is told 401 first.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the check of the caller."""
        handler = super().get_route_handler()
        roles = roles_of(self)
        parameters = frozenset(
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        )

        async def guarded(request: Request) -> Response:
            if installation_of(request).database.is_sqlite:
                # A look-up of microseconds: cheaper here than the way to a thread and back.
                request.state.actor = _authorised(request, roles)
            else:
                request.state.actor = await run_in_threadpool(_authorised, request, roles)
            _check_query(request, parameters)
            strict = StrictRequest(request.scope, request.receive)
            strict.most_bytes = self.most_bytes(installation_of(request).settings)
            return await handler(strict)

        return guarded

    def most_bytes(self, settings: Settings) -> int:  # noqa: ARG002 - a file's depends on it
        """Return how large a body may be."""
        return _MOST_JSON_BYTES


class UploadRoute(GuardedRoute):
    """A guarded route that takes a file."""

    def most_bytes(self, settings: Settings) -> int:
        """Return how large a file may be."""
        return settings.max_import_bytes


_MOST_JSON_BYTES = 1_000_000


def _check_query(request: Request, parameters: frozenset[str]) -> None:
    """Refuse what the framework overlooks: a misspelt filter would answer with every row."""
    given = [name for name, _ in request.query_params.multi_items()]
    faults = [
        {"loc": ("query", name), "msg": "is given twice; give it once", "type": "repeated"}
        if name in parameters
        else {
            "loc": ("query", name),
            "msg": "is no parameter here; check its name",
            "type": "unknown",
        }
        for name in dict.fromkeys(given)
        if name not in parameters or given.count(name) > 1
    ]
    if faults:
        raise RequestValidationError(faults)


def roles_of(route: APIRoute) -> frozenset[str]:
    """Return the roles that may use a route; raises TypeError for one that does not say."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Needs):
            return dependency.call.roles
    message = f"{route.path} names no role: take a Reader, Writer or Administrator"
    raise TypeError(message)


def _authorised(request: Request, roles: frozenset[str]) -> Actor:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    actor = None
    if scheme.lower() == "bearer":
        with installation_of(request).database.reading() as session:
            actor = tokens.holder(session, secret.strip())
    if actor is None:
        raise HTTPException(
            401,
            "A valid token is needed: send it as Authorization: Bearer.",
            {"WWW-Authenticate": "Bearer"},
        )
    if actor.role not in roles:
        needed = " or ".join(sorted(roles))
        raise HTTPException(403, f"This needs a token with the role {needed}.")
    return actor
