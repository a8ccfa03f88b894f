"""House rules that a review would forget: who may import what, ask the time, or go unguarded."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.main import create_app
from app.settings import Settings
from app.web.deps import GuardedRoute, roles_of

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "app").rglob("*.py"))

# Who else may import it; the reason stands in the module's first sentence.
ONLY_IMPORTER = {
    "icalendar": "app/feeds/",
    "sqlalchemy": "app/records/",
    "alembic": "app/records/",
    "pysqlite3": "app/records/",
    "psycopg": "app/records/",
    "holidays": "app/calendars.py",
    "segno": "app/feeds/",
    "fastapi": "app/web/",
    "starlette": "app/web/",
    "typer": "app/cli/",
}
BESIDES = {("app/main.py", "fastapi"), ("app/main.py", "starlette")}  # the application's types

CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}

# Everything that answers without a token. Add here only what a stranger may see.
PUBLIC = {
    ("/healthz", "GET"),
    ("/readyz", "GET"),
    ("/openapi.json", "GET"),
    ("/docs", "GET"),
    ("/docs/assets", "GET"),
    ("/robots.txt", "GET"),
}


def test_the_arrow_points_one_way() -> None:
    # In a process of its own: the linter reconfigures logging for all that runs after it.
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_importer(source: Path) -> None:
    place = source.relative_to(ROOT).as_posix()
    for package in imported_packages(ast.parse(source.read_text())):
        importer = ONLY_IMPORTER.get(package, "")
        assert place.startswith(importer) or (place, package) in BESIDES, (
            f"only {importer} imports {package}: ask it, or move the code there"
        )


@pytest.mark.parametrize(
    "source", sorted((ROOT / "app/renewals").glob("*.py")), ids=lambda path: path.name
)
def test_the_heart_needs_the_standard_library_only(source: Path) -> None:
    tree = ast.parse(source.read_text())
    foreign = imported_packages(tree) - sys.stdlib_module_names - {"app"}
    assert not foreign, "dates follow from facts: hand the heart what it needs as a value"
    ours = {name for name in imported_modules(tree) if name.startswith("app.")}
    assert all(name.startswith("app.renewals.") for name in ours), "the heart knows no other part"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_asks_what_day_it_is(source: Path) -> None:
    asked = names_used(ast.parse(source.read_text())) & CLOCKS
    assert not asked or source.name == "clock.py", "take today, or now, as an argument"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_settings_read_the_environment(source: Path) -> None:
    read = names_used(ast.parse(source.read_text())) & ENVIRONMENT
    assert not read or source.name == "settings.py", "add a field to Settings instead"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_which_question_it_answers(source: Path) -> None:
    text = source.read_text()
    assert not text or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("import datetime\ndatetime.date.today()", "datetime.date.today"),
        ("import datetime as d\nd.datetime.now()", "datetime.datetime.now"),
        ("from datetime import date as day\nday.today()", "datetime.date.today"),
        ("from time import time as seconds\nseconds()", "time.time"),
        ("from datetime import date\nwhat_day = date.today", "datetime.date.today"),
        ("from os import environ\nenviron['HOME']", "os.environ"),
        ("def f():\n    import os\n    os.getenv('HOME')", "os.getenv"),
    ],
)
def test_the_rules_see_through_other_names(code: str, used: str) -> None:
    assert used in names_used(ast.parse(code))


def test_a_clock_that_is_handed_in_may_be_asked() -> None:
    assert not names_used(ast.parse("def f(clock): return clock.today()")) & CLOCKS


@pytest.fixture
def routes(tmp_path: Path) -> list[RouteContext]:
    """Walk the routes that the real application answers, included and mounted ones too."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/noticeboard.db"))
    return list(iter_route_contexts(app.router.routes))


def test_every_route_names_a_role_or_is_public(routes: list[RouteContext]) -> None:
    open_routes = {
        (route.path, method)
        for route in routes
        if not isinstance(route.original_route, GuardedRoute)
        for method in methods_of(route)
    }
    assert open_routes == PUBLIC


def test_every_guarded_route_has_one_method_and_a_role(routes: list[RouteContext]) -> None:
    guarded = [route for route in routes if isinstance(route.original_route, GuardedRoute)]
    assert len(guarded) >= 12
    for route in guarded:
        assert isinstance(route.original_route, APIRoute)
        assert len(methods_of(route)) == 1
        assert "admin" in roles_of(route.original_route)


def test_whoever_only_reads_cannot_change_anything(routes: list[RouteContext]) -> None:
    read_only = {
        (route.path, method)
        for route in routes
        if isinstance(route.original_route, GuardedRoute)
        and "viewer" in roles_of(route.original_route)
        for method in methods_of(route)
    }
    changing = {str(path) for path, method in read_only if method != "GET"}
    # Calendars are everybody's own affair: they show what any reader may read.
    feeds = {path for path in changing if path.startswith("/api/v1/feeds")}
    assert changing - feeds == {"/api/v1/preview"}


def methods_of(route: RouteContext) -> set[str]:
    """Return a route's methods; the frame answers HEAD wherever there is GET."""
    return (route.methods or {"GET"}) - {"HEAD"}


def imported_modules(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module or "")
    return found


def imported_packages(tree: ast.AST) -> set[str]:
    return {name.partition(".")[0] for name in imported_modules(tree)}


def names_used(tree: ast.AST) -> set[str]:
    """Return the dotted names a module uses, by the names they have where they come from."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            origins |= {
                alias.asname or alias.name.partition(".")[0]: alias.name
                if alias.asname
                else alias.name.partition(".")[0]
                for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            origins |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
    dotted = (
        _dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)
    )
    used = (name.partition(".") for name in dotted if name)
    return {origins[first] + dot + rest for first, dot, rest in used if first in origins}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""
