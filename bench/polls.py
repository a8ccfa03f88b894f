"""How fast is a poll answered, by us and by others? One table for each kind of answer.

Every kind is asked of every server in turns, round after round.
"""

import gzip
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.cores import SERVERS, on_core
from bench.peers import Programs, bare
from bench.servers import Server, postgresql
from bench.stock import LARGE, MIDDLE, SMALL, Feed, filled, served, target_of
from bench.verdicts import at_least, at_most, ratio
from bench.wrk import CONNECTIONS, Round, Target, Wrk, ask_once

_ROUNDS = 3
_SECONDS = 2
_LARGE_ANSWERS_SECONDS = 1
_OURS, _ON_POSTGRESQL = "Noticeboard", "on PostgreSQL"
_NGINX, _BARE = "nginx", "bare ASGI"

_Asked = Mapping[str, Sequence[Round]]
"""The rounds of each server; they took turns."""


@dataclass(frozen=True, slots=True)
class Others:
    """Who serves the bytes of our feeds as they lie in a folder, by name."""

    servers: Mapping[str, Server]

    def targets(self, size: int) -> dict[str, Target]:
        """Return the request for a feed's bytes at each of them."""
        return {name: target_of(one, f"/{size}.ics") for name, one in self.servers.items()}


def others_with(
    stack: ExitStack, folder: Path, programs: Programs, feeds: Mapping[int, Feed]
) -> Others:
    """Have others serve what ours serves, compressed too."""
    root = folder / "files"
    root.mkdir()
    for size, feed in feeds.items():
        (root / f"{size}.ics").write_bytes(feed.body)
        (root / f"{size}.ics.gz").write_bytes(gzip.compress(feed.body, mtime=0))
    nginx = stack.enter_context(programs.nginx(root))
    servers = {} if nginx is None else {_NGINX: nginx}
    return Others({**servers, _BARE: stack.enter_context(bare(root, folder))})


def unchanged(
    stack: ExitStack, folder: Path, wrk: Wrk, feeds: Mapping[int, Feed], others: Others
) -> None:
    """Measure polls that find nothing new."""
    print(
        f"\nP1 to P3: a poll that finds nothing new (304), {CONNECTIONS} connections;"
        " address and revision looked up for each"
        "\n(ours writes its access log, nginx and bare ASGI none; CPU is what all processes of a"
        "\nserver used for one answer, PostgreSQL's among them; where ours had less than all of"
        "\nits core, the machine did something else, and ratios of CPU are what to go by)"
    )
    _print_head()
    everything: dict[int, _Asked] = {}
    for size, feed in feeds.items():
        targets = {**others.targets(size), _OURS: feed.target}
        if size == MIDDLE:
            targets[_ON_POSTGRESQL] = _on_postgresql(stack, folder)
        conditional = {name: _if_none_match(one) for name, one in targets.items()}
        everything[size] = _asked(wrk, conditional, _SECONDS)
        _print_rows(feed.events, len(ask_once(conditional[_OURS])), everything[size])
    _judge_unchanged(everything)


def _judge_unchanged(everything: Mapping[int, _Asked]) -> None:
    asked = {
        name: [one for asked in everything.values() for one in asked[name]]
        for name in everything[SMALL]
    }
    if _NGINX in asked:
        at_least(0.10, "P1  rate, of nginx's", _compared(asked, _OURS, _NGINX, _rate))
        at_most(10, "P1  CPU per answer, of nginx's", _compared(asked, _OURS, _NGINX, _cpu))
    at_least(0.33, "P1  rate, of bare ASGI's", _compared(asked, _OURS, _BARE, _rate))
    at_most(4, "P1  p99, of bare ASGI's", _compared(asked, _OURS, _BARE, _p99))
    if _NGINX in asked:
        share = _compared(everything[MIDDLE], _ON_POSTGRESQL, _NGINX, _rate)
        at_least(0.03, "P2  rate on PostgreSQL, of nginx's", share)
    large, small = (_figures(everything[size][_OURS], _cpu) for size in (LARGE, SMALL))
    at_most(1.2, f"P3  CPU per answer, {LARGE} events, of {SMALL}'s", ratio(large, small))


def kept(wrk: Wrk, feeds: Mapping[int, Feed], others: Others) -> None:
    """Measure polls that are answered in full, from bytes that were made before."""
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
            _print_rows(feed.events, len(ask_once(accepting[_OURS])), everything[size])
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


def _core(one: Round) -> float:
    return one.core * 100


def _figures(rounds: Sequence[Round], figure: Callable[[Round], float]) -> list[float]:
    return [figure(one) for one in rounds]


def _compared(asked: _Asked, ours: str, theirs: str, figure: Callable[[Round], float]) -> float:
    return ratio(_figures(asked[ours], figure), _figures(asked[theirs], figure))


def _print_head() -> None:
    print(
        f"  {'events':>6} {'KB':>7}  {'server':13} {'per second':>10} {'CPU us':>8} {'core %':>6}"
        f" {'p99 ms':>7}"
        f"   of nginx: {'rate':>5} {'CPU':>6}   of bare: {'rate':>5} {'p99':>6}"
    )


def _print_rows(events: int, length: int, asked: _Asked) -> None:
    for name, rounds in asked.items():
        rate, cpu, core, p99 = (
            statistics.median(_figures(rounds, figure)) for figure in (_rate, _cpu, _core, _p99)
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
            f"  {events:6} {length / 1000:7.1f}  {name:13} {rate:10.0f} {cpu:8.1f} {core:6.0f}"
            f" {p99:7.2f}"
            f"             {compared[0]:>5} {compared[1]:>6}"
            f"            {compared[2]:>5} {compared[3]:>6}"
        )
