"""What does a framework route cost without us? The same rows by raw sqlite3 and orjson.

The anchor that gates are ratios of: one FastAPI route that reads the first 50 of the work
list, one that stores a row durably and raises the revision; no validation, no dates.
"""

import os
from uuid import uuid4

import orjson
from fastapi import FastAPI, Request, Response
from pysqlite3 import dbapi2

app = FastAPI()
_connection = dbapi2.connect(os.environ["BENCH_DATABASE"], isolation_level=None)
_connection.row_factory = dbapi2.Row
for _setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
    _connection.execute(f"PRAGMA {_setting}")

_LIST = """
    SELECT a.id, a.version, a.reference, a.counterparty, a.title, a.kind, a.owner,
           a.procurement_contact, a.cost_centre, a.criticality, a.spend_class, a.currency,
           a.annual_value, a.total_value, a.signed_date, a.tags, a.created_at, a.updated_at,
           a.reseller, a.parent_id, t.number, t.act_by, t.assumed, t.told
    FROM terms t JOIN agreements a ON a.id = t.agreement_id
    WHERE t.act_by BETWEEN ? AND ?
    ORDER BY t.act_by, t.agreement_id LIMIT 50
"""


@app.get("/list")
async def fifty(first: str, last: str) -> Response:
    """Read fifty rows of 24 fields."""
    rows = [dict(row) for row in _connection.execute(_LIST, (first, last))]
    return Response(orjson.dumps(rows), media_type="application/json")


@app.post("/insert", status_code=201)
async def insert(request: Request) -> Response:
    """Store one row and raise the revision, durably."""
    body = orjson.loads(await request.body())
    new = uuid4().hex
    _connection.execute("BEGIN IMMEDIATE")
    _connection.execute(_INSERT, (new, body["reference"], orjson.dumps(body).decode()))
    _connection.execute("UPDATE register SET revision = revision + 1")
    _connection.execute("COMMIT")
    return Response(orjson.dumps({"id": new}), 201, media_type="application/json")


_INSERT = """
    INSERT INTO agreements (id, version, reference, counterparty, title, kind, co_terminous,
                            tags, terms, acts, search_text, created_at, updated_at)
    VALUES (?, 1, ?, 'raw', 'raw', 'other', 0, '[]', ?, 0, 'raw', '2026-01-01', '2026-01-01')
"""
