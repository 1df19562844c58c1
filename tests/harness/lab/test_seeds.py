"""One seed, one stream per purpose; the same again, and back to where it stood."""

from __future__ import annotations

from harness.lab.seeds import Seeds, guid_base64


def test_purposes_do_not_disturb_each_other() -> None:
    one, two = Seeds("7"), Seeds("7")
    two.guid("other")
    assert one.guid("a") == two.guid("a")
    assert one.guid("a") != one.guid("a")
    assert Seeds("8").guid("a") != Seeds("7").guid("a")


def test_passwords_follow_from_purpose_alone() -> None:
    seeds = Seeds("7")
    assert seeds.password("ana") == seeds.password("ana") != seeds.password("ben")


def test_streams_go_back() -> None:
    seeds = Seeds("7")
    seeds.guid("a")
    state = seeds.snapshot()
    after = seeds.guid("a"), seeds.guid("b")
    seeds.restore(state)
    assert (seeds.guid("a"), seeds.guid("b")) == after


def test_the_anchor_of_the_catalogue() -> None:
    assert guid_base64("00112233-4455-6677-8899-aabbccddeeff") == "MyIRAFVEd2aImaq7zN3u/w=="
