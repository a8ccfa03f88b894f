"""One click to subscribe: what is nested in a link comes out as it went in."""

from dataclasses import astuple
from urllib.parse import parse_qs, urlsplit

import pytest

from app.feeds.links import LONGEST_ADDRESS, check_address, links

ADDRESS = "https://noticeboard.example:8443/board/feeds/nbfeed_aB-c_9~/it.ics"
WEBCAL = "webcal://noticeboard.example:8443/board/feeds/nbfeed_aB-c_9~/it.ics"


def test_google_gets_the_webcal_form_encoded_once() -> None:
    google = links(ADDRESS, "IT renewals").google
    assert google == (
        "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fnoticeboard.example%3A8443"
        "%2Fboard%2Ffeeds%2Fnbfeed_aB-c_9~%2Fit.ics"
    )
    assert asked(google) == {"cid": [WEBCAL]}


def test_there_is_a_page_to_paste_the_address_when_google_refuses_the_link() -> None:
    by_hand = links(ADDRESS, "IT renewals").google_by_hand
    assert by_hand == "https://calendar.google.com/calendar/u/0/r/settings/addbyurl"


def test_outlook_gets_the_address_and_the_name() -> None:
    made = links(ADDRESS, "IT renewals")
    assert made.outlook_work == (
        "https://outlook.office.com/calendar/0/addfromweb?url=https%3A%2F%2Fnoticeboard.example"
        "%3A8443%2Fboard%2Ffeeds%2Fnbfeed_aB-c_9~%2Fit.ics&name=IT%20renewals"
    )
    assert made.outlook_personal == made.outlook_work.replace("office.com", "live.com")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param("Finance & legal = 100 %?", "Finance & legal = 100 %?", id="signs"),
        pytest.param("Verträge / 契約", "Verträge / 契約", id="letters beyond ASCII"),
        pytest.param("a+b %20", "a+b %20", id="looks encoded already"),
        pytest.param(" two\r\nlines ", "two lines", id="line break"),
        pytest.param("half \ud83d", "half", id="half a character"),
    ],
)
def test_a_name_of_any_kind_arrives(name: str, read: str) -> None:
    made = links(ADDRESS, name)
    assert asked(made.outlook_work) == {"url": [ADDRESS], "name": [read]}
    assert asked(made.outlook_personal) == {"url": [ADDRESS], "name": [read]}


@pytest.mark.parametrize(
    ("address", "webcal"),
    [
        pytest.param(ADDRESS, WEBCAL, id="https"),
        pytest.param("http://127.0.0.1:8000/a.ics", "webcal://127.0.0.1:8000/a.ics", id="http"),
        pytest.param("https://[::1]/a.ics", "webcal://[::1]/a.ics", id="IPv6"),
    ],
)
def test_webcal_has_the_same_host_port_and_path(address: str, webcal: str) -> None:
    assert links(address, "IT").webcal == webcal


def test_the_new_outlook_gets_the_whole_address_behind_webcal() -> None:
    assert links(ADDRESS, "IT").new_outlook == f"webcal:{ADDRESS}"


def test_all_links_can_stand_in_a_page_or_a_mail() -> None:
    for link in astuple(links(ADDRESS, '"><b>\n')):
        assert link.isascii()
        assert not set(link) & set("\"'<> \n")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        pytest.param("", "begin with https", id="empty"),
        pytest.param("noticeboard.example/a.ics", "begin with https", id="no scheme"),
        pytest.param("webcal://h.example/a.ics", "begin with https", id="webcal"),
        pytest.param("javascript://h.example/%0aalert(1)", "begin with https", id="javascript"),
        pytest.param("HTTPS://h.example/a.ics", "begin with https", id="scheme in capitals"),
        pytest.param("https:/h.example/a.ics", "begin with https", id="one slash"),
        pytest.param("https:///a.ics", "and a host", id="no host"),
        pytest.param("https://h.example/a.ics?token=1", "no query", id="query"),
        pytest.param("https://h.example/a.ics?", "no query", id="empty query"),
        pytest.param("https://h.example/a.ics#top", "no fragment", id="fragment"),
        pytest.param("https://h.example/a.ics#", "no fragment", id="empty fragment"),
        pytest.param("https://anna:pass@h.example/a.ics", "no password", id="credentials"),
        pytest.param("https://anna@h.example/a.ics", "no user name", id="user name"),
        pytest.param("https://h.example/anna@b.ics", "must be plain", id="at sign"),
        pytest.param("https://h.example/a,b.ics", "must be plain", id="comma"),
        pytest.param("https://h.example/a;b.ics", "must be plain", id="semicolon"),
        pytest.param("https://h.example/a%20b.ics", "must be plain", id="percent sign"),
        pytest.param("https://h.example/a b.ics", "must be plain", id="space"),
        pytest.param("https://h.example/a.ics\n", "must be plain", id="line break at the end"),
        pytest.param("https://bücher.example/a.ics", "must be plain", id="beyond ASCII"),
        pytest.param("https://h.example/" + "a" * 239, "at most 256", id="257 characters"),
    ],
)
def test_an_address_that_programs_refuse_is_refused_here_with_a_sentence(
    address: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        check_address(address)
    with pytest.raises(ValueError, match=reason):
        links(address, "IT")
    assert "anna" not in str(refused.value), "an address is a secret"


def test_an_address_may_have_256_characters() -> None:
    check_address("https://h.example/" + "a" * (LONGEST_ADDRESS - 18))


def asked(link: str) -> dict[str, list[str]]:
    """Return the query of a link, decoded once, as the program that opens it reads it."""
    return parse_qs(urlsplit(link).query, strict_parsing=True)
