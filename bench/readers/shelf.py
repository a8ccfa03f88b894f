"""Which feeds are read? Those of a register that is empty, then full, then edited.

Each register has a database and a server of its own; its feeds are fetched over HTTP as a
calendar fetches them. What a feed must say after an edit and a deletion is judged here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.readers import nasty
from bench.readers.strict import StrictEvent, read
from bench.servers import Failed, client, new_token, run, serving

_AGREEMENTS = "/api/v1/agreements"
_EXAMPLE = Path(__file__).parents[2] / "examples" / "register.csv"
_FEEDS = ("it", "procurement")
_PREPARATION = "CATEGORIES:Negotiation start"
_LEAD_DAYS = 77
_CLIPPED = 250
_BEGIN = "BEGIN:VEVENT\r\n"
_END = "END:VEVENT\r\n"


class Moment(StrEnum):
    """When the feeds are read."""

    EMPTY = "empty"
    BEFORE = "before"
    AFTER = "after"


@dataclass(slots=True)
class Feed:
    """A feed as it was fetched last: where from, where it lies, and what it says."""

    name: str
    address: str
    path: Path
    events: list[StrictEvent] = field(default_factory=list)
    earlier: list[StrictEvent] = field(default_factory=list)

    def without(self, pattern: re.Pattern[str]) -> "Feed":
        """Return a copy that lies elsewhere and lacks the events whose text has the pattern."""
        kept = [event for event in self.events if not pattern.search(event.text)]
        gone = {f"UID:{event.uid}" for event in self.events} - {f"UID:{e.uid}" for e in kept}
        head, *blocks = self.path.read_bytes().decode().split(_BEGIN)
        foot = blocks[-1].rpartition(_END)[2]
        blocks[-1] = blocks[-1].removesuffix(foot)
        left = [one for one in blocks if not gone.intersection(one.split("\r\n"))]
        path = self.path.with_suffix(f".without-{abs(hash(pattern.pattern))}.ics")
        path.write_bytes((_BEGIN.join([head, *left]) + foot).encode())
        return Feed(self.name, self.address, path, kept)

    def fetch(self) -> list[str]:
        """Fetch it anew; returns what is wrong with it."""
        answer = httpx.get(self.address, timeout=60, trust_env=False)
        if answer.status_code != HTTPStatus.OK:
            raise Failed(f"{self.name} answers {answer.status_code}: {answer.text}")
        self.path.write_bytes(answer.content)
        self.earlier = self.events
        self.events, faults = read(answer.content)
        if answer.headers["Content-Type"] != "text/calendar; charset=utf-8":
            faults.append(f"is sent as {answer.headers['Content-Type']}")
        return [f"{self.name}: {fault}" for fault in faults]


@dataclass(slots=True)
class Register:
    """A register with its feeds, and who was edited and removed in it."""

    name: str
    is_nasty: bool
    url: str
    api: httpx.Client
    feeds: list[Feed]
    edited: str = ""
    removed: frozenset[str] = frozenset()

    def bring_to(self, moment: Moment) -> list[str]:
        """Change the register and fetch its feeds; returns what is wrong with them."""
        match moment:
            case Moment.EMPTY:
                pass
            case Moment.BEFORE:
                self._fill()
            case Moment.AFTER:
                self._edit_and_remove()
        faults = [fault for feed in self.feeds for fault in feed.fetch()]
        return [*faults, *self._faults_at(moment), *self._faults_between_feeds()]

    def _fill(self) -> None:
        if self.is_nasty:
            fill_with_nasty_names(self.url, self.api)
            return
        imported = run(self.url, "import", str(_EXAMPLE))
        if imported.returncode:
            raise Failed(imported.stderr)

    def _edit_and_remove(self) -> None:
        edited, *removed = self._whom_to_change()
        body = {"title": nasty.RENAMED.text, "lead_days": _LEAD_DAYS}
        _send(self.api, "PATCH", edited, json=body)
        for agreement_id in removed:
            _send(self.api, "DELETE", agreement_id)
        self.edited, self.removed = edited, frozenset(removed)

    def _whom_to_change(self) -> list[str]:
        """Return the agreements with the most and the fewest events; the first is edited.

        None of them is the parent of another one.
        """
        listed = every_agreement(self.api)
        parents = {agreement["parent_id"] for agreement in listed}
        counts = Counter(event.agreement_id for event in self.feeds[-1].events)
        free = [one["id"] for one in listed if one["id"] not in parents and counts[one["id"]]]
        ordered = sorted(free, key=lambda agreement_id: -counts[agreement_id])
        return [*ordered[:2], ordered[-1]]

    def _faults_at(self, moment: Moment) -> Iterator[str]:
        for feed in self.feeds:
            match moment:
                case Moment.EMPTY:
                    faults = _faults_when_empty(feed)
                case Moment.BEFORE:
                    faults = _faults_when_full(feed, is_nasty=self.is_nasty)
                case Moment.AFTER:
                    faults = _faults_after(feed, self.edited, self.removed)
            yield from (f"{feed.name}: {fault}" for fault in faults)

    def _faults_between_feeds(self) -> Iterator[str]:
        first, second = ({event.uid: event for event in feed.events} for feed in self.feeds)
        for uid in first.keys() & second.keys():
            if first[uid] != second[uid]:
                yield f"{self.name}: the feeds differ about {uid}"


@contextmanager
def register(name: str, url: str, folder: Path, *, is_nasty: bool) -> Iterator[Register]:
    """Serve an empty register; the example will fill it, or what is nasty."""
    with serving(url, folder, 1) as [server], client(server, new_token(url)) as api:
        shown = run(url, "feed", "show")
        if shown.returncode:
            raise Failed(shown.stderr)
        addresses = dict(line.split(": ") for line in shown.stdout.splitlines())
        feeds = []
        for key in _FEEDS:
            path = httpx.URL(addresses[key]).path
            file = folder / f"{name}-{key}.ics"
            feeds.append(Feed(f"{name} {key}", f"http://127.0.0.1:{server.port}{path}", file))
        yield Register(name, is_nasty, url, api, feeds)


def differences(one: Register, other: Register) -> Iterator[str]:
    """Yield how two registers that were filled alike differ in what their feeds say."""
    for feed, other_feed in zip(one.feeds, other.feeds, strict=True):
        said, other_said = (Counter(map(_said, each.events)) for each in (feed, other_feed))
        yield from (f"{other_feed.name}: lacks {what!a}" for what in said - other_said)
        yield from (
            f"{other_feed.name}: has {what!a}, unlike the other" for what in other_said - said
        )


def _said(event: StrictEvent) -> tuple[object, ...]:
    # Ids are drawn anew in each register, and stand in the link.
    description = (event.description or "").replace(event.agreement_id or "\0", "")
    return event.start, event.summary, description, event.status, event.sequence


def fill_with_nasty_names(url: str, api: httpx.Client) -> None:
    """Enter the nasty register; what the API refuses is written past it."""
    agreements = list(nasty.register())
    refused = [agreement for agreement in agreements if agreement.is_refused]
    for agreement in refused:
        form = nasty.as_form(agreement)
        answer = api.post(_AGREEMENTS, json=form)
        if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Failed(f"{agreement.reference} is not refused: {answer.status_code}")
        harmless = {"title": nasty.STAND_IN, "counterparty": nasty.STAND_IN}
        people = {"owner": nasty.STAND_IN, "procurement_contact": nasty.STAND_IN}
        _enter(api, form | harmless | people)
    _write_past_the_api(url, refused)
    # After these every feed is rendered anew, with what was written past the API.
    for agreement in agreements:
        if not agreement.is_refused:
            _enter(api, nasty.as_form(agreement))


def every_agreement(api: httpx.Client) -> list[dict[str, Any]]:
    """Return all agreements, in an order that stays."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(_AGREEMENTS, params={"limit": 100} | ({"cursor": cursor} if cursor else {}))
        page.raise_for_status()
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
    return sorted(items, key=lambda agreement: str(agreement["reference"]))


