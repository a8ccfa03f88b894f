"""Days of a notice become the length that people meant."""

import pytest

from app.usecases.foreign.lengths import length_of_days
from tests.builders import length


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (30, "1 months"),
        (365, "1 years"),
        (720, "24 months"),
        (730, "2 years"),
        (1080, "36 months"),
        (0, "0 days"),
        (366, "366 days"),
    ],
)
def test_days_are_counted_as_notices_do(days: int, expected: str) -> None:
    assert length_of_days(days) == length(expected)
