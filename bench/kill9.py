"""Does a crash lose anything? `python -m bench.kill9` kills servers while people write.

In rounds, on SQLite and on PostgreSQL: clients write, the server is killed at a moment that
nobody chose, a new one is started, and what it holds is compared with what each client was
told. What was acknowledged is there, what was refused is not, and what was cut off is there
wholly or not at all, and once after it was sent again. Exits 1 when anything is not so.
"""

import argparse
import random
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

import httpx

from bench.consistency import Judgement, Seen, judge, look
from bench.edits import EDITS, Request, creation
from bench.servers import (
    Failed,
    Server,
    client,
    conclude,
    new_token,
    postgresql,
    run,
    start,
    temporary_folder,
)

_CLIENTS = 8
_SHARED = 4
_NEW = 0.3
"""How many of the writes are new agreements."""
_SHORTEST, _LONGEST = 0.3, 4.0
"""How long clients write before the server is killed, in seconds."""
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Outcome(Enum):
    """What a client knows of a write when the server is gone."""

    ACKNOWLEDGED = auto()  # it has read the whole answer
    REFUSED = auto()  # it was told so, or could not even ask
    IN_DOUBT = auto()


@dataclass(slots=True)
class Write:
    """Something that a client sent."""

    mark: str
    request: Request
    outcome: Outcome
    answer: str = ""


@dataclass(slots=True)
class Figures:
    """What a campaign amounts to."""

    kills: int = 0
    acknowledged: int = 0
    refused: int = 0
    in_doubt: int = 0
    applied: int = 0
    repeated: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    uncalled: set[str] = field(default_factory=set)
    half_done: set[str] = field(default_factory=set)
    recoveries: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Campaign:
    """Rounds of writing and killing on one database."""

    url: str
    folder: Path
    token: str = ""
    entries_before: int = 0
    figures: Figures = field(default_factory=Figures)
    writes: list[Write] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def carry_out(self, rounds: int) -> None:
        """Kill a server in each round; the next one has to answer for what it left."""
        self.token = new_token(self.url)
        self.entries_before = self._verified() or 0
        server = start(self.url, self.folder)
        try:
            server.wait()
            for number in range(rounds):
                written = self._write_and_kill(server, number)
                killed = time.perf_counter()
                server = start(self.url, self.folder)
                server.wait()
                self.figures.recoveries.append(time.perf_counter() - killed)
                self._check_round(server, number, written)
                print(".", end="", flush=True)
            self._check_all(server)
        except Failed:
            server.explain()
            raise
        finally:
            server.stop()

    def _write_and_kill(self, server: Server, number: int) -> list[Write]:
        chance, round_of = random.Random(number), Round(server, self.token, number)
        round_of.found()
        with ThreadPoolExecutor(_CLIENTS) as threads:
            writing = [threads.submit(round_of.write, seed) for seed in range(_CLIENTS)]
            time.sleep(chance.uniform(_SHORTEST, _LONGEST))
            server.kill()
            round_of.is_over.set()
            for done in writing:
                done.result()
        self.figures.kills += 1
        return round_of.writes

    def _check_round(self, server: Server, number: int, written: list[Write]) -> None:
        """Check what a crash left, send again what was in doubt, and check that too."""
        figures = self.figures
        figures.acknowledged += _count(written, Outcome.ACKNOWLEDGED)
        figures.refused += _count(written, Outcome.REFUSED)
        figures.in_doubt += _count(written, Outcome.IN_DOUBT)
        with client(server, self.token) as one:
            judged = self._judge(look(one, counterparty=_counterparty(number)), written)
            figures.applied += len(judged.applied)
            for write in written:
                self._send_again(one, write, judged.applied)
            self._judge(look(one, counterparty=_counterparty(number)), written)
        self.writes += written

    def _send_again(self, one: httpx.Client, write: Write, applied: Iterable[str]) -> None:
        """Send again what was in doubt; what was acknowledged under a key has its answer kept."""
        is_known = write.outcome is Outcome.ACKNOWLEDGED
        if write.outcome is Outcome.REFUSED or (is_known and not write.request.has_key):
            return
        is_there = is_known or write.mark in applied
        try:
            again = write.request.send(one)
        except Failed as failed:
            self.faults.append(f"{write.mark} cannot be repeated: {failed}")
        else:
            self.figures.repeated += is_known
            if write.answer not in ("", again.text):
                self.faults.append(f"{write.mark} was answered otherwise when it was sent again")
            is_there = is_there or again.is_success
        write.outcome = Outcome.ACKNOWLEDGED if is_there else Outcome.REFUSED

    def _check_all(self, server: Server) -> None:
        """Check all rounds once more: what a crash left, a later one may have taken."""
        with client(server, self.token) as one:
            seen = look(one)
        self._judge(seen, self.writes)
        there = self._verified()
        expected = self.entries_before + seen.entries
        if there not in (None, expected):
            self.faults.append(f"the trail has {there} entries, and {expected} are accounted for")

    def _judge(self, seen: Seen, written: Iterable[Write]) -> Judgement:
        by_outcome: dict[Outcome, set[str]] = {outcome: set() for outcome in Outcome}
        for write in written:
            by_outcome[write.outcome].add(write.mark)
        judged = judge(seen, by_outcome[Outcome.ACKNOWLEDGED], by_outcome[Outcome.IN_DOUBT])
        self.figures.lost |= judged.lost
        self.figures.doubled |= judged.doubled
        self.figures.uncalled |= judged.uncalled
        self.figures.half_done |= seen.half_done
        self.faults += judged.faults + seen.faults
        return judged

    def _verified(self) -> int | None:
        """Return how many entries the product's own check goes through, None if it objects."""
        verified = run(self.url, "verify")
        if verified.returncode:
            self.faults.append(f"noticeboard verify: {verified.stderr.strip()}")
            return None
        return int(verified.stdout.split()[0])


