"""Which calendar program fetched this, and when would its silence be worth a look?

A program says what it is in the User-Agent field (RFC 9110, section 10.1.5): anybody can send
anything there. So only its beginning is read, and what comes out is one of a few names of
ours, never a part of what came in. Intervals are those that people report, not promises.
"""

from dataclasses import dataclass
from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A server never rests, so it is late soon; a computer or phone may be on holiday.
_SERVER_LATE, _DEVICE_LATE = timedelta(days=3), timedelta(days=7)

# The longest of those known has some 150 characters.
_LONGEST_READ = 512


@dataclass(frozen=True, slots=True)
class Program:
    """A program that fetches calendars: its name, as people call it, and its habits.

    `usual` is the time from one fetch to the next while it runs; after a silence of
    `late_after` a person should look whether it still fetches.
    """

    name: str
    usual: timedelta
    late_after: timedelta


def _on_a_server(name: str, usual: timedelta) -> Program:
    return Program(name, usual, _SERVER_LATE)


def _on_a_device(name: str, usual: timedelta) -> Program:
    return Program(name, usual, _DEVICE_LATE)


_UNNAMED = _on_a_device("an unnamed program", _DAY)
_ANOTHER = _on_a_device("another program", _DAY)

# The first row with a mark that occurs, in small letters, decides. So programs come before
# the libraries, browsers and systems that they name besides. Where only the maker's name is
# a mark, no report of the exact field was found.
_BY_MARK: tuple[tuple[tuple[str, ...], Program], ...] = (
    (("google-calendar-importer",), _on_a_server("Google Calendar", 12 * _HOUR)),
    (
        ("microsoft exchange", "microsoft.exchange"),
        _on_a_server("Outlook (Microsoft 365)", 3 * _HOUR),
    ),
    (
        ("microsoft outlook", "microsoft office", "macoutlook"),
        _on_a_device("Outlook classic", _HOUR),
    ),
    (("nextcloud",), _on_a_server("Nextcloud", _HOUR)),
    (("homeassistant",), _on_a_device("Home Assistant", _DAY)),
    (("vdirsyncer",), _on_a_device("vdirsyncer", _HOUR)),
    (("icsx5",), _on_a_device("ICSx5", _DAY)),
    (("magicmirror",), _on_a_device("MagicMirror", _HOUR)),
    (("google-apps-script",), _on_a_server("Google Apps Script", 15 * _MINUTE)),
    (("open-xchange",), _on_a_server("Open-Xchange", _DAY)),
    (("fastmail", "cyrus"), _on_a_server("Fastmail", _HOUR)),
    (("proton",), _on_a_server("Proton Calendar", 12 * _HOUR)),
    (("yahoo",), _on_a_server("Yahoo Calendar", _DAY)),
    (("zoho",), _on_a_server("Zoho Calendar", _DAY)),
    (("synology",), _on_a_server("Synology Calendar", _DAY)),
    (("thunderbird", "betterbird"), _on_a_device("Thunderbird", 30 * _MINUTE)),
    (("em client", "emclient"), _on_a_device("eM Client", _HOUR)),
    (("lotus-notes", "hcl-notes"), _on_a_device("HCL Notes", _HOUR)),
    (("fantastical",), _on_a_device("Fantastical", _HOUR)),
    (("busycal",), _on_a_device("BusyCal", _HOUR)),
    (
        ("dataaccessd", "calendaragent", "calendarstore", "coredav"),
        _on_a_device("Apple Calendar", _HOUR),
    ),
    # GNOME Calendar fetches through Evolution's data server, under the same name.
    (("evolution/",), _on_a_device("Evolution", _HOUR)),
    # KDE's programs all fetch through one library, which poses as its old browser.
    (("korganizer", "akonadi", "konqueror", " kio/"), _on_a_device("KOrganizer", _DAY)),
    # These look at what is posted in a chat: an address there is no secret any more.
    (
        (
            "slackbot",
            "skypeuripreview",
            "facebookexternalhit",
            "whatsapp",
            "telegrambot",
            "discordbot",
            "linkedinbot",
            "twitterbot",
        ),
        _on_a_device("the link preview of a chat", _DAY),
    ),
    (
        (
            "curl/",
            "wget/",
            "powershell/",
            "python",
            "libwww-perl",
            "go-http-client",
            "node-fetch",
            "axios/",
            "okhttp",
            "java/",
            "ruby",
            "guzzlehttp",
        ),
        _on_a_device("a script", _DAY),
    ),
    (("mozilla/", "opera/"), _on_a_device("a web browser", _DAY)),
)


def recognise(user_agent: str | None) -> Program:
    """Return the program that sends this User-Agent field, None where it sends none.

    A field of any length and content will do: one that nothing is known of is from
    "another program", an empty one from "an unnamed program".
    """
    said = (user_agent or "")[:_LONGEST_READ].strip().lower()
    if not said:
        return _UNNAMED
    for marks, program in _BY_MARK:
        if any(mark in said for mark in marks):
            return program
    return _ANOTHER


def every_program() -> tuple[Program, ...]:
    """Return all that `recognise` can return, each name once."""
    return (*(program for _, program in _BY_MARK), _ANOTHER, _UNNAMED)
