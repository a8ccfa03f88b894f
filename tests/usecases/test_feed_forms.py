"""What may be entered about feeds and addresses."""

from dataclasses import fields
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.records.agreements import Filters
from app.renewals.milestones import MilestoneKind
from app.usecases.feed_forms import (
    KINDS_OF_TEAM,
    LONGEST_KEY,
    FeedFilters,
    FeedForm,
    KindName,
    SubscriptionForm,
)
from app.usecases.forms import faults_of


def faults(form: type[FeedForm | SubscriptionForm], entered: dict[str, Any]) -> list[str]:
    """Return the fields that are at fault."""
    with pytest.raises(ValidationError) as raised:
        form.model_validate(entered)
    return [fault.field for fault in faults_of(raised.value)]


def test_a_name_is_enough_and_the_rest_is_modest() -> None:
    form = FeedForm.model_validate({"name": "Finance renewals"})
    assert form.model_dump() == {
        "name": "Finance renewals",
        "key": None,
        "description": None,
        "colour": "steelblue",
        "team": "both",
        "kinds": None,
        "filters": dict.fromkeys(FeedFilters.model_fields),
        "months_back": 12,
        "months_ahead": 24,
        "amounts": False,
        "notes": False,
        "alarm_days_before": None,
    }


def test_a_feed_filters_by_all_that_the_list_of_agreements_does() -> None:
    of_the_list = {one.name for one in fields(Filters)}
    assert set(FeedFilters.model_fields) == of_the_list - {"text"} | {"q"}


def test_every_kind_of_date_can_be_shown() -> None:
    assert set(get_args(KindName)) == {kind.value for kind in MilestoneKind}


def test_it_sees_no_letters_to_be_sent_and_procurement_sees_all() -> None:
    procurement, it = set(KINDS_OF_TEAM["procurement"]), set(KINDS_OF_TEAM["it"])
    assert procurement == set(KINDS_OF_TEAM["both"]) == set(MilestoneKind)
    assert procurement - it == {MilestoneKind.NOTICE_WINDOW_OPENS, MilestoneKind.SEND_BY}


@pytest.mark.parametrize(
    "entered",
    [
        pytest.param({"key": "a"}, id="one letter"),
        pytest.param({"key": "finance-2-b"}, id="words and numbers"),
        pytest.param({"key": "9" * LONGEST_KEY}, id="the longest key"),
        pytest.param({"colour": "darkorange"}, id="a colour"),
        pytest.param({"kinds": ["renewal"]}, id="one kind"),
        pytest.param({"kinds": list(get_args(KindName))}, id="all kinds"),
        pytest.param({"months_back": 0, "months_ahead": 1}, id="the shortest window"),
        pytest.param({"months_back": 60, "months_ahead": 60}, id="the longest window"),
        pytest.param({"alarm_days_before": 0}, id="an alarm on the day"),
        pytest.param({"alarm_days_before": 60}, id="an early alarm"),
        pytest.param({"filters": {"kind": "saas", "tag": "vpn"}}, id="filters"),
        pytest.param({"name": "Verträge; 契約, 🛰"}, id="any letters in a name"),
    ],
)
def test_a_feed_may_be(entered: dict[str, Any]) -> None:
    form = FeedForm.model_validate({"name": "Finance", **entered})
    told = form.model_dump(exclude_none=True)
    assert {name: told[name] for name in entered} == entered


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": " "}, "name", id="a blank name"),
        pytest.param({"name": "a\nb"}, "name", id="a name of two lines"),
        pytest.param({"name": "a\u202eb"}, "name", id="a name that turns around"),
        pytest.param({"name": "n" * 201}, "name", id="a name too long"),
        pytest.param({"key": ""}, "key", id="an empty key"),
        pytest.param({"key": "Finance"}, "key", id="capitals in a key"),
        pytest.param({"key": "a--b"}, "key", id="two hyphens"),
        pytest.param({"key": "-a"}, "key", id="a hyphen first"),
        pytest.param({"key": "a/b"}, "key", id="a slash in a key"),
        pytest.param({"key": "a.ics"}, "key", id="a point in a key"),
        pytest.param({"key": "é"}, "key", id="a letter that programs garble"),
        pytest.param({"key": "a\n"}, "key", id="a line break in a key"),
        pytest.param({"key": "9" * (LONGEST_KEY + 1)}, "key", id="a key too long"),
        pytest.param({"colour": "#4682b4"}, "colour", id="a hex colour"),
        pytest.param({"colour": "SteelBlue"}, "colour", id="a colour in capitals"),
        pytest.param({"team": "finance"}, "team", id="a third team"),
        pytest.param({"kinds": []}, "kinds", id="no kinds"),
        pytest.param({"kinds": ["party"]}, "kinds.0", id="another kind"),
        pytest.param({"kinds": ["renewal", "renewal"]}, "kinds", id="a kind twice"),
        pytest.param({"filters": {"colour": "red"}}, "filters.colour", id="another filter"),
        pytest.param({"filters": {"kind": "party"}}, "filters.kind", id="no such kind"),
        pytest.param({"filters": {"q": ""}}, "filters.q", id="an empty search"),
        pytest.param({"filters": {"tag": 'a"b'}}, "filters.tag", id="a quote in a tag"),
        pytest.param({"months_back": -1}, "months_back", id="less than no past"),
        pytest.param({"months_back": 61}, "months_back", id="too long a past"),
        pytest.param({"months_ahead": 0}, "months_ahead", id="no future"),
        pytest.param({"months_ahead": 61}, "months_ahead", id="too long a future"),
        pytest.param({"months_ahead": "12"}, "months_ahead", id="a number in words"),
        pytest.param({"amounts": "yes"}, "amounts", id="a choice in words"),
        pytest.param({"alarm_days_before": -1}, "alarm_days_before", id="an alarm too late"),
        pytest.param({"alarm_days_before": 61}, "alarm_days_before", id="an alarm too early"),
        pytest.param({"secret": "x"}, "secret", id="another field"),
    ],
)
def test_a_feed_cannot_be(entered: dict[str, Any], field: str) -> None:
    assert faults(FeedForm, {"name": "Finance", **entered}) == [field]


def test_a_refused_colour_and_kind_say_what_to_do() -> None:
    entered = {"name": "Finance", "colour": "#4682b4", "kinds": ["renewal", "renewal"]}
    with pytest.raises(ValidationError) as raised:
        FeedForm.model_validate(entered)
    assert [fault.rule for fault in faults_of(raised.value)] == [
        "must be the name of a CSS3 colour, such as steelblue",
        "names a kind twice; name it once",
    ]


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        pytest.param({"label": ""}, "label", id="nobody"),
        pytest.param({"label": "a\r\nb"}, "label", id="a label of two lines"),
        pytest.param({"label": "Anna", "expires_on": "31.12.2027"}, "expires_on", id="German"),
        pytest.param({"label": "Anna", "expires_on": "2027-02-30"}, "expires_on", id="no day"),
        pytest.param({"label": "Anna", "secret": "mine"}, "secret", id="a secret of one's own"),
    ],
)
def test_an_address_cannot_be_for(entered: dict[str, Any], field: str) -> None:
    assert faults(SubscriptionForm, entered) == [field]
