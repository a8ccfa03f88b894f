"""How are the columns of somebody's files to be read? What people may fix, and known tools.

A mapping names columns and what they say; what it does not name is recognised by itself.
Presets are mappings for what other tools export, as far as their columns are documented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.usecases.columns import COLUMNS
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.rows import Manner
from app.usecases.foreign.synonyms import CERTAIN, Meaning, plain
from app.usecases.forms import StrictForm


def _field(name: str) -> str:
    if name not in FIELDS:
        message = f"is no field; take one of {', '.join(FIELDS)}"
        raise ValueError(message)
    return name


def _own_column(name: str) -> str:
    if name not in COLUMNS:
        message = "names a column that the import form does not have; see docs/importing.md"
        raise ValueError(message)
    return name


_HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Cell = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]


class MappedColumn(StrictForm):
    """One column of a file, by its name in the header, and what it says."""

    column: _HeaderName = Field(examples=["Kündigungsfrist (Monate)"])
    field: Annotated[str, AfterValidator(_field)] | None = Field(
        None,
        description="The column of the import form that it is, or one of `auto_renewal`,"
        " `renewable`, `monthly_value`, `planned_start_date`, `planned_end_date`,"
        " `latest_end_date`, `their_end_date`, `their_notice_deadline`; null to leave it out.",
        examples=["notice"],
    )
    unit: Literal["days", "weeks", "months", "years", "business_days"] | None = Field(
        None, description="What its bare numbers count.", examples=["months"]
    )


class MannerForm(StrictForm):
    """How a file is to be read where it does not say so itself."""

    day_order: Literal["dmy", "mdy"] | None = Field(
        None, description="What 03/04/2025 is: 3 April or March 4."
    )
    decimal_mark: Literal["point", "comma"] | None = Field(
        None, description="What stands before decimals: whether 1.200 is more than a thousand."
    )
    end_date_is: Literal["last_day", "renewal_date"] | None = Field(
        None, description="What the file calls an end: the last day, or the day after it."
    )
    no_end: Literal["evergreen", "perpetual"] | None = Field(
        None, description="What an agreement without an end is; refused when left out."
    )
    keep_unrecognised: bool | None = Field(
        None, description="Whether columns that are none of ours are kept in `custom`."
    )


class MappingForm(MannerForm):
    """How the columns of a file are to be read."""

    columns: Annotated[list[MappedColumn], Field(max_length=200)] = Field(default_factory=list)
    constants: Annotated[
        dict[Annotated[str, AfterValidator(_own_column)], _Cell], Field(max_length=len(COLUMNS))
    ] = Field(
        default_factory=dict,
        description="Cells of the import form that every row gets where the file has none.",
        examples=[{"currency": "EUR"}],
    )

    @model_validator(mode="after")
    def _each_column_once(self) -> "MappingForm":
        names = [plain(one.column) for one in self.columns]
        if len(set(names)) < len(names):
            message = "columns: a column stands there twice; name each once"
            raise ValueError(message)
        return self

    def fixed(self) -> dict[str, Meaning | None]:
        """Return what the named columns say, by their plain names; of two, the first is surer."""
        return {
            plain(one.column): None
            if one.field is None
            else Meaning(one.field, one.unit, CERTAIN - place / 10_000)
            for place, one in enumerate(self.columns)
        }

    def is_of_our_form(self) -> bool:
        """Tell whether its columns are what the import form takes them for anyway."""
        return all(
            one.unit is None and one.field == (one.column if one.column in COLUMNS else None)
            for one in self.columns
        )

    def with_answers(self, answers: MannerForm) -> "MappingForm":
        """Return the mapping with what was answered for one file."""
        given = answers.model_dump(exclude_none=True, include=set(MannerForm.model_fields))
        return self.model_copy(update=given)

    def manner(self) -> Manner:
        """Return how files are to be read by it."""
        return Manner(
            day_order=self.day_order,
            decimal_mark=self.decimal_mark,
            end_date_is=self.end_date_is,
            no_end=self.no_end,
            keep_unrecognised=bool(self.keep_unrecognised),
            constants=self.constants,
        )


def _preset(columns: Mapping[str, str | None], constants: Mapping[str, str]) -> MappingForm:
    def mapped(name: str, meaning: str | None) -> dict[str, str | None]:
        field, _, unit = (meaning or "").partition(" in ")
        return {"column": name, "field": field or None, "unit": unit or None}

    return MappingForm.model_validate(
        {
            "columns": [mapped(name, meaning) for name, meaning in columns.items()],
            "constants": dict(constants),
            "keep_unrecognised": True,
        }
    )


PRESETS: Mapping[str, MappingForm] = {
    # The list of contracts, whose columns are the search options of a contract. A contract
    # may have no number; Tacit, Express and Never are known words.
    "glpi": _preset(
        {
            "Name": "name",
            "Number": "reference",
            "ID": "reference",
            "Associated suppliers": "counterparty",
            "Associated supplier": "counterparty",
            "Suppliers": "counterparty",
            "Type": "kind",
            "Contract type": "kind",
            "Start date": "start_date",
            "Duration": "initial_term in months",
            "Initial contract period": "initial_term in months",
            "Periodicity": "renewal_term in months",
            "Contract renewal period": "renewal_term in months",
            "Renewal": "renewal_kind",
            "Notice": "notice in months",
            "Account number": "cost_centre",
            "Total cost": "total_value",
            "Comments": "notes",
            # Both follow from the above, so they are compared and never taken.
            "Expiration": "their_end_date",
            "End date": "their_end_date",
            "Expiration date + notice": "their_notice_deadline",
        },
        {},
    ),
    # Licences. There is no renewal in them: what expires ends.
    "snipe-it": _preset(
        {
            "Item name": "name",
            "License Name": "name",
            "Name": "name",
            "Serial": "reference",
            "Product Key": "reference",
            "Serial number": "reference",
            "ID": "reference",
            "Supplier": "counterparty",
            "Manufacturer": "counterparty",
            "Purchase Date": "start_date",
            "Expiration Date": "end_date",
            # The day on which somebody ended it, which is no agreed date.
            "Termination Date": None,
            "Purchase Cost": "total_value",
            "Order Number": "vendor_reference",
            "Company": "cost_centre",
            "Category": "spend_class",
            "Notes": "notes",
        },
        {"kind": "software_maintenance"},
    ),
    # The contracts of the plugin, by the names of their fields and as their table heads them.
    # Terms are in months and notice in days there, and nothing says how a term renews:
    # a renewal term means that it does.
    "netbox-contract": _preset(
        {
            "name": "name",
            "id": "reference",
            "external_reference": "vendor_reference",
            "external_party_object": "counterparty",
            "external_partie": "counterparty",
            "external_party": "counterparty",
            "internal_party": "cost_centre",
            "contract_type": "kind",
            "start_date": "start_date",
            "end_date": "end_date",
            "initial_term": "initial_term in months",
            "renewal_term": "renewal_term in months",
            "notice_period": "notice in days",
            "notice_date": "their_notice_deadline",
            "currency": "currency",
            "mrc": "monthly_value",
            "yrc": "annual_value",
            "Yearly recurring cost (deprecated)": "annual_value",
            "Monthly recurring cost (deprecated)": "monthly_value",
            "yearly_value": "annual_value",
            "documents": "document_link",
            "comments": "notes",
            "parent": None,
        },
        {},
    ),
}
"""Mappings for what known tools export."""

COMPARES_END = frozenset({"snipe-it", "netbox-contract"})
"""Tools in which somebody types the end, and no renewal moves it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one file is to be read, by which preset if by any."""

    mapping: MappingForm = field(default_factory=MappingForm)
    preset: str | None = None

    @property
    def is_strict(self) -> bool:
        """Whether a column that the mapping names has to be there; presets name all there are."""
        return self.preset is None

    def manner(self) -> Manner:
        """Return how the file is to be read where it does not say so itself."""
        return replace(self.mapping.manner(), compares_end=self.preset in COMPARES_END)
