"""Which feeds are measured? Three sizes of one mixture, each in a register of its own."""

import shutil
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from bench.cores import SERVERS, on_core
from bench.filling import fill
from bench.registers import agreements
from bench.servers import Failed, Server, run, serving
from bench.wrk import Target, ask_once

SMALL, MIDDLE, LARGE = SIZES = (100, 1_000, 10_000)
_AGREEMENTS = {SMALL: slice(25, 37), MIDDLE: slice(47), LARGE: slice(527)}
"""Which agreements make about so many events in the feed for procurement.

The few are without a monthly one, which alone has more than a hundred.
"""


@dataclass(frozen=True, slots=True)
class Register:
    """A register in a database: a token to it, and the path of its feed for procurement."""

    url: str
    token: str
    path: str

    def copied(self, folder: Path) -> "Register":
        """Return a copy in a file of its own. Nobody may be using this one."""
        source = Path(str(make_url(self.url).database))
        name = f"copy-{time.monotonic_ns()}-{source.name}"
        shutil.copy(source, folder / name)
        return Register(f"sqlite:///{folder / name}", self.token, self.path)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is served: what it is, and how long the first answer took."""

    register: Register
    server: Server
    body: bytes
    etag: str
    seconds: float

    @property
    def target(self) -> Target:
        """The request for it."""
        return target_of(self.server, self.register.path)

    @property
    def events(self) -> int:
        """How many events it has."""
        return self.body.count(b"BEGIN:VEVENT")


def filled(url: str, size: int) -> Register:
    """Fill an empty database with the agreements for a feed of some size."""
    chosen = _AGREEMENTS[size]
    token = fill(url, islice(agreements(chosen.stop), chosen.start, None))
    return Register(url, token, new_address(url, "procurement"))


def new_address(url: str, key: str) -> str:
    """Hand out an address of a feed, and return its path."""
    return urlsplit(told(run(url, "feed", "show", key)).split()[-1]).path


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command printed. Raises `Failed` when it refused."""
    if done.returncode:
        raise Failed(done.stderr)
    return done.stdout.strip()


def served(stack: ExitStack, folder: Path, register: Register) -> Feed:
    """Serve a register until the stack is closed, its access log written to a file."""
    with on_core(SERVERS):
        server = stack.enter_context(serving(register.url, folder, 1))[0]
    started = time.perf_counter()
    answer = ask_once(target_of(server, register.path))
    spent = time.perf_counter() - started
    return Feed(register, server, answer.body, answer.header("etag"), spent)


def target_of(server: Server, path: str) -> Target:
    """Return a request to a server."""
    return Target(server.port, path, (server.process.pid,))
