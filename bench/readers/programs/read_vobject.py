"""Prints what vobject reads in a calendar."""

import json
import sys
from importlib import import_module
from pathlib import Path

vobject = import_module("vobject")

calendar = vobject.readOne(Path(sys.argv[1]).read_bytes().decode())
calendar.validate(raiseException=True)
for event in calendar.vevent_list:
    told = {
        "uid": event.uid.value,
        "start": event.dtstart.value.isoformat(),
        "end": event.dtend.value.isoformat(),
        "summary": event.summary.value,
        "description": event.description.value,
        "status": event.status.value,
        "sequence": int(event.sequence.value),
    }
    print(json.dumps(told))
