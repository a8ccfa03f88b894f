"""What can the operator do at the command line?"""

import json
import logging
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import urlsplit

import typer
import uvicorn
from pydantic import ValidationError

from app.cli.importing import import_file, mapping_commands
from app.cli.office import OPERATOR, Office, opened_office, stop
from app.credentials import Opens
from app.feeds.links import links
from app.feeds.qr import qr_svg
from app.records.agreements import Filters
from app.records.audit import Head
from app.records.engine import Session
from app.usecases import exports, feed_health, feeds, imports, subscriptions, tokens, trail
from app.usecases.exports import Exported
from app.usecases.feed_forms import FeedFilters, FeedForm, SubscriptionForm
from app.usecases.forms import faults_of
from app.usecases.operation import publisher_of
from app.usecases.subscriptions import NewAddress

cli = typer.Typer(
    help="Noticeboard: the shared renewal calendar of IT and procurement.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
token_commands = typer.Typer(help="Tokens of the API.", no_args_is_help=True)
feed_commands = typer.Typer(help="Calendar feeds and their addresses.", no_args_is_help=True)
cli.add_typer(token_commands, name="token")
cli.add_typer(feed_commands, name="feed")
cli.add_typer(mapping_commands, name="mapping", no_args_is_help=True)
cli.command("import")(import_file)


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    *,
    migrate: Annotated[bool, typer.Option(help="Apply pending migrations first.")] = True,
) -> None:
    """Serve the API and the feeds."""
    with opened_office(migrate=migrate):
        pass  # the server opens its own connections; here the database is made ready
    _log_to_standard_error()
    uvicorn.run(
        "app.main:served",
        factory=True,
        host=host,
        port=port,
        access_log=False,  # paths hold secrets; ours logs the route's template
        proxy_headers=False,  # ours believes the configured proxies only
        date_header=False,  # ours is exact
        server_header=False,
        timeout_graceful_shutdown=8,
        log_level="warning",
    )


class _Lines(logging.Formatter):
    """Puts time and logger before every line of a message, not only before the first."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the lines of a message."""
        before = f"{record.asctime} {record.name} "
        return "\n".join(before + line for line in record.message.split("\n"))


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(asctime)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


@token_commands.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="Whose it is, or what for.")],
    role: Annotated[str, typer.Option(help="viewer, it, procurement or admin.")],
) -> None:
    """Mint a token and print it, and nothing else, on standard output."""
    if role not in tokens.ROLES:
        raise typer.BadParameter(f"must be one of {', '.join(tokens.ROLES)}", param_hint="--role")
    with opened_office() as office, office.database.writing() as session:
        _, secret = tokens.mint(session, name, role, actor=OPERATOR, now=office.clock.now())
    typer.echo(secret)


@feed_commands.command("list")
def feed_list() -> None:
    """List the feeds there are: key, name, and how many addresses are open."""
    with opened_office() as office, office.database.reading() as session:
        found = _health_of(office, session)
    for feed in found.feeds:
        open_ones = sum(one.state != "closed" for one in feed.subscriptions)
        typer.echo(f"{feed.row['key']}: {feed.row['name']}, {open_ones} addresses")


@feed_commands.command("create")
def feed_create(
    name: Annotated[str, typer.Argument(help="What the calendar is called.")],
    definition: Annotated[
        Path | None, typer.Option(help="A JSON file with the other fields, as the API takes them.")
    ] = None,
) -> None:
    """Define another feed, and print its key."""
    try:
        fields = {} if definition is None else json.loads(definition.read_bytes())
        form = FeedForm.model_validate({**fields, "name": name})
    except OSError as error:
        stop(f"{definition} cannot be read: {error.strerror}.")
    except ValidationError as error:
        stop("\n".join(f"{fault.field}: {fault.rule}" for fault in faults_of(error)))
    except (ValueError, TypeError):
        stop(f"{definition} must hold a JSON object with the fields of a feed.")
    with opened_office() as office, office.database.writing() as session:
        feed = feeds.define(session, form, actor=OPERATOR, now=office.clock.now())
    typer.echo(feed["key"])


@feed_commands.command("subscribe")
def feed_subscribe(
    key: Annotated[str, typer.Argument(help="Which feed, such as it or procurement.")],
    label: Annotated[str, typer.Option(help="Whose calendar it is for.")],
    expires: Annotated[
        str | None, typer.Option(help="The last day on which it opens the feed, YYYY-MM-DD.")
    ] = None,
    qr: Annotated[Path | None, typer.Option(help="Where to write the QR code, as SVG.")] = None,
) -> None:
    """Hand out a secret address, and print it with links that subscribe in one click.

    Only its hash is stored, so it cannot be shown again.
    """
    try:
        form = SubscriptionForm(label=label, expires_on=expires)
    except ValidationError as error:
        stop("\n".join(f"{fault.field}: {fault.rule}" for fault in faults_of(error)))
    with opened_office() as office:
        with office.database.writing() as session:
            new = subscriptions.subscribe(
                session,
                feeds.by_key(session, key)["id"],
                form,
                actor=OPERATOR,
                today=office.clock.today(),
                now=office.clock.now(),
            )
        _tell_address(office, new, qr)