def _enter(api: httpx.Client, form: dict[str, Any]) -> None:
    answer = api.post(_AGREEMENTS, json=form)
    if answer.status_code != HTTPStatus.CREATED:
        raise Failed(f"{form['reference']} is refused: {answer.text}")


def _write_past_the_api(url: str, agreements: Sequence[nasty.Agreement]) -> None:
    address = make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    if not is_sqlite:
        address = address.set(drivername="postgresql+psycopg")
    statement = text(
        "UPDATE agreements SET title = :title, counterparty = :counterparty, owner = :owner,"
        " procurement_contact = :owner WHERE reference = :reference"
    )
    rows = [
        {
            "title": agreement.title.text,
            "counterparty": agreement.counterparty.text,
            "owner": agreement.owner,
            "reference": agreement.reference,
        }
        for agreement in agreements
    ]
    if not is_sqlite:  # PostgreSQL keeps no NUL, so that there it cannot be left behind
        rows = [{name: value.replace("\0", "") for name, value in row.items()} for row in rows]
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(statement, rows)
    engine.dispose()


def _send(api: httpx.Client, method: str, agreement_id: str, **more: Any) -> None:  # noqa: ANN401
    path = f"{_AGREEMENTS}/{agreement_id}"
    version = api.get(path).headers["ETag"]
    answer = api.request(method, path, headers={"If-Match": version}, **more)
    if not answer.is_success:
        raise Failed(f"{method} {path} answers {answer.status_code}: {answer.text}")


