"""How long does the calendar library take for the same events? Built anew, and written.

The values are taken from a feed's own bytes, and what comes out is compared with them: it is
the same work, done as everybody does it who keeps nothing.
"""

import gc
import time
from typing import Any

from icalendar import Calendar, Component, Event, vText

_Properties = list[tuple[str, Any]]


class Events:
    """The events of a feed, as values that are ready to be built from."""

    def __init__(self, body: bytes) -> None:
        calendar = Calendar.from_ical(body)
        self._body = body
        self._head: _Properties = list(calendar.items())
        self._events = [_properties(event) for event in calendar.walk("VEVENT")]

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self._events)

    def seconds(self) -> float:
        """Return how long it takes to build the calendar and to write it."""
        # What else is in memory must not be searched for garbage at the library's expense.
        gc.collect()
        gc.freeze()
        started = time.perf_counter()
        written = self._build()
        spent = time.perf_counter() - started
        gc.unfreeze()
        assert written == self._body
        return spent

    def _build(self) -> bytes:
        calendar = Calendar()
        for name, value in self._head:
            calendar.add(name, value)
        for properties in self._events:
            event = Event()
            for name, value in properties:
                event.add(name, value)
            calendar.add_component(event)
        written: bytes = calendar.to_ical()
        return written


def _properties(event: Component) -> _Properties:
    return [(name.lower(), _plain(name, value)) for name, value in event.items()]


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - each property has a type of its own
    if hasattr(value, "dt"):
        return value.dt
    if hasattr(value, "cats"):
        return [str(category) for category in value.cats]
    # What icalendar knows no type of, it escapes as a text only when told so.
    if type(value) is vText and not name.lower().startswith("x-"):
        return str(value)
    return value
