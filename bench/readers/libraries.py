"""Which libraries read the feeds, and what is each known to get wrong?

Each stands here with the release that was tried. A fault is stated as what the library makes
of a correct value, so that whatever else it makes of it is found.
"""

import re

from bench.readers.homes import DebianPackages, NodePackages, OwnEnvironment, PythonPackages
from bench.readers.reading import Fault, Library, Stumble


def in_python(own: OwnEnvironment, home: PythonPackages) -> list[Library]:
    """Return the libraries of Python."""
    recurring = "recurring-ical-events"
    return [
        Library("icalendar", "read_icalendar.py", own),
        Library("vobject", "read_vobject.py", home, ["vobject==0.9.9"]),
        Library("ics", "read_ics.py", home, ["ics==0.7.3"]),
        Library("ical", "read_ical.py", home, ["ical==14.3.1"]),
        Library(recurring, "read_recurring_ical_events.py", home, [f"{recurring}==3.8.2"]),
    ]


def in_javascript(home: NodePackages) -> list[Library]:
    """Return the libraries of JavaScript."""
    return [
        Library("ical.js", "read_ical_js.mjs", home, ["ical.js@2.2.1"]),
        Library("node-ical", "read_node_ical.mjs", home, ["node-ical@0.26.1"]),
        Library(
            "ts-ics",
            "read_ts_ics.mjs",
            home,
            ["ts-ics@2.4.6"],
            faults=[Fault("sequence", "it takes 0 for nothing", lambda number: number or None)],
            stumble=Stumble(
                re.compile("(BEGIN|END):(VCALENDAR|VEVENT)"),
                "it seeks the parts of a calendar anywhere in a line",
            ),
        ),
        Library(
            "cal-parser",
            "read_cal_parser.mjs",
            home,
            ["cal-parser@1.0.2"],
            faults=[
                Fault(
                    "description",
                    "it turns line breaks into one space",
                    lambda text: re.sub(" +", " ", text.replace("\n", " ")),
                )
            ],
            stumble=Stumble(
                re.compile("(BEGIN|END):VEVENT"), "it seeks an event's ends anywhere in a line"
            ),
        ),
    ]


def in_debian(home: DebianPackages) -> list[Library]:
    """Return the libraries of C, PHP, Perl and Ruby, as Debian has them."""
    php = ["php-cli", "php-mbstring"]
    return [
        Library("libical", "read_libical.c", home, ["libical-dev"]),
        Library(
            "sabre/vobject",
            "read_sabre_vobject.php",
            home,
            [*php, "php-sabre-vobject"],
            faults=[
                Fault(name, "release 2 leaves commas and semicolons escaped", _escaped_signs)
                for name in ("summary", "description")
            ],
        ),
        Library(
            "horde",
            "read_horde_icalendar.php",
            home,
            [*php, "php-horde-icalendar"],
            faults=[
                Fault(
                    "description",
                    "it breaks lines as Windows does",
                    lambda text: text.replace("\n", "\r\n"),
                )
            ],
        ),
        Library("data-ical", "read_data_ical.pl", home, ["libdata-ical-perl"]),
        Library(
            "ical-parser",
            "read_ical_parser.pl",
            home,
            ["libical-parser-perl"],
            untold={"sequence": "it drops the property"},
            faults=[
                Fault(name, "it undoes no escaping", _escaped)
                for name in ("summary", "description")
            ],
        ),
        Library("ruby-icalendar", "read_ruby_icalendar.rb", home, ["ruby", "ruby-icalendar"]),
    ]


def _escaped_signs(text: str) -> str:
    return text.replace(",", "\\,").replace(";", "\\;")


def _escaped(text: str) -> str:
    return _escaped_signs(text).replace("\n", "\\n")
