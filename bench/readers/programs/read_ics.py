"""Prints what ics.py reads in a calendar."""

import json
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path

ics = import_module("ics")

calendar = ics.Calendar(Path(sys.argv[1]).read_bytes().decode())
for event in calendar.events:
    others = {line.name: line.value for line in event.extra}
    told = {
        "uid": event.uid,
        "start": event.begin.date().isoformat(),
        "end": event.end.date().isoformat(),
        "summary": event.name,
        "description": event.description,
        "status": event.status,
        "sequence": int(others["SEQUENCE"]),
    }
    is_one_day = event.all_day and event.duration == timedelta(days=1)
    print(json.dumps(told if is_one_day else {"objection": f"{event.uid} is not one whole day"}))
