"""A refusal names the field, the rule it breaks and the way out."""

from app.renewals.bad_terms import BadTerms


def test_the_sentence_names_the_field_and_the_rule() -> None:
    bad = BadTerms("notice.value", "must not be negative.")
    assert (bad.field, bad.rule) == ("notice.value", "must not be negative.")
    assert bad.sentence == "notice.value: must not be negative."
    assert str(bad) == bad.sentence


def test_a_fault_seen_from_further_out_has_a_longer_name() -> None:
    assert BadTerms("value", "must be a whole number.").within("notice.").sentence == (
        "notice.value: must be a whole number."
    )
