"""What a row of somebody else's file says in our columns."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.foreign.columns import Column
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.headers import proposed
from app.usecases.foreign.import_form import FormRows
from app.usecases.foreign.rows import ForeignRows, Manner, Said
from app.usecases.foreign.synonyms import CERTAIN, Meaning

NOTHING = Manner()


def said(cells: dict[str, str], manner: Manner = NOTHING, **units: str) -> Said:
    """Return what a row says whose columns are called like our fields."""
    columns = [
        Column(place, name, name, units.get(name), 1.0, used=True)
        for place, name in enumerate(cells)
    ]
    return ForeignRows(columns, manner, disarmed=True).read(list(cells.values()))


def custom(found: Said) -> dict[str, str]:
    kept: dict[str, str] = json.loads(found.cells.get("custom", "{}"))
    return kept


def rules(found: Said) -> list[tuple[str, str]]:
    return [(one.column, one.rule.split(";", maxsplit=1)[0]) for one in found.faults]


def warned(found: Said) -> list[str]:
    return [one.column for one in found.warnings]


def test_a_row_is_said_in_our_columns() -> None:
    found = said(
        {
            "reference": "7356*",
            "title": " St Bede&apos;s \n keyholding ",
            "counterparty": "'-Minus Ltd",
            "notes": "one &amp; two\r\n  three ",
            "start_date": "1 April 2025",
            "end_date": "31/03/2026",
            "signed_date": "28.03.2025",
            "notice": "3",
            "total_value": "€ 1.234,50",
            "kind": "SaaS",
            "renewal_kind": "Tacit",
            "renewal_term": "12 months",
        },
        notice="months",
    )
    assert found.cells == {
        "reference": "7356*",
        "title": "St Bede's keyholding",
        "counterparty": "-Minus Ltd",
        "notes": "one & two\nthree",
        "start_date": "2025-04-01",
        "end_date": "2026-03-31",
        "signed_date": "2025-03-28",
        "notice": "3 months",
        "total_value": "1234.50",
        "currency": "EUR",
        "kind": "saas",
        "renewal_kind": "auto",
        "renewal_term": "12 months",
    }
    assert not found.faults
    assert not found.warnings


def test_what_is_wrong_names_the_column_of_the_file() -> None:
    columns = proposed(["Beginn", "Ende"], {}, [])
    rows = ForeignRows(columns, NOTHING, disarmed=False)
    found = rows.read(["11/31/2015", "31.12.2026"])
    assert [(one.column, one.value) for one in found.faults] == [("Beginn", "11/31/2015")]
    assert rows.name_of("start_date") == "Beginn"
    assert rows.name_of("title") == "title"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("Ongoing", {"renewal_kind": "evergreen"}),
        ("12/31/99", {"renewal_kind": "evergreen"}),
        ("Perpetual", {"renewal_kind": "perpetual"}),
        (
            "Mo. To Mo.",
            {"renewal_kind": "auto", "initial_term": "1 month", "renewal_term": "1 month"},
        ),
    ],
)
def test_an_open_end_is_a_kind_and_no_date(end: str, expected: dict[str, str]) -> None:
    assert said({"start_date": "2025-01-01", "end_date": end}).cells == {
        "start_date": "2025-01-01",
        **expected,
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {"renewal_kind": "evergreen", "initial_term": "12 months"}),
        ({"renewal_kind": "Never"}, {"renewal_kind": "evergreen", "initial_term": "12 months"}),
        (
            {"auto_renewal": "yes", "renewal_term": "1 year"},
            {"renewal_kind": "auto", "initial_term": "12 months", "renewal_term": "1 year"},
        ),
        (
            {"renewal_term": "1 year"},
            {"renewal_kind": "auto", "initial_term": "12 months", "renewal_term": "1 year"},
        ),
    ],
)
def test_a_term_before_an_open_end_is_a_minimum_unless_others_follow(
    cells: dict[str, str], expected: dict[str, str]
) -> None:
    row = {"start_date": "2025-01-01", "initial_term": "12 months", "end_date": "Ongoing"}
    assert said(row | cells).cells == {"start_date": "2025-01-01", **expected}
    perpetual = said(row | {"end_date": "Perpetual"})
    assert perpetual.cells["renewal_kind"] == "perpetual"
    assert "initial_term" not in perpetual.cells
    assert custom(perpetual) == {"initial_term": "12 months"}


def test_no_end_is_asked_about_unless_something_settles_it() -> None:
    row = {"start_date": "2025-01-01", "end_date": ""}
    for cell in ("", "TBC"):
        assert rules(said(row | {"end_date": cell})) == [("end_date", "says no end")]
    settled = said(row, Manner(no_end="evergreen"))
    assert settled.cells["renewal_kind"] == "evergreen"
    assert said(row | {"initial_term": "12 months"}).cells["initial_term"] == "12 months"
    assert not said(row | {"renewal_kind": "perpetual"}).faults
    assert rules(said(row | {"end_date": "11/31/2015"})) == [
        ("end_date", "no calendar has that day")
    ]
    assert not said({"start_date": "2025-01-01"}).faults


def test_the_awarded_period_wins_as_a_whole_and_the_planned_one_is_kept() -> None:
    planned = {"planned_start_date": "2025-03-01", "planned_end_date": "2026-02-28"}
    alone = said(planned)
    assert (alone.cells["start_date"], alone.cells["end_date"]) == ("2025-03-01", "2026-02-28")
    both = said({"start_date": "2025-04-01", "end_date": "2026-03-31", **planned})
    assert (both.cells["start_date"], both.cells["end_date"]) == ("2025-04-01", "2026-03-31")
    assert custom(both) == planned
    half = said({"start_date": "2025-04-01", **planned})
    assert "end_date" not in half.cells
    same = said({"start_date": "2025-03-01", "end_date": "2026-02-28", **planned})
    assert custom(same) == {}


def test_an_end_on_the_anniversary_is_worth_a_look() -> None:
    row = {"start_date": "2025-04-01", "end_date": "2026-04-01"}
    assert warned(said(row)) == ["end_date"]
    told = said(row, Manner(end_date_is="renewal_date"))
    assert told.cells["end_date_is"] == "renewal_date"
    assert not told.warnings
    assert warned(said(row | {"end_date": "2026-03-31"})) == []
    assert warned(said({"end_date": "2026-04-01"})) == []


@pytest.mark.parametrize(
    ("term", "warns"),
    [
        ("12 months", False),
        ("1 year", False),
        ("50 weeks", True),
        ("365 days", False),
        ("24 months", True),
        ("36500 years", True),
    ],
)
def test_where_length_and_end_disagree_the_end_counts(term: str, *, warns: bool) -> None:
    found = said({"start_date": "2025-04-01", "end_date": "2026-03-31", "initial_term": term})
    assert found.cells["end_date"] == "2026-03-31"
    assert "initial_term" not in found.cells
    assert bool(found.warnings) == warns


def test_a_term_with_options_renews_by_them() -> None:
    found = said({"start_date": "2025-04-01", "initial_term": "3+1+1"})
    assert found.cells == {
        "start_date": "2025-04-01",
        "initial_term": "3 years",
        "renewal_kind": "option",
        "renewal_terms": "1 year; 1 year",
        "renewal_max": "2",
    }
    automatic = {"renewal_kind": "auto", "renewal_term": "1 year"}
    kept = said({"start_date": "2025-04-01", "initial_term": "3+1+1", **automatic})
    assert (kept.cells["initial_term"], kept.cells["renewal_kind"]) == ("3 years", "auto")
    assert custom(kept) == {"initial_term": "3+1+1"}
    assert warned(said({"start_date": "2025-04-01", "initial_term": "up to 24 months"})) == [
        "initial_term"
    ]


def test_a_last_possible_end_is_one_option() -> None:
    row = {"start_date": "2025-04-01", "end_date": "2026-03-31"}
    found = said({**row, "latest_end_date": "2028-03-31"})
    assert found.cells["renewal_kind"] == "option"
    assert (found.cells["renewal_terms"], found.cells["renewal_max"]) == ("24 months", "1")
    assert warned(found) == ["latest_end_date"]
    assert custom(said({**row, "latest_end_date": "2026-03-31"})) == {}, "it is the end"
    for latest in ("2028-03-20", "2025-12-31"):
        kept = said({**row, "latest_end_date": latest})
        assert custom(kept) == {"latest_end_date": latest}
        assert "renewal_kind" not in kept.cells
    assert "renewal_kind" not in said({**row, "latest_end_date": "ongoing"}).cells


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"auto_renewal": "yes", "renewal_term": "12 months"}, ("auto", "12 months")),
        ({"auto_renewal": "no", "renewal_term": "12 months"}, ("none", None)),
        ({"renewable": "ja", "renewal_term": "1 year"}, ("option", "1 year")),
        ({"renewable": "nein"}, ("none", None)),
        ({"renewal_kind": "Never", "renewal_term": "12 months"}, ("none", None)),
        ({"renewal_kind": "Express", "renewal_term": "12 months"}, ("option", "12 months")),
        ({"renewal_kind": "evergreen", "renewal_max": "3"}, ("evergreen", None)),
        ({"renewal_term": "0 months"}, (None, None)),
        ({"renewal_kind": "N/A"}, (None, None)),
    ],
)
def test_a_renewal_is_said_in_many_ways(
    cells: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    found = said({"start_date": "2025-04-01", "end_date": "2026-03-31", **cells})
    assert (found.cells.get("renewal_kind"), found.cells.get("renewal_term")) == expected
    assert "renewal_max" not in found.cells


def test_a_length_of_renewals_without_a_kind_is_taken_as_automatic_and_told() -> None:
    row = {"start_date": "2025-04-01", "end_date": "2026-03-31", "renewal_term": "12 months"}
    found = said(row)
    assert found.cells["renewal_kind"] == "auto"
    assert warned(found) == ["renewal_term"]
    constant = said(row, Manner(constants={"renewal_kind": "option"}))
    assert constant.cells["renewal_kind"] == "option"
    assert constant.cells["renewal_term"] == "12 months"
    assert not constant.warnings


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("renewal_kind", "who knows", "must say how it renews"),
        ("auto_renewal", "perhaps", "must be yes or no"),
        ("renewable", "perhaps", "must be yes or no"),
        ("currency", "thalers", "must be an ISO 4217"),
        ("currency", "$", "must be an ISO 4217"),
        ("notice", "soon", "must be a length"),
        ("total_value", "a lot", "must be one amount"),
    ],
)
def test_words_that_say_nothing_known_are_refused(column: str, cell: str, rule: str) -> None:
    ((named, told),) = rules(said({column: cell}))
    assert named == column
    assert told.startswith(rule)


def test_money_has_one_currency_and_months_make_a_year() -> None:
    assert said({"monthly_value": "£100.25"}).cells == {
        "annual_value": "1203.00",
        "currency": "GBP",
    }
    both = said({"monthly_value": "5", "annual_value": "70"})
    assert both.cells["annual_value"] == "70"
    assert custom(both) == {"monthly_value": "5"}
    assert said({"total_value": "5", "currency": "€"}).cells["currency"] == "EUR"
    assert said({"total_value": "5", "currency": "gbp"}).cells["currency"] == "GBP"
    assert said({"currency": "US$"}).cells["currency"] == "USD"
    wrong = said({"currency": "EUR", "total_value": "£5"})
    assert rules(wrong) == [("total_value", "is in GBP, and the row in EUR")]
    monthly = said({"currency": "EUR", "monthly_value": "£5"})
    assert rules(monthly) == [("monthly_value", "is in GBP, and the row in EUR")]


def test_what_is_too_long_is_cut_and_kept() -> None:
    found = said({"title": "x" * 301, "notes": "y" * 5_001})
    assert len(found.cells["title"]) == 300
    assert found.cells["title"].endswith("…")
    assert custom(found) == {"title": "x" * 301}
    assert len(found.cells["notes"]) == 5_000
    assert warned(found) == ["title", "notes"]


def test_a_name_is_title_and_reference_where_there_is_no_other() -> None:
    assert said({"name": "VPN"}).cells == {"title": "VPN", "reference": "VPN"}
    assert said({"name": "VPN", "reference": "7"}).cells == {"title": "VPN", "reference": "7"}
    long = said({"name": "x" * 301})
    assert len(long.cells["reference"]) == 200
    assert custom(long) == {"name": "x" * 301}


def test_the_first_column_that_is_filled_says_who_and_what() -> None:
    columns = [
        Column(0, "Vendor", "counterparty", None, 0.95, used=True),
        Column(1, "Manufacturer", "counterparty", None, 0.7, used=True),
    ]
    rows = ForeignRows(columns, NOTHING, disarmed=False)
    assert rows.read(["Contoso", "Fabrikam"]).cells == {"counterparty": "Contoso"}
    assert rows.read(["", "Fabrikam"]).cells == {"counterparty": "Fabrikam"}


def test_what_is_not_recognised_is_kept_if_that_is_wanted() -> None:
    columns = proposed(["Title", "Asset tag", "Empty"], {}, [])
    cells = ["VPN", " LN-1180\r\nB ", ""]
    assert custom(ForeignRows(columns, NOTHING, disarmed=False).read(cells)) == {}
    keeping = ForeignRows(columns, Manner(keep_unrecognised=True), disarmed=False)
    assert custom(keeping.read(cells)) == {"Asset tag": "LN-1180\nB"}


def test_a_kind_or_a_link_that_is_none_is_kept() -> None:
    found = said({"kind": "A-BID", "document_link": "drawer 3"})
    assert "kind" not in found.cells
    assert "document_link" not in found.cells
    assert custom(found) == {"kind": "A-BID", "document_link": "drawer 3"}
    link = "https://contracts.example/1"
    assert said({"document_link": link}).cells == {"document_link": link}


def test_dates_of_another_tool_are_for_comparison() -> None:
    found = said(
        {"their_end_date": "2026-03-31", "their_notice_deadline": "see contract", "end_date": "TBC"}
    )
    assert found.theirs == {"their_end_date": date(2026, 3, 31)}
    assert warned(found) == ["their_notice_deadline"]
    row = {"start_date": "2025-04-01", "end_date": "2026-03-31"}
    assert said(row, Manner(compares_end=True)).theirs == {"their_end_date": date(2026, 3, 31)}


def test_constants_fill_what_the_row_leaves_open() -> None:
    manner = Manner(constants={"currency": "EUR", "kind": "saas"})
    assert said({"kind": "cloud"}, manner).cells == {"kind": "cloud_commitment", "currency": "EUR"}


def form(cells: dict[str, str], manner: Manner = NOTHING, *, disarmed: bool = False) -> Said:
    columns = [
        Column(place, name, name if name in FIELDS else None, None, 1.0, used=name in FIELDS)
        for place, name in enumerate(cells)
    ]
    rows = FormRows(columns, manner, disarmed=disarmed)
    assert rows.name_of("title") == "title"
    return rows.read(list(cells.values()))


def test_the_import_form_is_taken_as_it_is() -> None:
    cells = {
        "reference": "A",
        "start_date": "2025-04-01",
        "annual_value": "1200.5",
        "initial_term": "12 Months",
        "title": " x ",
        "owner": " ",
    }
    assert form(cells).cells == cells
    assert form({"title": "'=1", "owner": ""}, disarmed=True).cells == {"title": "=1"}


def test_what_a_spreadsheet_made_of_the_form_is_understood() -> None:
    found = form(
        {
            "start_date": "01.04.2025",
            "annual_value": "1.200,50",
            "total_value": "1.200",
            "initial_term": "1 Jahr",
            "notice": "soon",
            "signed_date": "2025-02-30x",
        },
        Manner(day_order="dmy", decimal_mark="comma"),
    )
    assert found.cells == {
        "start_date": "2025-04-01",
        "annual_value": "1200.50",
        "total_value": "1200",
        "initial_term": "1 year",
        "notice": "soon",
        "signed_date": "2025-02-30x",
    }


def test_constants_and_answers_hold_for_the_form_too() -> None:
    manner = Manner(
        end_date_is="renewal_date",
        constants={"currency": "EUR", "kind": "saas"},
        keep_unrecognised=True,
    )
    row = {"end_date": "2026-04-01", "currency": "", "kind": "other", "Shoe size": "46"}
    found = form(row, manner)
    assert found.cells["kind"] == "other"
    assert found.cells["currency"] == "EUR"
    assert found.cells["end_date_is"] == "renewal_date"
    assert custom(found) == {"Shoe size": "46"}
    own = form({"end_date": "2026-04-01", "end_date_is": "last_day"}, manner)
    assert own.cells["end_date_is"] == "last_day"
    assert "end_date_is" not in form({"end_date": ""}, manner).cells
    broken = form({"custom": "[", "Shoe size": "46"}, manner)
    assert broken.cells["custom"] == "["


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)),
        st.text(max_size=20)
        | st.sampled_from(
            ["TBC", "31/12/2025", "1.200", "3+1+1", "12", "yes", "€ 5", "Mo. To Mo."]
        ),
        max_size=12,
    ),
    st.sampled_from([NOTHING, Manner("dmy", "comma", "last_day", "evergreen", True, True)]),  # noqa: FBT003 - a whole manner
)
def test_any_row_says_something(cells: dict[str, str], manner: Manner) -> None:
    for read in (said, form):
        found = read(cells, manner)
        assert all(isinstance(value, str) for value in found.cells.values())


def test_a_mapping_that_fixes_a_unit_is_followed() -> None:
    fixed = {"frist": Meaning("notice", "months", CERTAIN)}
    columns = proposed(["Frist"], fixed, [])
    assert ForeignRows(columns, NOTHING, disarmed=False).read(["3"]).cells == {"notice": "3 months"}
