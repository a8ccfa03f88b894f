"""Bytes: every way in which feeds are known to fail, and that ours does not."""

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.feeds import ical
from app.feeds.colours import CSS3_COLOURS
from app.feeds.events import EventText, Moment, Subject, tell
from app.feeds.ical import Feed, Stamp, bind, event_bytes, render
from app.feeds.plain_text import clip, one_line
from app.feeds.unrenderable import Unrenderable
from app.renewals.milestones import MilestoneKind

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
NASTY_TEXT = st.text(alphabet=',;:\\nN"^ \r\n\t\x1b\u2028é契👍', min_size=60)

CREATED_AT = datetime(2025, 6, 1, 8, 0, 0, tzinfo=UTC)
CHANGED_AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
TEXT = EventText(
    on=date(2026, 2, 28),
    summary="Notice deadline: Contoso",
    description="Last day on which a notice may arrive.\n\nhttps://noticeboard.example/a/1",
    category="Notice deadline",
    url="https://noticeboard.example/a/1",
    tentative=False,
)
STAMP = Stamp(uid="uid-1", sequence=3, created_at=CREATED_AT, changed_at=CHANGED_AT)
FEED = Feed(
    name="IT renewals - Finance",
    description="What Finance has to renew or to leave",
    colour="steelblue",
    placeholder_uid="uid-0",
    created_at=CREATED_AT,
    events=((TEXT, STAMP),),
)
EMPTY = replace(FEED, events=())

AWKWARD = [
    pytest.param("comma, semicolon; colon: done", id="punctuation"),
    pytest.param('"quoted" and "unbalanced', id="quotes"),
    pytest.param("C:\\New\\names\\", id="backslashes"),
    pytest.param(r"literal \n and \N and \, and \;", id="things that look escaped"),
    pytest.param("renewal 👩‍👩‍👧‍👦 🇩🇪 👍🏽" * 9, id="emoji"),
    pytest.param("חוזה שירות عقد الصيانة السنوي " * 6, id="right to left"),
    pytest.param("契約更新のお知らせ、保守契約。" * 9, id="CJK"),
    pytest.param("t" * 300, id="300 letters"),
    pytest.param("é" * 300, id="300 letters of two bytes"),
    pytest.param("," * 300, id="300 commas"),
    pytest.param("line\u2028break\u2029and\x85more\vand\fmore", id="rare breaks"),
    pytest.param("bell\x07 escape\x1b[31m nul\x00 csi\x9b", id="controls"),
    pytest.param("half \ud83d a face \ude00", id="lone surrogates"),
    pytest.param("x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:forged", id="injection by CRLF"),
    pytest.param("x\nATTENDEE:mailto:a@b.example", id="injection by LF"),
    pytest.param("x\rMETHOD:CANCEL", id="injection by CR"),
    pytest.param(" \t ", id="nothing to see"),
    pytest.param("^n ^^ ^'", id="carets"),
    pytest.param("<script>alert(1)</script>", id="markup"),
]


def lines(body: bytes) -> list[bytes]:
    """Return the unfolded lines, read by nothing but the rules of RFC 5545, section 3.1."""
    return body.replace(b"\r\n ", b"").removesuffix(b"\r\n").split(b"\r\n")


def the_calendar(body: bytes) -> Calendar:
    calendar = Calendar.from_ical(body)
    assert isinstance(calendar, Calendar)
    return calendar


def the_events(body: bytes) -> list[dict[str, Any]]:
    """Return the events as icalendar reads them: names and Python values."""
    return [
        {name: event.decoded(name) for name in event} for event in the_calendar(body).walk("VEVENT")
    ]


def the_text(body: bytes, name: str) -> str:
    """Return a text of the calendar's own, unescaped by RFC 5545, section 3.3.11.

    For icalendar 7.3 reads NAME and X-WR-CALNAME as they stand.
    """
    (raw,) = {
        line.decode().partition(":")[2]
        for line in lines(body.partition(b"\r\nBEGIN:VEVENT")[0])
        if line.startswith(f"{name}:".encode())
    }
    return re.sub(r"\\(.)", lambda escape: escape[1].replace("n", "\n"), raw)


