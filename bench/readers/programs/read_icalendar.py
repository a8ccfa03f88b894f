"""Prints what icalendar reads in calendars; its arguments are the files."""

import json
import sys
from pathlib import Path
from typing import Any

from icalendar import Calendar

for file in sys.argv[1:]:
    for event in Calendar.from_ical(Path(file).read_bytes()).walk("VEVENT"):
        if event.errors:
            print(json.dumps({"objection": str(event.errors)}))
        sequence: Any = event["SEQUENCE"]
        told = {
            "uid": str(event["UID"]),
            "start": event.decoded("DTSTART").isoformat(),
            "end": event.decoded("DTEND").isoformat(),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "status": str(event["STATUS"]),
            "sequence": int(sequence),
        }
        print(json.dumps(told))
