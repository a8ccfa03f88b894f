"""The commands, as the operator gives them; the server runs in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result
from xlsxwriter import Workbook

from app.cli import cli
from app.feeds.qr import qr_svg
from app.records.engine import Database
from tests.builders import entered

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


ADDRESS = r"https://noticeboard\.example/feeds/nbfeed_[0-9A-Za-z]{36}"


@pytest.mark.usefixtures("database")
class TestFeeds:
    def test_they_are_listed_with_how_many_addresses_are_open(
        self, environment: dict[str, str]
    ) -> None:
        run(environment, "feed", "create", "Finance renewals")
        for _ in range(2):
            run(environment, "feed", "subscribe", "it", "--label", "Anna")
        closed = run(environment, "feed", "subscribe", "it", "--label", "Ben").stdout.split()[0]
        run(environment, "feed", "revoke", closed)
        assert run(environment, "feed", "list").stdout.splitlines() == [
            "finance-renewals: Finance renewals, 0 addresses",
            "it: IT renewals, 2 addresses",
            "procurement: Procurement renewals, 0 addresses",
        ]

    def test_one_is_created_from_a_name_and_a_file(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        file = tmp_path / "finance.json"
        file.write_text('{"key": "money", "kinds": ["renewal"], "filters": {"tag": "x"}}')
        done = run(environment, "feed", "create", "Finance", "--definition", str(file))
        assert done.stdout == "money\n"
        assert "money: Finance, 0 addresses" in run(environment, "feed", "list").stdout
        taken = run(environment, "feed", "create", "x", "--definition", str(file), status=1)
        assert "choose another one" in taken.stderr

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ('{"colour": "#fff"}', "colour: must be the name of a CSS3 colour"),
            ('{"months_ahead": 0, "kinds": []}', "months_ahead: "),
            ('{"filters": {"vendor": "x"}}', "filters.vendor: "),
            ('{"name": "another", "description": "a\\nb"}', "description: holds a control"),
            ("[]", "must hold a JSON object"),
            ("[1]", "must hold a JSON object"),
            ("null", "must hold a JSON object"),
            ("7", "must hold a JSON object"),
            ("", "must hold a JSON object"),
            ("{", "must hold a JSON object"),
            ('{"months_ahead": NaN}', "months_ahead: "),
            ('{"months_ahead": ' + "9" * 5_000 + "}", "must hold a JSON object"),
            ('{"key": "\\ud800"}', "key: "),
        ],
    )
    def test_a_definition_that_does_not_fit_is_told_what_to_correct(
        self, environment: dict[str, str], tmp_path: Path, content: str, told: str
    ) -> None:
        file = tmp_path / "feed.json"
        file.write_text(content)
        done = run(environment, "feed", "create", "Mine", "--definition", str(file), status=1)
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert len(run(environment, "feed", "list").stdout.splitlines()) == 2

    def test_a_definition_that_cannot_be_read_is_told_so(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        for file in (tmp_path / "none.json", tmp_path):
            done = run(environment, "feed", "create", "Mine", "--definition", str(file), status=1)
            assert f"{file} cannot be read: " in done.stderr
        (tmp_path / "latin.json").write_bytes(b'{"key": "\xff"}')
        file = tmp_path / "latin.json"
        done = run(environment, "feed", "create", "Mine", "--definition", str(file), status=1)
        assert "must hold a JSON object" in done.stderr

    def test_a_name_that_cannot_be_one_is_refused(self, environment: dict[str, str]) -> None:
        for name in ("", "a\nb", "x" * 201, "\udce9"):
            assert "name: " in run(environment, "feed", "create", name, status=1).stderr


@pytest.mark.usefixtures("database")
class TestAddresses:
    def test_one_is_printed_with_links_that_subscribe(self, environment: dict[str, str]) -> None:
        done = run(environment, "feed", "subscribe", "procurement", "--label", "Anna, Outlook")
        address, *links = done.stdout.splitlines()
        assert re.fullmatch(rf"{ADDRESS}/procurement\.ics", address)
        assert [link.split(": ")[0].strip() for link in links] == [
            "google",
            "google by hand",
            "outlook work",
            "outlook personal",
            "webcal",
            "new outlook",
        ]
        assert links[4] == f"  webcal: {address.replace('https', 'webcal')}"

    def test_its_qr_code_is_written_to_a_file(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        file = tmp_path / "anna.svg"
        command = ("feed", "subscribe", "it", "--label", "Anna", "--qr", str(file))
        address = run(environment, *command).stdout.splitlines()[0]
        assert file.read_text(encoding="utf-8") == qr_svg(address)

    def test_a_qr_code_that_cannot_be_written_leaves_the_address_printed(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        file = tmp_path / "no folder" / "anna.svg"
        command = ("feed", "subscribe", "it", "--label", "Anna", "--qr", str(file))
        done = run(environment, *command, status=1)
        assert re.match(rf"{ADDRESS}/it\.ics\n", done.stdout)
        assert f"{file} cannot be written: No such file or directory." in done.stderr

    def test_it_may_expire(self, environment: dict[str, str], database: Database) -> None:
        command = ("feed", "subscribe", "it", "--label", "Anna", "--expires", "2199-01-31")
        run(environment, *command)
        with database.reading() as session:
            (expires_on,) = session.execute(text("SELECT expires_on FROM subscriptions")).one()
        assert str(expires_on) == "2199-01-31"

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("it", "--label", "Anna", "--expires", "2020-01-31"), "expires_on: is over already"),
            (("it", "--label", "Anna", "--expires", "soon"), "must be a day as YYYY-MM-DD"),
            (("it", "--label", "Anna", "--expires", "2199-02-30"), "no calendar has that day"),
            (("it", "--label", ""), "label: "),
            (("it", "--label", "a\nb"), "label: holds a control character"),
            (("legal", "--label", "Anna"), "There is no feed of this name; there are it, proc"),
        ],
    )
    def test_what_does_not_fit_is_told_and_hands_nothing_out(
        self, environment: dict[str, str], arguments: tuple[str, ...], told: str
    ) -> None:
        done = run(environment, "feed", "subscribe", *arguments, status=1)
        assert (done.stdout, told in done.stderr) == ("", True)
        assert "it: IT renewals, 0 addresses" in run(environment, "feed", "list").stdout

    @pytest.mark.parametrize("whole", [True, False], ids=["address", "secret"])
    def test_one_that_leaked_is_replaced(self, environment: dict[str, str], *, whole: bool) -> None:
        command = ("feed", "subscribe", "it", "--label", "Anna")
        old = run(environment, *command).stdout.splitlines()[0]
        given = old if whole else old.split("/")[4]
        new, *links = run(environment, "feed", "replace", given).stdout.splitlines()
        assert re.fullmatch(rf"{ADDRESS}/it\.ics", new)
        assert new != old
        assert len(links) == 6
        again = run(environment, "feed", "replace", given, status=1)
        assert again.stderr == "This address is closed already: subscribe anew.\n"
        assert "it: IT renewals, 1 addresses" in run(environment, "feed", "list").stdout

    def test_what_is_no_address_cannot_be_replaced_or_revoked(
        self, environment: dict[str, str]
    ) -> None:
        for command in ("replace", "revoke"):
            for address in ("", "anything", "https://noticeboard.example/feeds/x/it.ics", "\udce9"):
                done = run(environment, "feed", command, address, status=1)
                assert "check that it is whole" in done.stderr
                assert done.stdout == ""

    def test_new_ones_are_shown_and_old_ones_stay(self, environment: dict[str, str]) -> None:
        first = run(environment, "feed", "show", "procurement", "--label", "Anna").stdout
        second = run(environment, "feed", "show", "procurement").stdout
        assert first != second
        assert "procurement: Procurement renewals, 2 addresses" in (
            run(environment, "feed", "list").stdout
        )


def test_after_a_restored_backup_every_event_counts_as_changed(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="12 months"))
    run(environment, "import", str(file))
    run(environment, "doctor")
    published = text("SELECT uid, sequence FROM published_events ORDER BY uid")
    with database.reading() as session:
        before = session.execute(published).all()
    done = run(environment, "feed", "restored")
    assert done.stdout == "Every event counts as changed: calendars take it with the next fetch.\n"
    with database.reading() as session:
        after = session.execute(published).all()
    assert [uid for uid, _ in before] == [uid for uid, _ in after]
    assert before
    assert all(then >= old + 1_000 for (_, old), (_, then) in zip(before, after, strict=True))


class TestDoctor:
    @pytest.mark.usefixtures("database")
    def test_finding_nothing_is_said_and_ends_with_0(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        assert run(environment, "doctor").stdout == "2 feeds and 0 addresses: nothing found.\n"
        file = tmp_path / "register.csv"
        file.write_text(ROW.format(length="12 months"))
        run(environment, "import", str(file))
        run(environment, "feed", "subscribe", "it", "--label", "Anna")
        run(environment, "feed", "create", "Finance")
        done = run(environment, "doctor")
        assert done.stdout == "3 feeds and 1 addresses: nothing found.\n"
        assert done.stderr == ""

    @pytest.mark.usefixtures("database")
    @pytest.mark.parametrize(
        ("base_url", "told"),
        [
            ("http://127.0.0.1:8000", "names this machine itself"),
            ("https://localhost", "names this machine itself"),
            ("http://[::1]:8000", "names this machine itself"),
            ("http://noticeboard.example", "is not https"),
        ],
    )
    def test_an_address_that_no_provider_can_use_is_told(
        self, environment: dict[str, str], base_url: str, told: str
    ) -> None:
        environment["NOTICEBOARD_BASE_URL"] = base_url
        done = run(environment, "doctor", status=1)
        assert done.stdout == ""
        (sentence,) = done.stderr.splitlines()
        assert sentence.startswith("NOTICEBOARD_BASE_URL ")
        assert told in sentence

    def test_an_agreement_that_cannot_be_rendered_is_told_by_its_id(
        self, environment: dict[str, str], database: Database
    ) -> None:
        with database.writing() as session:
            broken = entered(session, reference="A")
            entered(session, reference="B")
            session.execute(
                text("UPDATE terms SET told = '{' WHERE agreement_id = :id"),
                {"id": broken.id.hex if database.is_sqlite else broken.id},
            )
        done = run(environment, "doctor", status=1)
        assert [line for line in done.stderr.splitlines() if "leaves out" in line] == [
            f"{name} leaves out one agreement that cannot be rendered: correct {broken.id}."
            for name in ("IT renewals", "Procurement renewals")
        ]

    def test_a_feed_that_was_shortened_is_told(
        self, environment: dict[str, str], database: Database
    ) -> None:
        with database.writing() as session:
            for reference in ("A", "B"):
                entered(session, reference=reference)
        environment["NOTICEBOARD_FEED_MAX_EVENTS"] = "3"
        done = run(environment, "doctor", status=1)
        sentence = (
            r"IT renewals has no room for \d+ dates: narrow its filters or kinds, or split it"
        )
        assert re.search(sentence, done.stderr)

    def test_a_program_that_stopped_fetching_is_told_and_one_that_never_did(
        self, environment: dict[str, str], database: Database
    ) -> None:
        for label in ("Anna", "Ben", "Zoë"):
            run(environment, "feed", "subscribe", "it", "--label", label)
        with database.writing() as session:
            session.execute(
                text(
                    "UPDATE subscriptions SET last_fetched_at = '2020-01-01 08:00:00',"
                    " last_program = 'Thunderbird', last_revision = 0 WHERE label = 'Anna'"
                )
            )
            session.execute(
                text(
                    "UPDATE subscriptions SET created_at = '2020-01-01 08:00:00'"
                    " WHERE label = 'Ben'"
                )
            )
        lines = run(environment, "doctor", status=1).stderr.splitlines()
        assert len(lines) == 2
        late = (
            r"IT's Thunderbird \(Anna\) has not fetched for \d+ days; no agreements changed since"
        )
        never = r"IT's address for Ben was handed out \d+ days ago and no program has fetched"
        assert all(any(re.match(one, line) for line in lines) for one in (late, never))

    def test_whoever_needs_no_calendar_any_more_is_not_told(
        self, environment: dict[str, str], database: Database
    ) -> None:
        for label in ("revoked", "expired"):
            run(environment, "feed", "subscribe", "it", "--label", label)
        with database.writing() as session:
            for change in (
                "created_at = '2020-01-01 08:00:00'",
                "revoked_at = created_at WHERE label = 'revoked'",
                "expires_on = '2020-01-02' WHERE label = 'expired'",
            ):
                session.execute(text(f"UPDATE subscriptions SET {change}"))  # noqa: S608 - ours
        run(environment, "doctor")


@pytest.mark.usefixtures("database")
def test_a_file_is_tried_then_taken_in_then_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="12 months"))
    tried = run(environment, "import", str(file), "--dry-run").stdout
    how = "Read as CSV in UTF-8, with a comma between cells.\n"
    day = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"  # whatever day it is
    assert re.fullmatch(
        rf"{how}row 2, A-1 of Northwind: new, end of the term {day}, next notice deadline {day}\n"
        r"1 would be created, 0 would be changed, 0 left alone\.\n",
        tried,
    )
    assert run(environment, "import", str(file)).stdout.startswith(f"{how}1 created, 0 changed")
    assert run(environment, "import", str(file)).stdout.endswith("1 left alone.\n")


@pytest.mark.usefixtures("database")
def test_a_faulty_file_is_refused_with_row_and_column(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(ROW.format(length="some years"))
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
    small = {**environment, "NOTICEBOARD_MAX_IMPORT_BYTES": "1000"}
    file.write_bytes(b"x" * 1_001)
    assert "more than 1000 bytes" in run(small, "import", str(file), status=1).stderr


@pytest.mark.usefixtures("database")
def test_a_worksheet_of_a_workbook_is_taken_in(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "register.xlsx"
    with Workbook(file) as book:
        book.add_worksheet("Notes").write_string(0, 0, "Ask Rosalind.")
        page = book.add_worksheet("2026")
        for number, line in enumerate(ROW.format(length="12 months").splitlines()):
            page.write_row(number, 0, line.split(","))
    first = run(environment, "import", str(file), status=1)
    assert "row 1, (whole row): names no column that is known" in first.stderr
    named = run(environment, "import", str(file), "--worksheet", "2026").stdout
    assert named.startswith("Read as XLSX, worksheet 2026.\n1 created")
    faulty = tmp_path / "faulty.csv"
    faulty.write_text(ROW.format(length="some years").replace(",", ";"))
    told = run(environment, "import", str(faulty), status=1).stderr
    assert told.startswith("Read as CSV in UTF-8, with a semicolon between cells.\nrow 2, ")


@pytest.fixture
def with_two(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Return the environment of an operator who has agreed on two things."""
    file = tmp_path / "two.csv"
    first = ROW.format(length="12 months")
    file.write_text(first + first.splitlines()[1].replace("A-1,Backup", "A-2,=Restore"))
    run(environment, "import", str(file))
    return environment


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["out.csv", "out.XLSX", "out.json", "out.ocds.json"])
def test_an_export_is_written_by_the_ending_of_its_name(
    with_two: dict[str, str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "exports" / name
    file.parent.mkdir()
    assert run(with_two, "export", str(file)).stdout == "2 agreements written.\n"
    starts = {
        "csv": b"\xef\xbb\xbfreference,",
        "xlsx": b"PK",
        "json": b'[\n{"id":',
        "ocds.json": b'{"version":"1.1"',
    }
    assert file.read_bytes().startswith(starts[name[4:].lower()])
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("out.csv", "Read as CSV in UTF-8, with a comma between cells.\n"),
        ("out.xlsx", "Read as XLSX, worksheet Agreements.\n"),
        ("out.ocds.json", "Read as OCDS.\n"),
    ],
)
def test_an_export_that_is_imported_changes_nothing(
    with_two: dict[str, str], tmp_path: Path, name: str, how: str
) -> None:
    file = tmp_path / name
    run(with_two, "export", str(file))
    done = run(with_two, "import", str(file)).stdout
    assert done == f"{how}0 created, 0 changed, 2 left alone.\n"


