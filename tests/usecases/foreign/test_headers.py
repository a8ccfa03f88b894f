"""Which column of somebody else's file is which of ours."""

import pytest

from app.usecases.columns import COLUMNS
from app.usecases.foreign.columns import Column
from app.usecases.foreign.fields import FIELDS, Reading
from app.usecases.foreign.headers import is_import_form, look, proposed
from app.usecases.foreign.synonyms import CERTAIN, IGNORED, MEANINGS, Meaning, plain
from app.usecases.foreign.words import kind_in, renewal_in, truth_in

SEEN = {
    "reference": "CONTRACT, Contract Number, Notice Identifier, reference_number, procurement_id,"
    " swc_nbr, Tender Number, serial",
    "title": "Title, SERVICE, contract_name, description_en, Contract Description, Item name",
    "counterparty": "Supplier, COMPANY, vendor, vendor_name, VENDOR NAME, Winning Bidder,"
    " supplier_name, external_party, counterparty, Fornecedor, Lieferant, fournisseur",
    "parent_reference": "PARENT, PA, Parent",
    "start_date": "Contract Start Date, start, begin_date, contract_period_start, Date Effective,"
    " effective_date, startDate, purchase date, data_inicio_vigencia, Vertragsbeginn,"
    " date de debut, Date de début",
    "end_date": "Contract End Date, EXPIRATION, expires, expire_date, delivery_date, endDate,"
    " expiration date, contract_end, initial_term_end, data_fim_vigencia, Vertragsende,"
    " date d'echeance, Date d'échéance",
    "initial_term": "Duration, durationInDays, number_years, prazo_meses, Laufzeit, duree",
    "renewal_kind": "renewal, renewal_mechanism",
    "renewal_term": "periodicity",
    "renewable": "hasRenewal, prorrogavel",
    "auto_renewal": "autoRenew, tacite reconduction",
    "renewal_max": "number_options",
    "latest_end_date": "max_end, maxExtentDate, Latest End Date",
    "notice": "notice, notice_period_days, Kuendigungsfrist, Kündigungsfrist, preavis",
    "their_notice_deadline": "notice_date, cancel_by",
    "total_value": "Awarded Value, contract_value, Estimated Value, original_value, purchase cost",
    "annual_value": "annual_value",
    "monthly_value": "mrc",
    "owner": "contract_owner, business_owner, Division",
    "cost_centre": "CONTROLLER, Organisation Name, cost_centre",
}


@pytest.mark.parametrize(
    ("name", "field"),
    [(name.strip(), field) for field, names in SEEN.items() for name in names.split(",")],
)
def test_names_of_real_registers_are_known(name: str, field: str) -> None:
    (column,) = proposed([name], {}, [])
    assert column.field == field
    assert column.used


def test_every_meaning_is_a_field_and_every_column_means_itself() -> None:
    assert {one.field for one in MEANINGS.values()} <= set(FIELDS)
    assert all(MEANINGS[plain(name)].field == name for name in COLUMNS)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("durationInDays", "days"),
        ("number_years", "years"),
        ("Laufzeit (Monate)", "months"),
        ("Notice (months)", "months"),
        ("notice_period_days", "days"),
        ("Duration", None),
    ],
)
def test_a_unit_in_a_name_counts(name: str, unit: str | None) -> None:
    assert proposed([name], {}, [])[0].unit == unit


def test_what_is_merely_alike_is_proposed_and_not_used() -> None:
    (column,) = proposed(["Contrct End Dat"], {}, [])
    assert (column.field, column.used) == ("end_date", False)
    assert column.confidence < 0.5
    (stranger,) = proposed(["Shoe size"], {}, [])
    assert (stranger.field, stranger.confidence, stranger.used) == (None, 0.0, False)


def test_cells_bear_a_name_out_or_not() -> None:
    header = ["Contract Number", "PA", "End", "Value"]
    borne_out = [["A", "", "31/12/2025", "1.200"], ["B", "A", "TBC", "n/a"]]
    assert [one.used for one in proposed(header, {}, borne_out)] == [True, True, True, True]
    denied = [["A", "EP", "see file", "lots"], ["B", "WC", "see file", "lots"]]
    found = proposed(header, {}, denied)
    assert [one.used for one in found] == [True, False, False, False]
    assert [one.confidence for one in found[1:]] == [0.0, 0.0, 0.0]


def test_the_surest_of_several_is_used_and_some_are_used_together() -> None:
    header = ["Name", "Title", "Contract", "Contract Number", "Expiry", "Expires"]
    found = proposed(header, {}, [])
    assert [(one.field, one.used) for one in found] == [
        ("title", True),
        ("title", True),
        ("reference", True),
        ("reference", True),
        ("end_date", True),
        ("end_date", False),
    ]


def test_what_a_mapping_fixes_is_not_weighed() -> None:
    fixed = {"frist": Meaning("notice", "months", CERTAIN), "title": None}
    found = proposed(["Frist", "TITLE"], fixed, [["soon", "x"]])
    assert [(one.field, one.unit, one.used) for one in found] == [
        ("notice", "months", True),
        (None, None, False),
    ]


def test_the_column_of_reasons_is_none_of_the_register() -> None:
    (column,) = proposed([IGNORED], {}, [])
    assert not column.used


def test_a_file_that_names_what_is_needed_as_we_do_is_in_the_import_form() -> None:
    assert is_import_form(["start_date", "reference", "title", "counterparty", "x"])
    assert not is_import_form(["reference", "title", "counterparty", "Start"])


def test_a_look_goes_through_days_and_amounts_alone() -> None:
    columns = [
        Column(0, "Start", "start_date", None, 1.0, used=True),
        Column(1, "End", "end_date", None, 1.0, used=True),
        Column(2, "Value", "total_value", None, 1.0, used=True),
        Column(3, "Title", "title", None, 1.0, used=True),
        Column(4, "Old end", "end_date", None, 0.9, used=False),
    ]
    rows = [
        (2, ["03/04/2025", "TBC", "1.200", "04/05/2025", "31/12/2025"]),
        (3, ["", "31/12/2025", "", "x", ""]),
    ]
    found = look(columns, rows)
    assert found.days.order == "dmy"
    assert found.amounts.question is not None
    assert not found.odd_amounts
    assert look(columns, [(2, ["", "", "1.234,5", "", ""])]).odd_amounts
    assert columns[3].reading is Reading.TEXT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tacit", "auto"),
        ("stillschweigend", "auto"),
        ("Express", "option"),
        ("Never", "none"),
        ("Befristet", "none"),
        ("rolling", "evergreen"),
        ("Perpétuelle", "perpetual"),
        ("who knows", None),
    ],
)
def test_words_say_how_something_renews(text: str, kind: str | None) -> None:
    assert renewal_in(text) == kind


def test_words_say_yes_and_no_in_many_languages() -> None:
    assert [truth_in(word) for word in ("Yes", "JA", "oui", "sim", "1")] == [True] * 5
    assert [truth_in(word) for word in ("No", "Nein", "non", "não", "0")] == [False] * 5
    assert truth_in("perhaps") is None


def test_words_say_what_kind_an_agreement_is_of() -> None:
    assert kind_in("SaaS") == "saas"
    assert kind_in("Wartung") == "software_maintenance"
    assert kind_in("telecom_circuit") == "telecom_circuit"
    assert kind_in("A-BID") is None