def told_of(text: str) -> EventText:
    """Return an event of which each part is `text`."""
    subject = Subject(
        agreement_id=UUID(int=1),
        reference=text,
        title=text,
        counterparty=text,
        owner=text,
        procurement_contact=text,
        url=f"https://noticeboard.example/{one_line(text)[:200]}",
    )
    moment = Moment(
        kind=MilestoneKind.RENEWAL,
        on=date(2026, 4, 15),
        assumed=False,
        why=(text, text),
        term_number=1,
        term_start=date(2025, 4, 15),
        term_end=date(2026, 4, 14),
        chain=((MilestoneKind.RENEWAL, date(2026, 4, 15)),),
        goes_on=True,
    )
    return tell(subject, moment)


def check_shape(body: bytes) -> None:
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert body.endswith(b"\r\nEND:VCALENDAR\r\n")
    for line in body.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert line.strip()
        text = line.decode()
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", text)
        backslashes = len(text) - len(text.rstrip("\\"))
        assert backslashes % 2 == 0, "an escape is cut by a fold"


def check_awkward(text: str) -> None:
    told = told_of(text)
    body = render(replace(FEED, name=text, description=text, events=((told, STAMP),)))
    check_shape(body)
    assert the_text(body, "NAME") == the_text(body, "X-WR-CALNAME") == clip(one_line(text), 255)
    (event,) = the_events(body)
    assert event["SUMMARY"] == told.summary
    assert event["DESCRIPTION"] == told.description
    assert event["URL"] == told.url
    assert event["UID"] == "uid-1"
    # No text makes a line of its own; an empty description has none.
    missing = 0 if one_line(text) else 2
    assert len(lines(body)) == len(lines(render(FEED))) - missing


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_parses_back(text: str) -> None:
    check_awkward(text)


@settings(deadline=None)
@given(ANY_TEXT | NASTY_TEXT)
def test_any_text_parses_back_and_no_line_is_over_75_octets(text: str) -> None:
    check_awkward(text)


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(FEED) == render(replace(FEED))


def test_no_moment_of_rendering_gets_into_the_body() -> None:
    found = set(re.findall(rb"\d{8}T\d{6}\w?", render(FEED)))
    assert found == {b"20250601T080000Z", b"20260102T030405Z"}


def test_the_order_in_which_events_are_handed_in_does_not_matter() -> None:
    later = replace(TEXT, on=date(2026, 3, 1))
    events = [
        (later, replace(STAMP, uid="a")),
        (TEXT, replace(STAMP, uid="c")),
        (TEXT, replace(STAMP, uid="b")),
    ]
    body = render(replace(FEED, events=events))
    assert [event["UID"] for event in the_events(body)] == ["b", "c", "a"]
    assert body == render(replace(FEED, events=events[::-1]))


def test_joined_blocks_are_what_icalendar_makes_of_the_whole() -> None:
    events = [(told_of(text), replace(STAMP, uid=text)) for text in ("a", "b, c; d", "契約" * 40)]
    whole = ical._calendar(FEED)  # noqa: SLF001 - the very calendar that the blocks are put into
    for text, stamp in events:
        whole.add_component(ical._event(text, stamp))  # noqa: SLF001
    assert render(replace(FEED, events=events)) == whole.to_ical()


def test_kept_blocks_give_the_same_bytes_as_new_ones() -> None:
    kept = event_bytes(TEXT, STAMP)
    assert bind(FEED, iter([kept])) == render(FEED)


def test_fifteen_hundred_events_are_all_there() -> None:
    body = bind(FEED, [event_bytes(TEXT, STAMP)] * 1_500)
    assert body.count(b"BEGIN:VEVENT\r\n") == body.count(b"END:VEVENT\r\n") == 1_500


def test_an_edit_keeps_the_uid_and_shows_its_revision() -> None:
    edited = replace(TEXT, on=date(2026, 3, 31), summary="Notice deadline: Contoso Europe")
    stamp = replace(STAMP, sequence=4, changed_at=CHANGED_AT + timedelta(hours=1))
    (before,), (after,) = (
        the_events(render(replace(FEED, events=(event,))))
        for event in ((TEXT, STAMP), (edited, stamp))
    )
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (3, 4)
    assert after["LAST-MODIFIED"] - before["LAST-MODIFIED"] == timedelta(hours=1)
    assert after["DTSTAMP"] == after["LAST-MODIFIED"]
    assert after["CREATED"] == before["CREATED"] == CREATED_AT