@feed_commands.command("show")
def feed_show(
    names: Annotated[
        list[str] | None, typer.Argument(help="Keys of feeds; both teams' when left out.")
    ] = None,
    label: Annotated[str, typer.Option(help="Whose calendar it is for.")] = "noticeboard feed show",
) -> None:
    """Print a new secret address of each feed; addresses given out before stay valid.

    Only hashes are stored, so an old address cannot be shown again.
    """
    with opened_office() as office:
        for key in names or feeds.FOUNDED:
            typer.echo(f"{key}: {_new_address(office, key, label)}")


@feed_commands.command("replace")
def feed_replace(
    address: Annotated[str, typer.Argument(help="The whole address, or its secret alone.")],
) -> None:
    """Hand out a new address in the place of one that leaked; the old one opens nothing."""
    with opened_office() as office:
        with office.database.writing() as session:
            old = subscriptions.by_secret(session, _secret_in(address))
            new = subscriptions.replace(
                session,
                old["feed_id"],
                old["id"],
                actor=OPERATOR,
                today=office.clock.today(),
                now=office.clock.now(),
            )
        _tell_address(office, new, None)


@feed_commands.command("revoke")
def feed_revoke(
    address: Annotated[str, typer.Argument(help="The whole address, or its secret alone.")],
) -> None:
    """Make an address that leaked, or is not needed any more, open nothing."""
    with opened_office() as office, office.database.writing() as session:
        old = subscriptions.by_secret(session, _secret_in(address))
        subscriptions.revoke(
            session, old["feed_id"], old["id"], actor=OPERATOR, now=office.clock.now()
        )
    typer.echo("Revoked: from the next fetch on it answers 410.")


@feed_commands.command("restored")
def feed_restored() -> None:
    """Say that the database was restored from a backup, so that every calendar follows.

    Programs have seen later versions of events than the backup knows of, and would keep
    them: each event counts as changed now, beyond any version that was published.
    """
    with opened_office() as office, office.database.writing() as session:
        feeds.outrun(session, actor=OPERATOR, now=office.clock.now())
    typer.echo("Every event counts as changed: calendars take it with the next fetch.")


@cli.command()
def doctor() -> None:
    """Look for what keeps dates from reaching people, and say what to do about it.

    Ends with status 1 when there is anything.
    """
    with opened_office() as office:
        publisher = publisher_of(office.database, office.settings)
        with office.database.reading() as session:
            rows = feeds.every(session)
        for row in rows:
            publisher.publish(row["id"], today=office.clock.today(), now=office.clock.now())
        with office.database.reading() as session:
            found = _health_of(office, session)
    sentences = [*_about_address(office.settings.base_url), *found.sentences]
    if sentences:
        stop("\n".join(sentences))
    count = sum(len(feed.subscriptions) for feed in found.feeds)
    typer.echo(f"{len(found.feeds)} feeds and {count} addresses: nothing found.")


def _about_address(base_url: str) -> Iterator[str]:
    host = urlsplit(base_url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"}:
        yield (
            "NOTICEBOARD_BASE_URL names this machine itself: no calendar provider can fetch"
            " from there; set it to the address people use."
        )
    elif not base_url.startswith("https://"):
        yield (
            "NOTICEBOARD_BASE_URL is not https: the secret in each address can be read on the"
            " way, and some programs refuse it."
        )


def _health_of(office: Office, session: Session) -> feed_health.Health:
    return feed_health.health(session, today=office.clock.today(), now=office.clock.now())


def _secret_in(address: str) -> str:
    found = re.search(rf"{Opens.FEED}[0-9A-Za-z]+", address)
    return found[0] if found else ""


def _tell_address(office: Office, new: NewAddress, qr: Path | None) -> None:
    address = subscriptions.address_of(office.settings.base_url, new.feed["key"], new.secret)
    typer.echo(address)
    for name, link in asdict(links(address, new.feed["name"])).items():
        typer.echo(f"  {name.replace('_', ' ')}: {link}")
    if qr is not None:
        try:
            qr.write_text(qr_svg(address), encoding="utf-8")
        except OSError as error:
            stop(f"{qr} cannot be written: {error.strerror}.")


@cli.command("export")
def export_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="Ends with .ocds.json, .csv, .xlsx or .json; - is CSV on standard output."
        ),
    ],
    *,
    force: Annotated[bool, typer.Option(help="Replace a file that is there.")] = False,
    q: Annotated[str | None, typer.Option(help="Text in title, counterparty, reference.")] = None,
    counterparty: Annotated[str | None, typer.Option(help="Who is notified.")] = None,
    kind: Annotated[str | None, typer.Option(help="Such as saas.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it in IT.")] = None,
    criticality: Annotated[str | None, typer.Option(help="Such as high.")] = None,
    spend_class: Annotated[str | None, typer.Option(help="Such as core.")] = None,
    tag: Annotated[str | None, typer.Option(help="One of its tags.")] = None,
) -> None:
    """Write the agreements into a file that can be imported again.

    Only those that pass all given filters. Ends with status 1 when a stored agreement cannot
    be read and so is not in the file.
    """
    given = {
        "q": q,
        "counterparty": counterparty,
        "kind": kind,
        "owner": owner,
        "criticality": criticality,
        "spend_class": spend_class,
        "tag": tag,
    }
    ending = "csv" if str(file) == "-" else exports.ending_of(file.name)
    if ending is None:
        raise typer.BadParameter(
            "must end with .ocds.json, .csv, .xlsx or .json", param_hint="FILE"
        )
    filters = _filters(given)
    if str(file) != "-" and file.exists() and not force:
        stop(f"{file} is there already: name another file, or replace it with --force.")
    with opened_office() as office, office.database.reading() as session:
        if str(file) == "-":
            exported = exports.export(session, filters, ending, sys.stdout.buffer)
        else:
            exported = _export_into(session, filters, ending, file)
            typer.echo(f"{exported.written} agreements written.")
    if exported.left_out:
        stop(f"{exported.left_out} agreements cannot be read, and are not in the file.")


