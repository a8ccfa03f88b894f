"""Prints what ical reads in a calendar, as Home Assistant does with calendars it subscribes to."""

import json
import sys
from importlib import import_module
from pathlib import Path

stream = import_module("ical.calendar_stream")

text = Path(sys.argv[1]).read_bytes().decode()
for event in stream.IcsCalendarStream.calendar_from_ics(text).events:
    told = {
        "uid": event.uid,
        "start": event.dtstart.isoformat(),
        "end": event.dtend.isoformat(),
        "summary": event.summary,
        "description": event.description,
        "status": event.status.value,
        "sequence": event.sequence,
    }
    print(json.dumps(told))
