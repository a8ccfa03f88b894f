"""Rows wait on the disk and come back as they were put, in whatever order."""

import gc
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.usecases.forms import AgreementForm
from app.usecases.staging import Staged
from tests.builders import a_form
from tests.usecases.strategies import forms

THEIRS = {"their_end_date": date(2025, 12, 31), "their_notice_deadline": date(2025, 9, 30)}


@given(st.lists(st.tuples(forms, st.dictionaries(st.text(max_size=5), st.dates())), max_size=4))
def test_rows_come_back_as_they_were_put(
    rows: list[tuple[AgreementForm, dict[str, date]]],
) -> None:
    staged = Staged()
    places = [staged.put(form, theirs) for form, theirs in rows]
    assert len(set(places)) == len(rows)
    for place, (form, theirs) in reversed(list(zip(places, rows, strict=True))):
        assert staged.form(place) == form
        assert staged.theirs(place) == theirs


def test_a_row_can_be_put_after_one_was_read() -> None:
    staged = Staged()
    first = staged.put(a_form(notes="one\ntwo"), THEIRS)
    assert staged.theirs(first) == THEIRS
    second = staged.put(a_form(reference="2"), {})
    assert staged.form(first).notes == "one\ntwo"
    assert staged.form(second).reference == "2"
    assert staged.theirs(second) == {}


def test_more_than_fits_into_memory_waits_in_a_file() -> None:
    staged = Staged()
    notes = "Ж" * 4_900
    places = [staged.put(a_form(reference=str(number), notes=notes), {}) for number in range(600)]
    assert places[-1] > 4_000_000
    for number in (599, 0, 300):
        assert staged.form(places[number]).reference == str(number)


def test_the_file_goes_with_its_owner() -> None:
    staged = Staged()
    staged.put(a_form(), {})
    file = staged._file  # noqa: SLF001 - nothing else can tell
    assert not file.closed
    del staged
    gc.collect()
    assert file.closed
