"""How is this installation configured? Environment in, one frozen value out."""

from zoneinfo import ZoneInfo

from pydantic import AnyHttpUrl, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_URL = TypeAdapter(AnyHttpUrl)


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
        default=20_000, ge=1, description="The most rows of one import file."
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
        return url.rstrip("/")
