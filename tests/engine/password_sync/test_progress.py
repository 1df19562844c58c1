"""What is kept of the password channel."""

from __future__ import annotations

import pytest

from engine.password_sync.progress import DomainProgress, PasswordChange, from_document, to_document


def test_newer_change_replaces_older_and_delivered_ones_leave() -> None:
    old, new = PasswordChange(b"1", "CN=a", b"o", 1), PasswordChange(b"1", "CN=a", b"n", 2)
    domain = DomainProgress("contoso.com").with_read({b"1": old}, b"c1").with_read({b"1": new}, b"c2")
    assert domain.held[b"1"].nt_hash == b"n"
    assert domain.cookie == b"c2"
    assert domain.without(frozenset({b"1"})).waiting == frozenset()


def test_kept_form_comes_back_without_hashes() -> None:
    change = PasswordChange(b"1", "CN=a", b"hash", 1)
    domain = DomainProgress("contoso.com", full_completed=True).with_read({b"1": change}, b"c")
    back = from_document(to_document(domain))
    assert back == domain
    assert back.held == {}
    assert back.unread == {b"1"}


def test_at_rest_the_place_stays_and_no_hash() -> None:
    change = PasswordChange(b"1", "CN=a", b"hash", 1)
    domain = DomainProgress("contoso.com", full_completed=True).with_read({b"1": change}, b"c").at_rest()
    assert (domain.cookie, domain.held, domain.unread) == (b"c", {}, {b"1"})


def test_broken_document_is_refused() -> None:
    with pytest.raises(TypeError):
        from_document({"name": "x", "cookie": "text", "full_completed": True, "waiting": []})
