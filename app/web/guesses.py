"""Who guesses secrets? Misses are counted by address, and too many are told to wait.

An IPv6 network of 64 bits counts as one address, for whoever has one of its addresses has
them all. A valid secret is served all the same: behind one address can be a whole company,
or the fetchers of a calendar provider.
"""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from cachetools import TTLCache

MOST_MISSES = 100
WAIT_SECONDS = 600
_MOST_ADDRESSES = 50_000


class Guesses:
    """The misses of the last minutes, by address; forgotten when an address has kept still."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._misses: TTLCache[str, int] = TTLCache(_MOST_ADDRESSES, WAIT_SECONDS, timer)

    def miss(self, address: str | None) -> bool:
        """Count a miss of an address; tell whether it has missed too often."""
        source = _source(address)
        self._misses[source] = count = self._misses.get(source, 0) + 1
        return count > MOST_MISSES


def _source(address: str | None) -> str:
    """Return what stands for an address; one that cannot be read counts with its like."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), 64), strict=False))
    return str(found)
