"""Mappings of imports over HTTP: how somebody's files are read, kept under a name."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel

from app.usecases import mappings
from app.usecases.mapping_forms import MappingForm
from app.usecases.mappings import KeptMapping, MappingName
from app.web.api.examples import MAPPING
from app.web.api.shapes import answer
from app.web.deps import GuardedRoute, Writer
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/import-mappings",
    tags=["import mappings"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 404, 409, 413, 415, 422, 503),
)


class MappingOut(BaseModel):
    """A mapping; a preset came with the release and cannot be changed."""

    name: str
    is_preset: bool
    mapping: MappingForm


class MappingList(BaseModel):
    """The presets, and what was saved."""

    items: list[MappingOut]


@router.get("", response_model=MappingList, summary="List the mappings")
def listed(desk: Writer) -> Response:
    """Return the presets and all saved mappings, by name."""
    with desk.reading() as session:
        return answer({"items": [_out(one) for one in mappings.every(session)]})


@router.get("/{name}", response_model=MappingOut, summary="Read a mapping")
def read(name: Annotated[MappingName, Path()], desk: Writer) -> Response:
    """Return one mapping."""
    with desk.reading() as session:
        return answer(_out(mappings.by_name(session, name)))


@router.put("/{name}", response_model=MappingOut, summary="Save a mapping")
def save(
    name: Annotated[MappingName, Path()],
    form: Annotated[MappingForm, Body(openapi_examples=MAPPING)],
    desk: Writer,
) -> Response:
    """Keep a mapping under a name, in the place of what was saved under it before."""
    with desk.writing() as session:
        mappings.save(session, name, form, actor=desk.actor, now=desk.now)
        return answer(_out(mappings.by_name(session, name)))


@router.delete("/{name}", status_code=204, summary="Remove a mapping")
def remove(name: Annotated[MappingName, Path()], desk: Writer) -> Response:
    """Forget a saved mapping; agreements that came in by it stay."""
    with desk.writing() as session:
        mappings.remove(session, name, actor=desk.actor, now=desk.now)
    return Response(status_code=204)


def _out(kept: KeptMapping) -> dict[str, object]:
    return {
        "name": kept.name,
        "is_preset": kept.is_preset,
        "mapping": kept.mapping.model_dump(exclude_none=True),
    }
