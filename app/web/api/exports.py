"""The register as a file over HTTP: CSV, a sheet, JSON or OCDS, with the filters of the list.

A file is made as a whole before the first byte is sent: the transaction does not wait for
whoever reads slowly, what goes wrong is answered as such, and with its length known a file
that was cut off on the way is never taken for a whole one.
"""

from collections.abc import Iterator
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.records.agreements import Filters
from app.usecases.exports import export
from app.web.api.shapes import ByFilters, ExportedAgreement
from app.web.deps import Desk, GuardedRoute, Reader
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1",
    tags=["agreements"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 503),
)

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_JSON = "application/json"
_MOST_IN_MEMORY = 1_000_000
_PIECE = 256 * 1024

_TEXT = {"type": "string"}
_PACKAGE = {"type": "object", "description": "A release package of the standard, version 1.1."}
_HEADERS = {
    "Content-Disposition": {"required": True, "schema": _TEXT},
    "Left-Out": {
        "required": True,
        "description": "How many stored agreements cannot be read, and are not in the file.",
        "schema": {"type": "integer", "minimum": 0},
    },
}


def _a_file(media_type: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": schema}}, "headers": _HEADERS}}


@router.get(
    "/agreements.csv",
    response_class=Response,
    responses=_a_file("text/csv", _TEXT),
    summary="Export agreements as CSV",
)
def as_csv(desk: Reader, filters: ByFilters) -> Response:
    """Return the agreements in the import form: imported again, they change nothing."""
    return _exported(desk, filters, "csv", _CSV)


@router.get(
    "/agreements.xlsx",
    response_class=Response,
    responses=documented(409) | _a_file(_XLSX, _TEXT | {"format": "binary"}),
    summary="Export agreements as a sheet",
)
def as_xlsx(desk: Reader, filters: ByFilters) -> Response:
    """Return the agreements in the import form as XLSX, with typed cells and no formula."""
    return _exported(desk, filters, "xlsx", _XLSX)


@router.get(
    "/agreements.json",
    response_model=list[ExportedAgreement],
    responses={200: {"headers": _HEADERS}},
    summary="Export agreements as JSON",
)
def as_json(desk: Reader, filters: ByFilters) -> Response:
    """Return the agreements as they are entered, each with its id, without a page's limit."""
    return _exported(desk, filters, "json", _JSON)


@router.get(
    "/agreements.ocds.json",
    response_class=Response,
    responses=_a_file(_JSON, _PACKAGE),
    summary="Export agreements as OCDS",
)
def as_ocds(desk: Reader, filters: ByFilters) -> Response:
    """Return the agreements as an OCDS release package, each with our own form of it.

    Imported again, they change nothing.
    """
    return _exported(desk, filters, "ocds.json", _JSON)


class _FileResponse(StreamingResponse):
    """A file of ours on its way out; it is closed however that ends."""

    def __init__(self, file: IO[bytes], headers: dict[str, str], media_type: str) -> None:
        super().__init__(_pieces_of(file), headers=headers, media_type=media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _exported(desk: Desk, filters: Filters, ending: str, media_type: str) -> Response:
    file = SpooledTemporaryFile(_MOST_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        with desk.reading() as session:
            exported = export(session, filters, ending, file)
        file.seek(0, SEEK_END)
        headers = {
            "Content-Length": str(file.tell()),
            "Content-Disposition": f'attachment; filename="agreements-{desk.today}.{ending}"',
            "Left-Out": str(exported.left_out),
        }
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _FileResponse(file, headers, media_type)


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
