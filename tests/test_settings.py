"""Settings come from the environment, once, and wrong ones stop the start."""

import pytest
from pydantic import ValidationError

from app.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"NOTICEBOARD_{name.upper()}", raising=False)


def test_without_an_environment_the_defaults_hold() -> None:
    settings = Settings()
    assert settings.database_url == "sqlite:///var/noticeboard.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.timezone == "UTC"


def test_each_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "database_url": "postgresql://it@db.example/register",
        "base_url": "https://renewals.example",
        "timezone": "Europe/Berlin",
        "max_import_bytes": "5000",
        "max_import_rows": "7",
        "feed_max_events": "100",
        "feed_max_bytes": "60000",
        "feed_memory_bytes": "5000000",
        "trusted_proxies": "10.0.0.0/8, ::1",
        "verification_months": "18",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"NOTICEBOARD_{name.upper()}", value)
    settings = Settings()
    assert {name: str(getattr(settings, name)) for name in given} == given
    assert given.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://renewals.example/", "https://renewals.example"),
        ("https://example.org/renewals//", "https://example.org/renewals"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_base_url_has_no_slash_at_its_end(url: str, kept: str) -> None:
    assert Settings(base_url=url).base_url == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Europe/Atlantis"},
        {"timezone": "../etc/passwd"},
        {"timezone": ""},
        {"base_url": "renewals.example"},
        {"base_url": "javascript:alert(1)"},
        {"base_url": "https://renewals.example/?a=b"},
        {"base_url": "https://me@renewals.example"},
        {"base_url": "https://renewals.example/a b"},
        {"base_url": f"https://renewals.example/{'x' * 160}"},
        {"trusted_proxies": "proxy.example"},
        {"trusted_proxies": "10.0.0.1,"},
        {"trusted_proxies": "10.0.0.1/8"},
        {"feed_max_events": 1},
        {"feed_max_bytes": 10},
        {"feed_memory_bytes": 10},
        {"max_import_bytes": 10},
        {"max_import_rows": 0},
        {"max_import_rows": "many"},
    ],
    ids=str,
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, str | int]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_settings_do_not_change_while_running() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.timezone = "Europe/Berlin"  # type: ignore[misc]


def test_every_setting_says_what_it_does() -> None:
    assert all(field.description for field in Settings.model_fields.values())
