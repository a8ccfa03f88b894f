"""Do other people's programs read our feeds? `python -m bench.readers` asks each that it can get.

A server is filled with the example register, another one with a nasty one; both team feeds
of both are given to every reader while they are empty, full, and after an edit and a
deletion. What a reader sees is compared with what stands there. Exits 1 when a reader sees
something else, or is not there.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.readers import libraries
from bench.readers.homes import (
    DebianPackages,
    Home,
    NodePackages,
    NotInstalled,
    OwnEnvironment,
    PythonPackages,
)
from bench.readers.reading import Reader, Unreadable, disagreements
from bench.readers.shelf import Feed, Moment, Register, differences, register
from bench.readers.subscribers import Khal, Subscriptions, Vdirsyncer
from bench.servers import Failed, conclude, postgresql, temporary_folder

_MOST_TOLD = 4
_AT_ONCE = 2
_NEVER = "-"


@dataclass(slots=True)
class Report:
    """What every reader saw, and what is wrong with it."""

    feeds: list[str] = field(default_factory=list)
    counts: dict[tuple[str, str, Moment], int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    faults: list[str] = field(default_factory=list)

    def add(self, reader: Reader, feed: Feed, moment: Moment) -> None:
        """Let a reader read a feed, and keep what is wrong with what it saw."""
        where = f"{reader.name}, {feed.name} {moment}"
        if reader.stumble:
            feed = feed.without(reader.stumble.over)
        started = time.perf_counter()
        try:
            seen = reader.read(feed)
        except (Unreadable, NotInstalled) as error:
            self.faults.append(f"{where}: {error}")
            return
        self.counts[reader.name, feed.name, moment] = len(seen)
        self.seconds[reader.name] += time.perf_counter() - started
        wrong = list(disagreements(reader, feed, seen))
        self.faults += [f"{where} {one}" for one in wrong[:_MOST_TOLD]]
        if len(wrong) > _MOST_TOLD:
            self.faults.append(f"{where}: and {len(wrong) - _MOST_TOLD} more")

    def print(self, readers: Iterable[Reader]) -> None:
        """Print a table: the events that each reader saw in each feed, at each moment."""
        print(f"\nevents read: {', '.join(Moment)}")
        width = max(len(reader.name) for reader in readers)
        print(" " * width, *(f"{name:>18}" for name in self.feeds), " seconds")
        for reader in readers:
            cells = [
                ", ".join(
                    str(self.counts.get((reader.name, name, moment), _NEVER)) for moment in Moment
                )
                for name in self.feeds
            ]
            print(
                f"{reader.name:{width}}",
                *(f"{cell:>18}" for cell in cells),
                f"{self.seconds[reader.name]:8.1f}",
            )


def main() -> None:
    """Read, compare, and say what came of it."""
    arguments = _arguments()
    folder = temporary_folder()
    readers = _chosen(arguments, arguments.keep or folder, folder)
    started = time.perf_counter()
    report = Report()
    try:
        with ExitStack() as stack, ThreadPoolExecutor(1) as thread:
            installing = thread.submit(_installed, readers)
            example, nasty = (
                stack.enter_context(
                    register(name, f"sqlite:///{folder}/{name}.db", folder, is_nasty=is_nasty)
                )
                for name, is_nasty in (("example", False), ("nasty", True))
            )
            twins = [] if arguments.quick else [stack.enter_context(_on_postgresql(folder))]
            report.faults, present = installing.result()
            print(f"ready after {time.perf_counter() - started:.0f} s")
            report.feeds = [feed.name for each in (example, nasty) for feed in each.feeds]
            for moment in Moment:
                for each in (example, nasty, *twins):
                    report.faults += each.bring_to(moment)
                report.faults += [what for twin in twins for what in differences(nasty, twin)]
                _read(report, moment, [*example.feeds, *nasty.feeds], present)
                print(f"{moment} read after {time.perf_counter() - started:.0f} s")
    except Failed as failed:
        report.faults.append(str(failed))
    report.print(readers)
    _print_allowances(readers)
    conclude(report.faults)


@contextmanager
def _on_postgresql(folder: Path) -> Iterator[Register]:
    """Serve what is nasty from PostgreSQL too: it has to become the same feeds."""
    with (
        postgresql(folder) as url,
        register("nasty (PostgreSQL)", url, folder, is_nasty=True) as twin,
    ):
        yield twin


def _read(report: Report, moment: Moment, feeds: Sequence[Feed], readers: Sequence[Reader]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        tasks = [
            threads.submit(report.add, reader, feed, moment) for reader in readers for feed in feeds
        ]
        for task in tasks:
            task.result()


def _print_allowances(readers: Iterable[Reader]) -> None:
    """Print what readers are known not to do, and are not blamed for."""
    print("\nknown of them")
    for reader in readers:
        for name, why in reader.untold.items():
            print(f"  {reader.name} does not tell the {name}: {why}")
        for fault in reader.faults:
            print(f"  {reader.name} tells another {fault.field}: {fault.why}")
        if reader.stumble:
            over, why = reader.stumble.over.pattern, reader.stumble.why
            print(f"  {reader.name} is not shown events that say {over}: {why}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.readers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="ask these readers alone")
    parser.add_argument("--quick", action="store_true", help="leave out what installs slowly")
    parser.add_argument("--keep", type=Path, help="a folder in which readers stay installed")
    return parser.parse_args()


def _chosen(arguments: argparse.Namespace, homes: Path, folder: Path) -> list[Reader]:
    python = PythonPackages(homes.absolute() / "python")
    subscriptions = Subscriptions(python, folder / "subscriptions")
    readers: list[Reader] = [
        *libraries.in_python(OwnEnvironment(homes), python),
        *libraries.in_javascript(NodePackages(homes.absolute() / "node")),
        Vdirsyncer(subscriptions),
        Khal(subscriptions),
        *libraries.in_debian(DebianPackages(homes.absolute() / "debian")),
    ]
    unknown = {*(arguments.only or ())} - {reader.name for reader in readers}
    if unknown:
        names = ", ".join(reader.name for reader in readers)
        raise SystemExit(f"Nobody is called {', '.join(sorted(unknown))}. There are: {names}.")
    return [
        reader
        for reader in readers
        if (reader.home.is_quick or not arguments.quick)
        and reader.name in (arguments.only or reader.name)
    ]


def _installed(readers: Sequence[Reader]) -> tuple[list[str], list[Reader]]:
    """Install readers; returns whom that fails for and why, and the others."""
    by_home: dict[Home, list[Reader]] = {}
    for reader in readers:
        by_home.setdefault(reader.home, []).append(reader)
    faults, present = [], []
    for home, inmates in by_home.items():
        try:
            home.settle(package for reader in inmates for package in reader.packages)
        except NotInstalled as error:
            faults += [f"{reader.name} is not installed: {error}" for reader in inmates]
        else:
            present += inmates
    return faults, present


if __name__ == "__main__":
    main()
