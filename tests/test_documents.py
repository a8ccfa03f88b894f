"""Do the documents say what the code does? What they name has to be there, and the reverse."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fastapi.routing import APIRoute, iter_route_contexts

from app.cli import cli
from app.main import create_app
from app.settings import Settings
from app.usecases.columns import COLUMNS, NEEDED, document_from

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if path.name != "CHANGELOG.md"  # what it says of older releases stays
)
EVERY_DOCUMENT = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    documented = {
        row[0].strip("`"): (row[1].strip("`"), row[2])
        for row in table_rows(ROOT / "docs/configuration.md")
    }
    prefix = Settings.model_config["env_prefix"]
    assert documented == {
        f"{prefix}{name.upper()}": (str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }


def test_every_column_of_the_import_form_is_documented_in_the_order_of_exports() -> None:
    assert [row[0].strip("`") for row in table_rows(ROOT / "docs/importing.md")] == list(COLUMNS)


def test_the_needed_columns_are_named() -> None:
    text = (ROOT / "docs/importing.md").read_text()
    sentence = next(line for line in text.splitlines() if "are needed;" in line)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(NEEDED)


def test_every_example_of_a_column_can_be_read() -> None:
    for row in table_rows(ROOT / "docs/importing.md"):
        column, example = row[0].strip("`"), row[2].strip("`")
        _, faults = document_from({column: example})
        assert not faults, column


@EVERY_DOCUMENT
def test_make_targets_that_are_named_exist(document: Path) -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {command.split()[1] for command in commands(document) if command.startswith("make ")}
    assert named <= set(targets)


@EVERY_DOCUMENT
def test_commands_that_are_named_exist(document: Path) -> None:
    # By itself, from its folder, or in the container of the same name.
    ours = re.compile(r"(?:^|/|exec noticeboard )noticeboard ([a-z].*)$")
    named = [found[1] for command in commands(document) if (found := ours.search(command))]
    for words in map(shlex.split, named):
        faults = faults_of_command(words)
        assert not faults, f"noticeboard {' '.join(words)}: {faults}"


@EVERY_DOCUMENT
def test_addresses_of_the_api_that_are_named_exist(document: Path, paths: set[str]) -> None:
    named = re.findall(r"/(?:api/v1|docs|healthz|readyz)\b[a-z0-9/_.-]*", strip_links(document))
    assert {name.rstrip("/.") for name in named} <= paths


@EVERY_DOCUMENT
def test_relative_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path) if path else document
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@EVERY_DOCUMENT
def test_prose_has_one_sentence_per_line(document: Path) -> None:
    for line in prose(document):
        assert not re.search(r"[a-z)`][.!?] [A-Z]", line), line


def test_the_readme_fits_on_a_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80


@pytest.fixture
def paths(tmp_path: Path) -> set[str]:
    """Return the addresses that the real application answers."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/noticeboard.db"))
    answered = {
        str(route.path)
        for route in iter_route_contexts(app.router.routes)
        if isinstance(route.original_route, APIRoute)
    }
    return answered | {"/docs"}


def faults_of_command(words: list[str]) -> list[str]:
    """Return the words of a `noticeboard` command that it does not know."""
    command: object = typer.main.get_command(cli)
    while isinstance(command, typer.core.TyperGroup):
        if not words:
            return []  # a whole group is named, as in "the commands of noticeboard token"
        name, *words = words
        if name not in command.commands:
            return [name]
        command = command.commands[name]
    assert isinstance(command, typer.core.TyperCommand)
    known = {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return [word for word in words if word.startswith("--") and word not in known]


def table_rows(document: Path) -> list[list[str]]:
    """Return the cells of the document's table, without its two heading rows."""
    lines = [line for line in document.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return cells[2:]


def commands(document: Path) -> Iterator[str]:
    """Yield what stands in code: indented lines, whole after a backslash, and spans."""
    text = document.read_text().replace("\\\n", " ")
    yield from (line.strip() for line in re.findall(r"^    .+", text, re.MULTILINE))
    yield from re.findall(r"`([^`\n]+)`", text)


def prose(document: Path) -> Iterator[str]:
    """Yield the lines that are neither code nor table."""
    for line in document.read_text().splitlines():
        if not line.startswith(("    ", "|")):
            yield re.sub(r"`[^`]*`", "`code`", line)


def strip_links(document: Path) -> str:
    """Return the text without the targets of its links, which are files."""
    return re.sub(r"\]\([^)]+\)", "]", document.read_text())


def anchors(document: Path) -> set[str]:
    """Return the anchors of the document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
