import httpx
import pytest

from app import main
from app.clock import StoppedClock
from app.records.engine import Database
from app.usecases.operation import prepare
from tests.builders import TODAY

pytestmark = pytest.mark.anyio


async def test_the_server_gets_the_application_that_the_environment_configures(
    monkeypatch: pytest.MonkeyPatch, database_url: str, database: Database
) -> None:
    prepare(database, StoppedClock(TODAY), migrate=False)
    monkeypatch.setenv("NOTICEBOARD_DATABASE_URL", database_url)
    monkeypatch.setenv("NOTICEBOARD_BASE_URL", "https://calendar.example/")
    app = main.served()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.example") as client:
        assert (await client.get("/readyz")).json() == {"status": "ok"}
    here = app.state.installation
    assert here.settings.base_url == "https://calendar.example"
    here.database.close()