@pytest.mark.usefixtures("database")
def test_a_dash_is_standard_output_with_the_file_and_nothing_else(
    with_two: dict[str, str],
) -> None:
    done = run(with_two, "export", "-", "--q", "restore")
    header, line = done.stdout_bytes.decode("utf-8-sig").splitlines()
    assert header.startswith("reference,title,")
    assert line.startswith("A-2,'=Restore software,Northwind,")
    assert done.stderr == ""


@pytest.mark.usefixtures("database")
def test_exports_take_the_filters_of_the_list(with_two: dict[str, str]) -> None:
    for option, value, found in (
        ("--counterparty", "Northwind", 2),
        ("--kind", "saas", 0),
        ("--owner", "Ada", 0),
        ("--criticality", "high", 0),
        ("--spend-class", "core", 0),
        ("--tag", "x", 0),
        ("--q", "BACKUP", 1),
    ):
        done = run(with_two, "export", "-", option, value)
        assert len(done.stdout.splitlines()) == 1 + found, option
    refused = run(with_two, "export", "-", "--kind", "toaster", "--spend-class", "", status=1)
    assert "--kind: Input should be 'saas'" in refused.stderr
    assert "--spend-class: " in refused.stderr
    assert refused.stdout == ""


@pytest.mark.usefixtures("database")
def test_an_export_replaces_nothing_unless_it_is_told_to(
    with_two: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    file.write_text("precious")
    refused = run(with_two, "export", str(file), status=1)
    assert "is there already: name another file, or replace it with --force." in refused.stderr
    assert file.read_text() == "precious"
    run(with_two, "export", str(file), "--force")
    assert "Northwind" in file.read_text()


@pytest.mark.usefixtures("database")
def test_an_export_that_fails_leaves_what_was_there(
    with_two: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out.csv"
    file.write_text("precious")
    files = sorted(tmp_path.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.usecases.exports.export", full)
    refused = run(with_two, "export", str(file), "--force", status=1)
    assert "out.csv cannot be written: No space left on device." in refused.stderr
    assert file.read_text() == "precious"
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.usefixtures("database")
def test_an_export_into_nowhere_or_of_no_known_kind_is_refused(
    with_two: dict[str, str], tmp_path: Path
) -> None:
    nowhere = run(with_two, "export", str(tmp_path / "none" / "out.csv"), status=1)
    assert "cannot be written: No such file or directory." in nowhere.stderr
    for name in ("out.pdf", "out"):
        refused = run(with_two, "export", str(tmp_path / name), status=2)
        assert ".csv, .xlsx or .json" in refused.stderr


def test_what_cannot_be_read_is_told_and_ends_the_export_with_1(
    with_two: dict[str, str], database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE agreements SET tags = '7' WHERE reference = 'A-1'"))
    file = tmp_path / "out.csv"
    done = run(with_two, "export", str(file), status=1)
    assert done.stdout == "1 agreements written.\n"
    assert "1 agreements cannot be read, and are not in the file." in done.stderr
    assert "A-2" in file.read_text()


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
    assert httpx.request("PROPFIND", feed).status_code == 405
    with ThreadPoolExecutor(8) as threads:  # so that some lines are written at once
        found = list(threads.map(lambda _: httpx.get(feed).status_code, range(40)))
    assert found == [200] * 40

    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=15)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "GET /feeds/{secret}/{name}.ics 304" in log
    assert feed.split("/")[4] not in log
    line = (
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} noticeboard\.access"
        r" [A-Z]+ /feeds/\{secret\}/\{name\}\.ics \d{3} \d+\.\d ms [0-9a-f]{32} [0-9a-f-]+"
    )
    polls = [each for each in log.splitlines() if "/feeds/" in each]
    assert len(polls) == 43
    assert all(re.fullmatch(line, each) for each in polls)
    assert "HTTP/1.1" not in log, "the server's own log would name the path"
