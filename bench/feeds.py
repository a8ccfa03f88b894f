"""What does a poll of a feed cost? `python -m bench.feeds`, and a part of `make bench`.

Side by side in one run: a static file in nginx, a bare application on the server that ours
runs on, Radicale with the same events, and the calendar library. Servers share one core,
whoever asks has another. Ratios are taken within a round, and the median of the rounds
counts. Nothing here fails a build.
"""

import gzip
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx

from bench.cores import CLIENTS, SERVERS, on_core
from bench.library import Events
from bench.meanwhile import meanwhile
from bench.peers import RADICALE, Programs, bare, calendar_at, upload
from bench.servers import Failed, Server, client, postgresql, temporary_folder
from bench.stock import LARGE, MIDDLE, SIZES, SMALL, Feed, Register, filled, served, target_of
from bench.verdicts import at_least, at_most, ratio
from bench.wrk import CONNECTIONS, Round, Target, Wrk, ask_once

_ROUNDS = 3
_SECONDS = 2
_LARGE_ANSWERS_SECONDS = 1
_UNBOUND = {
    "NOTICEBOARD_FEED_MAX_EVENTS": "1000000",
    "NOTICEBOARD_FEED_MAX_BYTES": "1000000000",
    "NOTICEBOARD_FEED_MEMORY_BYTES": "512000000",
}
_OURS, _ON_POSTGRESQL = "Noticeboard", "on PostgreSQL"
_NGINX, _BARE = "nginx", "bare ASGI"

_Asked = Mapping[str, Sequence[Round]]
"""The rounds of each server; they took turns."""
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class _Others:
    """Who serves the bytes of our feeds as they lie in a folder, by name."""

    servers: Mapping[str, Server]

    def targets(self, size: int) -> dict[str, Target]:
        """Return the request for a feed's bytes at each of them."""
        return {name: target_of(one, f"/{size}.ics") for name, one in self.servers.items()}


def main() -> None:
    """Measure everything and print it."""
    with _environment(_UNBOUND), on_core(CLIENTS), ExitStack() as stack:
        folder = temporary_folder()
        programs = Programs(folder)
        programs.settle()
        registers = {size: filled(f"sqlite:///{folder}/{size}.db", size) for size in SIZES}
        print("\nFeeds: servers on one core, who asks on another")
        for sentence in programs.left_out:
            print(f"  LEFT OUT, for it cannot be installed: {sentence}")
        _first_answer(folder, registers[MIDDLE])
        wrk = programs.wrk()
        if wrk is None:
            print("  LEFT OUT, for there is no wrk to ask: how fast polls are answered")
        else:
            meanwhile(folder, registers[LARGE], wrk)
        feeds = {size: served(stack, folder, one) for size, one in registers.items()}
        rates = {}
        if wrk is not None:
            others = _others(stack, folder, programs, feeds)
            rates = _unchanged(stack, folder, wrk, feeds, others)
            _kept(wrk, feeds, others)
        seconds = _radicale(programs, feeds)
        for size, rate in rates.items():
            if size in seconds and size in _TIMES_RADICALE:
                what = f"P4  rate, of Radicale's, {size} events"
                at_least(_TIMES_RADICALE[size], what, rate * seconds[size])
        _after_one_change(feeds[LARGE], seconds.get(LARGE))


_TIMES_RADICALE = {SMALL: 100, LARGE: 1_000}


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _others(
    stack: ExitStack, folder: Path, programs: Programs, feeds: Mapping[int, Feed]
) -> _Others:
    """Have others serve what ours serves, compressed too."""
    root = folder / "files"
    root.mkdir()
    for size, feed in feeds.items():
        (root / f"{size}.ics").write_bytes(feed.body)
        (root / f"{size}.ics.gz").write_bytes(gzip.compress(feed.body, mtime=0))
    nginx = stack.enter_context(programs.nginx(root))
    servers = {} if nginx is None else {_NGINX: nginx}
    return _Others({**servers, _BARE: stack.enter_context(bare(root, folder))})