def _filters(given: dict[str, str | None]) -> Filters:
    try:
        form = FeedFilters.model_validate(given)
    except ValidationError as error:
        faults = faults_of(error)
        stop("\n".join(f"--{one.field.replace('_', '-')}: {one.rule}" for one in faults))
    checked = form.model_dump()
    return Filters(checked.pop("q"), **checked)


def _export_into(session: Session, filters: Filters, ending: str, file: Path) -> Exported:
    try:
        with _put_in_place(file) as beside:
            return exports.export(session, filters, ending, beside)
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror or error}.")


@contextmanager
def _put_in_place(file: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `file` when the block has ended well, else goes."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())  # else a crash could leave nothing in its place
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


@cli.command()
def verify(
    head: Annotated[
        str | None, typer.Option(help="ID:HASH, as printed on an earlier day and kept elsewhere.")
    ] = None,
) -> None:
    """Check that no entry of the audit trail was changed, removed or reordered.

    Also that agreements are as the trail tells. Prints the trail's head, to be kept elsewhere;
    what is found instead goes to standard error.
    """
    noted = None if head is None else _head(head)
    with opened_office() as office, office.database.reading() as session:
        verdict = trail.verify(session, noted)
    if verdict.findings:
        sentences = [finding.sentence for finding in verdict.findings]
        stop("\n".join([*sentences, f"{verdict.entries} entries checked."]))
    typer.echo(f"{verdict.entries} entries checked, nothing found. The head to keep elsewhere:")
    typer.echo(f"{verdict.head.id}:{verdict.head.hash}")


def _head(text: str) -> Head:
    found = re.fullmatch(r"([0-9]+):([0-9a-f]{64})", text.strip())
    if found is None:
        raise typer.BadParameter("must be ID:HASH, as printed before", param_hint="--head")
    return Head(int(found[1]), found[2])


@cli.command(hidden=True)
def welcome(
    register: Annotated[Path, typer.Argument(help="What to load into an empty register.")],
    notes: Annotated[Path, typer.Argument(help="Where this machine keeps the first secrets.")],
) -> None:
    """Prepare a first look: load an example register, print the addresses and a token.

    For `make run`. The secrets are kept in a file of the user's own, so that the next run
    prints the same ones and a calendar that was subscribed to goes on working.
    """
    with opened_office() as office:
        if not notes.exists():
            secrets = _first_secrets(office, register)
            notes.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(notes, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                json.dump(secrets, file, indent=2)
        for name, secret in json.loads(notes.read_text()).items():
            typer.echo(f"{name}: {secret}")
        typer.echo(f"API documentation: {office.settings.base_url}/docs")


def _first_secrets(office: Office, register: Path) -> dict[str, str]:
    now, most = office.clock.now(), office.settings.max_import_rows
    with office.database.writing() as session:
        planned = imports.plan(session, register.read_bytes(), now=now, max_rows=most)
        imports.carry_out(session, planned, actor=OPERATOR, now=now)
        _, token = tokens.mint(session, "make run", "admin", actor=OPERATOR, now=now)
    addresses = {f"Feed of {key}": _new_address(office, key, "make run") for key in feeds.FOUNDED}
    return {**addresses, "API token (admin)": token}


def _new_address(office: Office, key: str, label: str) -> str:
    with office.database.writing() as session:
        new = subscriptions.subscribe(
            session,
            feeds.by_key(session, key)["id"],
            SubscriptionForm(label=label),
            actor=OPERATOR,
            today=office.clock.today(),
            now=office.clock.now(),
        )
    return subscriptions.address_of(office.settings.base_url, key, new.secret)
