"""UIDs and entity tags: what they depend on, and what they do not."""

from uuid import UUID

from app.feeds.identity import body_hash, event_uid, placeholder_uid, weak_etag
from app.renewals.milestones import MilestoneKind

HERE = UUID("7a1e4c0e-2f55-4d43-9a55-0c7d1be7f0a1")
ELSEWHERE = UUID("7a1e4c0e-2f55-4d43-9a55-0c7d1be7f0a2")
AZURE = UUID("11111111-1111-4111-8111-111111111111")
CIRCUIT = UUID("22222222-2222-4222-8222-222222222222")


def test_the_recipe_of_a_uid_never_changes() -> None:
    # Another UID would show every date twice, in every calendar that knows the first.
    uid = event_uid(HERE, AZURE, 2, MilestoneKind.NOTICE_DEADLINE)
    assert uid == "ccc5595e-901f-5a03-9dba-82826fb84624"
    assert placeholder_uid(HERE, "finance") == "6e0075fa-ade2-5584-bd73-aed558da37ff"


def test_uids_differ_by_installation_agreement_term_and_kind() -> None:
    uids = {
        event_uid(installation, agreement, term_number, kind)
        for installation in (HERE, ELSEWHERE)
        for agreement in (AZURE, CIRCUIT)
        for term_number in (1, 2, 12)
        for kind in MilestoneKind
    }
    assert len(uids) == 2 * 2 * 3 * len(MilestoneKind)
    assert all(UUID(uid).version == 5 for uid in uids)


def test_placeholders_differ_by_installation_and_feed() -> None:
    uids = {placeholder_uid(place, key) for place in (HERE, ELSEWHERE) for key in ("it", "buying")}
    assert len(uids) == 4


def test_the_tag_is_weak_so_that_it_holds_for_a_compressed_body_too() -> None:
    assert weak_etag(body_hash(b"")) == (
        'W/"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"'
    )


def test_another_byte_gives_another_tag() -> None:
    assert body_hash(b"SEQUENCE:1") != body_hash(b"SEQUENCE:2")
