"""What else serves the same events? A static file, a bare application, and another calendar.

nginx is the limit of what a server can do, the bare application of what one in Python can;
Radicale is a calendar server that people run. Programs that are not on the machine are put
into a temporary folder.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx

from bench.cores import SERVERS, on_core
from bench.readers.homes import DebianPackages, NotInstalled, PythonPackages
from bench.servers import Failed, Server, free_port, wait_for
from bench.wrk import Wrk

RADICALE = "3.9.0"

_NGINX = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    etag on;
    gzip_static on;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types {{ text/calendar ics; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
_LONGEST_UPLOAD = 600


class Programs:
    """Programs of others: those of the machine, or else packages in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._debian = DebianPackages(folder / "debian")
        self._python = PythonPackages(folder / "python")
        self.left_out: list[str] = []
        """What could not be installed, and why, in a sentence each."""

    def settle(self) -> None:
        """Install what is missing, as far as it can be."""
        missing = [name for name in ("nginx", "wrk") if _of_the_machine(name) is None]
        try:
            if missing:
                self._debian.settle(missing)
        except NotInstalled as error:
            self.left_out.append(f"{' and '.join(missing)}: {error}")
        try:
            self._python.settle([f"Radicale=={RADICALE}"])
        except NotInstalled as error:
            self.left_out.append(f"Radicale: {error}")

    def wrk(self) -> Wrk | None:
        """Return what asks, None when it could not be installed."""
        path = self._path("wrk")
        return None if path is None else Wrk([path], self._environment(), self._folder)

    @contextmanager
    def nginx(self, root: Path) -> Iterator[Server | None]:
        """Serve the files of a folder; None when nginx could not be installed."""
        path, port = self._path("nginx"), free_port()
        if path is None:
            yield None
            return
        folder = self._folder / "nginx"
        folder.mkdir()
        configuration = folder / "nginx.conf"
        # Otherwise its worker would become a user who may not look into temporary folders.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(_NGINX.format(user=user, folder=folder, port=port, root=root))
        command = [path, "-e", str(folder / "nginx.log"), "-c", str(configuration)]
        with _running(command, port, self._folder, self._environment()) as server:
            yield server

    @contextmanager
    def radicale(self) -> Iterator[Server | None]:
        """Run a Radicale that lets everybody in; None when it could not be installed."""
        program, port = self._python.bin / "radicale", free_port()
        if not program.exists():
            yield None
            return
        command = [
            *(str(program), "--config", ""),
            *("--server-hosts", f"127.0.0.1:{port}"),
            *("--server-timeout", str(_LONGEST_UPLOAD)),
            *("--auth-type", "none"),
            *("--storage-filesystem-folder", str(self._folder / "collections")),
            *("--logging-level", "warning"),
        ]
        with _running(command, port, self._folder, {}) as server:
            yield server

    def _path(self, name: str) -> str | None:
        unpacked = self._debian.root.glob(f"usr/*bin/{name}")
        return _of_the_machine(name) or next(map(str, unpacked), None)

    def _environment(self) -> dict[str, str]:
        libraries = [*map(str, self._debian.root.glob("usr/lib/*-linux-gnu*"))]
        return {"LD_LIBRARY_PATH": os.pathsep.join(libraries)} if libraries else {}


@contextmanager
def bare(root: Path, folder: Path) -> Iterator[Server]:
    """Serve the files of a folder by the bare application, on the server that ours runs on."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--port", str(port), "--lifespan", "off"),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
        *("--log-level", "critical", "bench.bare:app"),
    ]
    with _running(command, port, folder, {"BENCH_FOLDER": str(root)}) as server:
        yield server


def calendar_at(server: Server) -> httpx.Client:
    """Return a client of Radicale, as a user of whom it knows nothing yet."""
    return httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}",
        auth=("bench", "bench"),
        headers={"Accept-Encoding": "identity"},
        timeout=_LONGEST_UPLOAD,
        trust_env=False,
    )


def upload(client: httpx.Client, path: str, body: bytes) -> str:
    """Put a whole calendar into Radicale, and return the tag it has there."""
    put = client.put(path, content=body, headers={"Content-Type": "text/calendar"})
    # The first one to ask has it kept in the form in which it is read.
    got = client.get(path)
    if put.status_code != HTTPStatus.CREATED or got.status_code != HTTPStatus.OK:
        raise Failed(f"Radicale answers {put.status_code}, then {got.status_code}")
    return str(got.headers["ETag"])


@contextmanager
def _running(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run somebody else's server on the servers' core."""
    log = folder / f"server-{port}.log"
    with log.open("ab") as file, on_core(SERVERS):
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    server = Server(port, process, log)
    try:
        wait_for(port, "/", process)
        yield server
    except Failed:
        server.explain()
        raise
    finally:
        server.stop()


def _of_the_machine(name: str) -> str | None:
    # Where servers are is not on everybody's path.
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
