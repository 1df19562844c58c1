"""Paged results: cookies of one session and one search."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode


@pytest.fixture
def crowd(admin: Any) -> Any:
    for index in range(25):
        admin.user(f"P{index}")
    return admin


PEOPLE = r.Equality("objectClass", b"user")


def page(
    hand: Any, kit: Any, cookie: bytes = b"", size: int = 10, code: ResultCode = ResultCode.SUCCESS, **kw: Any
) -> Any:
    return hand.search(kw.pop("filter_", PEOPLE), base=kit.staff, page_size=size, page_cookie=cookie, code=code, **kw)


def test_pages_give_every_entry_once(crowd: Any, kit: Any) -> None:
    seen: list[str] = []
    cookie = b""
    sizes = []
    while True:
        answer = page(crowd, kit, cookie)
        sizes.append(len(answer.items))
        seen += [item.dn for item in answer.items]
        cookie = answer.done.page_cookie
        if not cookie:
            break
    assert sizes == [10, 10, 5]
    assert len(set(seen)) == 25


def test_an_exact_last_page_has_no_cookie(crowd: Any, kit: Any) -> None:
    assert page(crowd, kit, size=25).done.page_cookie == b""


def test_a_page_is_never_larger_than_the_server_allows(make_forest: Any, make_hand: Any, kit: Any) -> None:
    hand = make_hand(make_forest(max_page_size=4))
    for index in range(6):
        hand.user(f"P{index}")
    assert len(page(hand, kit, size=5000).items) == 4


@pytest.mark.parametrize("cookie", [b"x", b"PGRS" + bytes(8), b"\xff" * 12])
def test_a_foreign_cookie_is_refused(crowd: Any, kit: Any, cookie: bytes) -> None:
    answer = page(crowd, kit, cookie, code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION)
    assert answer.done.text.startswith("00000057: LdapErr")


def test_another_search_may_not_go_on_with_the_cookie(crowd: Any, kit: Any) -> None:
    cookie = page(crowd, kit).done.page_cookie
    page(crowd, kit, cookie, filter_=r.Present("cn"), code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION)
    assert len(page(crowd, kit, cookie).items) == 10
    page(crowd, kit, cookie, code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION)  # used up


def test_the_eleventh_result_set_drops_the_first(crowd: Any, kit: Any) -> None:
    cookies = [page(crowd, kit).done.page_cookie for _ in range(11)]
    page(crowd, kit, cookies[0], code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION)
    assert len(page(crowd, kit, cookies[1]).items) == 10


def test_size_zero_abandons(crowd: Any, kit: Any) -> None:
    cookie = page(crowd, kit).done.page_cookie
    assert page(crowd, kit, cookie, size=0).items == []
    page(crowd, kit, cookie, code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION)


def test_the_clients_limit_counts_over_all_pages(crowd: Any, kit: Any) -> None:
    cookie = page(crowd, kit, size_limit=15).done.page_cookie
    answer = page(crowd, kit, cookie, size_limit=15, code=ResultCode.SIZE_LIMIT_EXCEEDED)
    assert len(answer.items) == 5


def test_writes_between_pages_neither_hide_nor_repeat(crowd: Any, kit: Any) -> None:
    first = page(crowd, kit)
    crowd.delete(f"CN=P20,{kit.staff}")
    second = page(crowd, kit, first.done.page_cookie)
    third = page(crowd, kit, second.done.page_cookie)
    names = [item.dn for item in (*first.items, *second.items, *third.items)]
    assert len(names) == len(set(names)) == 24
