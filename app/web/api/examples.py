"""What may be sent? One example of each form, for the documentation and for trying out."""

from fastapi.openapi.models import Example

AGREEMENT: dict[str, Example] = {
    "yearly": {
        "summary": "Renews each year unless notice arrives three months before",
        "value": {
            "reference": "IT-2024-017",
            "title": "Backup software, 400 servers",
            "counterparty": "Northwind Software",
            "kind": "software_maintenance",
            "owner": "Ann Example, IT operations",
            "procurement_contact": "Bob Example",
            "criticality": "high",
            "currency": "EUR",
            "annual_value": "120000.00",
            "tags": ["backup"],
            "start_date": "2024-04-15",
            "initial_term": {"value": 36, "unit": "months"},
            "renewal": {"kind": "auto", "term": {"value": 12, "unit": "months"}},
            "notice": {"value": 3, "unit": "months", "delivery": {"value": 5, "unit": "days"}},
            "lead_days": 90,
        },
    },
    "option": {
        "summary": "Ends unless an option is used; notice in business days",
        "value": {
            "reference": "TEL-8",
            "title": "Leased line Bristol - Cardiff",
            "counterparty": "Contoso Telecom",
            "kind": "telecom_circuit",
            "start_date": "2025-01-01",
            "initial_term": {"value": 2, "unit": "years"},
            "renewal": {"kind": "option", "term": {"value": 1, "unit": "years"}, "max": 2},
            "notice": {"value": 20, "unit": "business_days", "calendar": "GB-ENG"},
        },
    },
}
PREVIEW: dict[str, Example] = {
    "terms": {
        "summary": "Terms are enough",
        "value": {
            "start_date": "2024-01-31",
            "initial_term": {"value": 12, "unit": "months"},
            "renewal": {"kind": "auto", "term": {"value": 1, "unit": "months"}},
            "notice": {"value": 30, "unit": "days"},
            "as_of": "2026-11-23",
            "terms": 2,
        },
    }
}
PATCH: dict[str, Example] = {
    "notice": {
        "summary": "The notice period is known now; nobody owns it any more",
        "value": {"notice": {"value": 60, "unit": "days"}, "owner": None},
    }
}
TOKEN: dict[str, Example] = {
    "viewer": {
        "summary": "A token that only reads",
        "value": {"name": "Reporting", "role": "viewer"},
    }
}
