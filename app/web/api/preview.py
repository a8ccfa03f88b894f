"""What would the dates be? An agreement's terms worked out, nothing stored."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from app.renewals.chain import chain
from app.renewals.position import position
from app.usecases.agreements import previewed
from app.usecases.forms import PreviewForm
from app.web.api.examples import PREVIEW
from app.web.api.shapes import PositionOut, TermDates, answer, day_or, position_out, term_dates
from app.web.deps import GuardedRoute, Reader
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/preview",
    tags=["preview"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 409, 413, 415, 422, 503),
)


class PreviewOut(BaseModel):
    """Where the agreement would stand, and its terms from the current one on."""

    position: PositionOut
    terms: list[TermDates]


@router.post("", response_model=PreviewOut, summary="Work out the dates of an agreement")
def preview(form: Annotated[PreviewForm, Body(openapi_examples=PREVIEW)], desk: Reader) -> Response:
    """Return the dates of an agreement that is not stored, each with its reason."""
    as_of = day_or(desk.today, form.as_of)
    with desk.reading() as session:
        terms = previewed(session, form, desk.now)
    links = chain(terms, as_of, past=0, ahead=form.terms)
    return answer(
        {
            "position": position_out(position(terms, as_of)),
            "terms": [term_dates(link) for link in links[: form.terms]],
        }
    )
