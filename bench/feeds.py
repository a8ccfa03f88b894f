"""What does a poll of a feed cost? `python -m bench.feeds`, and a part of `make bench`.

Side by side in one run: a static file in nginx, a bare application on the server that ours
runs on, Radicale with the same events, and the calendar library. Servers share one core,
whoever asks has another. Ratios are taken within a round, and the median of the rounds
counts. Nothing here fails a build.
"""

import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx

from bench.cores import CLIENTS, SERVERS, on_core
from bench.library import Events
from bench.meanwhile import meanwhile
from bench.peers import RADICALE, Programs, calendar_at, upload
from bench.polls import kept, others_with, unchanged
from bench.servers import Failed, client, temporary_folder
from bench.stock import LARGE, MIDDLE, SIZES, SMALL, Feed, Register, filled, served
from bench.verdicts import at_least, at_most, ratio
from bench.wrk import Wrk, ask_once

_ROUNDS = 3
_UNBOUND = {
    "NOTICEBOARD_FEED_MAX_EVENTS": "1000000",
    "NOTICEBOARD_FEED_MAX_BYTES": "1000000000",
    "NOTICEBOARD_FEED_MEMORY_BYTES": "512000000",
}
_RADICALE = {SMALL: (10, 100), LARGE: (1, 1_000)}
"""How often Radicale is asked in a round, and how many times as fast polls of ours shall be."""

_Made = TypeVar("_Made")


def main() -> None:
    """Measure everything and print it."""
    with _environment(_UNBOUND), on_core(CLIENTS), ExitStack() as stack:
        folder = temporary_folder()
        programs = Programs(folder)
        with ThreadPoolExecutor(1) as thread:
            installing = thread.submit(_on_servers_core, programs.settle)
            registers = {size: filled(f"sqlite:///{folder}/{size}.db", size) for size in SIZES}
            installing.result()
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
        if wrk is not None:
            others = others_with(stack, folder, programs, feeds)
            unchanged(stack, folder, wrk, feeds, others)
            kept(wrk, feeds, others)
        _after_one_change(feeds[LARGE], _radicale(programs, feeds, wrk))


def _on_servers_core(do: Callable[[], None]) -> None:
    with on_core(SERVERS):
        do()


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


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


def _radicale(programs: Programs, feeds: Mapping[int, Feed], wrk: Wrk | None) -> float | None:
    """Compare polls with those of Radicale, which is asked one at a time.

    Returns how long one of the large feed takes it, None when it could not be installed.
    """
    with programs.radicale() as server:
        if server is None:
            return None
        print(f"\nP4: the same events in Radicale {RADICALE}, which never answers 304")
        with calendar_at(server) as calendar:
            for size, (count, bound) in _RADICALE.items():
                seconds = _polls_of_radicale(calendar, feeds[size], count, bound, wrk)
    return seconds


def _polls_of_radicale(
    calendar: httpx.Client, feed: Feed, count: int, bound: float, wrk: Wrk | None
) -> float:
    """Print how long Radicale takes for a poll, and how many of ours that is; return it."""
    path = f"/bench/{feed.events}/"
    poll = partial(calendar.get, path, headers={"If-None-Match": upload(calendar, path, feed.body)})
    seconds, rates, statuses = [], [], set()
    for _ in range(_ROUNDS):
        taken = [_timed(poll) for _ in range(count)]
        statuses |= {answer.status_code for _, answer in taken}
        seconds.append(statistics.median(spent for spent, _ in taken))
        if wrk is not None:
            rates.append(wrk.ask(feed.target.when(304, if_none_match=feed.etag), 1).rate)
    print(f"  {feed.events:6} events: {_ms(seconds)} a poll, answered {sorted(statuses)}")
    if rates:
        what = f"P4  rate of 304, of Radicale's polls, {feed.events} events"
        at_least(bound, what, ratio(rates, [1 / one for one in seconds]))
    return statistics.median(seconds)


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
    """Return the ids of agreements in a feed that have the usual number of events."""
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
