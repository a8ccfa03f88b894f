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
LEAD_TIMES: dict[str, Example] = {
    "three": {
        "summary": "A year for what must be tendered or is large, else a quarter",
        "value": {
            "rows": [
                {"name": "public tender", "days": 365, "handling": "public_tender"},
                {"name": "from 500,000 a year", "days": 365, "value_from": "500000"},
                {"name": "anything else", "days": 90},
            ]
        },
    }
}
MAPPING: dict[str, Example] = {
    "german": {
        "summary": "A German sheet whose notice is in months, in euros",
        "value": {
            "columns": [
                {"column": "Frist", "field": "notice", "unit": "months"},
                {"column": "Sachbearbeiter", "field": None},
            ],
            "constants": {"currency": "EUR"},
            "day_order": "dmy",
            "decimal_mark": "comma",
            "keep_unrecognised": True,
        },
    }
}
DECISION: dict[str, Example] = {
    "renew": {
        "summary": "Renew, at a new price from the next term on",
        "value": {
            "choice": "renew",
            "reason": "No alternative before the data centre moves; 4 % below list.",
            "amendment": {"annual_value": "115000.00"},
        },
    },
    "leave": {
        "summary": "Leave at the end of the term",
        "value": {"choice": "do_not_renew", "reason": "Nobody uses it any more."},
    },
}
NOTICE: dict[str, Example] = {
    "sent": {
        "summary": "Sent by registered letter, receipt still open",
        "value": {
            "direction": "ours",
            "sent_on": "2026-01-12",
            "method": "registered letter",
            "proof": "RR123456789DE",
        },
    }
}
AMENDMENT: dict[str, Example] = {
    "notice": {
        "summary": "Another notice period from a day on",
        "value": {
            "effective_from": "2027-04-15",
            "notice": {"value": 3, "unit": "months"},
            "signed_date": "2026-10-01",
            "reason": "Master agreement 2027, clause 9.2.",
        },
    },
    "early renewal": {
        "summary": "Renewed early, for two years from a day on",
        "value": {
            "effective_from": "2026-11-01",
            "begins_term": True,
            "term": {"value": 24, "unit": "months"},
            "annual_value": "98000.00",
        },
    },
}
RECEIPT: dict[str, Example] = {
    "arrived": {"summary": "It arrived", "value": {"received_on": "2026-01-14"}}
}
WITHDRAWAL: dict[str, Example] = {
    "error": {
        "summary": "Recorded in error",
        "value": {"reason": "It belongs to another agreement."},
    }
}
ACKNOWLEDGEMENT: dict[str, Example] = {
    "seen": {"summary": "Seen, with a word about it", "value": {"note": "Renewed once more."}}
}
VERIFICATION: dict[str, Example] = {
    "notice": {
        "summary": "The notice clause, read in the signed contract",
        "value": {
            "clause": "notice",
            "quotation": "This Agreement renews unless either party gives 45 days' notice.",
            "link": "https://contracts.example/IT-2024-017.pdf",
        },
    }
}
TOKEN: dict[str, Example] = {
    "viewer": {
        "summary": "A token that only reads",
        "value": {"name": "Reporting", "role": "viewer"},
    }
}
FEED: dict[str, Example] = {
    "finance": {
        "summary": "What finance looks at: deadlines of what is large, with amounts",
        "value": {
            "name": "Finance renewals",
            "colour": "seagreen",
            "team": "procurement",
            "kinds": ["notice_deadline", "renewal"],
            "filters": {"spend_class": "core"},
            "months_ahead": 12,
            "amounts": True,
        },
    }
}
FEED_PATCH: dict[str, Example] = {
    "alarm": {"summary": "Remind a week before", "value": {"alarm_days_before": 7}}
}
SUBSCRIPTION: dict[str, Example] = {
    "anna": {"summary": "For Anna's Outlook", "value": {"label": "Anna, Outlook"}}
}