def _unchanged(
    stack: ExitStack, folder: Path, wrk: Wrk, feeds: Mapping[int, Feed], others: _Others
) -> dict[int, float]:
    """Measure polls that find nothing new; return how many of ours are answered a second."""
    print(
        f"\nP1 to P3: a poll that finds nothing new (304), {CONNECTIONS} connections;"
        " address and revision looked up for each"
        "\n(ours writes its access log, nginx and bare ASGI none; CPU is of all processes of a"
        "\nserver, PostgreSQL's among them, which runs on the same core)"
    )
    _print_head()
    everything: dict[int, _Asked] = {}
    for size, feed in feeds.items():
        targets = {**others.targets(size), _OURS: feed.target}
        if size == MIDDLE:
            targets[_ON_POSTGRESQL] = _on_postgresql(stack, folder)
        conditional = {name: _if_none_match(one) for name, one in targets.items()}
        everything[size] = _asked(wrk, conditional, _SECONDS)
        _print_rows(feed.events, everything[size])
    _judge_unchanged(everything)
    return {
        size: statistics.median(one.rate for one in asked[_OURS])
        for size, asked in everything.items()
    }


def _judge_unchanged(everything: Mapping[int, _Asked]) -> None:
    asked = everything[MIDDLE]
    if _NGINX in asked:
        at_least(0.10, "P1  rate, of nginx's", _compared(asked, _OURS, _NGINX, _rate))
        at_most(10, "P1  CPU per answer, of nginx's", _compared(asked, _OURS, _NGINX, _cpu))
    at_least(0.33, "P1  rate, of bare ASGI's", _compared(asked, _OURS, _BARE, _rate))
    at_most(4, "P1  p99, of bare ASGI's", _compared(asked, _OURS, _BARE, _p99))
    if _NGINX in asked:
        share = _compared(asked, _ON_POSTGRESQL, _NGINX, _rate)
        at_least(0.03, "P2  rate on PostgreSQL, of nginx's", share)
    large, small = (_figures(everything[size][_OURS], _cpu) for size in (LARGE, SMALL))
    at_most(1.2, f"P3  CPU per answer, {LARGE} events, of {SMALL}'s", ratio(large, small))


def _kept(wrk: Wrk, feeds: Mapping[int, Feed], others: _Others) -> None:
    for encoding, how in (("identity", "plain"), ("gzip", "compressed; nginx: gzip_static")):
        print(f"\nP5: a whole answer from kept bytes (200), {CONNECTIONS} connections, {how}")
        _print_head()
        everything = {}
        for size, feed in feeds.items():
            targets = {**others.targets(size), _OURS: feed.target}
            accepting = {
                name: one.when(200, accept_encoding=encoding) for name, one in targets.items()
            }
            everything[size] = _asked(wrk, accepting, _LARGE_ANSWERS_SECONDS)
            _print_rows(feed.events, everything[size])
        for size, asked in everything.items():
            if _NGINX in asked:
                bound = 0.25 if size == SMALL else 0.8
                share = _compared(asked, _OURS, _NGINX, _rate)
                at_least(bound, f"P5  rate, of nginx's, {size} events, {encoding}", share)


def _on_postgresql(stack: ExitStack, folder: Path) -> Target:
    """Serve the feed of middle size from a PostgreSQL that runs on the same core."""
    with on_core(SERVERS):
        url = stack.enter_context(postgresql(folder))
    database = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
    target = served(stack, folder, filled(url, MIDDLE)).target
    return Target(target.port, target.path, (*target.processes, database))


def _if_none_match(target: Target) -> Target:
    return target.when(304, if_none_match=ask_once(target).header("etag"))


def _asked(wrk: Wrk, targets: Mapping[str, Target], seconds: int) -> _Asked:
    found: dict[str, list[Round]] = {name: [] for name in targets}
    for _ in range(_ROUNDS):
        for name, target in targets.items():
            found[name].append(wrk.ask(target, seconds))
    return found


def _rate(one: Round) -> float:
    return one.rate


def _cpu(one: Round) -> float:
    return one.cpu_us


def _p99(one: Round) -> float:
    return one.p99_ms


def _figures(rounds: Sequence[Round], figure: Callable[[Round], float]) -> list[float]:
    return [figure(one) for one in rounds]


def _compared(asked: _Asked, ours: str, theirs: str, figure: Callable[[Round], float]) -> float:
    return ratio(_figures(asked[ours], figure), _figures(asked[theirs], figure))


def _print_head() -> None:
    print(
        f"  {'events':>6}  {'server':13} {'per second':>10} {'CPU us':>8} {'p99 ms':>7}"
        f"   of nginx: {'rate':>5} {'CPU':>6}   of bare: {'rate':>5} {'p99':>6}"
    )


