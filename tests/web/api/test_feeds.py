"""Feeds over HTTP: defined by anybody, changed by their owners, opened by secret addresses."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from icalendar import Calendar

from app import credentials
from app.clock import StoppedClock
from app.feeds.qr import qr_svg
from app.main import create_app
from app.records.base import Base
from app.records.engine import Database
from app.settings import Settings
from tests.builders import TODAY

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
Json = dict[str, Any]
Enter = Callable[..., Awaitable[Json]]
SignIn = Callable[[str], Headers]

SOMEBODY = UUID(int=1)
FEEDS = "/api/v1/feeds"
ALL_KINDS = [
    "negotiation_start",
    "notice_window_opens",
    "send_by",
    "notice_deadline",
    "term_end",
    "renewal",
]
FINANCE = {
    "key": "finance",
    "name": "Finance renewals",
    "description": "What finance pays.",
    "colour": "seagreen",
    "team": "both",
    "kinds": ["notice_deadline", "renewal"],
    "filters": {"counterparty": "Northwind Software", "tag": "money"},
    "months_back": 0,
    "months_ahead": 36,
    "amounts": True,
    "notes": True,
    "alarm_days_before": 7,
}


@pytest.fixture
def anna(signed_in: SignIn) -> Headers:
    """Return the headers of somebody who only reads agreements."""
    return signed_in("viewer")


@pytest.fixture
def ben(signed_in: SignIn) -> Headers:
    """Return the headers of somebody else."""
    return signed_in("procurement")


async def defined(client: httpx.AsyncClient, headers: Headers, **form: object) -> Json:
    answer = await client.post(FEEDS, json={"name": "Mine", **form}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def handed_out(
    client: httpx.AsyncClient, headers: Headers, feed_id: str, **form: object
) -> Json:
    address = f"{FEEDS}/{feed_id}/subscriptions"
    answer = await client.post(address, json={"label": "Anna", **form}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def team_feed(client: httpx.AsyncClient, headers: Headers, key: str = "it") -> Json:
    items = (await client.get(FEEDS, headers=headers)).json()["items"]
    found: Json = next(item for item in items if item["key"] == key)
    return found


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


class TestDefining:
    async def test_a_feed_is_kept_as_it_was_defined(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        answer = await client.post(FEEDS, json=FINANCE, headers=anna)
        assert answer.status_code == 201
        feed = answer.json()
        assert FINANCE.items() <= feed.items()
        assert str(UUID(feed["id"])) == feed["id"]
        own = {name: feed[name] for name in ("version", "created_at", "shown", "cut")}
        assert own == {
            "version": 1,
            "created_at": "2026-11-23T12:00:00+00:00",
            "shown": 0,
            "cut": 0,
        }
        assert answer.headers["etag"] == '"1"'
        path = f"{FEEDS}/{feed['id']}"
        assert answer.headers["location"] == f"https://noticeboard.example{path}"
        read = await client.get(path, headers=anna)
        assert (read.status_code, read.json(), read.headers["etag"]) == (200, feed, '"1"')
        listed = (await client.get(FEEDS, headers=anna)).json()["items"]
        assert [item["key"] for item in listed] == ["finance", "it", "procurement"]
        assert feed in listed

    async def test_a_name_is_enough(self, client: httpx.AsyncClient, anna: Headers) -> None:
        feed = await defined(client, anna, name="Zoë's Büro: renewals & more")
        assert feed["key"] == "zoe-s-buro-renewals-more"
        assert feed["kinds"] == ALL_KINDS
        assert (feed["team"], feed["colour"], feed["filters"]) == ("both", "steelblue", {})
        assert (feed["months_back"], feed["months_ahead"]) == (12, 24)
        assert (feed["amounts"], feed["notes"], feed["alarm_days_before"]) == (False, False, None)
        assert feed["description"] == "Both teams' view of renewal dates and deadlines."

    @pytest.mark.parametrize(
        ("name", "key"),
        [("it", "it-2"), ("IT!", "it-2"), ("更新", "feed"), ("🎉", "feed"), ("x" * 200, "x" * 35)],
    )
    async def test_a_key_is_made_that_nobody_else_has(
        self, client: httpx.AsyncClient, anna: Headers, name: str, key: str
    ) -> None:
        assert (await defined(client, anna, name=name))["key"] == key
        again = await defined(client, anna, name=name)
        assert again["key"] != key
        assert re.fullmatch("[a-z0-9-]{1,40}", again["key"])

    async def test_a_key_that_is_taken_is_refused(
        self, client: httpx.AsyncClient, anna: Headers, ben: Headers
    ) -> None:
        await defined(client, anna, key="finance")
        for key in ("finance", "it"):
            answer = await client.post(FEEDS, json={"name": "x", "key": key}, headers=ben)
            assert problem(answer)[0] == 409
            assert "choose another one" in problem(answer)[1]

    async def test_the_key_of_a_removed_feed_is_free_again(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        first = await defined(client, anna, key="finance")
        await client.delete(f"{FEEDS}/{first['id']}", headers=anna | {"If-Match": '"1"'})
        second = await defined(client, anna, key="finance")
        assert second["id"] != first["id"]

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"name": None}, "#/name"),
            ({"name": ""}, "#/name"),
            ({"name": "x" * 201}, "#/name"),
            ({"name": "a\nb"}, "#/name"),
            ({"description": " "}, "#/description"),
            ({"colour": "#4682b4"}, "#/colour"),
            ({"colour": "SteelBlue"}, "#/colour"),
            ({"colour": "blau"}, "#/colour"),
            ({"colour": None}, "#/colour"),
            ({"team": "legal"}, "#/team"),
            ({"kinds": []}, "#/kinds"),
            ({"kinds": ["renewal", "renewal"]}, "#/kinds"),
            ({"kinds": ["party"]}, "#/kinds/0"),
            ({"kinds": "renewal"}, "#/kinds"),
            ({"key": ""}, "#/key"),
            ({"key": "Finance"}, "#/key"),
            ({"key": "fin ance"}, "#/key"),
            ({"key": "-finance"}, "#/key"),
            ({"key": "finance-"}, "#/key"),
            ({"key": "a--b"}, "#/key"),
            ({"key": "fin/ance"}, "#/key"),
            ({"key": "finance\n"}, "#/key"),
            ({"key": "x" * 41}, "#/key"),
            ({"months_back": -1}, "#/months_back"),
            ({"months_back": 61}, "#/months_back"),
            ({"months_back": "12"}, "#/months_back"),
            ({"months_ahead": 0}, "#/months_ahead"),
            ({"months_ahead": 61}, "#/months_ahead"),
            ({"months_ahead": 12.0}, "#/months_ahead"),
            ({"amounts": 1}, "#/amounts"),
            ({"notes": "true"}, "#/notes"),
            ({"alarm_days_before": -1}, "#/alarm_days_before"),
            ({"alarm_days_before": 61}, "#/alarm_days_before"),
            ({"filters": {"kind": "shoes"}}, "#/filters/kind"),
            ({"filters": {"vendor": "x"}}, "#/filters/vendor"),
            ({"filters": {"tag": 'a"b'}}, "#/filters/tag"),
            ({"filters": []}, "#/filters"),
            ({"id": str(SOMEBODY)}, "#/id"),
            ({"version": 2}, "#/version"),
            ({"owner_id": str(SOMEBODY)}, "#/owner_id"),
            ({"sequence_base": 7}, "#/sequence_base"),
            ({"color": "blue"}, "#/color"),
        ],
        ids=str,
    )
    async def test_a_field_that_does_not_fit_is_named(
        self, client: httpx.AsyncClient, anna: Headers, fields: Json, pointer: str
    ) -> None:
        answer = await client.post(FEEDS, json={"name": "Mine", **fields}, headers=anna)
        assert pointers(answer) == [pointer]
        feed = await defined(client, anna)
        patch = {name: value for name, value in fields.items() if value is not None}
        if patch:
            path, headers = f"{FEEDS}/{feed['id']}", anna | {"If-Match": "*"}
            changed = await client.patch(path, json=patch, headers=headers)
            assert pointers(changed) == [pointer]
        kept = (await client.get(f"{FEEDS}/{feed['id']}", headers=anna)).json()
        assert kept == feed

    async def test_what_is_no_feed_is_not_found(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        feed, nothing = await team_feed(client, as_admin), uuid4()
        headers = as_admin | {"If-Match": "*"}
        for method, path, form in (
            ("GET", f"/{nothing}", None),
            ("PATCH", f"/{nothing}", {"name": "x"}),
            ("DELETE", f"/{nothing}", None),
            ("GET", f"/{nothing}/subscriptions", None),
            ("POST", f"/{nothing}/subscriptions", {"label": "x"}),
            ("DELETE", f"/{nothing}/subscriptions/{nothing}", None),
            ("DELETE", f"/{feed['id']}/subscriptions/{nothing}", None),
            ("POST", f"/{feed['id']}/subscriptions/{nothing}/replacement", None),
        ):
            answer = await client.request(method, f"{FEEDS}{path}", json=form, headers=headers)
            assert problem(answer)[0] == 404, path


class TestChanging:
    async def test_what_is_given_takes_the_place_of_the_old(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await defined(client, anna, **FINANCE)
        path = f"{FEEDS}/{feed['id']}"
        patch = {"name": "Money", "kinds": ["renewal"], "filters": {"q": "x"}, "notes": False}
        changed = await client.patch(path, json=patch, headers=anna | {"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert changed.json() == feed | patch | {"version": 2}
        assert (await client.get(path, headers=anna)).json() == changed.json()

    @pytest.mark.parametrize(
        "patch", [{}, {"name": "Finance renewals"}, {"key": "finance"}, FINANCE], ids=str
    )
    async def test_the_same_again_keeps_the_version(
        self, client: httpx.AsyncClient, anna: Headers, patch: Json
    ) -> None:
        feed = await defined(client, anna, **FINANCE)
        path = f"{FEEDS}/{feed['id']}"
        same = await client.patch(path, json=patch, headers=anna | {"If-Match": '"1"'})
        assert (same.status_code, same.json(), same.headers["etag"]) == (200, feed, '"1"')

    async def test_a_key_stays_for_it_stands_in_addresses(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        path = f"{FEEDS}/{(await defined(client, anna, **FINANCE))['id']}"
        for key in ("money", None):
            headers = anna | {"If-Match": "*"}
            answer = await client.patch(path, json={"key": key}, headers=headers)
            assert pointers(answer) == ["#/key"]

    async def test_empties_become_what_is_usual(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        path = f"{FEEDS}/{(await defined(client, anna, **FINANCE))['id']}"
        patch: Json = {"description": None, "kinds": None, "alarm_days_before": None, "filters": {}}
        changed = await client.patch(path, json=patch, headers=anna | {"If-Match": "*"})
        feed = changed.json()
        assert (feed["kinds"], feed["alarm_days_before"], feed["filters"]) == (ALL_KINDS, None, {})
        assert feed["description"] == "Both teams' view of renewal dates and deadlines."

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    async def test_nobody_overwrites_what_they_have_not_read(
        self, client: httpx.AsyncClient, anna: Headers, method: str
    ) -> None:
        path = f"{FEEDS}/{(await defined(client, anna))['id']}"
        form = {"name": "Other"} if method == "PATCH" else None
        await client.patch(path, json={"name": "New"}, headers=anna | {"If-Match": '"1"'})
        before = (await client.get(path, headers=anna)).json()
        for sent, status in (
            ({}, 428),
            ({"If-Match": '"1"'}, 412),
            ({"If-Match": 'W/"2"'}, 412),
            ({"If-Match": "2"}, 412),
            ({"If-Match": '"x"'}, 412),
            ({"If-Match": ""}, 412),
            ({"If-Match": '"99999999999999999999"'}, 412),
        ):
            answer = await client.request(method, path, json=form, headers=anna | sent)
            assert problem(answer)[0] == status, sent
        assert (await client.get(path, headers=anna)).json() == before
        sent = {"If-Match": '"1", "2"'}
        answer = await client.request(method, path, json=form, headers=anna | sent)
        assert answer.status_code == (200 if method == "PATCH" else 204)

    async def test_a_change_is_in_the_calendar_with_the_next_fetch(
        self, client: httpx.AsyncClient, anna: Headers, enter: Enter
    ) -> None:
        await enter(annual_value="314159", currency="EUR")
        feed = await defined(client, anna, kinds=["renewal"])
        address = (await handed_out(client, anna, feed["id"]))["address"]
        before = await client.get(address)
        assert (rb"314\,159" in before.content, b"Mine" in before.content) == (False, True)
        patch = {"name": "Money", "amounts": True, "colour": "crimson"}
        path = f"{FEEDS}/{feed['id']}"
        await client.patch(path, json=patch, headers=anna | {"If-Match": '"1"'})
        after = await client.get(address, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert all(word in after.content for word in (b"Money", rb"314\,159", b"crimson"))
        first, then = (first_event(one) for one in (before, after))
        assert then["UID"] == first["UID"]
        assert then["SEQUENCE"] > first["SEQUENCE"]

    async def test_a_removed_feed_is_gone_from_the_next_fetch_on(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await defined(client, anna)
        address = (await handed_out(client, anna, feed["id"]))["address"]
        etag = (await client.get(address)).headers["etag"]
        path = f"{FEEDS}/{feed['id']}"
        removed = await client.delete(path, headers=anna | {"If-Match": '"1"'})
        assert (removed.status_code, removed.content) == (204, b"")
        for sent in ({}, {"If-None-Match": etag}):
            answer = await client.get(address, headers=sent)
            assert (answer.status_code, "not published any more" in answer.text) == (410, True)
        for answer in (
            await client.get(path, headers=anna),
            await client.get(f"{path}/subscriptions", headers=anna),
            await client.post(f"{path}/subscriptions", json={"label": "x"}, headers=anna),
            await client.delete(path, headers=anna | {"If-Match": "*"}),
        ):
            assert problem(answer)[0] == 404
        assert feed["id"] not in (await client.get(FEEDS, headers=anna)).text
        assert feed["id"] not in (await client.get(f"{FEEDS}/health", headers=anna)).text


class TestOwners:
    async def test_others_may_read_and_subscribe_but_not_change(
        self, client: httpx.AsyncClient, anna: Headers, ben: Headers
    ) -> None:
        feed = await defined(client, anna)
        path, any_version = f"{FEEDS}/{feed['id']}", {"If-Match": "*"}
        for answer in (
            await client.patch(path, json={"name": "Ben's"}, headers=ben | any_version),
            await client.delete(path, headers=ben | any_version),
        ):
            assert problem(answer) == (
                403,
                "Whoever defined this feed changes it, or an administrator.",
            )
        assert (await client.get(path, headers=ben)).json() == feed
        address = (await handed_out(client, ben, feed["id"]))["address"]
        assert (await client.get(address)).status_code == 200

    async def test_an_administrator_may_change_whatever_it_is(
        self, client: httpx.AsyncClient, anna: Headers, as_admin: Headers
    ) -> None:
        path = f"{FEEDS}/{(await defined(client, anna))['id']}"
        any_version = as_admin | {"If-Match": "*"}
        changed = await client.patch(path, json={"name": "Better"}, headers=any_version)
        assert changed.json()["name"] == "Better"
        mine = await client.patch(path, json={"name": "Best"}, headers=anna | {"If-Match": '"2"'})
        assert mine.json()["name"] == "Best"
        assert (await client.delete(path, headers=any_version)).status_code == 204

    @pytest.mark.parametrize("key", ["it", "procurement"])
    @pytest.mark.parametrize("role", ["viewer", "it", "procurement"])
    async def test_the_feeds_of_the_teams_are_changed_by_administrators_only(
        self, client: httpx.AsyncClient, signed_in: SignIn, key: str, role: str
    ) -> None:
        headers = signed_in(role) | {"If-Match": "*"}
        path = f"{FEEDS}/{(await team_feed(client, headers, key))['id']}"
        changed = await client.patch(path, json={"name": "Ours"}, headers=headers)
        removed = await client.delete(path, headers=headers)
        assert (problem(changed)[0], problem(removed)[0]) == (403, 403)

    @pytest.mark.parametrize("key", ["it", "procurement"])
    async def test_the_feeds_of_the_teams_stay(
        self, client: httpx.AsyncClient, as_admin: Headers, key: str
    ) -> None:
        path, headers = (
            f"{FEEDS}/{(await team_feed(client, as_admin, key))['id']}",
            as_admin | {"If-Match": "*"},
        )
        removed = await client.delete(path, headers=headers)
        assert problem(removed) == (
            403,
            "The feeds of the two teams stay: change them, or define others.",
        )
        changed = await client.patch(path, json={"name": "Renamed"}, headers=headers)
        assert (changed.status_code, changed.json()["name"]) == (200, "Renamed")

    async def test_only_who_asked_for_an_address_closes_it(
        self, client: httpx.AsyncClient, anna: Headers, ben: Headers, as_admin: Headers
    ) -> None:
        feed = await defined(client, ben)
        new = await handed_out(client, anna, feed["id"])
        path = f"{FEEDS}/{feed['id']}/subscriptions/{new['id']}"
        sentence = "Whoever asked for this address closes it, or an administrator."
        for answer in (
            await client.delete(path, headers=ben),
            await client.post(f"{path}/replacement", headers=ben),
        ):
            assert problem(answer) == (403, sentence)
        assert (await client.get(new["address"])).status_code == 200
        replaced = await client.post(f"{path}/replacement", headers=as_admin)
        assert replaced.status_code == 201
        again = f"{FEEDS}/{feed['id']}/subscriptions/{replaced.json()['id']}"
        assert (await client.delete(again, headers=as_admin)).status_code == 204


class TestAddresses:
    async def test_a_new_address_comes_with_all_that_it_takes_to_subscribe(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await team_feed(client, anna)
        new = await handed_out(client, anna, feed["id"], label="Anna", expires_on="2027-01-31")
        address = new["address"]
        host = r"https://noticeboard\.example/feeds/"
        assert re.fullmatch(host + r"nbfeed_[0-9A-Za-z]{36}/it\.ics", address)
        assert len(address) <= 256
        encoded = address.replace(":", "%3A").replace("/", "%2F")
        webcal = encoded.replace("https", "webcal")
        assert new["links"] == {
            "google": f"https://calendar.google.com/calendar/r?cid={webcal}",
            "google_by_hand": "https://calendar.google.com/calendar/u/0/r/settings/addbyurl",
            "outlook_work": "https://outlook.office.com/calendar/0/addfromweb"
            f"?url={encoded}&name=IT%20renewals",
            "outlook_personal": "https://outlook.live.com/calendar/0/addfromweb"
            f"?url={encoded}&name=IT%20renewals",
            "webcal": address.replace("https:", "webcal:"),
            "new_outlook": f"webcal:{address}",
        }
        assert new["qr_svg"] == qr_svg(address)
        known = {
            "feed_id": feed["id"],
            "label": "Anna",
            "created_at": "2026-11-23T12:00:00+00:00",
            "expires_on": "2027-01-31",
            "revoked_at": None,
            "replaced_by": None,
            "last_fetched_at": None,
            "last_program": None,
            "last_revision": None,
        }
        assert known.items() <= new.items()
        listed = (await client.get(f"{FEEDS}/{feed['id']}/subscriptions", headers=anna)).json()
        assert listed["items"] == [{"id": new["id"], **known}]
        assert (await client.get(address)).status_code == 200

    async def test_a_secret_is_shown_once_and_nowhere_else(
        self,
        client: httpx.AsyncClient,
        anna: Headers,
        as_admin: Headers,
        database: Database,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        feed = await defined(client, anna)
        first = await handed_out(client, anna, feed["id"])
        path = f"{FEEDS}/{feed['id']}/subscriptions"
        second = (await client.post(f"{path}/{first['id']}/replacement", headers=anna)).json()
        for one in (first, second):
            await client.get(one["address"])
        secrets = [secret_in(one["address"]) for one in (first, second)]
        shown = [
            (await client.get(address, headers=as_admin)).text
            for address in (FEEDS, f"{FEEDS}/health", f"{FEEDS}/{feed['id']}", path)
        ]
        stored = everything_stored(database)
        logged = [one.getMessage() for one in caplog.records if one.name.startswith("notice")]
        for secret in secrets:
            for part in (secret, secret.removeprefix("nbfeed_")[:20]):
                assert not any(part in text for text in (*shown, *stored, *logged))
            digest = credentials.digest(secret)
            assert sum(digest in text for text in stored) == 1
            assert not any(digest in text for text in (*shown, *logged))

    @pytest.mark.parametrize(
        ("form", "pointer"),
        [
            ({}, "#/label"),
            ({"label": ""}, "#/label"),
            ({"label": "a\nb"}, "#/label"),
            ({"label": "x" * 201}, "#/label"),
            ({"label": 7}, "#/label"),
            ({"label": "x", "expires_on": "2026-11-22"}, "#/expires_on"),
            ({"label": "x", "expires_on": "2026-02-30"}, "#/expires_on"),
            ({"label": "x", "expires_on": "soon"}, "#/expires_on"),
            ({"label": "x", "expires_on": 20270101}, "#/expires_on"),
            ({"label": "x", "secret": "nbfeed_x"}, "#/secret"),
            ({"label": "x", "owner_id": str(SOMEBODY)}, "#/owner_id"),
        ],
        ids=str,
    )
    async def test_a_form_that_does_not_fit_hands_nothing_out(
        self, client: httpx.AsyncClient, anna: Headers, form: Json, pointer: str
    ) -> None:
        path = f"{FEEDS}/{(await team_feed(client, anna))['id']}/subscriptions"
        assert pointers(await client.post(path, json=form, headers=anna)) == [pointer]
        assert (await client.get(path, headers=anna)).json() == {"items": []}

    async def test_an_address_for_today_alone_is_good_today(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await team_feed(client, anna)
        new = await handed_out(client, anna, feed["id"], expires_on="2026-11-23")
        assert (await client.get(new["address"])).status_code == 200

    async def test_a_revoked_address_says_so_at_the_very_next_request(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await team_feed(client, anna)
        gone = await handed_out(client, anna, feed["id"], label="gone")
        other = await handed_out(client, anna, feed["id"], label="other")
        etag = (await client.get(gone["address"])).headers["etag"]
        path = f"{FEEDS}/{feed['id']}/subscriptions"
        for _ in range(2):
            revoked = await client.delete(f"{path}/{gone['id']}", headers=anna)
            assert (revoked.status_code, revoked.content) == (204, b"")
            for sent in ({}, {"If-None-Match": etag}):
                answer = await client.get(gone["address"], headers=sent)
                assert (answer.status_code, answer.text) == (
                    410,
                    "This calendar address was revoked: subscribe anew to go on.\n",
                )
        assert (await client.get(other["address"])).status_code == 200
        items = (await client.get(path, headers=anna)).json()["items"]
        assert {item["label"]: item["revoked_at"] for item in items} == {
            "gone": "2026-11-23T12:00:00+00:00",
            "other": None,
        }

    async def test_a_replaced_address_says_so_and_the_new_one_serves(
        self, client: httpx.AsyncClient, anna: Headers
    ) -> None:
        feed = await team_feed(client, anna)
        old = await handed_out(client, anna, feed["id"], label="Anna", expires_on="2027-01-31")
        before = await client.get(old["address"])
        path = f"{FEEDS}/{feed['id']}/subscriptions"
        replaced = await client.post(f"{path}/{old['id']}/replacement", headers=anna)
        assert replaced.status_code == 201
        new = replaced.json()
        assert (new["label"], new["expires_on"]) == ("Anna", "2027-01-31")
        assert new["address"] != old["address"]
        answer = await client.get(old["address"])
        assert (answer.status_code, answer.text) == (
            410,
            "This calendar address was replaced: use the new one in its place.\n",
        )
        after = await client.get(new["address"])
        assert (after.status_code, after.content) == (200, before.content)
        assert after.headers["etag"] == before.headers["etag"]
        items = (await client.get(path, headers=anna)).json()["items"]
        assert {item["id"]: item["replaced_by"] for item in items} == {
            old["id"]: new["id"],
            new["id"]: None,
        }

    @pytest.mark.parametrize("closed_by", ["revoked", "replaced", "expired"])
    async def test_a_closed_address_is_not_replaced(
        self, client: httpx.AsyncClient, anna: Headers, database: Database, closed_by: str
    ) -> None:
        feed = await team_feed(client, anna)
        new = await handed_out(client, anna, feed["id"])
        path = f"{FEEDS}/{feed['id']}/subscriptions/{new['id']}"
        if closed_by == "revoked":
            await client.delete(path, headers=anna)
        elif closed_by == "replaced":
            await client.post(f"{path}/replacement", headers=anna)
        else:
            with database.writing() as session:
                session.exec_driver_sql("UPDATE subscriptions SET expires_on = '2026-11-22'")
        answer = await client.post(f"{path}/replacement", headers=anna)
        assert problem(answer) == (409, "This address is closed already: subscribe anew.")

    async def test_an_address_is_found_under_its_own_feed_only(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        feed, other = (
            await team_feed(client, as_admin),
            await team_feed(client, as_admin, "procurement"),
        )
        new = await handed_out(client, as_admin, feed["id"])
        path = f"{FEEDS}/{other['id']}/subscriptions"
        for answer in (
            await client.delete(f"{path}/{new['id']}", headers=as_admin),
            await client.post(f"{path}/{new['id']}/replacement", headers=as_admin),
        ):
            assert problem(answer)[0] == 404
        assert (await client.get(path, headers=as_admin)).json() == {"items": []}
        assert (await client.get(new["address"])).status_code == 200

    async def test_an_address_opens_its_own_feed_and_nothing_else(
        self, client: httpx.AsyncClient, anna: Headers, enter: Enter
    ) -> None:
        await enter(reference="A", counterparty="Contoso")
        await enter(reference="B", counterparty="Northwind")
        mine = await defined(client, anna, name="Contoso", filters={"counterparty": "Contoso"})
        address = (await handed_out(client, anna, mine["id"]))["address"]
        secret = secret_in(address)
        own = await client.get(address)
        assert b"Contoso" in own.content
        assert b"Northwind" not in own.content
        for name in ("it", "procurement", "northwind"):
            under_another_name = await client.get(f"/feeds/{secret}/{name}.ics")
            assert under_another_name.content == own.content
        for sent in (
            {"Authorization": f"Bearer {secret}"},
            {"Authorization": f"Basic {secret}"},
            {"Cookie": f"token={secret}"},
        ):
            for path in (FEEDS, "/api/v1/agreements", "/api/v1/tokens", f"{FEEDS}/{mine['id']}"):
                answer = await client.get(path, headers=sent)
                assert problem(answer)[0] == 401
        for path in (FEEDS, "/api/v1/agreements"):
            assert (await client.get(path, params={"token": secret})).status_code == 401

    async def test_who_did_what_stands_in_the_trail_without_a_secret(
        self, client: httpx.AsyncClient, anna: Headers, database: Database
    ) -> None:
        feed = await defined(client, anna, name="Money", key="money")
        path = f"{FEEDS}/{feed['id']}"
        first = await handed_out(client, anna, feed["id"], label="Anna")
        await client.patch(path, json={"colour": "red"}, headers=anna | {"If-Match": '"1"'})
        replacement = f"{path}/subscriptions/{first['id']}/replacement"
        second = (await client.post(replacement, headers=anna)).json()
        await client.delete(f"{path}/subscriptions/{second['id']}", headers=anna)
        await client.delete(path, headers=anna | {"If-Match": "*"})
        with database.reading() as session:
            entries = session.exec_driver_sql(
                "SELECT action, before, after FROM audit WHERE action NOT LIKE 'token%%'"
                " ORDER BY id"
            ).all()
        assert [entry[0] for entry in entries] == [
            "feed defined",
            "address handed out",
            "feed changed",
            "address handed out",
            "address replaced",
            "address revoked",
            "feed removed",
        ]
        assert json.loads(entries[0][2])["name"] == "Money"
        assert [json.loads(entry)["colour"] for entry in entries[2][1:]] == ["steelblue", "red"]
        assert entries[1][2] == "money: Anna"


class TestFetches:
    @pytest.mark.parametrize(
        ("user_agent", "program", "usual_hours"),
        [
            ("Google-Calendar-Importer", "Google Calendar", 12),
            ("Microsoft Office/16.0 (Microsoft Outlook 16.0)", "Outlook classic", 1),
            (None, "an unnamed program", 24),
            ("<script>alert(1)</script>\x7f", "another program", 24),
        ],
    )
    async def test_it_is_told_which_program_fetched_and_when(
        self,
        database: Database,
        as_admin: Headers,
        user_agent: str | None,
        program: str,
        usual_hours: float,
    ) -> None:
        async with serving(database) as client:
            feed = await team_feed(client, as_admin)
            new = await handed_out(client, as_admin, feed["id"])
            del client.headers["User-Agent"]
            sent = {} if user_agent is None else {"User-Agent": user_agent}
            assert (await client.get(new["address"], headers=sent)).status_code == 200
        async with serving(database) as client:  # what was noted is stored when a server ends
            path = f"{FEEDS}/{feed['id']}/subscriptions"
            (one,) = (await client.get(path, headers=as_admin)).json()["items"]
            health = (await client.get(f"{FEEDS}/health", headers=as_admin)).json()
        assert one["last_fetched_at"] == "2026-11-23T12:00:00+00:00"
        assert one["last_program"] == program
        assert one["last_revision"] == health["revision"]
        told = next(each for each in health["feeds"] if each["key"] == "it")
        assert told["subscriptions"] == [
            {
                "subscription_id": new["id"],
                "label": "Anna",
                "state": "current",
                "program": program,
                "usual_hours": usual_hours,
                "last_fetched_at": "2026-11-23T12:00:00+00:00",
                "last_revision": health["revision"],
                "agreements_changed_since": 0,
                "finding": None,
            }
        ]
        assert health["findings"] == []
        assert health["teams"]["it"] == {
            "subscriptions": 1,
            "late": 0,
            "never_fetched": 0,
            "last_fetched_at": "2026-11-23T12:00:00+00:00",
        }
        assert health["teams"]["procurement"]["subscriptions"] == 0

    @pytest.mark.parametrize("sent", [{"If-None-Match": "*"}, {}], ids=["304", "200"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    async def test_being_told_that_it_is_unchanged_counts_too(
        self, database: Database, as_admin: Headers, method: str, sent: Headers
    ) -> None:
        async with serving(database) as client:
            feed = await team_feed(client, as_admin)
            new = await handed_out(client, as_admin, feed["id"])
            await client.request(method, new["address"], headers=sent)
        async with serving(database) as client:
            path = f"{FEEDS}/{feed['id']}/subscriptions"
            (one,) = (await client.get(path, headers=as_admin)).json()["items"]
        assert one["last_fetched_at"] is not None

    async def test_a_refused_fetch_is_none(self, database: Database, as_admin: Headers) -> None:
        async with serving(database) as client:
            feed = await team_feed(client, as_admin)
            new = await handed_out(client, as_admin, feed["id"])
            path = f"{FEEDS}/{feed['id']}/subscriptions"
            await client.post(new["address"])
            await client.delete(f"{path}/{new['id']}", headers=as_admin)
            assert (await client.get(new["address"])).status_code == 410
        async with serving(database) as client:
            (one,) = (await client.get(path, headers=as_admin)).json()["items"]
            health = (await client.get(f"{FEEDS}/health", headers=as_admin)).json()
        assert (one["last_fetched_at"], one["last_program"]) == (None, None)
        states = [each["state"] for feed in health["feeds"] for each in feed["subscriptions"]]
        assert states == ["closed"]

    async def test_who_has_not_fetched_for_too_long_is_named_with_what_it_missed(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter, database: Database
    ) -> None:
        feed = await team_feed(client, as_admin)
        for label in ("Anna", "Ben", "Zoë"):
            await handed_out(client, as_admin, feed["id"], label=label)
        with database.writing() as session:
            session.exec_driver_sql(
                "UPDATE subscriptions SET last_fetched_at = '2026-11-01 08:00:00',"
                " last_program = 'Google Calendar', last_revision = 0 WHERE label = 'Anna'"
            )
            session.exec_driver_sql(
                "UPDATE subscriptions SET created_at = '2026-11-20 08:00:00' WHERE label = 'Ben'"
            )
        await enter()
        health = (await client.get(f"{FEEDS}/health", headers=as_admin)).json()
        assert health["findings"] == [
            "IT's address for Ben was handed out 3 days ago and no program has fetched from it.",
            "IT's Google Calendar (Anna) has not fetched for 22 days; one agreement changed since.",
        ]
        assert health["teams"]["it"] == {
            "subscriptions": 3,
            "late": 1,
            "never_fetched": 2,
            "last_fetched_at": "2026-11-01T08:00:00+00:00",
        }


@asynccontextmanager
async def serving(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the register until the block ends; what was fetched is stored then."""
    settings = Settings(base_url="https://noticeboard.example")
    application = create_app(settings, database, StoppedClock(TODAY))
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client,
    ):
        yield client


def first_event(answer: httpx.Response) -> Any:  # noqa: ANN401 - properties of any type
    return Calendar.from_ical(answer.content).events[0]


def secret_in(address: str) -> str:
    return address.split("/")[4]


def everything_stored(database: Database) -> list[str]:
    """Return every row of every table, as text."""
    with database.reading() as session:
        return [
            str(row)
            for table in Base.metadata.tables
            for row in session.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - ours
        ]
