"""What was rendered and may be needed again, in a bounded number of bytes."""

from collections.abc import Hashable
from threading import Lock
from typing import TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class KeptBytes:
    """Keeps values by their keys; when room runs out, what was used longest ago goes.

    Any thread may ask.
    """

    def __init__(self, most_bytes: int) -> None:
        self._entries: LRUCache[Hashable, tuple[int, object]] = LRUCache(
            most_bytes, getsizeof=lambda entry: entry[0]
        )
        self._lock = Lock()

    def get(self, key: Hashable, kind: type[Value]) -> Value | None:
        """Return what is kept under a key, None when nothing of this kind is, or not any more."""
        with self._lock:
            entry = self._entries.get(key)
        return entry[1] if entry is not None and isinstance(entry[1], kind) else None

    def keep(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value that takes so many bytes; one that exceeds the bound alone is not kept."""
        with self._lock:
            if size <= self._entries.maxsize:
                self._entries[key] = (size, value)
            else:
                self._entries.pop(key, None)
