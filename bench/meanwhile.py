"""Do polls keep their pace while the same server works? On a large feed, and on an import.

A small feed of one owner is polled: a 304, which needs nothing of what the server is busy
with. What counts are seconds of polls that lay within the work as a whole.
"""

import csv
import io
import json
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench.cores import SERVERS, on_core
from bench.registers import agreements
from bench.servers import Failed, Server, client, run, serving
from bench.stock import Register, new_address, target_of, told
from bench.verdicts import at_least, at_most
from bench.wrk import Mixed, Round, Target, Wrk, ask_once

_IMPORTED = 10_000
_ALONE = 3
_OWNER = "Owner 7"


def meanwhile(folder: Path, register: Register, wrk: Wrk) -> None:
    """Measure polls of a small feed while a large one is rendered, and during an import."""
    copied = register.copied(folder)
    small = _feed_of_one_owner(copied.url, folder)
    content = _file_of(_IMPORTED)
    with ExitStack() as stack:
        with on_core(SERVERS):
            server = stack.enter_context(serving(copied.url, folder, 1))[0]
        render = partial(ask_once, target_of(server, copied.path))
        take_in = partial(_import, server, copied.token, content)
        target = target_of(server, small)
        polled = target.when(304, if_none_match=ask_once(target).header("etag"))
        print("\nP9: polls of a small feed (304) while the same server works")
        print(f"  {'':40} {'per second':>10} {'rate kept':>9} {'p99 ms':>7} {'worst':>6}")
        _compare(wrk, polled, "the large feed is rendered, never before", render)
        kept = _compare(wrk, polled, f"{_IMPORTED} agreements are imported", take_in)
    if kept is not None:
        share, p99 = kept
        at_least(0.35, "P9  rate kept during the import", share)
        at_most(20, "P9  p99 in ms during the import", p99)


def _compare(
    wrk: Wrk, polled: Target, what: str, work: Callable[[], object]
) -> tuple[float, float] | None:
    """Print what polls keep of their rate during work, and their p99, as most seconds had it.

    Returns both; the worst second is printed too.
    """
    alone = statistics.median(wrk.ask(polled, 1).rate for _ in range(_ALONE))
    rounds = _during(wrk, polled, work)
    if not rounds:
        print(f"  {what:40} was done within a second: too quick to measure")
        return None
    rate, p99 = (
        statistics.median(getattr(one, name) for one in rounds) for name in ("rate", "p99_ms")
    )
    worst = max(one.p99_ms for one in rounds)
    print(
        f"  {what:40} {rate:10.0f} {rate / alone:9.2f} {p99:7.1f} {worst:6.0f}"
        f"   ({len(rounds)} seconds; alone {alone:.0f}/s)"
    )
    return rate / alone, p99


def _during(wrk: Wrk, polled: Target, work: Callable[[], object]) -> list[Round]:
    """Return the rounds of a second each that lay within some work."""
    rounds: list[Round] = []
    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(work)
        while not working.done():
            try:
                one = wrk.ask(polled, 1)
            except Mixed:
                if not working.done():
                    working.result()  # an import is on record shortly before it says so
                break
            if not working.done():
                rounds.append(one)
        working.result()
    return rounds


def _feed_of_one_owner(url: str, folder: Path) -> str:
    definition = folder / "one-owner.json"
    definition.write_text(json.dumps({"team": "procurement", "filters": {"owner": _OWNER}}))
    key = told(run(url, "feed", "create", "One owner", "--definition", str(definition)))
    return new_address(url, key)


def _import(server: Server, token: str, content: bytes) -> None:
    with client(server, token) as api:
        done = api.post("/api/v1/imports", files={"file": ("register.csv", content)}, timeout=300)
        if done.status_code == HTTPStatus.ACCEPTED:  # a long one goes on as a job
            job = done.json()
            while job["state"] == "running":
                time.sleep(0.1)
                job = api.get(done.headers["Location"]).json()
            if job["state"] == "done":
                return
        elif done.status_code == HTTPStatus.OK:
            return
    raise Failed(f"the import answers {done.status_code}: {done.text}")


def _file_of(count: int) -> bytes:
    """Return a file for the import: other agreements than those that are there."""
    rows = [_row_of(one) for one in agreements(count)]
    file = io.StringIO()
    writer = csv.DictWriter(file, sorted({column for row in rows for column in row}))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _row_of(one: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in one.items() if not isinstance(value, dict)}
    row["reference"] = f"I-{one['reference']}"
    row["initial_term"] = _in_words(one["initial_term"])
    row["renewal_kind"] = one["renewal"]["kind"]
    if "term" in one["renewal"]:
        row["renewal_term"] = _in_words(one["renewal"]["term"])
    if "max" in one["renewal"]:
        row["renewal_max"] = one["renewal"]["max"]
    if "notice" in one:
        row["notice"] = _in_words(one["notice"])
        if "opens" in one["notice"]:
            row["notice_opens"] = _in_words(one["notice"]["opens"])
        if "calendar" in one["notice"]:
            row["notice_calendar"] = one["notice"]["calendar"]
    return row


def _in_words(length: Mapping[str, Any]) -> str:
    return f"{length['value']} {length['unit']}"
