"""What does an import cost beside storing the same rows by hand, and how much memory?

Ours reads the file, maps and checks it, and stores agreements, their milestones and the audit
trail in one transaction; beside it the very rows that it stored go into the same tables of the
same kind of database through plain `executemany`.
"""

import csv
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from app.clock import WallClock
from app.records.engine import Database
from app.usecases import imports
from app.usecases.agreements import Actor
from app.usecases.columns import COLUMNS, cells_of
from app.usecases.gathering import gather
from app.usecases.operation import prepare
from bench.registers import agreements
from bench.servers import postgresql
from bench.verdicts import at_most

_ROWS = 10_000
_MANY = 100_000
_ROUNDS = 3
_TABLES = ("agreements", "terms", "audit")
_OPERATOR = Actor(None, "bench", "admin")
_CLOCK = WallClock(ZoneInfo("UTC"))


def main() -> None:
    """Measure and print it."""
    print(f"An import of {_ROWS:,} rows beside executemany of what it stores", flush=True)
    # First: a process is said to have had the memory of the one that it came from.
    subprocess.run([sys.executable, "-m", "bench.importing", "memory"], check=True)
    content = _file_of(_ROWS)
    with tempfile.TemporaryDirectory() as folder:
        _compare("SQLite", content, [f"sqlite:///{folder}/{n}.db" for n in range(2 * _ROUNDS)])
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder)) as server:
        _compare("PostgreSQL", content, list(_new_databases(server)))


def _compare(name: str, content: bytes, addresses: list[str]) -> None:
    ratios = []
    for ours_at, theirs_at in zip(addresses[::2], addresses[1::2], strict=True):
        ours, rows = _imported(ours_at, content)
        theirs = _by_hand(theirs_at, rows)
        ratios.append(ours / theirs)
        stored = sum(len(some) for some in rows.values())
        print(f"  {name}: {ours:5.1f} s beside {theirs:4.1f} s for {stored:,} rows")
    at_most(8, f"{name}: times as long as executemany", statistics.median(ratios))


def _imported(address: str, content: bytes) -> tuple[float, dict[str, list[dict[str, object]]]]:
    """Return how many seconds an import took, and the rows that it stored."""
    database = Database(address)
    prepare(database, _CLOCK)
    started = time.perf_counter()
    _import(database, content)
    spent = time.perf_counter() - started
    with database.reading() as session:
        rows = {table: _rows_of(session, table) for table in _TABLES}
    database.close()
    return spent, rows


def _import(database: Database, content: bytes) -> None:
    gathered = gather(content, max_rows=_MANY)
    with database.writing() as session:
        now = _CLOCK.now()
        planned = imports.judge(session, gathered, now=now)
        imports.carry_out(session, planned, actor=_OPERATOR, now=now)


def _rows_of(session: Connection, table: str) -> list[dict[str, object]]:
    found = session.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
    return [dict(row) for row in found.mappings()]


def _by_hand(address: str, rows: dict[str, list[dict[str, object]]]) -> float:
    """Return how many seconds plain `executemany` takes for rows, in one transaction."""
    database = Database(address)
    prepare(database, _CLOCK)
    started = time.perf_counter()
    with database.writing() as session:
        cursor = session.connection.cursor()
        for table, some in rows.items():
            names = list(some[0])
            mark = "?" if database.is_sqlite else "%s"
            marks = ", ".join(mark for _ in names)
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of ours
            cursor.executemany(statement, [tuple(row.values()) for row in some])
    spent = time.perf_counter() - started
    database.close()
    return spent


def _new_databases(server: str) -> Iterator[str]:
    """Yield addresses of new databases in a PostgreSQL server."""
    known = Database(server)
    by_hand = known.engine.execution_options(isolation_level="AUTOCOMMIT")
    for number in range(2 * _ROUNDS):
        with by_hand.connect() as session:
            session.execute(text(f"CREATE DATABASE bench{number}"))
        yield known.url.set(database=f"bench{number}").render_as_string(hide_password=False)
    known.close()


def _file_of(count: int) -> bytes:
    """Return a register in the import form."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(COLUMNS))
    writer.writeheader()
    for one in agreements(count):
        writer.writerow(cells_of(one))
    return file.getvalue().encode()


def _memory() -> None:
    """Print how much memory a large import takes, in a process that does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        made = [sys.executable, "-m", "bench.importing", "file", str(path)]
        subprocess.run(made, check=True)
        content = path.read_bytes()
        database = Database(f"sqlite:///{folder}/bench.db")
        prepare(database, _CLOCK)
        _import(database, content)
        with database.reading() as session:
            stored = session.execute(text("SELECT count(*) FROM agreements")).scalar_one()
        database.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = f"{stored:,} rows, {len(content) / 1e6:.1f} MB"
    at_most(300, f"memory in MiB for {size}", most)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["memory"]:
            _memory()
        case ["file", path]:
            Path(path).write_bytes(_file_of(_MANY))
        case _:
            main()
