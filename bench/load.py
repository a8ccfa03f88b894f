"""How fast does a server answer? A small keep-alive load generator on plain sockets.

Python on one core asks faster than the routes measured here answer, so the client is not
what is measured. Figures are for comparing servers within one run, never on their own.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """What a round of requests took: answers a second, and milliseconds per answer."""

    per_second: float
    p50_ms: float
    p99_ms: float


Request = Callable[[int], bytes]
"""Returns the bytes of the n-th request."""


def measure(port: int, request: Request, *, connections: int, count: int, status: int) -> Rate:
    """Send `count` requests over so many connections and return how they were answered."""
    return asyncio.run(_measure(port, request, connections, count, status))


async def _measure(port: int, request: Request, connections: int, count: int, status: int) -> Rate:
    numbers = iter(range(count))
    took: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(
        *(_converse(port, request, numbers, status, took) for _ in range(connections))
    )
    spent = time.perf_counter() - started
    quantiles = statistics.quantiles(took, n=100)
    return Rate(count / spent, statistics.median(took) * 1000, quantiles[98] * 1000)


async def _converse(
    port: int, request: Request, numbers: Iterator[int], status: int, took: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    expected = f"HTTP/1.1 {status}".encode()
    for number in numbers:
        started = time.perf_counter()
        writer.write(request(number))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        took.append(time.perf_counter() - started)
        if not head.startswith(expected):
            raise RuntimeError(head.decode())
    writer.close()
    await writer.wait_closed()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def get(path: str, headers: str = "") -> Request:
    """Return a request that is the same each time."""
    content = f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode()
    return lambda _: content


def post(path: str, body: Callable[[int], bytes], headers: str = "") -> Request:
    """Return a request with a body of its own each time."""

    def content(number: int) -> bytes:
        sent = body(number)
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(sent)}\r\n{headers}\r\n".encode() + sent

    return content
