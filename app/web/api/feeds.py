"""Feeds over HTTP: define calendars, hand out addresses, see whether they are fetched."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field, create_model

from app.feeds.links import links
from app.feeds.qr import qr_svg
from app.records.engine import Row
from app.usecases import feed_health, feeds, subscriptions
from app.usecases.feed_forms import FeedForm, FeedTeam, SubscriptionForm
from app.usecases.subscriptions import NewAddress, address_of
from app.web.api.examples import FEED, FEED_PATCH, SUBSCRIPTION
from app.web.api.preconditions import ETAG, IfMatch, etag_of, versions_of
from app.web.api.shapes import PATCH_CONFIG, PATCH_DOC, all_optional, answer
from app.web.deps import Desk, GuardedRoute, Reader
from app.web.errors import documented
from app.web.paths import know_ids

know_ids()
router = APIRouter(
    prefix="/api/v1/feeds",
    tags=["feeds"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 503),
)


class FeedOut(FeedForm):
    """A feed as it is defined, and what it holds."""

    id: UUID
    version: int
    created_at: datetime
    shown: int = Field(description="The events when it was last rendered.")
    cut: int = Field(description="The events it had no room for.")


class FeedList(BaseModel):
    """All feeds, by their keys."""

    items: list[FeedOut]


FeedPatch: type[BaseModel] = create_model(
    "FeedPatch", __config__=PATCH_CONFIG, __doc__=PATCH_DOC, **all_optional(FeedForm)
)


class SubscriptionOut(BaseModel):
    """An address of a feed, without its secret."""

    id: UUID
    feed_id: UUID
    label: str
    created_at: datetime
    expires_on: date | None
    revoked_at: datetime | None
    replaced_by: UUID | None
    last_fetched_at: datetime | None = Field(description="To a quarter of an hour.")
    last_program: str | None
    last_revision: int | None = Field(description="The register's revision it then got.")


class SubscriptionList(BaseModel):
    """All addresses of a feed, oldest first."""

    items: list[SubscriptionOut]


class LinksOut(BaseModel):
    """One click each; the vendors document none of them, so offer the address first."""

    google: str
    google_by_hand: str = Field(description="Where to paste the address if that does not work.")
    outlook_work: str
    outlook_personal: str
    webcal: str = Field(description="Apple Calendar, Thunderbird, classic Outlook.")
    new_outlook: str


class NewSubscription(SubscriptionOut):
    """A new address, which is shown this once."""

    address: str = Field(description="Keep it secret: whoever has it reads the calendar.")
    links: LinksOut
    qr_svg: str = Field(description="The address as a QR code, an SVG picture.")


class SubscriptionHealthOut(BaseModel):
    """How an address is used."""

    subscription_id: UUID
    label: str
    state: Literal["current", "behind", "late", "never_fetched", "closed"]
    program: str | None
    usual_hours: float | None = Field(description="How often that program usually fetches.")
    last_fetched_at: datetime | None
    last_revision: int | None
    agreements_changed_since: int
    finding: str | None


class FeedHealthOut(BaseModel):
    """How a feed is, and who reads it."""

    feed_id: UUID
    key: str
    name: str
    team: FeedTeam
    shown: int
    cut: int
    left_out: list[UUID] = Field(description="Agreements that cannot be rendered.")
    subscriptions: list[SubscriptionHealthOut]


class TeamHealthOut(BaseModel):
    """How a team's feeds are read."""

    subscriptions: int
    late: int
    never_fetched: int
    last_fetched_at: datetime | None


class HealthOut(BaseModel):
    """Whether the calendars reach people."""

    revision: int = Field(description="The register's, now.")
    findings: list[str] = Field(description="What a person should look at.")
    teams: dict[FeedTeam, TeamHealthOut]
    feeds: list[FeedHealthOut]


@router.post(
    "",
    status_code=201,
    response_model=FeedOut,
    responses=documented(409, 413, 415) | {201: {"headers": ETAG}},
    summary="Define a feed",
)
def define(form: Annotated[FeedForm, Body(openapi_examples=FEED)], desk: Reader) -> Response:
    """Define a calendar that anybody can subscribe to."""
    with desk.writing() as session:
        row = feeds.define(session, form, actor=desk.actor, now=desk.now)
    location = {"Location": f"{desk.settings.base_url}/api/v1/feeds/{row['id']}"}
    return _versioned(row, 201, location)


@router.get("", response_model=FeedList, summary="List feeds")
def every(desk: Reader) -> Response:
    """Return all feeds, those of the two teams among them."""
    with desk.reading() as session:
        rows = feeds.every(session)
    return answer({"items": [_feed_out(row) for row in rows]})


@router.get("/health", response_model=HealthOut, summary="Do the calendars reach people?")
def health(desk: Reader) -> Response:
    """Return when each program last fetched, and which changes it has not seen."""
    with desk.reading() as session:
        found = feed_health.health(session, today=desk.today, now=desk.now)
    return answer(
        {
            "revision": found.revision,
            "findings": found.sentences,
            "teams": feed_health.told(found),
            "feeds": [_feed_health_out(feed) for feed in found.feeds],
        }
    )


