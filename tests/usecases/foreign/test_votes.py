"""Cells that can be read in one way decide for a file; where they do not, a person does."""

from typing import Literal

import pytest

from app.usecases.foreign.votes import Votes

Hand = Literal["left", "right"]


def votes(*texts: str) -> Votes[Hand]:
    """Return the votes of texts: L and R speak for a hand, ? is open, = is the same in both."""
    ways: dict[str, frozenset[Hand]] = {"L": frozenset({"left"}), "R": frozenset({"right"})}
    both: frozenset[Hand] = frozenset({"left", "right"})
    nothing: frozenset[Hand] = frozenset()
    counted: Votes[Hand] = Votes(
        lambda text: both if text in "?=" else ways.get(text, nothing), lambda text: text == "?"
    )
    for row, text in enumerate(texts, start=2):
        counted.add("column", row, text)
    return counted


@pytest.mark.parametrize(
    ("texts", "winner", "is_undecided"),
    [
        ("", None, False),
        ("==", None, False),
        ("xy", None, False),
        ("L", "left", False),
        ("R", "right", False),
        ("RR=x", "right", False),
        ("?", None, True),
        ("?x=", None, True),
        ("??L", "left", False),
        ("L??", "left", False),
        ("LR", None, False),
        ("LR?", None, True),
        ("LLLLLLLLR?", None, True),
    ],
)
def test_only_cells_of_one_mind_decide(texts: str, winner: str | None, is_undecided: bool) -> None:  # noqa: FBT001 - an expectation
    counted = votes(*texts)
    assert counted.winner == winner
    assert counted.is_undecided is is_undecided


def test_the_first_open_cell_is_the_example() -> None:
    counted = votes("L", "?", "R", "?")
    assert counted.example == ("column", 3, "?")
    assert counted.open == 2
    assert counted.decided == {"left": 1, "right": 1}
