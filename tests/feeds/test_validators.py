"""Conditional requests: a 304 only where the reader has this very body."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.feeds.validators import accepts_gzip, etag_matches, not_modified

ETAG = 'W/"abc"'
CHANGED_AT = datetime(1994, 11, 6, 8, 49, 37, 500_000, tzinfo=UTC)
SAME_SECOND = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("if_none_match", "expected"),
    [
        pytest.param('W/"abc"', True, id="the tag itself"),
        pytest.param('"abc"', True, id="strong form"),
        pytest.param('W/"x", "abc"', True, id="last of a list"),
        pytest.param('"abc","x"', True, id="first of a list, no space"),
        pytest.param(' \t"abc" , "x"\t', True, id="white space around"),
        pytest.param(', ,"x",, "abc",', True, id="empty members"),
        pytest.param('"a,b", "abc"', True, id="comma inside a tag"),
        pytest.param('"\xe9", "abc"', True, id="bytes above ASCII"),
        pytest.param("*", True, id="anything"),
        pytest.param(" * ", True, id="anything, with white space"),
        pytest.param(None, False, id="absent"),
        pytest.param("", False, id="empty"),
        pytest.param('""', False, id="empty tag"),
        pytest.param('"x"', False, id="other tag"),
        pytest.param('"ABC"', False, id="other case"),
        pytest.param('"x,"abc"', False, id="unbalanced quotes"),
        pytest.param("abc", False, id="no quotes"),
        pytest.param('w/"abc"', False, id="small w"),
        pytest.param('W/ "abc"', False, id="space after W/"),
        pytest.param('"abc" "x"', False, id="no comma between"),
        pytest.param('*, "abc"', False, id="star in a list"),
        pytest.param('"abc", junk', False, id="junk beside it"),
        pytest.param('"abc"\n', False, id="line break"),
        pytest.param('"a bc", "abc"', False, id="space inside a tag"),
    ],
)
def test_if_none_match(if_none_match: str | None, *, expected: bool) -> None:
    assert etag_matches(if_none_match, ETAG) is expected


def test_a_strong_tag_of_ours_is_compared_weakly_too() -> None:
    assert etag_matches('W/"abc"', '"abc"')


@pytest.mark.parametrize(
    ("if_modified_since", "expected"),
    [
        pytest.param(SAME_SECOND, True, id="what we sent"),
        pytest.param("Sun, 06 Nov 1994 08:49:38 GMT", True, id="a second later"),
        pytest.param("Sun, 06 Nov 1994 08:49:36 GMT", False, id="a second earlier"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", True, id="RFC 850"),
        pytest.param("Sun Nov  6 08:49:37 1994", True, id="asctime"),
        pytest.param("Sun Nov  6 08:49:36 1994", False, id="asctime, earlier"),
        pytest.param(None, False, id="absent"),
        pytest.param("", False, id="empty"),
        pytest.param("junk", False, id="junk"),
        pytest.param("2094-11-06T08:49:37Z", False, id="ISO 8601"),
        pytest.param("Sun, 31 Feb 2094 08:49:37 GMT", False, id="impossible day"),
        pytest.param(f"{SAME_SECOND}, {SAME_SECOND}", False, id="a list of dates"),
        pytest.param("Sun, 06 Nov 99999999999999999999 08:49:37 GMT", False, id="huge year"),
        pytest.param("Sun, 06 Nov 2094 08:49:37 +99999999999999", False, id="huge offset"),
    ],
)
def test_if_modified_since(if_modified_since: str | None, *, expected: bool) -> None:
    answer = not_modified(
        if_none_match=None,
        if_modified_since=if_modified_since,
        etag=ETAG,
        last_modified=CHANGED_AT,
    )
    assert answer is expected


@pytest.mark.parametrize(
    ("if_none_match", "last_modified", "expected"),
    [
        pytest.param('"x"', CHANGED_AT, False, id="other tag, same date"),
        pytest.param("junk", CHANGED_AT, False, id="junk, same date"),
        pytest.param("", CHANGED_AT, False, id="empty, same date"),
        pytest.param('"abc"', CHANGED_AT + timedelta(days=1), True, id="same tag, later change"),
    ],
)
def test_the_tag_beats_the_date(
    if_none_match: str, last_modified: datetime, *, expected: bool
) -> None:
    answer = not_modified(
        if_none_match=if_none_match,
        if_modified_since=SAME_SECOND,
        etag=ETAG,
        last_modified=last_modified,
    )
    assert answer is expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        pytest.param("gzip", True, id="alone"),
        pytest.param("gzip, deflate, br, zstd", True, id="first of a list"),
        pytest.param("br,gzip", True, id="last of a list, no space"),
        pytest.param("GZip", True, id="capitals"),
        pytest.param("x-gzip", True, id="its old name"),
        pytest.param(" \tgzip\t;q=0.5", True, id="with a weight"),
        pytest.param("gzip;q=1.000", True, id="full weight"),
        pytest.param("gzip;q=0.001", True, id="least weight"),
        pytest.param("deflate;q=0, gzip", True, id="another one refused"),
        pytest.param("gzip;q=0", False, id="refused"),
        pytest.param("gzip; q = 0.000, br", False, id="refused with decimals and spaces"),
        pytest.param("gzip;Q=0", False, id="refused in capitals"),
        pytest.param(None, False, id="absent"),
        pytest.param("", False, id="empty"),
        pytest.param("identity", False, id="plain"),
        pytest.param("br, deflate", False, id="others only"),
        pytest.param("*", False, id="anything, which nobody meant"),
        pytest.param("gzipped, notgzip", False, id="other words"),
        pytest.param(",;,=", False, id="junk"),
    ],
)
def test_only_who_asks_for_it_gets_compressed_bytes(
    accept_encoding: str | None, *, expected: bool
) -> None:
    assert accepts_gzip(accept_encoding) is expected


@given(st.text(alphabet=st.characters(max_codepoint=0xFF)))
def test_no_field_of_a_request_raises(field: str) -> None:
    etag_matches(field, ETAG)
    accepts_gzip(field)
    not_modified(if_none_match=None, if_modified_since=field, etag=ETAG, last_modified=CHANGED_AT)


@given(st.text(alphabet="0123456789 ,:-+GMTSunovJa"))
def test_no_date_however_odd_raises(field: str) -> None:
    not_modified(if_none_match=None, if_modified_since=field, etag=ETAG, last_modified=CHANGED_AT)


@given(st.datetimes(min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - given its zone below
def test_the_date_we_send_is_not_modified_since(naive: datetime) -> None:
    changed_at = naive.replace(tzinfo=UTC)
    sent = changed_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert not_modified(
        if_none_match=None, if_modified_since=sent, etag=ETAG, last_modified=changed_at
    )


def test_a_long_field_takes_no_time() -> None:
    assert not etag_matches('W/"a",' * 20_000 + "x", ETAG)
    assert not etag_matches(" ," * 40_000 + "x", ETAG)