def _print_rows(events: int, asked: _Asked) -> None:
    for name, rounds in asked.items():
        rate, cpu, p99 = (
            statistics.median(_figures(rounds, figure)) for figure in (_rate, _cpu, _p99)
        )
        compared = [
            f"{_compared(asked, name, anchor, figure):.{digits}f}" if anchor in asked else "-"
            for anchor, figure, digits in (
                (_NGINX, _rate, 3),
                (_NGINX, _cpu, 1),
                (_BARE, _rate, 2),
                (_BARE, _p99, 1),
            )
        ]
        print(
            f"  {events:6}  {name:13} {rate:10.0f} {cpu:8.1f} {p99:7.2f}"
            f"             {compared[0]:>5} {compared[1]:>6}"
            f"            {compared[2]:>5} {compared[3]:>6}"
        )


def _first_answer(folder: Path, register: Register) -> None:
    """Compare the first answer of a server with what the calendar library takes."""
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        with ExitStack() as stack:
            feed = served(stack, folder, register.copied(folder))
            events = Events(feed.body)
            ours.append(feed.seconds)
            with on_core(SERVERS):
                theirs.append(events.seconds())
    print(
        f"\nThe first answer of a server, {len(events)} events never rendered before: {_ms(ours)};"
        f" icalendar builds and writes the same bytes in {_ms(theirs)}"
    )
    at_most(1.2, "--  time, of icalendar's", ratio(ours, theirs))


def _radicale(programs: Programs, feeds: Mapping[int, Feed]) -> dict[int, float]:
    """Return how long Radicale takes for a poll of each feed, asked one at a time."""
    found = {}
    with programs.radicale() as server:
        if server is None:
            return {}
        print(f"\nP4: the same events in Radicale {RADICALE}, which never answers 304")
        with calendar_at(server) as calendar:
            for size, feed in feeds.items():
                path = f"/bench/{size}/"
                tag = upload(calendar, path, feed.body)
                poll = partial(calendar.get, path, headers={"If-None-Match": tag})
                taken = [_timed(poll) for _ in range(_POLLS_OF_RADICALE[size])]
                statuses = {answer.status_code for _, answer in taken}
                seconds = [spent for spent, _ in taken]
                found[size] = statistics.median(seconds)
                print(
                    f"  {feed.events:6} events: {_ms(seconds)} a poll, answered {sorted(statuses)}"
                )
    return found


_POLLS_OF_RADICALE = {SMALL: 30, MIDDLE: 5, LARGE: 3}


def _after_one_change(feed: Feed, radicale: float | None) -> None:
    """Compare the poll after one agreement changed with rendering everything anew."""
    ours, theirs = [], []
    events = Events(feed.body)
    with client(feed.server, feed.register.token) as api:
        tag = feed.etag
        for number, agreement_id in enumerate(_usual_agreements(feed.body)[:_ROUNDS]):
            _rename_owner(api, agreement_id, f"Successor {number}")
            # That there is something new is what is measured: a 304 would not do.
            spent, answer = _timed(partial(ask_once, feed.target.when(200, if_none_match=tag)))
            tag = answer.header("etag")
            ours.append(spent)
            with on_core(SERVERS):
                theirs.append(events.seconds())
    print(
        f"\nP6: the first poll after one agreement changed, {feed.events} events: {_ms(ours)};"
        f" icalendar builds and writes all of them in {_ms(theirs)}"
    )
    at_most(0.03, "P6  time, of icalendar's", ratio(ours, theirs))
    if radicale is not None:
        at_most(0.1, "P6  time, of one poll of Radicale", statistics.median(ours) / radicale)


def _usual_agreements(body: bytes) -> list[str]:
    """Return agreements of a feed by their ids, those with a usual number of events first."""
    found = Counter(re.findall(rb"^URL:\S+/agreements/(\S+)\r$", body, re.MULTILINE))
    usual = statistics.median_low(found.values())
    return [one.decode() for one, count in found.items() if count == usual]


def _rename_owner(api: httpx.Client, agreement_id: str, name: str) -> None:
    path = f"/api/v1/agreements/{agreement_id}"
    read = api.get(path)
    written = api.patch(path, json={"owner": name}, headers={"If-Match": read.headers["ETag"]})
    if not written.is_success:
        raise Failed(f"PATCH {path} answers {written.status_code}: {written.text}")


def _timed(do: Callable[[], _Made]) -> tuple[float, _Made]:
    started = time.perf_counter()
    made = do()
    return time.perf_counter() - started, made


def _ms(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
