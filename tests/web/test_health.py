from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from app.records.engine import Database

pytestmark = pytest.mark.anyio


async def test_a_sound_server_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_without_a_database_it_is_alive_and_not_ready(
    client: httpx.AsyncClient, application: FastAPI, away: Database
) -> None:
    here = application.state.installation
    application.state.installation = replace(here, database=away)
    assert (await client.get("/healthz")).status_code == 200
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


async def test_a_database_of_another_release_is_not_ready(
    client: httpx.AsyncClient, database: Database
) -> None:
    with database.writing() as session:
        ours = session.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        session.exec_driver_sql("UPDATE alembic_version SET version_num = 'of tomorrow'")
    answer = await client.get("/readyz")
    with database.writing() as session:
        session.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{ours}'")  # noqa: S608
    assert answer.status_code == 503
    assert (await client.get("/readyz")).status_code == 200