@router.get(
    "/{feed_id:id}",
    response_model=FeedOut,
    responses=documented(404) | {200: {"headers": ETAG}},
    summary="Read a feed",
)
def read(feed_id: UUID, desk: Reader) -> Response:
    """Return how a feed is defined."""
    with desk.reading() as session:
        row = feeds.found(session, feed_id)
    return _versioned(row)


@router.patch(
    "/{feed_id:id}",
    response_model=FeedOut,
    responses=documented(404, 412, 413, 415, 428) | {200: {"headers": ETAG}},
    summary="Change a feed",
)
def change(
    feed_id: UUID,
    patch: Annotated[FeedPatch, Body(openapi_examples=FEED_PATCH)],
    desk: Reader,
    if_match: IfMatch = None,
) -> Response:
    """Change what a feed shows; for whoever defined it, and administrators."""
    changes = patch.model_dump(exclude_unset=True)
    with desk.writing() as session:
        row = feeds.change(
            session, feed_id, versions_of(if_match), changes, actor=desk.actor, now=desk.now
        )
    return _versioned(row)


@router.delete(
    "/{feed_id:id}",
    status_code=204,
    responses=documented(404, 412, 428),
    summary="Take a feed away",
)
def remove(feed_id: UUID, desk: Reader, if_match: IfMatch = None) -> Response:
    """Take a feed away; its addresses answer 410 from the next fetch on."""
    with desk.writing() as session:
        feeds.remove(session, feed_id, versions_of(if_match), actor=desk.actor, now=desk.now)
    return Response(status_code=204)


@router.post(
    "/{feed_id}/subscriptions",
    status_code=201,
    response_model=NewSubscription,
    responses=documented(404, 413, 415),
    summary="Subscribe to a feed",
)
def subscribe(
    feed_id: UUID,
    form: Annotated[SubscriptionForm, Body(openapi_examples=SUBSCRIPTION)],
    desk: Reader,
) -> Response:
    """Hand out a secret address of a feed: one for each person, shown this once."""
    with desk.writing() as session:
        new = subscriptions.subscribe(
            session, feed_id, form, actor=desk.actor, today=desk.today, now=desk.now
        )
    return _new_subscription(desk, new)


@router.get(
    "/{feed_id}/subscriptions",
    response_model=SubscriptionList,
    responses=documented(404),
    summary="List the addresses of a feed",
)
def subscribers(feed_id: UUID, desk: Reader) -> Response:
    """Return who has an address and when it was last used; never the address itself."""
    with desk.reading() as session:
        rows = subscriptions.of_feed(session, feed_id)
    return answer({"items": [_shown(SubscriptionOut, row) for row in rows]})


@router.delete(
    "/{feed_id}/subscriptions/{subscription_id}",
    status_code=204,
    responses=documented(404),
    summary="Revoke an address",
)
def revoke(feed_id: UUID, subscription_id: UUID, desk: Reader) -> Response:
    """Make an address answer 410 from the next fetch on; for its owner, and administrators."""
    with desk.writing() as session:
        subscriptions.revoke(session, feed_id, subscription_id, actor=desk.actor, now=desk.now)
    return Response(status_code=204)


@router.post(
    "/{feed_id}/subscriptions/{subscription_id}/replacement",
    status_code=201,
    response_model=NewSubscription,
    responses=documented(404, 409),
    summary="Replace an address",
)
def replace(feed_id: UUID, subscription_id: UUID, desk: Reader) -> Response:
    """Hand out a new address in the place of one that leaked; the old one answers 410."""
    with desk.writing() as session:
        new = subscriptions.replace(
            session,
            feed_id,
            subscription_id,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
    return _new_subscription(desk, new)


def _versioned(row: Row, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return answer(_feed_out(row), status, {"ETag": etag_of(row["version"]), **(headers or {})})


def _feed_out(row: Row) -> dict[str, Any]:
    return _shown(FeedOut, {**row, **feeds.definition_of(row)})


def _new_subscription(desk: Desk, new: NewAddress) -> Response:
    address = address_of(desk.settings.base_url, new.feed["key"], new.secret)
    shown = _shown(SubscriptionOut, new.subscription)
    found = links(address, new.feed["name"])
    return answer(
        {
            **shown,
            "address": address,
            "links": {name: getattr(found, name) for name in LinksOut.model_fields},
            "qr_svg": qr_svg(address),
        },
        201,
    )


def _feed_health_out(feed: feed_health.FeedHealth) -> dict[str, Any]:
    return {
        "feed_id": feed.row["id"],
        **{name: feed.row[name] for name in ("key", "name", "team", "shown", "cut")},
        "left_out": feed.left_out,
        "subscriptions": [
            {
                "subscription_id": one.row["id"],
                "label": one.row["label"],
                "state": one.state,
                "program": one.row["last_program"],
                "usual_hours": (
                    None if one.program is None else one.program.usual.total_seconds() / 3_600
                ),
                "last_fetched_at": one.row["last_fetched_at"],
                "last_revision": one.row["last_revision"],
                "agreements_changed_since": one.changed_since,
                "finding": one.sentence,
            }
            for one in feed.subscriptions
        ],
    }


def _shown(model: type[BaseModel], row: Row) -> dict[str, Any]:
    return {name: row[name] for name in model.model_fields}
