from hypothesis import given
from hypothesis import strategies as st

from app.usecases.formulas import as_meant, disarmed
from tests.usecases.strategies import lines

FIRST = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@given(lines | st.text(st.sampled_from("'" + FIRST + "a"), max_size=4) | st.text())
def test_what_was_disarmed_is_read_as_what_it_was(text: str) -> None:
    assert as_meant(disarmed(text)) == text


@given(st.sampled_from(FIRST), st.text())
def test_nothing_that_begins_like_a_formula_leaves(first: str, rest: str) -> None:
    assert disarmed(first + rest) == f"'{first}{rest}"


@given(st.text().filter(lambda text: text.lstrip("'")[:1] not in {*FIRST}))
def test_any_other_text_is_left_alone(text: str) -> None:
    assert disarmed(text) == as_meant(text) == text
