"""What do dates, lists, writes and feeds cost? `make bench`: figures side by side, in one run.

Ratios count, not absolute times: what they are ratios of is measured in the same run, on
the same machine, minutes apart at most. Nothing here fails a build.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from app import calendars
from app.clock import WallClock
from app.renewals.documents import TERMS_FIELDS, terms_of
from app.renewals.position import position
from app.renewals.terms import Terms
from bench import feeds, importing
from bench.filling import fill
from bench.load import Rate, Request, get, measure, post
from bench.registers import agreements
from bench.servers import COMMAND, free_port, wait_for

_ROUNDS = 3


def main() -> None:
    """Measure everything and print it."""
    _dates()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        token = _fill(path, 10_000)
        with _serving(path) as (ours, raw):
            _list(ours, raw, token)
            _insert(ours, raw, token)
    importing.main()
    feeds.main()


def _dates() -> None:
    day = date(2026, 11, 23)
    mix = [
        terms_of({name: one[name] for name in TERMS_FIELDS if name in one}, calendars.named)
        for one in agreements(10_000)
    ]
    for terms in mix:
        position(terms, day)  # holidays are loaded once, not measured
    asked = sorted(_seconds(partial(position, terms, day)) for terms in mix)
    told = sorted(_seconds(partial(_why, terms, day)) for terms in mix)
    print("The position of one agreement (10,000 mixed, twenty years of monthly among them)")
    print(f"  dates               {_us(asked)}   gate: median 60 us")
    print(f"  dates, why in words {_us(told)}")


def _why(terms: Terms, day: date) -> dict[str, list[str]]:
    return position(terms, day).why


def _us(times: list[float]) -> str:
    median, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    return f"median {median * 1e6:6.1f} us   p99 {p99 * 1e6:6.1f} us"


def _seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _fill(path: Path, count: int) -> str:
    started = time.perf_counter()
    token = fill(f"sqlite:///{path}", agreements(count))
    spent = time.perf_counter() - started
    print(f"\n{count} agreements checked and stored with milestones and audit in {spent:.1f} s")
    return token


@contextmanager
def _serving(path: Path) -> Iterator[tuple[int, int]]:
    """Serve ours and the anchor over copies of one database, both on the first core."""
    raw_path = path.with_name("raw.db")
    raw_path.write_bytes(path.read_bytes())
    environment = {
        **os.environ,
        "NOTICEBOARD_DATABASE_URL": f"sqlite:///{path}",
        "BENCH_DATABASE": str(raw_path),
    }
    ours, raw = free_port(), free_port()
    uvicorn = [
        sys.executable,
        "-m",
        "uvicorn",
        "--log-level",
        "warning",
        "--no-access-log",
        "--port",
    ]
    commands = [
        [COMMAND, "serve", "--port", str(ours)],
        [*uvicorn, str(raw), "bench.anchor:app"],
    ]
    servers = [
        subprocess.Popen(
            ["taskset", "-c", "0", *command], env=environment, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        for port in (ours, raw):
            wait_for(port, "/healthz")
        yield ours, raw
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            server.wait(15)


def _list(ours: int, raw: int, token: str) -> None:
    today = WallClock(ZoneInfo("UTC")).today()
    auth = f"Authorization: Bearer {token}\r\n"
    mine = get("/api/v1/renewals?within_days=365&limit=50", auth)
    theirs = get(f"/list?first={today}&last={today.replace(year=today.year + 1)}")
    print("\nP7: the first 50 of the work list out of 10,000 agreements (SQLite)")
    _compare(ours, raw, mine, theirs, connections=16, count=1_500, status=200, gate="rate >= 0.25")
    _compare(ours, raw, mine, theirs, connections=1, count=500, status=200, gate="p50 <= 3")


def _insert(ours: int, raw: int, token: str) -> None:
    auth = f"Authorization: Bearer {token}\r\n"
    bodies = [orjson.dumps(one) for one in agreements(1)]
    numbers = iter(range(10**9))

    def body(_: int) -> bytes:
        reference = f"N-{next(numbers):09}".encode()
        return bodies[0].replace(b"B-000000", reference)

    mine, theirs = post("/api/v1/agreements", body, auth), post("/insert", body)
    print("\nP8: one durable create, with dates, milestones and audit, against one raw insert")
    _compare(ours, raw, mine, theirs, connections=1, count=400, status=201, gate="rate >= 0.5")
    _compare(ours, raw, mine, theirs, connections=16, count=1_500, status=201, gate="p99 <= 3")


def _compare(
    ours: int,
    raw: int,
    mine: Request,
    theirs: Request,
    *,
    connections: int,
    count: int,
    status: int,
    gate: str,
) -> None:
    rounds: list[tuple[Rate, Rate]] = []
    for _ in range(_ROUNDS):
        pair = [
            measure(port, request, connections=connections, count=count, status=status)
            for port, request in ((ours, mine), (raw, theirs))
        ]
        rounds.append((pair[0], pair[1]))
    ratio = [
        statistics.median(getattr(a, name) / getattr(b, name) for a, b in rounds)
        for name in ("per_second", "p50_ms", "p99_ms")
    ]
    a, b = rounds[-1]
    print(
        f"  {connections:2} at a time:"
        f" rate x{ratio[0]:.2f}  p50 x{ratio[1]:.1f}  p99 x{ratio[2]:.1f}"
        f"   (ours {a.per_second:.0f}/s, {a.p50_ms:.1f} and {a.p99_ms:.1f} ms;"
        f" raw {b.per_second:.0f}/s, {b.p50_ms:.1f} and {b.p99_ms:.1f} ms)   gate {gate}"
    )


if __name__ == "__main__":
    main()
