"""How fast does a server answer the same request? Asked by wrk, which is faster than all.

Written in C, it takes a fraction of what the servers measured here take. Every answer of a
round has to be the expected one: wrk counts what is an error, and the rest is told apart by
its length, for looking at each answer would cost wrk more than getting it.
"""

import json
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.cores import CLIENTS, cpu_seconds, on_core
from bench.servers import Failed

CONNECTIONS = 16

_SCRIPT = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"answers": %d, "bytes": %d, "microseconds": %d, "p99": %d, "errors": %d}\\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
_MOST_BYTES = 1 << 16


class Mixed(Failed):
    """Not every answer of a round was the expected one."""


@dataclass(frozen=True, slots=True)
class Target:
    """A request, the processes that answer it, and the status they have to answer."""

    port: int
    path: str
    processes: Sequence[int]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def when(self, status: int, **headers: str) -> "Target":
        """Return the same request with more headers, named with underscores."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Target(self.port, self.path, self.processes, status, {**self.headers, **more})


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of requests took: answers a second, CPU for each, and the slowest of 100.

    `core` is the share of its core that the server had: what is less than all of it was left
    to wait for wrk, or was taken by somebody else on the machine.
    """

    rate: float
    cpu_us: float
    p99_ms: float
    core: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, empty when it is not there."""
        for line in self.head.decode("latin-1").split("\r\n"):
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""

    def __len__(self) -> int:
        """Return how many bytes it took."""
        return len(self.head) + len(self.body)


class Wrk:
    """The program, and where it is."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        script = folder / "told.lua"
        script.write_text(_SCRIPT)
        self._command = [*command, "--threads", "1", "--timeout", "30s", "--script", str(script)]
        self._environment = {**os.environ, **environment}

    def ask(self, target: Target, seconds: int, connections: int = CONNECTIONS) -> Round:
        """Ask for some seconds. Raises `Mixed` when an answer was not the expected one."""
        length = len(ask_once(target))
        headers = [f"-H{name}: {value}" for name, value in target.headers.items()]
        how = ["--connections", str(connections), "--duration", f"{seconds}s", *headers]
        url = f"http://127.0.0.1:{target.port}{target.path}"
        before = cpu_seconds(target.processes)
        with on_core(CLIENTS):
            done = subprocess.run(
                [*self._command, *how, url],
                env=self._environment,
                capture_output=True,
                text=True,
                check=False,
            )
        spent = cpu_seconds(target.processes) - before
        if done.returncode:
            raise Failed(f"wrk: {done.stderr or done.stdout}")
        told = json.loads(done.stdout.splitlines()[-1])
        # Those on their way when the time was up are counted in part.
        others = abs(told["bytes"] / length - told["answers"])
        if told["errors"] or others > connections or not told["answers"]:
            raise Mixed(f"not only {target.status} from {url}: {told}, one has {length} bytes")
        return Round(
            rate=told["answers"] / told["microseconds"] * 1e6,
            cpu_us=spent / told["answers"] * 1e6,
            p99_ms=told["p99"] / 1000,
            core=spent / told["microseconds"] * 1e6,
        )


def ask_once(target: Target) -> Answer:
    """Return one answer. Raises `Mixed` when its status is not the expected one."""
    lines = [f"GET {target.path} HTTP/1.1", f"Host: 127.0.0.1:{target.port}"]
    lines += [f"{name}: {value}" for name, value in target.headers.items()]
    received = bytearray()
    with socket.create_connection(("127.0.0.1", target.port), 120) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        while (end := received.find(b"\r\n\r\n") + 4) < 4:  # noqa: PLR2004 - not found yet
            received += _some(connection)
        answer = Answer(int(received[9:12]), bytes(received[:end]), b"")
        missing = int(answer.header("content-length") or 0)
        while len(received) < end + missing:
            received += _some(connection)
    if answer.status != target.status:
        raise Mixed(f"{answer.status} from port {target.port}, not {target.status}")
    return Answer(answer.status, answer.head, bytes(received[end:]))


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(_MOST_BYTES)
    if not received:
        raise Failed("a server hung up in the middle of an answer")
    return received
