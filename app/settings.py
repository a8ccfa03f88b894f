"""How is this installation configured? Environment in, one frozen value out."""

import re
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from pydantic import AnyHttpUrl, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_URL = TypeAdapter(AnyHttpUrl)
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9._~:\[\]/-]+")
# What comes behind it: /feeds/, a secret of 43, a slash, a key of 40 and .ics.
_LONGEST_BASE_URL = 256 - 95


class Settings(BaseSettings):
    """All settings; each is read from the environment as `NOTICEBOARD_` and its name."""

    model_config = SettingsConfigDict(env_prefix="NOTICEBOARD_", frozen=True, extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/noticeboard.db",
        description="Where the record is kept: `sqlite:///path` or `postgresql://user@host/name`.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address people use, without a slash at the end; printed into feeds "
        "and links, never taken from a request.",
    )
    timezone: str = Field(
        default="UTC",
        description="The IANA time zone that decides which day is today, such as `Europe/Berlin`.",
    )
    max_import_bytes: int = Field(
        default=20_000_000, ge=1_000, description="The largest import file, in bytes."
    )
    max_import_rows: int = Field(
        default=100_000, ge=1, description="The most rows of one import file."
    )

    feed_max_events: int = Field(
        default=1_000,
        ge=2,
        description="A feed stays under so many events, the nearest dates first; Google is "
        "reported to leave out what goes beyond 1,000.",
    )
    feed_max_bytes: int = Field(
        default=1_000_000,
        ge=50_000,
        description="A feed stays under so many bytes, the nearest dates first; Google is "
        "reported to refuse more than 1 MB.",
    )
    feed_memory_bytes: int = Field(
        default=64_000_000,
        ge=4_000_000,
        description="How many bytes of rendered feeds a server keeps in memory.",
    )
    trusted_proxies: str = Field(
        default="none",
        description="The addresses and networks of your reverse proxies, separated by commas; "
        "only from them does `X-Forwarded-For` count.",
    )

    verification_months: int = Field(
        default=12,
        ge=1,
        le=120,
        description="How many months a check of a clause against the contract is good for.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as error:
            message = f"no time zone is called {name!r}; use an IANA name such as Europe/Berlin"
            raise ValueError(message) from error
        return name

    @field_validator("base_url")
    @classmethod
    def _plain_base_url(cls, url: str) -> str:
        _URL.validate_python(url)
        if len(url) > _LONGEST_BASE_URL:
            message = (
                f"has more than {_LONGEST_BASE_URL} characters; Google refuses calendars whose"
                " address has more than 256 in all"
            )
            raise ValueError(message)
        if not _PLAIN_URL.fullmatch(url):
            message = (
                "must be plain: letters, digits, and - . _ ~ : / only; calendar programs garble"
                " other characters, and a query"
            )
            raise ValueError(message)
        return url.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        for proxy in _listed(proxies):
            try:
                ip_network(proxy)
            except ValueError as error:
                message = f"{proxy!r} is no address or network, such as 10.0.0.0/8"
                raise ValueError(message) from error
        return proxies

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of the reverse proxies."""
        return _listed(self.trusted_proxies)


def _listed(proxies: str) -> list[str]:
    return [] if proxies == "none" else [proxy.strip() for proxy in proxies.split(",")]
