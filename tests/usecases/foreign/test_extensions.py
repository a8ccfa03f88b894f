"""A text states extensions when it can be read in one way only."""

import pytest

from app.usecases.foreign.extensions import Extensions, extensions_in
from app.usecases.foreign.lengths import Length
from tests.builders import length


@pytest.mark.parametrize(
    ("text", "count", "each"),
    [
        ("Option to extend for a further 2 x 12 months.", 2, "12 months"),
        ("may be extended by 2×12 months", 2, "12 months"),  # noqa: RUF001 - as it is printed
        ("Initial term 3 years, with extensions of 2 * 1 year", 2, "1 years"),
        ("The contract may be extended twice by 12 months.", 2, "12 months"),
        ("Can be renewed once for a further period of 24 months", 1, "24 months"),
        ("may be extended three times for one year", 3, "1 years"),
        ("may be renewed 3 (three) times by 6 months", 3, "6 months"),
        ("Option to extend for two (2) further periods of twelve (12) months each", 2, "12 months"),
        ("extension: up to two additional periods of 12 months", 2, "12 months"),
        ("2 optional extensions of one year", 2, "1 years"),
        ("Renewal for two 12-month extensions", 2, "12 months"),
        ("may be extended for a further 18 months", 1, "18 months"),
        ("RENEWAL OF THE CONTRACT FOR AN ADDITIONAL TWENTY-FOUR MONTHS", 1, "24 months"),
        ("The buyer can extend the term by one further period of 30 days", 1, "30 days"),
        ("Extended by 2 x 12 months, that is two periods of 12 months", 2, "12 months"),
    ],
)
def test_a_clear_text_is_read(text: str, count: int, each: str) -> None:
    one = length(each)
    expected = Extensions(count, Length(value=one["value"], unit=one["unit"]))
    assert extensions_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Delivery delays - extension is acceptable",
        "May be extended by up to 24 months",
        "a period or periods of up to 1 year with a maximum of 2 such extensions",
        "may be extended for a further 12 months at a time",
        "may be extended for further 12 month periods",
        "There is no option to extend by 2 x 12 months",
        "may not be extended for a further 12 months",
        "Extension of 1 x 12 months and 1 x 6 months",
        "2 x 12 months of support for additional users",
        "may be extended by 0 x 12 months",
        "may be extended by 2 x 0 months",
        "may be extended by 2 x 12 months" + " and so on" * 500,
    ],
)
def test_any_other_text_states_nothing(text: str) -> None:
    assert extensions_in(text) is None
