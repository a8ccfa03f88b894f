"""Do people who write at the same time lose anything? `python -m bench.races` counts.

Two servers over one PostgreSQL, and many clients that change the same few agreements: each
reads from one server and writes to one, and reads again when somebody was faster. Then the
same request, sent by many at once under one key. Exits 1 when anything is not as it must be.
"""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import httpx

from bench.consistency import Seen, judge, look
from bench.edits import AGAIN, EDITS, Request, creation, give_notice
from bench.servers import (
    Failed,
    Server,
    client,
    conclude,
    new_token,
    postgresql,
    run,
    serving,
    temporary_folder,
)

_EDITS = 1_000
_CLIENTS = 32
_AGREEMENTS = 5
_REPEATED = 20
_AT_ONCE = 8


@dataclass(slots=True)
class Race:
    """A race of clients, and what became of it."""

    servers: Sequence[Server]
    token: str
    agreements: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def found(self) -> None:
        """Create the agreements that all work on."""
        with client(self.servers[0], self.token) as one:
            for number in range(_AGREEMENTS):
                mark = f"shared-{number}"
                agreement_id = creation(mark, "Shared").send(one).json()["id"]
                self.agreements.append(agreement_id)
                self.acknowledged[mark] = agreement_id

    def edit(self) -> None:
        """Make all edits, by all clients at once."""
        numbers = iter(range(_EDITS))
        with ThreadPoolExecutor(_CLIENTS) as threads:
            for done in [threads.submit(self._edit, seed, numbers) for seed in range(_CLIENTS)]:
                done.result()

    def _edit(self, seed: int, numbers: Iterator[int]) -> None:
        chance = random.Random(seed)
        clients = [client(server, self.token) for server in self.servers]
        for number in numbers:
            make = EDITS[number % len(EDITS)]
            agreement_id = self.agreements[number % len(self.agreements)]
            for attempt in itertools.count(1):
                mark = f"edit-{number}.{attempt}"
                request = make(chance.choice(clients), agreement_id, mark)
                answer = request.send(chance.choice(clients))
                self.answers[answer.status_code] += 1
                if answer.is_success:
                    self.acknowledged[mark] = agreement_id
                    break
        for one in clients:
            one.close()

    def repeat(self) -> None:
        """Send each of some requests by many clients at once, under one key."""
        clients = [client(self.servers[number % 2], self.token) for number in range(_AT_ONCE)]
        for number in range(_REPEATED):
            mark, agreement_id = f"notice-{number}", self.agreements[number % _AGREEMENTS]
            self._repeat(clients, f"same-{number}", creation(f"same-{number}", "Sent by many"))
            self._repeat(clients, mark, give_notice(clients[0], agreement_id, mark), agreement_id)
        for one in clients:
            one.close()

    def _repeat(
        self,
        clients: Sequence[httpx.Client],
        mark: str,
        request: Request,
        agreement_id: str | None = None,
    ) -> None:
        start = threading.Barrier(len(clients))

        def send(one: httpx.Client) -> httpx.Response:
            start.wait()
            return request.send(one)

        try:
            with ThreadPoolExecutor(len(clients)) as threads:
                answers = list(threads.map(send, clients))
        except Failed as failed:
            self.faults.append(f"{mark} cannot be repeated: {failed}")
            return
        told = {
            (one.status_code, one.headers.get("ETag"), one.headers.get("Location"), one.text)
            for one in answers
        }
        if len(told) > 1 or not answers[0].is_success:
            statuses = ", ".join(sorted(str(one.status_code) for one in answers))
            self.faults.append(f"{mark} got {len(told)} different answers: {statuses}")
        else:
            self.acknowledged[mark] = agreement_id or answers[0].json()["id"]

    def judge(self, seen: Seen) -> None:
        """Compare what the register holds with what was acknowledged."""
        self.faults += seen.faults + judge(seen, self.acknowledged.keys()).faults
        expected = Counter(self.acknowledged.values())
        for agreement_id in sorted(expected.keys() | seen.versions):
            version, count = seen.versions.get(agreement_id), expected[agreement_id]
            if version != count:
                fault = f"is at version {version} after {count} acknowledged writes"
                self.faults.append(f"agreement {agreement_id} {fault}")


def main() -> None:
    """Race, and say what became of it."""
    folder = temporary_folder()
    try:
        with postgresql(folder) as url:
            faults = _race(url, folder)
    except Failed as failed:
        faults = [str(failed)]
    conclude(faults)


def _race(url: str, folder: Path) -> list[str]:
    with serving(url, folder, 2) as servers:
        race = Race(servers, new_token(url))
        race.found()
        started = time.perf_counter()
        race.edit()
        spent = time.perf_counter() - started
        edits = race.answers.total() - sum(race.answers[status] for status in AGAIN)
        race.repeat()
        with client(servers[0], race.token) as one:
            seen = look(one)
        race.judge(seen)
        verified = run(url, "verify")
        if verified.returncode:
            race.faults.append(f"noticeboard verify: {verified.stderr.strip()}")
    print(f"{_CLIENTS} clients, {len(servers)} servers, one PostgreSQL, {_AGREEMENTS} agreements")
    print(f"  edits acknowledged     {edits:6}   in {spent:.0f} s")
    print(f"  told to read again     {race.answers[HTTPStatus.PRECONDITION_FAILED]:6}")
    print(f"  told to come later     {race.answers[HTTPStatus.SERVICE_UNAVAILABLE]:6}")
    print(f"  requests under one key {2 * _REPEATED:6}   each by {_AT_ONCE} clients at once")
    print(f"  entries in the trails  {seen.entries:6}   of {len(seen.versions)} agreements")
    print(f"  wrong                  {len(race.faults):6}")
    return race.faults


if __name__ == "__main__":
    main()
