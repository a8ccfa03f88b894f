"""The measure that `bench.readers` takes of feeds: does it find what is wrong with one?"""

from pathlib import Path

import pytest

from bench.readers.strict import read

_FEEDS = Path(__file__).parents[1] / "feeds"
_PLAIN = (_FEEDS / "plain.ics").read_bytes()
# The feeds of the teams ring no alarm, so one that stands there is a fault of theirs.
_WITHOUT_ALARMS = [
    feed for feed in sorted(_FEEDS.glob("*.ics")) if b"BEGIN:VALARM" not in feed.read_bytes()
]


@pytest.mark.parametrize("feed", _WITHOUT_ALARMS, ids=lambda feed: feed.stem)
def test_the_feeds_that_we_want_have_no_fault(feed: Path) -> None:
    events, faults = read(feed.read_bytes())

    assert faults == []
    assert len(events) == feed.read_bytes().split(b"\r\n").count(b"BEGIN:VEVENT")


def test_a_text_is_unfolded_and_unescaped() -> None:
    [event] = read((_FEEDS / "nothing_to_show.ics").read_bytes())[0]

    assert event.summary == "No renewal dates in this calendar"
    assert event.description == (
        "Dates appear here by themselves, as soon as the register has some."
    )


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        (b"\r\n", b"\n", "something stands before or after"),
        (b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR", "something stands before or after"),
        (b"VERSION:2.0\r\n", b"VERSION:1.0\r\n", "is not of version 2.0"),
        (b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:PUBLISH", "has METHOD"),
        (b"VERSION:2.0", b"VERSION:2.0\r\nUID:1", "has UID"),
        (b"VERSION:2.0", b"VERSION:2.0\r\nBEGIN:VTIMEZONE\r\nEND:VTIMEZONE", "VTIMEZONE"),
        (b"VERSION:2.0", b"VERSION:2.0\r\n", "is empty"),
        (b"END:VEVENT\r\n", b"", "not one calendar"),
        (b"\r\n ", b"", "octets"),
        (b"SUMMARY:", b"SUMMARY:a\\\r\n ,", "folded within an escape"),
        (b"SUMMARY:", b"SUMMARY:\xc3\r\n \xa4", "folded within a character"),
        (b"SUMMARY:", b"SUMMARY:\x07", "U+0007"),
        (b"SUMMARY:", b"SUMMARY:\xe2\x80\xa8", "U+2028"),
        (b"SUMMARY:", b"SUMMARY:a,", "is not escaped"),
        (b"SUMMARY:", b"SUMMARY:\\x", "is not escaped"),
        (b"SUMMARY:", b"SUMMARY:a\\n", "the title of"),
        (b"SUMMARY:", b"SUMMARY:a\r\nSUMMARY:", "SUMMARY 2 times"),
        (b"SUMMARY:", b"SUMMARY;:", "no content line"),
        (b"DTSTAMP:", b"X-DTSTAMP:", "has no DTSTAMP"),
        (b"DTSTART;VALUE=DATE:", b"DTSTART:", "is no day"),
        (b"DTEND;VALUE=DATE:20251201", b"DTEND;VALUE=DATE:20251130", "and ends on"),
        (b"STATUS:CONFIRMED", b"STATUS:CANCELLED", "has the status CANCELLED"),
        (b"SEQUENCE:0", b"SEQUENCE:-1", "has the sequence -1"),
    ],
)
def test_what_is_wrong_with_a_feed_is_found(right: bytes, wrong: bytes, fault: str) -> None:
    assert right in _PLAIN
    _, faults = read(_PLAIN.replace(right, wrong))

    assert any(fault in one for one in faults), faults


def test_an_alarm_is_found() -> None:
    _, faults = read((_FEEDS / "details_and_alarm.ics").read_bytes())

    assert any("VALARM" in fault for fault in faults)


def test_an_event_that_stands_there_twice_is_found() -> None:
    head, first, rest = _PLAIN.split(b"BEGIN:VEVENT", 2)
    event = b"BEGIN:VEVENT" + first

    _, faults = read(head + event + event + b"BEGIN:VEVENT" + rest)

    assert any("stands there twice" in fault for fault in faults)
