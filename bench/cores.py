"""Which core does what, and how long has a server worked? As the kernel counts it."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

SERVERS = 0
CLIENTS = (os.cpu_count() or 1) - 1

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # of what stands behind the name in proc_pid_stat(5)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Have this thread, and what it starts meanwhile, run on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return the user and system time of processes and of all that they started."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    spent: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed
        number = int(entry.parent.name)
        children[int(fields[_PARENT])].append(number)
        spent[number] = (int(fields[_USER]) + int(fields[_SYSTEM])) * _TICK
    waiting, total = [*roots], 0.0
    while waiting:
        number = waiting.pop()
        total += spent.get(number, 0.0)
        waiting += children[number]
    return total
