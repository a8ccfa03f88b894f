"""What is kept stays within its bound, and what is kept is right."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.usecases.kept_bytes import KeptBytes


def test_what_is_kept_is_found_by_its_key() -> None:
    kept = KeptBytes(10)
    kept.keep("a", b"aaa", 3)
    kept.keep(("a", 2), b"bbb", 3)
    assert kept.get("a", bytes) == b"aaa"
    assert kept.get(("a", 2), bytes) == b"bbb"
    assert kept.get("b", bytes) is None


def test_a_value_of_another_kind_is_none() -> None:
    kept = KeptBytes(10)
    kept.keep("a", b"aaa", 3)
    assert kept.get("a", str) is None
    assert kept.get("a", bytes) == b"aaa"


def test_when_room_runs_out_what_was_used_longest_ago_goes() -> None:
    kept = KeptBytes(10)
    for key in "abc":
        kept.keep(key, key, 3)
    assert kept.get("a", str) == "a"
    kept.keep("d", "d", 4)
    assert [key for key in "abcd" if kept.get(key, str)] == ["a", "c", "d"]
    kept.keep("e", "e", 10)
    assert [key for key in "abcde" if kept.get(key, str)] == ["e"]


def test_a_new_value_takes_the_place_and_the_room_of_the_old_one() -> None:
    kept = KeptBytes(10)
    kept.keep("a", "old", 9)
    kept.keep("a", "new", 2)
    kept.keep("b", "b", 8)
    assert (kept.get("a", str), kept.get("b", str)) == ("new", "b")


@pytest.mark.parametrize("size", [11, 10**12])
def test_what_exceeds_the_bound_alone_is_not_kept_and_nothing_old_in_its_place(size: int) -> None:
    kept = KeptBytes(10)
    kept.keep("a", "old", 3)
    kept.keep("b", "b", 3)
    kept.keep("a", "new", size)
    kept.keep("c", "c", size)
    assert [kept.get(key, str) for key in "abc"] == [None, "b", None]


def test_without_any_room_nothing_is_kept() -> None:
    kept = KeptBytes(0)
    kept.keep("a", "a", 1)
    assert kept.get("a", str) is None


def test_many_threads_may_ask_at_once() -> None:
    kept = KeptBytes(100)

    def use(thread: int) -> bool:
        for number in range(500):
            key = (thread * number) % 40
            kept.keep(key, key, 7)
            if kept.get((key + number) % 40, int) not in (None, (key + number) % 40):
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(8)))
    assert len([key for key in range(40) if kept.get(key, int) is not None]) <= 100 // 7
