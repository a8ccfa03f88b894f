"""Does a reader see what stands in a feed? How it is asked, and how its answer is judged."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from threading import Timer
from typing import Any, Protocol

from bench.readers.homes import Home
from bench.readers.shelf import Feed
from bench.readers.strict import Event, StrictEvent

_LONGEST_READING = 120
_MOST_PRINTED = 50_000_000
_MOST_TOLD = 5
_AROUND = 30
_FIELDS = tuple(field.name for field in fields(Event))


class Unreadable(Exception):
    """Why a reader does not read a feed at all, in a sentence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a reader is known to get wrong about one field, and why.

    `makes` returns what it makes of a value; anything else is still a disagreement.
    """

    field: str
    why: str
    makes: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Stumble:
    """A text that makes a reader unable to read the whole file, and why.

    It is asked about the events without such a text.
    """

    over: re.Pattern[str]
    why: str


class Reader(Protocol):
    """Somebody else's program that reads calendars."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def home(self) -> Home:
        """Where it lives."""

    @property
    def packages(self) -> Sequence[str]:
        """What has to be installed for it."""

    @property
    def untold(self) -> Mapping[str, str]:
        """The fields of an event that it cannot tell, and why."""

    @property
    def faults(self) -> Sequence[Fault]:
        """What it is known to get wrong."""

    @property
    def stumble(self) -> Stumble | None:
        """What it cannot get past."""

    def read(self, feed: Feed) -> list[Event]:
        """Return what it reads. Raises `Unreadable`, also when it objects to anything."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library, asked by a small program of ours that is written for it."""

    name: str
    program: str
    home: Home
    packages: Sequence[str] = ()
    untold: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    stumble: Stumble | None = None

    def read(self, feed: Feed) -> list[Event]:
        """Let the program read the file; it prints an event a line, as JSON."""
        command = [*self.home.command(self.program), str(feed.path)]
        return events_in(answer_of(command, self.home.environment()))


def answer_of(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what a reader prints. Raises `Unreadable` when it fails."""
    # West of Greenwich a day that is taken for midnight in UTC becomes the day before.
    environment = {**os.environ, "PYTHONUTF8": "1", "TZ": "America/St_Johns", **environment}
    with TemporaryFile() as complaints:
        try:
            process = Popen(command, env=environment, stdout=PIPE, stderr=complaints)
        except OSError as error:
            raise Unreadable(str(error)) from error
        alarm = Timer(_LONGEST_READING, process.kill)
        alarm.start()
        with process:
            assert process.stdout is not None
            printed = process.stdout.read(_MOST_PRINTED)
            # It may be one that never ends, and there is nothing to read any more.
            if len(printed) == _MOST_PRINTED:
                process.kill()
        alarm.cancel()
        complaints.seek(0)
        told = (complaints.read(_MOST_PRINTED).strip() or printed).decode(errors="replace")
    if process.returncode:
        last = told.splitlines()[-_MOST_TOLD:]
        raise Unreadable(" | ".join(last) or f"ends with {process.returncode}")
    try:
        return printed.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(str(error)) from error


def events_in(lines: str) -> list[Event]:
    """Return the events that a program printed. Raises `Unreadable` for an objection."""
    # Not splitlines: titles may hold what Python takes for the end of a line.
    told = [json.loads(line) for line in lines.split("\n") if line]
    objections = [one["objection"] for one in told if "objection" in one]
    if objections:
        raise Unreadable(" | ".join(objections[:_MOST_TOLD]))
    return [Event(**one) for one in told]


def disagreements(reader: Reader, feed: Feed, seen: Sequence[Event]) -> Iterator[str]:
    """Yield what a reader sees otherwise than it stands in the feed."""
    if "uid" in reader.untold:
        yield from _differences_without_uid(reader, feed, seen)
        return
    stands = {event.uid: event for event in feed.events}
    counts = Counter(event.uid for event in seen)
    for uid in stands.keys() - counts.keys():
        yield f"does not see {uid}, {stands[uid].summary!a}"
    for uid, count in counts.items():
        if uid not in stands:
            yield f"sees {uid!a}, which does not stand there"
        elif count > 1:
            yield f"sees {uid} {count} times"
    for event in seen:
        if event.uid in stands:
            yield from _differences(reader, stands[event.uid], event)


def _differences(reader: Reader, stands: StrictEvent, seen: Event) -> Iterator[str]:
    for name in _FIELDS:
        if name in reader.untold:
            continue
        expected, found = _made_of(reader, name, getattr(stands, name)), getattr(seen, name)
        if expected != found:
            yield f"reads the {name} of {stands.uid} as {_apart(found, expected)}"


def _apart(found: object, expected: object) -> str:
    """Say where two values part; texts can be long."""
    if isinstance(found, str) and isinstance(expected, str):
        pairs = enumerate(zip(found, expected, strict=False))
        shorter = min(len(found), len(expected))
        parting = next((at for at, (one, other) in pairs if one != other), shorter)
        start, end = max(parting - _AROUND, 0), parting + _AROUND
        return f"{found[start:end]!a}, not {expected[start:end]!a} (from character {start} on)"
    return f"{found!a}, not {expected!a}"


def _differences_without_uid(reader: Reader, feed: Feed, seen: Sequence[Event]) -> Iterator[str]:
    told = [name for name in _FIELDS if name not in reader.untold]

    def counted(events: Sequence[Event], *, made: bool) -> Counter[tuple[object, ...]]:
        return Counter(
            tuple(
                _made_of(reader, name, getattr(event, name)) if made else getattr(event, name)
                for name in told
            )
            for event in events
        )

    stands, found = counted(feed.events, made=True), counted(seen, made=False)
    yield from (f"does not see {event!a}" for event in stands - found)
    yield from (f"sees {event!a}, which does not stand there" for event in found - stands)


def _made_of(reader: Reader, name: str, value: object) -> object:
    for fault in reader.faults:
        if fault.field == name:
            value = fault.makes(value)
    return value