@dataclass(slots=True)
class Round:
    """What clients do until their server is gone."""

    server: Server
    token: str
    number: int
    agreements: list[str] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def found(self) -> None:
        """Create the agreements that all clients of the round work on."""
        with client(self.server, self.token) as one:
            for number in range(_SHARED):
                self._create(one, f"{self.number}-shared-{number}")

    def write(self, seed: int) -> None:
        """Write one thing after another, as one client, until nobody answers."""
        chance = random.Random(f"{self.number} {seed}")
        with client(self.server, self.token) as one, suppress(httpx.TransportError):
            for number in range(1_000_000):
                if self.is_over.is_set():
                    return
                mark = f"{self.number}-{seed}-{number}"
                if chance.random() < _NEW:
                    self._create(one, mark)
                else:
                    edit = chance.choice(EDITS)
                    self._send(one, mark, edit(one, chance.choice(self.agreements), mark))

    def _create(self, one: httpx.Client, mark: str) -> None:
        created = self._send(one, mark, creation(mark, _counterparty(self.number)))
        if created.is_success and len(self.agreements) < 2 * _SHARED:
            self.agreements.append(created.json()["id"])

    def _send(self, one: httpx.Client, mark: str, request: Request) -> httpx.Response:
        """Send a request and note what is known of it; raises when nobody answers."""
        write = Write(mark, request, Outcome.IN_DOUBT)
        self.writes.append(write)
        try:
            answer = request.send(one)
        except _NEVER_SENT:
            write.outcome = Outcome.REFUSED
            raise
        write.outcome = Outcome.ACKNOWLEDGED if answer.is_success else Outcome.REFUSED
        write.answer = answer.text
        return answer


def main() -> None:
    """Kill servers on both databases, and print what became of what they held."""
    parser = argparse.ArgumentParser(description="Kill servers while people write.")
    parser.add_argument("--rounds", type=int, default=20, help="kills on each database")
    rounds = parser.parse_args().rounds
    folder = temporary_folder()
    with postgresql(folder) as url:
        campaigns = {
            "SQLite": Campaign(f"sqlite:///{folder}/noticeboard.db", folder),
            "PostgreSQL": Campaign(url, folder),
        }
        for campaign in campaigns.values():
            try:
                campaign.carry_out(rounds)
            except Failed as failed:
                campaign.faults.append(str(failed))
    print()
    _table({name: campaign.figures for name, campaign in campaigns.items()})
    faults = [f"{name}: {fault}" for name, one in campaigns.items() for fault in one.faults]
    conclude(list(dict.fromkeys(faults)))


def _table(columns: dict[str, Figures]) -> None:
    print(f"{'':34}" + "".join(f"{name:>12}" for name in columns))
    for title, cells in {
        "servers killed": [f"{one.kills}" for one in columns.values()],
        "writes acknowledged": [f"{one.acknowledged}" for one in columns.values()],
        "  of them lost": [f"{len(one.lost)}" for one in columns.values()],
        "  answered the same when repeated": [f"{one.repeated}" for one in columns.values()],
        "writes refused": [f"{one.refused}" for one in columns.values()],
        "  of them there all the same": [f"{len(one.uncalled)}" for one in columns.values()],
        "writes in doubt": [f"{one.in_doubt}" for one in columns.values()],
        "  of them applied": [f"{one.applied}" for one in columns.values()],
        "half-done": [f"{len(one.half_done)}" for one in columns.values()],
        "doubled": [f"{len(one.doubled)}" for one in columns.values()],
        "slowest recovery": [f"{max(one.recoveries, default=0):.1f} s" for one in columns.values()],
    }.items():
        print(f"{title:34}" + "".join(f"{cell:>12}" for cell in cells))


def _counterparty(number: int) -> str:
    return f"Round {number}"


def _count(writes: Iterable[Write], outcome: Outcome) -> int:
    return sum(write.outcome is outcome for write in writes)


if __name__ == "__main__":
    main()
