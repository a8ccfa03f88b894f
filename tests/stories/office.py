"""Two teams at their desks, on whatever day it is: what stories are told with."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from icalendar import Calendar

from app.clock import StoppedClock
from app.main import create_app
from app.records.engine import Database
from app.settings import Settings
from tests.builders import subscribed
from tests.conftest import bearer

Json = dict[str, Any]


@dataclass
class Office:
    """Both teams at their desks, on whatever day it is."""

    database: Database
    tokens: dict[str, dict[str, str]]
    feed: str
    agreement: str = ""

    async def ask(self, day: str, method: str, path: str, who: str, **sent: Any) -> httpx.Response:  # noqa: ANN401
        clock = StoppedClock(date.fromisoformat(day))
        application = create_app(Settings(base_url="https://nb.example"), self.database, clock)
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        headers = {**self.tokens.get(who, {}), **sent.pop("headers", {})}
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="https://nb.example") as client,
        ):
            return await client.request(method, path, headers=headers, **sent)

    async def get(self, day: str, path: str, **query: str) -> Json:
        found = await self.ask(day, "GET", path, "viewer", params=query)
        assert found.status_code == 200, found.text
        answer: Json = found.json()
        return answer

    async def do(self, day: str, who: str, method: str, what: str, body: Json, **more: Any) -> Json:  # noqa: ANN401
        path = f"/api/v1/agreements/{self.agreement}{what}"
        done = await self.ask(day, method, path, who, json=body, **more)
        assert done.status_code in (200, 201, 204), done.text
        answer: Json = done.json() if done.content else {}
        return answer

    async def decide(self, day: str, who: str, term: int, choice: str, **more: Any) -> Json:  # noqa: ANN401
        body = {"choice": choice, "reason": f"{who} says so", **more}
        read = await self.ask(day, "GET", f"/api/v1/agreements/{self.agreement}", who)
        what, headers = f"/terms/{term}/decision", {"If-Match": read.headers["ETag"]}
        return await self.do(day, who, "PUT", what, body, headers=headers)

    async def read(self, day: str, **query: str) -> Json:
        return await self.get(day, f"/api/v1/agreements/{self.agreement}", **query)

    async def due(self, day: str, **query: str) -> list[Json]:
        items: list[Json] = (await self.get(day, "/api/v1/renewals", **query))["items"]
        return items

    async def terms(self, day: str, **query: str) -> list[Json]:
        path = f"/api/v1/agreements/{self.agreement}/terms"
        items: list[Json] = (await self.get(day, path, ahead="0", **query))["items"]
        return items

    async def events(self, day: str) -> dict[str, Any]:
        found = await self.ask(day, "GET", f"/feeds/{self.feed}/procurement.ics", "nobody")
        events = Calendar.from_ical(found.text).events
        return {f"{event.start} {event['SUMMARY']}": event for event in events}


def open_office(database: Database) -> Office:
    """Return both teams with their tokens, and a feed."""
    with database.writing() as session:
        feed = subscribed(session, "procurement", "the story").secret
    roles = ("viewer", "it", "procurement")
    return Office(database, {role: bearer(database, role) for role in roles}, feed)
