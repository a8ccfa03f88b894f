"""Secrets are random, recognisable, and told apart by what they open."""

import re
from collections.abc import Callable

import pytest

from app import credentials
from app.credentials import Opens

PUBLISHED_SHAPE = re.compile(r"nb(api|feed)_[0-9A-Za-z]{36}")


@pytest.mark.parametrize("opens", Opens)
def test_a_minted_secret_has_the_published_shape_and_opens_one_thing(opens: Opens) -> None:
    secret = credentials.mint(opens)
    assert PUBLISHED_SHAPE.fullmatch(secret)
    assert secret.startswith(opens.value)
    assert [other for other in Opens if credentials.is_well_formed(secret, other)] == [opens]


def test_secrets_differ_in_their_random_part() -> None:
    bodies = {credentials.mint(Opens.API).removeprefix("nbapi_")[:30] for _ in range(500)}
    assert len(bodies) == 500
    for place in range(30):
        assert len({body[place] for body in bodies}) > 50, "every place is any of 62 characters"


def test_any_changed_character_is_noticed() -> None:
    secret = credentials.mint(Opens.FEED)
    for place in range(len(secret)):
        other = "x" if secret[place] != "x" else "y"
        assert not credentials.is_well_formed(
            secret[:place] + other + secret[place + 1 :], Opens.FEED
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: secret[:0],
        lambda secret: secret[:-1],
        lambda secret: secret + "0",
        lambda secret: secret + "\n",
        lambda secret: " " + secret,
        lambda secret: secret.upper(),
        lambda secret: secret.replace("nbfeed_", "nbapi_"),
        lambda secret: secret.replace("nbfeed_", ""),
        lambda secret: secret[:-1] + "é",
        lambda secret: secret[:-1] + "٣",
        lambda secret: secret[:-1] + "\udcff",
    ],
)  # fmt: skip
def test_what_is_nearly_a_secret_is_none(change: Callable[[str], str]) -> None:
    secret = credentials.mint(Opens.FEED)
    assert not any(credentials.is_well_formed(change(secret), opens) for opens in Opens)


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert credentials.digest("abc") == known
