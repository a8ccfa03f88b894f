"""User-Agent fields as programs send them, and those that nobody would expect."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.feeds.programs import Program, every_program, recognise

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        pytest.param("Google-Calendar-Importer", "Google Calendar", id="Google"),
        pytest.param(
            "Mozilla/5.0 (compatible; Google-Calendar-Importer)",
            "Google Calendar",
            id="Google, posing as a browser",
        ),
        pytest.param(
            "Microsoft Exchange/15.20 (Windows NT 10.0; Win64; x64)",
            "Outlook (Microsoft 365)",
            id="Microsoft's servers",
        ),
        pytest.param(
            "Microsoft.Exchange/15.20 (Windows NT 10.0; Win64; x64)",
            "Outlook (Microsoft 365)",
            id="Microsoft's servers, with a dot",
        ),
        pytest.param(
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.16327; Pro)",
            "Outlook classic",
            id="Outlook classic",
        ),
        pytest.param("iOS/18.0 (22A3354) dataaccessd/1.0", "Apple Calendar", id="iPhone"),
        pytest.param("macOS/13.4 (22F66) dataaccessd/1.0", "Apple Calendar", id="Mac"),
        pytest.param("macOS/11.0 (20A5343i) CalendarAgent/950", "Apple Calendar", id="older Mac"),
        pytest.param(
            "Mac+OS+X/10.10.5 (14F27) CalendarAgent/316.1", "Apple Calendar", id="old Mac"
        ),
        pytest.param(
            "CalendarStore/5.0 (1127); iCal/5.0 (1535); Mac OS X/10.7.1 (11B26)",
            "Apple Calendar",
            id="Mac of 2011",
        ),
        pytest.param(
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0",
            "Thunderbird",
            id="Thunderbird names Mozilla first",
        ),
        pytest.param("Evolution/3.46.4", "Evolution", id="Evolution"),
        pytest.param("Nextcloud Webcal Service", "Nextcloud", id="Nextcloud"),
        pytest.param(
            "NextCloud (Android 16) like Chrome/30", "Nextcloud", id="Nextcloud likes a browser"
        ),
        pytest.param(
            "HomeAssistant/2026.11.1 httpx/0.28.1 Python/3.13",
            "Home Assistant",
            id="Home Assistant names Python",
        ),
        pytest.param("vdirsyncer/0.19.3", "vdirsyncer", id="vdirsyncer"),
        pytest.param(
            "ICSx5/2.4 (ical4j/3.2.19 okhttp/5.0.0 Android/16)", "ICSx5", id="ICSx5 names okhttp"
        ),
        pytest.param(
            "Mozilla/5.0 (Node.js 22.1.0) MagicMirror/2.33.0", "MagicMirror", id="MagicMirror"
        ),
        pytest.param(
            "Mozilla/5.0 (compatible; Google-Apps-Script; beanserver)",
            "Google Apps Script",
            id="Apps Script",
        ),
        pytest.param("Open-Xchange Calendar Feed Client", "Open-Xchange", id="Open-Xchange"),
        pytest.param(
            "Mozilla/4.0 (compatible; Lotus-Notes/6.0; Windows-NT)", "HCL Notes", id="Notes"
        ),
        pytest.param("eM Client/10.1.4588.0", "eM Client", id="eM Client"),
        pytest.param(
            "Mozilla/5.0 (X11; Linux x86_64) KHTML/5.62.0 (like Gecko) Konqueror/5 KIO/5.62",
            "KOrganizer",
            id="KDE",
        ),
        pytest.param(
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
            "the link preview of a chat",
            id="Teams shows a preview",
        ),
        pytest.param(
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "the link preview of a chat",
            id="Slack shows a preview",
        ),
        pytest.param("curl/8.6.0", "a script", id="curl"),
        pytest.param("Wget/1.21.4", "a script", id="wget"),
        pytest.param("python-requests/2.32.3", "a script", id="requests"),
        pytest.param(
            "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041",
            "a script",
            id="PowerShell names Mozilla",
        ),
        pytest.param(CHROME, "a web browser", id="Chrome"),
        pytest.param(
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
            "a web browser",
            id="Firefox",
        ),
        pytest.param("GOOGLE-CALENDAR-IMPORTER", "Google Calendar", id="capitals"),
        pytest.param("Ferret/1.0", "another program", id="not known"),
        pytest.param("<script>", "another program", id="rubbish"),
        pytest.param("\x00\ud800", "another program", id="no text at all"),
        pytest.param(None, "an unnamed program", id="none"),
        pytest.param("", "an unnamed program", id="empty"),
        pytest.param(" \t ", "an unnamed program", id="blank"),
    ],
)
def test_a_program_is_told_by_its_user_agent(user_agent: str | None, name: str) -> None:
    assert recognise(user_agent).name == name


def test_only_the_beginning_is_read() -> None:
    assert recognise("x" * 1_000_000 + "Thunderbird/128").name == "another program"
    assert recognise("Thunderbird/128" + "x" * 1_000_000).name == "Thunderbird"


@given(st.text())
def test_whatever_comes_in_one_of_our_names_comes_out(user_agent: str) -> None:
    assert recognise(user_agent) in every_program()


def test_every_name_stands_for_one_program() -> None:
    names = [program.name for program in every_program()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("program", every_program(), ids=lambda program: program.name)
def test_no_program_is_late_before_it_missed_three_turns(program: Program) -> None:
    assert timedelta() < 3 * program.usual <= program.late_after


def test_a_server_is_late_sooner_than_a_phone_on_holiday() -> None:
    google = recognise("Google-Calendar-Importer")
    phone = recognise("iOS/18.0 (22A3354) dataaccessd/1.0")
    assert google.late_after == timedelta(days=3)
    assert phone.late_after == timedelta(days=7)
