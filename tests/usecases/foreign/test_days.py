"""A day is taken as it is written, in whatever form, and what no calendar has is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.days import (
    DayOrder,
    DayQuestion,
    DayVotes,
    is_ambiguous,
    open_end,
    orders_of,
    read_day,
)

ORDERS: tuple[DayOrder | None, ...] = ("dmy", "mdy", None)
LAST_OF_MARCH = date(2025, 3, 31)
FIRST_OF_APRIL = date(2025, 4, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-31",
        " 2025-03-31 ",
        "2025/03/31",
        "2025.3.31",
        "20250331",
        "2025-03-31T00:00:00+01:00",
        "2025-03-31T23:59:59Z",
        "2025-03-31T23:59:59.999+0200",
        "2025-03-31T22:00:00-08:00",
        "2025-03-31T24:00",
        "2025-03-31 24:00:00",
        "2025-03-31 00:00:00 UTC",
        "2025-03-31, 10:30",
        "2025-03-31 10.30",
        "2025-03-31 10h30",
        "2025-03-31 11:59 p.m.",
        "2025/03/31 12:00:00 AM",
        "31/03/2025",
        "31/3/2025",
        "31.03.2025",
        "31.3.25",
        "31. 3. 2025",
        "31-03-2025",
        "31 03 2025",
        "31/03/25",
        "31.03.2025 24:00",
        "31/03/2025 23:59:59",
        "03/31/2025",
        "3/31/25",
        "3-31-2025",
        "3/31/2025 11:59:59 PM",
        "45747",
        "45747.0",
        "45747,99999",
        "31 March 2025",
        "31st March, 2025",
        "31st of March 2025",
        "March 31, 2025",
        "March the 31st, 2025",
        "Mar. 31 2025",
        "MAR-31-2025",
        "31-Mar-25",
        "31 MAR 2025",
        "2025 March 31",
        "2025-Mar-31",
        "Monday, 31 March 2025",
        "Mon 31 Mar 2025 23:59:59",
        "31 March 2025, 11:59 PM",
        "31. März 2025",
        "Montag, den 31. März 2025",
        "31 mars 2025",
        "lundi 31 mars 2025",
        "31 de marzo de 2025",
        "31 de março de 2025",
        "31 marzo 2025",
        "31 maart 2025",
        "31 MRZ 25",
    ],
)
def test_the_last_of_march_is_read_in_every_form(text: str) -> None:
    assert read_day(text, None) == LAST_OF_MARCH


@pytest.mark.parametrize(
    ("names", "month"),
    [
        ("January jan Januar Jänner janvier janv. enero ene janeiro gennaio gen januari", 1),
        ("February Feb Februar février févr. febrero fevereiro fev febbraio februari", 2),
        ("March Mar März Mrz mars marzo março maart mrt", 3),
        ("April Apr avril avr. abril abr aprile", 4),
        ("May Mai mayo maio maggio mag mei", 5),
        ("June Jun Juni juin junio junho giugno giu", 6),
        ("July Jul Juli juillet juil. julio julho luglio lug", 7),
        ("August Aug août agosto ago augustus", 8),
        ("September Sep Sept. septembre septiembre setembro set settembre", 9),
        ("October Oct Oktober Okt octobre octubre outubro out ottobre ott", 10),
        ("November Nov novembre noviembre novembro", 11),
        ("December Dec Dezember Dez décembre diciembre dic dezembro dicembre", 12),
    ],
)
def test_months_are_known_in_several_languages(names: str, month: int) -> None:
    for name in names.split():
        for written in (f"1 {name} 2025", f"{name} 1, 2025".upper(), f"1º de {name} de 2025"):
            assert read_day(written, None) == date(2025, month, 1), written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1er avril 2025", FIRST_OF_APRIL),
        ("1st April 2025", FIRST_OF_APRIL),
        ("2nd April 2025", date(2025, 4, 2)),
        ("3rd April 2025", date(2025, 4, 3)),
        ("1ª de abril de 2025", FIRST_OF_APRIL),
        ("2025-04-01T00:00:00+01:00", FIRST_OF_APRIL),
        ("2025-04-01T00:00:00+14:00", FIRST_OF_APRIL),
        ("2025-03-31T23:00:00-12:00", LAST_OF_MARCH),
        ("31/12/68", date(2068, 12, 31)),
        ("31/12/70", date(1970, 12, 31)),
        ("31/12/99", date(1999, 12, 31)),
        ("31 Dec 00", date(2000, 12, 31)),
        ("29/02/2024", date(2024, 2, 29)),
        ("01/01/2025", date(2025, 1, 1)),
        ("5/5/25", date(2025, 5, 5)),
        ("25569", date(1970, 1, 1)),
        ("80000", date(2119, 1, 11)),
    ],
)
def test_a_day_is_never_converted_or_moved(text: str, expected: date) -> None:
    assert read_day(text, None) == read_day(text, "dmy") == expected


@pytest.mark.parametrize(
    ("text", "as_dmy", "as_mdy"),
    [
        ("03/04/2025", date(2025, 4, 3), date(2025, 3, 4)),
        ("3.4.25", date(2025, 4, 3), date(2025, 3, 4)),
        ("12-11-2025 23:59:59", date(2025, 11, 12), date(2025, 12, 11)),
        ("01/12/2199", date(2199, 12, 1), date(2199, 1, 12)),
        ("01/12/1970", date(1970, 12, 1), date(1970, 1, 12)),
    ],
)
def test_what_fits_both_orders_is_not_guessed(text: str, as_dmy: date, as_mdy: date) -> None:
    assert is_ambiguous(text)
    assert orders_of(text) == {"dmy", "mdy"}
    assert read_day(text, "dmy") == as_dmy
    assert read_day(text, "mdy") == as_mdy
    with pytest.raises(BadCell, match="say which with day_order, dmy or mdy"):
        read_day(text, None)


@pytest.mark.parametrize(
    ("text", "order", "rule"),
    [
        ("11/31/2015", None, "no calendar has that day; check it"),
        ("11/31/2015", "mdy", "no calendar has that day; check it"),
        ("31.11.2015", "dmy", "no calendar has that day; check it"),
        ("29/02/2025", None, "no calendar has that day; check it"),
        ("29/02/2100", None, "no calendar has that day; check it"),
        ("2025-02-30", None, "no calendar has that day; check it"),
        ("2025-31-12", None, "no calendar has that day; check it"),
        ("20250230", None, "no calendar has that day; check it"),
        ("00/00/0000", None, "no calendar has that day; check it"),
        ("31/12/2025", "mdy", "no calendar has that day with the month first; check it"),
        ("12/31/2025", "dmy", "no calendar has that day with the day first; check it"),
        ("2025-03", None, "names no day of the month"),
        ("03/2025", None, "names no day of the month"),
        ("2025", None, "names no day of the month"),
        ("31 November 2025", None, "is no day"),
        ("March 2025", None, "is no day"),
        ("31 March", None, "is no day"),
        ("31 March 20th", None, "is no day"),
        ("March 2025 2026", None, "is no day"),
        ("31 March April", None, "is no day"),
        ("31 March 2025 or later", None, "is no day"),
        ("March 31 + 2025 + 7", None, "is no day"),
        ("soon", None, "is no day"),
        ("", None, "is no day"),
        ("31/03-2025", None, "is no day"),
        ("٣١/٠٣/٢٠٢٥", None, "is no day"),
        ("19999", None, "is no day"),
        ("80001", None, "is no day"),
        ("2025-03-31" + " " * 200 + "x", None, "is no day"),
        ("31/12/1969", None, "the year must be from 1970 to 2199"),
        ("03/04/1950", None, "the year must be from 1970 to 2199"),
        ("2200-01-01", None, "the year must be from 1970 to 2199"),
        ("20000", None, "the year must be from 1970 to 2199"),
    ],
)
def test_what_is_no_day_is_refused_and_never_rolled_over(
    text: str, order: DayOrder | None, rule: str
) -> None:
    with pytest.raises(BadCell) as bad:
        read_day(text, order)
    assert str(bad.value).startswith(rule)


def question(*texts: str) -> DayQuestion | None:
    return votes(*texts).question


def votes(*texts: str) -> DayVotes:
    counted = DayVotes()
    for row, text in enumerate(texts, start=2):
        counted.add("End", row, text)
    return counted


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ([], None),
        (["2025-03-04", "5/5/2025", "12 March 2025", "45747"], None),
        (["31/03/2025"], "dmy"),
        (["03/04/2025", "31/03/2025", "x"], "dmy"),
        (["03/31/2025", "03/04/2025"], "mdy"),
        (["11/31/2015", "03/31/2025"], "mdy"),
        (["03/04/1950"], None),
    ],
)
def test_days_of_one_order_settle_a_file(texts: list[str], order: DayOrder | None) -> None:
    assert votes(*texts).order == order
    assert question(*texts) is None


def test_what_a_file_leaves_open_is_asked_once() -> None:
    asked = question("2025-01-01", "03/04/2025", "05/06/2025")
    assert asked == DayQuestion(
        column="End",
        row=3,
        text="03/04/2025",
        as_dmy=date(2025, 4, 3),
        as_mdy=date(2025, 3, 4),
        count=2,
        speak={},
    )
    assert asked.sentence == (
        "03/04/2025 in row 3 may be Thu 3 Apr 2025 or Tue 4 Mar 2025, like 2 cells in all:"
        " say which with day_order, dmy or mdy"
    )
    assert (asked.setting, asked.choices) == ("day_order", ("dmy", "mdy"))


def test_a_file_in_both_orders_is_asked_about() -> None:
    asked = question("31/03/2025", "03/31/2025", "03/04/2025")
    assert asked is not None
    assert asked.speak == {"dmy": 1, "mdy": 1}
    assert "(others in the file are written in both orders)" in asked.sentence


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (
            ("", "-", "--", "n/a", "N.A.", "TBC", "tbd.", "?", "...", "\u2014", "*", "None"),
            "unknown",
        ),
        (("To be confirmed", "unbekannt", "k.A.", "à définir", "NULL", "nan"), "unknown"),
        (("12/31/99", "31/12/99", "31.12.99", "12-31-99 00:00"), "evergreen"),
        (("2099-12-31", "31.12.9999", "99991231", "12/31/2099", "73050"), "evergreen"),
        (("2099-12-31T00:00:00Z", "Dec 31, 2099", "31 décembre 2199"), "evergreen"),
        (("ongoing", "On-going", "Open ended", "until terminated"), "evergreen"),
        (("Until further notice.", "unbefristet", "bis auf Weiteres"), "evergreen"),
        (("indéterminée", "prazo indeterminado", "onbepaalde tijd"), "evergreen"),
        (("Mo. To Mo.", "MO TO MO", "month-to-month", "M2M", "m.t.m.", "mensal"), "month_to_month"),
        (("perpetual", "Lifetime", "Perpétuelle", "à vie", "dauerhaft"), "perpetual"),
        (("2025-12-31", "31/12/98", "December", "2098-12-31", "soon", "31/31/99", "²"), None),
    ],
)
def test_what_stands_for_no_end_is_a_kind_and_no_day(
    texts: tuple[str, ...], kind: str | None
) -> None:
    for text in texts:
        assert open_end(f" {text} ") == kind, text


DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31))
ENGLISH = "January February March April May June July August September October November December"
TIMES = st.sampled_from(["", "T00:00:00Z", " 24:00", " 23:59:59", "T00:00:00+01:00", ", 9:05 pm"])


@given(DAYS, TIMES, st.sampled_from("-/."))
def test_a_day_with_the_year_first_is_read_back(day: date, time: str, mark: str) -> None:
    text = f"{day.year}{mark}{day.month:02}{mark}{day.day:02}{time}"
    for order in ORDERS:
        assert read_day(text, order) == day


@given(DAYS, TIMES, st.sampled_from("-/. "), st.booleans())
def test_a_day_in_the_order_of_its_file_is_read_back(
    day: date,
    time: str,
    mark: str,
    is_padded: bool,  # noqa: FBT001 - a case
) -> None:
    two = "02" if is_padded else ""
    dmy = f"{day.day:{two}}{mark}{day.month:{two}}{mark}{day.year}{time}"
    mdy = f"{day.month:{two}}{mark}{day.day:{two}}{mark}{day.year}{time}"
    assert read_day(dmy, "dmy") == day
    assert read_day(mdy, "mdy") == day
    assert is_ambiguous(dmy) == (day.day <= 12 and day.day != day.month)
    if not is_ambiguous(dmy):
        assert read_day(dmy, None) == read_day(mdy, None) == day


@given(DAYS)
def test_a_day_in_words_or_as_a_number_is_read_back(day: date) -> None:
    month = ENGLISH.split()[day.month - 1]
    for text in (
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day:02}-{month[:3].upper()}-{day.year}",
        f"{day.year}{day.month:02}{day.day:02}",
    ):
        assert read_day(text, None) == day
    serial = (day - date(1899, 12, 30)).days
    if serial <= 80_000:
        assert read_day(str(serial), None) == day


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)))
def test_two_digits_of_a_year_are_read_back(day: date) -> None:
    assert read_day(f"{day:%d/%m/%y}", "dmy") == day
    assert read_day(f"{day:%m/%d/%y}", "mdy") == day


NUMBERS = ["31", "12", "02", "30", "1", "2025", "99", "9999", "45747", "1st", "²", "½"]
WORDS = ["March", "May", "Mon", "Mo.", "to", "tbc", "de", "º", "ﷺ"]
MARKS = ["-", "/", ".", " ", ", ", "\n", "T", "24:00", "23:59:59", "Z", "+01:00", "PM"]
FRAGMENTS = st.lists(st.sampled_from([*NUMBERS, *WORDS, *MARKS]), max_size=9).map("".join)


@given(st.text() | FRAGMENTS, st.sampled_from(ORDERS))
def test_any_text_is_a_day_or_a_bad_cell(text: str, order: DayOrder | None) -> None:
    open_end(text)
    counted = votes(text.strip())
    asked = counted.question
    assert (asked is not None) == is_ambiguous(text.strip())
    try:
        found = read_day(text, order)
    except BadCell:
        return
    assert orders_of(text.strip()) >= ({order} if order else set())
    assert timedelta(0) <= found - date(1970, 1, 1)
