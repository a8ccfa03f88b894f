"""Which bytes are this calendar, and which are this event?

The same values always give the same bytes: every stamp and every identity is handed in,
and the order of events is total. Instants are UTC. An event covers one whole day; its
DTEND is the day after, which it does not cover (RFC 5545, section 3.6.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vText, vUri

from app.feeds.colours import CSS3_COLOURS
from app.feeds.events import LONGEST_SUMMARY, EventText
from app.feeds.plain_text import clip, one_line
from app.feeds.unrenderable import Unrenderable

CONTENT_TYPE = "text/calendar; charset=utf-8"
HIGHEST_SEQUENCE = 2**31 - 1

_PRODID = "-//Noticeboard//Renewal calendar 1.0//EN"
_FOOT = b"END:VCALENDAR\r\n"
_LONGEST_NAME = LONGEST_SUMMARY
_LONGEST_DESCRIPTION = 1_000
_ONE_DAY = timedelta(days=1)
_ALARM_TIME = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which event it is, and which revision of it.

    `sequence` starts at 0 and rises with every change of what is rendered; `changed_at`
    is when it last did, `created_at` when the event was first published.
    """

    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime

    def __post_init__(self) -> None:
        """Raise `Unrenderable` for a sequence out of range or an instant without a zone."""
        if not 0 <= self.sequence <= HIGHEST_SEQUENCE:
            raise Unrenderable("sequence", f"is 0 to {HIGHEST_SEQUENCE}")
        _check_zone("created_at", self.created_at)
        _check_zone("changed_at", self.changed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a calendar says of itself, and what it shows when there is nothing to show.

    `colour` is one of `CSS3_COLOURS`; `created_at`, when the feed was made, dates the
    event that stands in an otherwise empty calendar, and `placeholder_uid` identifies it.
    """

    name: str
    description: str
    colour: str | None
    placeholder_uid: str
    created_at: datetime

    def __post_init__(self) -> None:
        """Raise `Unrenderable` for a colour that has no name, or an instant without a zone."""
        if self.colour is not None and self.colour not in CSS3_COLOURS:
            raise Unrenderable("colour", "is the name of a CSS3 colour")
        _check_zone("created_at", self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed(Cover):
    """A calendar with its events, in any order, each UID at most once."""

    events: Sequence[tuple[EventText, Stamp]]


def render(feed: Feed) -> bytes:
    """Return the calendar as one iCalendar stream (RFC 5545, section 3.4)."""
    events = sorted(feed.events, key=lambda event: (event[0].on, event[1].uid))
    return bind(feed, [event_bytes(text, stamp) for text, stamp in events])


def bind(cover: Cover, blocks: Iterable[bytes]) -> bytes:
    """Return the calendar made of blocks from `event_bytes`, new or kept.

    The blocks come in the order of (day, UID), the same one each time.
    """
    body = b"".join(blocks) or _placeholder(cover)
    return _head(cover) + body + _FOOT


def event_bytes(text: EventText, stamp: Stamp, alarm_days_before: int | None = None) -> bytes:
    """Return one VEVENT (RFC 5545, section 3.6.1), its line breaks included.

    With `alarm_days_before` it reminds at 09:00 so many days before its day, in the
    reader's own time (section 3.6.6).

    Raises ValueError or OverflowError for values that no calendar can hold, such as a
    line break in the URL, or a day that has no next.
    """
    event = _event(text, stamp)
    if alarm_days_before is not None:
        event.add_component(_alarm(text, alarm_days_before))
    rendered: bytes = event.to_ical()
    return rendered


def _event(text: EventText, stamp: Stamp) -> Event:
    event = Event()
    event.add("uid", stamp.uid)
    # Without METHOD, DTSTAMP is the last revision (RFC 5545, section 3.8.7.2), not now.
    event.add("dtstamp", stamp.changed_at)
    event.add("last-modified", stamp.changed_at)
    event.add("created", stamp.created_at)
    event.add("sequence", stamp.sequence)
    event.add("dtstart", text.on)
    event.add("dtend", text.on + _ONE_DAY)
    event.add("summary", text.summary)
    event.add("description", text.description)
    event.add("categories", [text.category])
    if text.url is not None:
        event.add("url", vUri(text.url))
    event.add("status", "TENTATIVE" if text.tentative else "CONFIRMED")
    # A deadline must not make a colleague look busy; Outlook reads its own two properties.
    event.add("transp", "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", vText("FREE"))
    event.add("x-microsoft-cdo-alldayevent", vText("TRUE"))
    return event


def _alarm(text: EventText, days_before: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    # Without a description some readers refuse the whole calendar.
    alarm.add("description", text.summary)
    alarm.add("trigger", _ALARM_TIME - days_before * _ONE_DAY)
    return alarm


def _calendar(cover: Cover) -> Calendar:
    # Neither UID (some programs then show a single event) nor METHOD (see DTSTAMP).
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODID)
    calendar.add("calscale", "GREGORIAN")
    # As vText each, for icalendar 7.3 does not escape what it takes for an unknown type.
    name = vText(clip(one_line(cover.name), _LONGEST_NAME))
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if description := vText(clip(one_line(cover.description), _LONGEST_DESCRIPTION)):
        calendar.add("description", description)
        calendar.add("x-wr-caldesc", description)
    # VALUE is required (RFC 7986, section 5.7), and icalendar leaves it out by itself.
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT1H"))
    if cover.colour is not None:
        calendar.add("color", vText(cover.colour))
    return calendar


def _head(cover: Cover) -> bytes:
    empty: bytes = _calendar(cover).to_ical()
    return empty.removesuffix(_FOOT)


def _placeholder(cover: Cover) -> bytes:
    # Some programs ignore an empty calendar and keep every event they ever had from it.
    text = EventText(
        on=cover.created_at.astimezone(UTC).date(),
        summary="No renewal dates in this calendar",
        description="Dates appear here by themselves, as soon as the register has some.",
        category="Information",
        url=None,
        tentative=False,
    )
    return event_bytes(text, Stamp(cover.placeholder_uid, 0, cover.created_at, cover.created_at))


def _check_zone(what: str, instant: datetime) -> None:
    if instant.tzinfo is None:
        raise Unrenderable(what, "names its time zone")