def test_an_event_ends_on_the_next_day_which_it_does_not_cover() -> None:
    content = lines(event_bytes(TEXT, STAMP))
    assert b"DTSTART;VALUE=DATE:20260228" in content
    assert b"DTEND;VALUE=DATE:20260301" in content


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Europe/London"])
def test_no_time_zone_of_the_server_moves_a_date(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring_forward = replace(TEXT, on=date(2026, 3, 29))
    expected = event_bytes(spring_forward, STAMP), render(EMPTY)
    try:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert (event_bytes(spring_forward, STAMP), render(EMPTY)) == expected
    finally:
        monkeypatch.undo()
        time.tzset()


def test_instants_are_written_in_utc_whatever_zone_they_come_in() -> None:
    east = timezone(timedelta(hours=14))
    moved = replace(
        STAMP, created_at=CREATED_AT.astimezone(east), changed_at=CHANGED_AT.astimezone(east)
    )
    assert event_bytes(TEXT, moved) == event_bytes(TEXT, STAMP)
    assert render(replace(EMPTY, created_at=CREATED_AT.astimezone(east))) == render(EMPTY)


def test_a_deadline_makes_nobody_look_busy() -> None:
    content = lines(event_bytes(TEXT, STAMP))
    assert b"TRANSP:TRANSPARENT" in content
    assert b"X-MICROSOFT-CDO-BUSYSTATUS:FREE" in content
    assert b"X-MICROSOFT-CDO-ALLDAYEVENT:TRUE" in content


def test_a_date_is_confirmed_unless_it_is_tentative() -> None:
    assert b"STATUS:CONFIRMED" in lines(event_bytes(TEXT, STAMP))
    assert b"STATUS:TENTATIVE" in lines(event_bytes(replace(TEXT, tentative=True), STAMP))


def test_an_event_has_exactly_these_properties() -> None:
    (event,) = the_events(render(FEED))
    assert sorted(event) == [
        "CATEGORIES",
        "CREATED",
        "DESCRIPTION",
        "DTEND",
        "DTSTAMP",
        "DTSTART",
        "LAST-MODIFIED",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "TRANSP",
        "UID",
        "URL",
        "X-MICROSOFT-CDO-ALLDAYEVENT",
        "X-MICROSOFT-CDO-BUSYSTATUS",
    ]


def test_the_calendar_has_no_uid_no_method_no_zone_and_no_alarm() -> None:
    calendar = the_calendar(render(FEED))
    assert sorted(calendar) == [
        "CALSCALE",
        "COLOR",
        "DESCRIPTION",
        "NAME",
        "PRODID",
        "REFRESH-INTERVAL",
        "VERSION",
        "X-PUBLISHED-TTL",
        "X-WR-CALDESC",
        "X-WR-CALNAME",
    ]
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VEVENT"]


@pytest.mark.parametrize(
    ("days_before", "trigger"),
    [
        pytest.param(0, b"TRIGGER:PT9H", id="on the day"),
        pytest.param(1, b"TRIGGER:-PT15H", id="the day before"),
        pytest.param(2, b"TRIGGER:-P1DT15H", id="two days before"),
        pytest.param(60, b"TRIGGER:-P59DT15H", id="the most"),
    ],
)
def test_an_alarm_is_relative_and_rings_at_nine(days_before: int, trigger: bytes) -> None:
    block = event_bytes(TEXT, STAMP, days_before)
    check_shape(b"BEGIN:VCALENDAR\r\n" + block + b"END:VCALENDAR\r\n")
    before, _, alarm = block.partition(b"BEGIN:VALARM\r\n")
    alarm, _, after = alarm.partition(b"END:VALARM\r\n")
    assert before + after == event_bytes(TEXT, STAMP)
    assert sorted(lines(alarm)) == [
        b"ACTION:DISPLAY",
        b"DESCRIPTION:Notice deadline: Contoso",
        trigger,
    ]


def test_an_alarm_is_read_back_as_nine_on_the_day_before() -> None:
    (event,) = the_calendar(bind(FEED, [event_bytes(TEXT, STAMP, 1)])).walk("VEVENT")
    (alarm,) = event.subcomponents
    assert alarm.decoded("TRIGGER") == timedelta(hours=-15)
    assert event.decoded("DTSTART") == date(2026, 2, 28)


@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_makes_an_alarm_without_a_description(text: str) -> None:
    body = bind(FEED, [event_bytes(told_of(text), STAMP, 1)])
    check_shape(body)
    (event,) = the_calendar(body).walk("VEVENT")
    (alarm,) = event.subcomponents
    assert str(alarm["DESCRIPTION"]) == told_of(text).summary
    assert alarm["DESCRIPTION"]


def test_the_refresh_interval_names_its_type() -> None:
    content = lines(render(FEED))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in content
    assert b"X-PUBLISHED-TTL:PT1H" in content


def test_the_name_is_escaped_in_both_places() -> None:
    content = lines(render(replace(FEED, name="A, B; C", description="D, E\nF")))
    assert rb"NAME:A\, B\; C" in content
    assert rb"X-WR-CALNAME:A\, B\; C" in content
    assert rb"DESCRIPTION:D\, E F" in content
    assert rb"X-WR-CALDESC:D\, E F" in content


def test_long_names_are_cut() -> None:
    body = render(replace(FEED, name="n" * 300, description="d" * 3_000))
    assert the_text(body, "NAME") == f"{'n' * 254}…"
    assert the_text(body, "DESCRIPTION") == f"{'d' * 999}…"


def test_a_feed_without_description_has_no_line_for_it() -> None:
    calendar = the_calendar(render(replace(FEED, description=" ")))
    assert "DESCRIPTION" not in calendar
    assert "X-WR-CALDESC" not in calendar


def test_a_colour_is_a_name_or_nothing() -> None:
    assert b"COLOR:steelblue" in lines(render(FEED))
    assert b"COLOR" not in render(replace(FEED, colour=None))
    assert len(CSS3_COLOURS) == 147


@pytest.mark.parametrize("colour", ["#4682b4", "", "SteelBlue", "blue\r\nMETHOD:CANCEL"])
def test_a_colour_that_is_no_name_is_refused(colour: str) -> None:
    with pytest.raises(Unrenderable, match="colour is the name of a CSS3 colour"):
        replace(FEED, colour=colour)


def test_an_empty_feed_shows_one_event_that_never_moves() -> None:
    body = render(EMPTY)
    check_shape(body)
    (event,) = the_events(body)
    assert event["UID"] == "uid-0"
    assert event["DTSTART"] == date(2025, 6, 1)
    assert event["DTEND"] == date(2025, 6, 2)
    assert event["DTSTAMP"] == event["LAST-MODIFIED"] == event["CREATED"] == CREATED_AT
    assert (event["SEQUENCE"], event["TRANSP"]) == (0, "TRANSPARENT")
    assert "URL" not in event
    assert bind(EMPTY, []) == body


def test_a_feed_with_events_has_no_placeholder() -> None:
    assert b"uid-0" not in render(FEED)


@pytest.mark.parametrize("sequence", [-1, 2**31])
def test_a_sequence_out_of_range_is_refused(sequence: int) -> None:
    with pytest.raises(Unrenderable, match="sequence is 0 to 2147483647"):
        replace(STAMP, sequence=sequence)
    assert b"SEQUENCE:2147483647" in lines(event_bytes(TEXT, replace(STAMP, sequence=2**31 - 1)))


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 2)  # noqa: DTZ001 - the point of it
    with pytest.raises(Unrenderable, match="created_at names its time zone"):
        replace(STAMP, created_at=naive)
    with pytest.raises(Unrenderable, match="changed_at names its time zone") as refusal:
        replace(STAMP, changed_at=naive)
    assert refusal.value.what == "changed_at"


def test_a_feed_made_at_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Unrenderable, match="created_at names its time zone"):
        replace(FEED, created_at=datetime(2026, 1, 2))  # noqa: DTZ001 - the point of it


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(replace(TEXT, on=date.max), id="a day that has no next"),
        pytest.param(replace(TEXT, url="https://x.example/\r\nMETHOD:CANCEL"), id="URL"),
        pytest.param(replace(TEXT, summary="\ud800"), id="lone surrogate"),
    ],
)
def test_a_record_that_cannot_be_rendered_raises_and_leaves_the_others_alone(
    broken: EventText,
) -> None:
    with pytest.raises((ValueError, OverflowError)):
        event_bytes(broken, STAMP)
    assert bind(FEED, [event_bytes(TEXT, STAMP)]) == render(FEED)
