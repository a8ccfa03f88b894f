"""What do people do to one agreement at the same time? Each edit leaves a mark of its own.

An edit is a small function: it reads what it rests on and returns the request to send, so
that whoever sends it can send it to another server, send it twice, or be cut off. A new kind
of edit is a function here, a place in `EDITS`, and in `mark_of` where the trail shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from bench.servers import Failed

AGREEMENTS = "/api/v1/agreements"
KEY = "Idempotency-Key"
AGAIN = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.SERVICE_UNAVAILABLE})
"""Answers after which a client reads again and tries again: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is not sent yet. One with a key may be sent twice and is done once."""

    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def has_key(self) -> bool:
        """Whether it is done once however often it is sent."""
        return KEY in self.headers

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it and read the whole answer.

        Raises `Failed` for one that nobody should get who writes while others write.
        """
        answer = client.request(self.method, self.path, json=self.body, headers=self.headers)
        if not answer.is_success and answer.status_code not in AGAIN:
            raise Failed(f"{self.method} {self.path} answers {answer.status_code}: {answer.text}")
        return answer


Edit = Callable[[httpx.Client, str, str], Request]
"""Makes a request from what a client reads, the id of an agreement, and the mark to leave."""


def creation(mark: str, counterparty: str) -> Request:
    """Return the request for a new agreement; its reference is the mark.

    Its first term is current for years, so that there is always something to decide.
    """
    body = {
        "reference": mark,
        "title": "Agreement that many work on",
        "counterparty": counterparty,
        "kind": "saas",
        "vendor_reference": "0",
        "start_date": "2026-01-01",
        "initial_term": {"value": 60, "unit": "years"},
        "renewal": {"kind": "auto", "term": {"value": 12, "unit": "months"}},
        "notice": {"value": 90, "unit": "days"},
    }
    return Request("POST", AGREEMENTS, body, {KEY: mark})


def correct(reader: httpx.Client, agreement_id: str, mark: str) -> Request:
    """Write the mark below the notes that were read, and count one on."""
    path = f"{AGREEMENTS}/{agreement_id}"
    read = _read(reader, path)
    agreement = read.json()
    body = {
        "notes": "\n".join([*lines_of(agreement["notes"]), mark]),
        "vendor_reference": str(int(agreement["vendor_reference"]) + 1),
    }
    return Request("PATCH", path, body, {"If-Match": read.headers["ETag"]})


def decide(reader: httpx.Client, agreement_id: str, mark: str) -> Request:
    """Let the other team speak, or the same one think again; the reason is the mark."""
    path = f"{AGREEMENTS}/{agreement_id}/terms/1/decision"
    read = _read(reader, path)
    version = read.json()["version"]
    body = {
        "side": ("it", "procurement")[version % 2],
        "choice": ("renew", "do_not_renew")[version // 2 % 2],
        "reason": mark,
    }
    return Request("PUT", path, body, {"If-Match": read.headers["ETag"]})


def give_notice(reader: httpx.Client, agreement_id: str, mark: str) -> Request:
    """Send a notice on the day the server has; its note is the mark."""
    path = f"{AGREEMENTS}/{agreement_id}"
    today = _read(reader, path).json()["position"]["as_of"]
    return Request("POST", f"{path}/notices", {"sent_on": today, "note": mark}, {KEY: mark})


def _read(reader: httpx.Client, path: str) -> httpx.Response:
    read = reader.get(path)
    if not read.is_success:
        raise Failed(f"GET {path} answers {read.status_code}: {read.text}")
    return read


EDITS: tuple[Edit, ...] = (correct, decide, correct, give_notice)
"""The edits in the order in which they take turns; one that stands twice is made twice as often."""


def mark_of(entry: dict[str, Any]) -> str:
    """Return the mark that an entry of the trail shows; empty when there is none."""
    action, after = entry["action"], entry["after"] or {}
    match action:
        case "created":
            mark = after.get("reference")
        case "corrected":
            mark = (lines_of(after.get("notes")) or [""])[-1]
        case "decision":
            mark = after["document"].get("reason")
        case "notice":
            mark = after["document"].get("note")
        case _:
            mark = None
    return mark or ""


def lines_of(notes: str | None) -> list[str]:
    """Return the marks that notes hold, in their order."""
    return [] if notes is None else notes.split("\n")
