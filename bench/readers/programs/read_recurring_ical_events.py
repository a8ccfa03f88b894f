"""Prints what recurring-ical-events, which unfolds repetitions, finds in fifty years."""

import json
import sys
from datetime import date
from importlib import import_module
from pathlib import Path

icalendar = import_module("icalendar")
recurring = import_module("recurring_ical_events")

calendar = icalendar.Calendar.from_ical(Path(sys.argv[1]).read_bytes())
for event in recurring.of(calendar).between(date(2010, 1, 1), date(2060, 1, 1)):
    told = {
        "uid": str(event["UID"]),
        "start": event.decoded("DTSTART").isoformat(),
        "end": event.decoded("DTEND").isoformat(),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "status": str(event["STATUS"]),
        "sequence": int(event["SEQUENCE"]),
    }
    print(json.dumps(told))
