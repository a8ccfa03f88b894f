"""Awkward text in, text that every calendar program shows out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.feeds.plain_text import clip, one_line, plain_url

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="empty"),
        pytest.param('Say "hi", please; now', 'Say "hi", please; now', id="punctuation"),
        pytest.param("C:\\New\\names", "C:/New/names", id="backslash before N and n"),
        pytest.param("trailing\\", "trailing/", id="backslash at the end"),
        pytest.param("one\r\ntwo\rthree\nfour", "one two three four", id="line breaks"),
        pytest.param("a\tb\vc\fd\x85e\u2028f\u2029g", "a b c d e f g", id="rarer breaks"),
        pytest.param("  wide \u00a0 \u3000 open  ", "wide open", id="runs of space"),
        pytest.param("Con\x00to\x1bso\x7f\x9b", "Contoso", id="C0 and C1 controls"),
        pytest.param("a\x1c\x1d\x1e\x1fb", "ab", id="separators"),
        pytest.param("\ud83dlone\ude00", "lone", id="lone surrogates"),
        pytest.param("\ufffenon\U0001ffffchar\ufdd0", "nonchar", id="noncharacters"),
        pytest.param("abc\u202efed\u2066x\u2069", "abcfedx", id="reversed by override"),
        pytest.param("שלום عقد \u200f", "שלום عقد \u200f", id="right to left stays"),
        pytest.param(
            "契約更新 👩‍💻 e\u0301", "契約更新 👩‍💻 e\u0301", id="CJK, emoji, accents stay"
        ),
        pytest.param("<b>AT&T</b>", "<b>AT&T</b>", id="markup stays text"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(ANY_TEXT)
def test_what_is_one_line_has_one_line_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\\" not in line
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
    line.encode()
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("short", 5, "short", id="fits"),
        pytest.param("longer", 5, "long…", id="cut"),
        pytest.param("two words", 5, "two…", id="no space before the ellipsis"),
        pytest.param("👍👍👍", 2, "👍…", id="counted in characters"),
    ],
)
def test_clip(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://x.example/a?b=c&d=e#f", "https://x.example/a?b=c&d=e#f", id="as is"),
        pytest.param("https://x.example/a,b;c", "https://x.example/a%2Cb%3Bc", id="separators"),
        pytest.param("https://x.example/a%2Cb", "https://x.example/a%2Cb", id="encoded once"),
        pytest.param("https://[::1]:8000/", "https://[::1]:8000/", id="IPv6"),
        pytest.param("https://x.example/é 1", "https://x.example/%C3%A9%201", id="not ASCII"),
        pytest.param(
            "https://x.example/\r\nATTENDEE:x", "https://x.example/%20ATTENDEE:x", id="injection"
        ),
        pytest.param('https://x.example/"\ud800', "https://x.example/%22", id="surrogate"),
    ],
)
def test_plain_url(url: str, expected: str) -> None:
    assert plain_url(url) == expected


@given(ANY_TEXT)
def test_a_url_has_nothing_to_split_it_at(url: str) -> None:
    assert re.fullmatch(r"[!#-+\--:=?-\[\]_a-z~-]*", plain_url(url))
