"""Which programs subscribe to a feed, fetch it again, and drop what is gone?

A subscription lives as long as the run: what it holds after an edit and a deletion is what
it made of both fetches, as it is in a calendar on somebody's desk.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

from bench.readers.homes import PROGRAMS, Home, PythonPackages
from bench.readers.reading import Fault, Stumble, answer_of, events_in
from bench.readers.shelf import Feed
from bench.readers.strict import Event

_VDIRSYNCER = """\
[general]
status_path = "{folder}/status"

[pair feed]
a = "address"
b = "calendar"
collections = null

[storage address]
type = "http"
url = "{address}"

[storage calendar]
type = "filesystem"
path = "{folder}/calendar"
fileext = ".ics"
"""
_KHAL = """\
[calendars]
[[feed]]
path = {folder}/calendar
readonly = True

[sqlite]
path = {folder}/khal.db

[locale]
local_timezone = America/St_Johns
default_timezone = America/St_Johns
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
timeformat = %H:%M
"""
_READ_ITEMS = PROGRAMS / "read_icalendar.py"
_A_YEAR = timedelta(days=366)
_ONE_DAY = timedelta(days=1)
_OWN_UID = "vdirsyncer names what it fetches by a hash of the content"


class Subscriptions:
    """What vdirsyncer keeps up to date, a folder for each feed, and khal shows."""

    def __init__(self, home: PythonPackages, folder: Path) -> None:
        self.home = home
        self._folder = folder
        self._renewed: dict[str, int] = {}
        self._renewing = Lock()

    def renew(self, feed: Feed) -> Path:
        """Fetch as a timer does it, once for each time that the feed may have changed.

        Returns the folder. Raises `Unreadable`.
        """
        folder = self._folder / feed.name.replace(" ", "-")
        fetched = feed.path.stat().st_mtime_ns
        with self._renewing:
            if self._renewed.get(feed.name) != fetched:
                self._sync(folder, feed.address)
                self._renewed[feed.name] = fetched
        return folder

    def _sync(self, folder: Path, address: str) -> None:
        config = folder / "vdirsyncer.conf"
        vdirsyncer = [str(self.home.bin / "vdirsyncer"), "--config", str(config)]
        if not config.exists():
            (folder / "calendar").mkdir(parents=True)
            config.write_text(_VDIRSYNCER.format(folder=folder, address=address))
            answer_of([*vdirsyncer, "discover"], {})
        answer_of([*vdirsyncer, "sync"], {})


@dataclass(frozen=True, slots=True)
class Vdirsyncer:
    """vdirsyncer: fetches the feed into a folder, a file for each event."""

    subscriptions: Subscriptions
    name: str = "vdirsyncer"
    packages: Sequence[str] = ("vdirsyncer==0.21.0",)
    untold: Mapping[str, str] = field(default_factory=lambda: {"uid": _OWN_UID})
    faults: Sequence[Fault] = ()
    stumble: Stumble | None = None

    @property
    def home(self) -> Home:
        """Where it lives."""
        return self.subscriptions.home

    def read(self, feed: Feed) -> list[Event]:
        """Fetch the feed, and return what the files hold; icalendar reads them."""
        folder = self.subscriptions.renew(feed)
        files = sorted(str(file) for file in (folder / "calendar").glob("*.ics"))
        return events_in(answer_of([sys.executable, str(_READ_ITEMS), *files], {}))


@dataclass(frozen=True, slots=True)
class Khal:
    """khal: shows the folder that vdirsyncer fetches into."""

    subscriptions: Subscriptions
    name: str = "khal"
    packages: Sequence[str] = ("khal==0.14.1", "vdirsyncer==0.21.0")
    untold: Mapping[str, str] = field(
        default_factory=lambda: {"uid": _OWN_UID, "sequence": "it is not among what khal lists"}
    )
    faults: Sequence[Fault] = ()
    stumble: Stumble | None = None

    @property
    def home(self) -> Home:
        """Where it lives."""
        return self.subscriptions.home

    def read(self, feed: Feed) -> list[Event]:
        """Fetch the feed, and return what khal lists."""
        folder = self.subscriptions.renew(feed)
        config = folder / "khal.conf"
        config.write_text(_KHAL.format(folder=folder))
        shown = ("uid", "start-date", "end-date", "title", "description", "status")
        columns = [word for name in shown for word in ("--json", name)]
        days = sorted(date.fromisoformat(event.start or "") for event in feed.events)
        around = [(days[0] - _A_YEAR).isoformat(), (days[-1] + _A_YEAR).isoformat()]
        command = [
            str(self.subscriptions.home.bin / "khal"),
            "--config",
            str(config),
            "list",
            "--once",
        ]
        listed = answer_of([*command, *columns, *around], {})
        return [_listed(event) for day in listed.split("\n") if day for event in json.loads(day)]


def _listed(event: dict[str, str]) -> Event:
    last = date.fromisoformat(event["end-date"])
    return Event(
        uid=event["uid"],
        start=event["start-date"],
        end=(last + _ONE_DAY).isoformat(),
        summary=event["title"],
        description=event["description"],
        status=event["status"].strip(),
    )