def _faults_when_empty(feed: Feed) -> Iterator[str]:
    if [event.url for event in feed.events] != [""]:
        yield "does not have the one event that says it is empty"


def _faults_when_full(feed: Feed, *, is_nasty: bool) -> Iterator[str]:
    if any(not event.url for event in feed.events):
        yield "still says that it is empty"
    if not is_nasty:
        return
    told = {agreement.reference: agreement for agreement in nasty.register()}
    seen = set()
    for event in feed.events:
        reference = _value_of("Reference", event)
        agreement = told.get(reference)
        if agreement is None:
            yield f"an event is of {reference!a}"
            continue
        seen.add(reference)
        if not _shows(event.summary or "", agreement.shown):
            yield f"{reference} is shown as {event.summary!a}"
    yield from (f"{reference} is not shown" for reference in sorted(told.keys() - seen))


def _value_of(name: str, event: StrictEvent) -> str:
    lines = (event.description or "").split("\n")
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{name}: ")), "")


def _shows(summary: str, names: str) -> bool:
    """Tell whether a title is made of a kind and these names, or of as much as fits."""
    shown = summary.partition(": ")[2]
    is_clipped = len(summary) > _CLIPPED and shown.endswith("…")
    return shown == names or (is_clipped and names.startswith(shown[:-1]))


def _faults_after(feed: Feed, edited: str, removed: frozenset[str]) -> Iterator[str]:
    before = {event.uid: event for event in feed.earlier}
    after = {event.uid: event for event in feed.events}
    if not removed & {event.agreement_id for event in before.values()}:
        yield "nothing of what was removed ever stood in it"
    for uid in before.keys() ^ after.keys():
        event = before.get(uid) or after[uid]
        is_gone = event.agreement_id in removed and uid not in after
        # A longer lead may carry a day over the edge of the months that a feed covers.
        has_moved = event.agreement_id == edited and _PREPARATION in event.content
        if not is_gone and not has_moved:
            yield f"{uid} came or went, and nobody removed it"
    yield from (
        f"{uid} stands there, and was removed"
        for uid, event in after.items()
        if event.agreement_id in removed
    )
    for uid in before.keys() & after.keys():
        yield from _faults_of_revision(before[uid], after[uid], edited)
    changed = [event for event in after.values() if event.agreement_id == edited]
    if not changed:
        yield "nothing of what was edited stands in it"
    for event in changed:
        if not (event.summary or "").endswith(nasty.RENAMED.shown):
            yield f"{event.uid} is still called {event.summary!a}"


def _faults_of_revision(old: StrictEvent, new: StrictEvent, edited: str) -> Iterator[str]:
    has_changed = old.content != new.content
    if has_changed and new.agreement_id != edited:
        yield f"{new.uid} has changed, and nobody edited it"
    if (new.sequence or 0) - (old.sequence or 0) != int(has_changed):
        yield f"{new.uid} went from SEQUENCE {old.sequence} to {new.sequence}"
    if has_changed and new.changed_at < old.changed_at:
        yield f"{new.uid} was changed at {new.changed_at}, earlier than before"
    if not has_changed and new.changed_at != old.changed_at:
        yield f"{new.uid} has another LAST-MODIFIED, and the same content"
