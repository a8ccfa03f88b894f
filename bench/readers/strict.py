"""What does a feed say, read by the letter of RFC 5545? The measure for every other reader.

Written on its own, without the library that writes the feeds, and unforgiving: where other
readers guess, this one finds a fault. Days are ISO dates; an event's `end` is the day after
its last, as in the feed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_LONGEST_LINE = 75
_LONGEST_SUMMARY = 255
_CONTENT_LINE = re.compile(
    r'(?P<name>[A-Z][A-Z0-9-]*)(?P<parameters>(?:;[A-Z-]+=(?:"[^"]*"|[^":;,]*))*):(?P<value>.*)',
    re.DOTALL,
)
_TEXT = re.compile(r"(?:[^\\,;]|\\[\\,;n])*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REVISION = frozenset({"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"})
_CONTENT = {"UID", "CREATED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CATEGORIES"}
_ONCE = _REVISION | _CONTENT | {"STATUS", "TRANSP"}
_AT_MOST_ONCE = _ONCE | {"URL", "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT"}
_LAST_OF_A_PLANE = 0xFFFE


@dataclass(frozen=True, slots=True)
class Event:
    """What a reader makes of one event; None is what it does not tell."""

    uid: str | None = None
    start: str | None = None
    end: str | None = None
    summary: str | None = None
    description: str | None = None
    status: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class StrictEvent(Event):
    """An event with all of its lines: `content` without what only says which revision it is."""

    url: str = ""
    changed_at: str = ""
    content: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All that people read of it."""
        return f"{self.summary}\n{self.description}"

    @property
    def agreement_id(self) -> str:
        """The agreement it speaks of, with which the link ends; empty for a stand-in."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    parameters: str
    value: str

    @property
    def text(self) -> str:
        return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], self.value)


def read(body: bytes) -> tuple[list[StrictEvent], list[str]]:
    """Return the events of a feed, and what is wrong with it."""
    faults = [*_faults_of_bytes(body)]
    lines = []
    for unfolded in body.decode(errors="replace").replace("\r\n ", "").split("\r\n")[:-1]:
        found = _CONTENT_LINE.fullmatch(unfolded)
        if found is None:
            faults.append(f"no content line: {unfolded[:60]!a}")
        else:
            lines.append(_Line(found["name"], found["parameters"], found["value"]))
    head, blocks = _components(lines, faults)
    faults += _faults_of_calendar(head)
    events = []
    for block in blocks:
        faults += _faults_of_event(block)
        events.append(_event(block))
    repeated = [uid for uid, count in Counter(event.uid for event in events).items() if count > 1]
    faults += [f"{uid} stands there twice" for uid in repeated]
    if events != sorted(events, key=lambda event: (event.start or "", event.uid or "")):
        faults.append("the events are not in order")
    return events, faults


def _faults_of_bytes(body: bytes) -> Iterator[str]:
    if not body.startswith(b"BEGIN:VCALENDAR\r\n") or not body.endswith(b"\r\nEND:VCALENDAR\r\n"):
        yield "something stands before or after the calendar"
    for number, line in enumerate(body.split(b"\r\n")[:-1], 1):
        if len(line) > _LONGEST_LINE:
            yield f"line {number} has {len(line)} octets"
        if not line.strip():
            yield f"line {number} is empty"
        if (len(line) - len(line.rstrip(b"\\"))) % 2:
            yield f"line {number} is folded within an escape"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"line {number} is not UTF-8, or folded within a character"
            continue
        for character in text:
            if unicodedata.category(character) in _BREAKS or _is_no_character(character):
                yield f"line {number} holds U+{ord(character):04X}"


def _is_no_character(character: str) -> bool:
    return ord(character) & _LAST_OF_A_PLANE == _LAST_OF_A_PLANE


def _components(lines: Sequence[_Line], faults: list[str]) -> tuple[list[_Line], list[list[_Line]]]:
    """Return the lines of the calendar itself, and those of each event."""
    head: list[_Line] = []
    blocks: list[list[_Line]] = []
    opened: list[str] = []
    for line in lines:
        if line.name == "BEGIN":
            opened.append(line.value)
            if opened == ["VCALENDAR", "VEVENT"]:
                blocks.append([])
            elif opened != ["VCALENDAR"]:
                faults.append(f"{' in '.join(reversed(opened))} stands there")
        elif line.name == "END":
            if not opened or opened.pop() != line.value:
                faults.append(f"END:{line.value} ends nothing")
        elif not opened:
            faults.append(f"{line.name} stands outside of the calendar")
        else:
            (head if len(opened) == 1 else blocks[-1]).append(line)
    if opened or sum(line == _Line("BEGIN", "", "VCALENDAR") for line in lines) != 1:
        faults.append("it is not one calendar, from its begin to its end")
    return head, blocks


def _faults_of_calendar(head: Sequence[_Line]) -> Iterator[str]:
    names = Counter(line.name for line in head)
    for name in ("UID", "METHOD", "X-WR-TIMEZONE"):
        if names[name]:
            yield f"the calendar has {name}"
    for name, count in names.items():
        if count > 1:
            yield f"the calendar has {name} {count} times"
    if ("VERSION", "2.0") not in {(line.name, line.value) for line in head}:
        yield "the calendar is not of version 2.0"
    for name in ("PRODID", "NAME", "X-WR-CALNAME"):
        if not names[name]:
            yield f"the calendar has no {name}"
    yield from _faults_of_texts(head, "the calendar")


def _faults_of_event(block: Sequence[_Line]) -> Iterator[str]:
    values = {line.name: line for line in block}
    who = values["UID"].value if "UID" in values else "an event"
    names = Counter(line.name for line in block)
    for name in sorted(_ONCE - names.keys()):
        yield f"{who} has no {name}"
    for name, count in names.items():
        if count > 1 or name not in _AT_MOST_ONCE:
            yield f"{who} has {name} {count} times"
    for name in ("DTSTART", "DTEND"):
        if name in values and values[name].parameters != ";VALUE=DATE":
            yield f"the {name} of {who} is no day"
    event = _event(block)
    if event.status not in {"CONFIRMED", "TENTATIVE"}:
        yield f"{who} has the status {event.status}"
    if "SEQUENCE" in values and not values["SEQUENCE"].value.isdecimal():
        yield f"{who} has the sequence {values['SEQUENCE'].value}"
    if event.start and event.end != _next_day(event.start):
        yield f"{who} starts on {event.start} and ends on {event.end}"
    if not event.summary or len(event.summary) > _LONGEST_SUMMARY or "\n" in event.summary:
        yield f"the title of {who} is {event.summary!a}"
    yield from _faults_of_texts(block, who)


def _faults_of_texts(lines: Sequence[_Line], who: str) -> Iterator[str]:
    for line in lines:
        is_text = line.name in {"SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME", "CATEGORIES"}
        if is_text and not _TEXT.fullmatch(line.value):
            yield f"the {line.name} of {who} is not escaped"


def _event(block: Sequence[_Line]) -> StrictEvent:
    values = {line.name: line for line in block}
    absent = _Line("", "", "")
    text = {name: values.get(name, absent).text for name in ("UID", "SUMMARY", "DESCRIPTION")}
    return StrictEvent(
        uid=text["UID"],
        start=_day(values.get("DTSTART", absent).value),
        end=_day(values.get("DTEND", absent).value),
        summary=text["SUMMARY"],
        description=text["DESCRIPTION"],
        status=values.get("STATUS", absent).value,
        sequence=_number(values.get("SEQUENCE", absent).value),
        url=values.get("URL", absent).value,
        changed_at=values.get("LAST-MODIFIED", absent).value,
        content=tuple(
            f"{line.name}{line.parameters}:{line.value}"
            for line in block
            if line.name not in _REVISION
        ),
    )


def _number(value: str) -> int | None:
    return int(value) if value.isdecimal() else None


def _day(value: str) -> str:
    return date.fromisoformat(value).isoformat() if re.fullmatch("[0-9]{8}", value) else value


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
