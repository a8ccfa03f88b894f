"""The commands, as the operator gives them; the server runs in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from app.cli import cli
from app.records.engine import Database

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from app.cli import cli; cli()"]
ROW = (
    "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice\n"
    "A-1,Backup software,Northwind,2024-04-15,{length},auto,12 months,45 days\n"
)


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """Return the environment of an operator with an empty register."""
    return {
        **os.environ,
        "NOTICEBOARD_DATABASE_URL": database_url,
        "NOTICEBOARD_BASE_URL": "https://noticeboard.example",
    }


def run(environment: dict[str, str], *arguments: str, status: int = 0) -> Result:
    """Run a command and return what it said."""
    done = CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done


@pytest.mark.usefixtures("database")
def test_a_token_is_printed_alone_on_standard_output(environment: dict[str, str]) -> None:
    done = run(environment, "token", "create", "--name", "Purchasing", "--role", "procurement")
    assert re.fullmatch(r"nbapi_[0-9A-Za-z]{36}\n", done.stdout)


@pytest.mark.usefixtures("database")
def test_a_role_that_does_not_exist_is_refused(environment: dict[str, str]) -> None:
    done = run(environment, "token", "create", "--name", "x", "--role", "king", status=2)
    assert "viewer, it, procurement, admin" in done.stderr


@pytest.mark.usefixtures("database")
def test_both_feeds_get_an_address_under_the_base_url(environment: dict[str, str]) -> None:
    lines = run(environment, "feed", "show").stdout.splitlines()
    address = r"https://noticeboard\.example/feeds/nbfeed_[0-9A-Za-z]{36}"
    assert re.fullmatch(rf"it: {address}/it\.ics", lines[0])
    assert re.fullmatch(rf"procurement: {address}/procurement\.ics", lines[1])


@pytest.mark.usefixtures("database")
def test_a_feed_that_does_not_exist_is_refused(environment: dict[str, str]) -> None:
    assert "no feed of this name" in run(environment, "feed", "show", "legal", status=1).stderr


@pytest.mark.usefixtures("database")
def test_an_address_is_revoked_once(environment: dict[str, str]) -> None:
    address = run(environment, "feed", "show", "it").stdout.removeprefix("it: ").strip()
    assert "Revoked" in run(environment, "feed", "revoke", address).stdout
    assert "Revoked" in run(environment, "feed", "revoke", address).stdout
    assert "No calendar" in run(environment, "feed", "revoke", "anything", status=1).stderr


@pytest.mark.usefixtures("database")
def test_a_file_is_tried_then_taken_in_then_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="12 months"))
    tried = run(environment, "import", str(file), "--dry-run").stdout
    assert tried == "1 would be created, 0 would be changed, 0 left alone.\n"
    assert run(environment, "import", str(file)).stdout.startswith("1 created, 0 changed")
    assert run(environment, "import", str(file)).stdout.endswith("1 left alone.\n")


@pytest.mark.usefixtures("database")
def test_a_faulty_file_is_refused_with_row_and_column(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="a year"))
    done = run(environment, "import", str(file), status=1)
    assert "row 2, initial_term: must be a length such as 12 months" in done.stderr
    assert "Nothing was stored" in done.stderr


@pytest.mark.usefixtures("database")
def test_a_file_that_is_not_there_or_too_long_is_refused(
    environment: dict[str, str], tmp_path: Path
) -> None:
    missing = run(environment, "import", str(tmp_path / "none.csv"), status=1)
    assert "cannot be read" in missing.stderr
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="12 months") + ROW.format(length="1 year").split("\n")[1])
    few = {**environment, "NOTICEBOARD_MAX_IMPORT_ROWS": "1"}
    assert "More than 1 rows" in run(few, "import", str(file), status=1).stderr


@pytest.mark.usefixtures("database")
def test_the_trail_is_verified_and_its_head_printed_alone_on_the_last_line(
    environment: dict[str, str],
) -> None:
    empty = run(environment, "verify").stdout.splitlines()
    assert empty == ["0 entries checked, nothing found. The head to keep elsewhere:", f"0:{0:064}"]
    run(environment, "token", "create", "--name", "x", "--role", "it")
    told, head = run(environment, "verify", "--head", empty[1]).stdout.splitlines()
    assert told.startswith("1 entries checked, nothing found.")
    assert re.fullmatch("1:[0-9a-f]{64}", head)
    assert run(environment, "verify", "--head", head).stdout.splitlines()[1] == head


def test_what_is_found_goes_to_standard_error_and_ends_with_1(
    environment: dict[str, str], database: Database
) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE register SET audit_id = 7"))
    done = run(environment, "verify", "--head", f"8:{0:064}", status=1)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "The trail does not end with entry 7 as the register knows it.",
        "Entry 8 does not stand in the trail as it was noted.",
        "0 entries checked.",
    ]


@pytest.mark.usefixtures("database")
def test_a_head_that_is_none_is_refused(environment: dict[str, str]) -> None:
    for head in ("", "7", f"7:{0:063}", f"x:{0:064}"):
        assert "ID:HASH" in run(environment, "verify", "--head", head, status=2).stderr


@pytest.mark.usefixtures("database")
def test_the_first_look_prints_the_same_secrets_each_time(
    environment: dict[str, str], tmp_path: Path
) -> None:
    notes = tmp_path / "var" / "welcome.json"
    command = ("welcome", str(ROOT / "examples/register.csv"), str(notes))
    first = run(environment, *command).stdout
    assert first == run(environment, *command).stdout
    assert "Feed of procurement: https://noticeboard.example/feeds/nbfeed_" in first
    assert notes.stat().st_mode & 0o077 == 0


def test_an_older_release_refuses_a_newer_database(
    environment: dict[str, str], database: Database
) -> None:
    with database.writing() as session:
        ours = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    try:
        done = run(environment, "feed", "show", status=1)
    finally:
        with database.writing() as session:
            set_back = text("UPDATE alembic_version SET version_num = :ours")
            session.execute(set_back, {"ours": ours})
    assert "written by a newer release" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NOTICEBOARD_TIMEZONE", "Europe/Berlinn", "use an IANA name such as Europe/Berlin"),
        ("NOTICEBOARD_BASE_URL", "noticeboard", "base_url"),
        ("NOTICEBOARD_DATABASE_URL", "mysql://x/y", "must begin with sqlite:/// or postgresql://"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(name: str, value: str, told: str) -> None:
    assert told in run({name: value}, "feed", "show", status=1).stderr


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve the register; yields the address and the process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        cwd=ROOT,
        env={**environment, "NOTICEBOARD_BASE_URL": address},
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(300):
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            break
    yield address, process
    process.kill()
    process.communicate()


@pytest.mark.usefixtures("database")
def test_what_is_served_is_polled_and_ends_cleanly_and_no_secret_is_logged(
    environment: dict[str, str], served: tuple[str, subprocess.Popen[str]]
) -> None:
    address, process = served
    here = {**environment, "NOTICEBOARD_BASE_URL": address}
    feed = run(here, "feed", "show", "it").stdout.removeprefix("it: ").strip()

    first = httpx.get(feed)
    assert first.text.startswith("BEGIN:VCALENDAR\r\n")
    again = httpx.get(feed, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304

    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=15)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "GET /feeds/{secret}/{name}.ics 304" in log
    assert feed.split("/")[4] not in log
