"""Entries as ldaptor reads them; the encoded forms kept on an entry and dropped with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldaptor.protocols import pureber, pureldap

from emulators.directory.core.results import Found, Reference
from emulators.directory.front.ber import integer
from emulators.directory.front.entries import CHUNK_BYTES, EntryEncoder, search_messages

CONTEXT = pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext())
MESSAGE_ID = integer(7)


def encoder() -> EntryEncoder:
    return EntryEncoder({"samaccountname": "sAMAccountName", "cn": "cn", "member": "member"}.__getitem__)


def decoded(operation: bytes) -> tuple[str, list[tuple[str, list[bytes]]]]:
    found, used = pureber.berDecodeObject(CONTEXT, operation)
    assert used == len(operation)
    name = found.objectName if isinstance(found.objectName, str) else found.objectName.decode()
    return name, [(attribute.decode(), list(values)) for attribute, values in found.attributes]


@pytest.fixture
def ana(entry_class: Any) -> Any:
    return entry_class("CN=Ana,DC=c", {"cn": (b"Ana",), "sAMAccountName": (b"ana",), "member": (b"a", b"b" * 200)})


def test_a_whole_entry(ana: Any) -> None:
    operation = encoder().operation(Found(ana, ana.dn, None))
    expected = [("cn", [b"Ana"]), ("sAMAccountName", [b"ana"]), ("member", [b"a", b"b" * 200])]
    assert decoded(operation) == ("CN=Ana,DC=c", expected)


def test_a_selection_with_further_attributes(ana: Any) -> None:
    found = Found(ana, "<GUID=1>;CN=Ana,DC=c", ("cn",), (("member;range=0-0", (b"x",)), ("title", ())))
    expected = [("cn", [b"Ana"]), ("member;range=0-0", [b"x"]), ("title", [])]
    assert decoded(encoder().operation(found)) == ("<GUID=1>;CN=Ana,DC=c", expected)


def test_the_encoded_form_is_kept_until_a_commit_empties_it(ana: Any) -> None:
    e = encoder()
    whole = Found(ana, ana.dn, None)
    first = e.operation(whole)
    assert e.operation(whole) is first
    ana.attributes["cn"] = (b"Anna",)
    assert e.operation(whole) is first
    ana.wire.clear()
    assert (b"Anna" in e.operation(whole)) is True


def test_another_dn_never_comes_from_the_cache(ana: Any) -> None:
    e = encoder()
    e.operation(Found(ana, ana.dn, None))
    assert decoded(e.operation(Found(ana, "CN=Other", None)))[0] == "CN=Other"
    assert decoded(e.operation(Found(ana, ana.dn, None)))[0] == ana.dn


def test_selections_do_not_pile_up(ana: Any) -> None:
    e = encoder()
    for number in range(40):
        e.operation(Found(ana, ana.dn, ("cn",) * number))
    assert len(ana.wire) <= 4


def test_an_attribute_gone_since_the_search_is_left_out(ana: Any) -> None:
    assert decoded(encoder().operation(Found(ana, ana.dn, ("cn", "title")))) == (ana.dn, [("cn", [b"Ana"])])


def test_types_only(ana: Any) -> None:
    found = Found(ana, ana.dn, ("cn", "member"), (("canonicalName", (b"c/Ana",)),))
    operation = encoder().names_only(found)
    assert decoded(operation) == (ana.dn, [("cn", []), ("member", []), ("canonicalName", [])])


@given(
    st.dictionaries(
        st.sampled_from(["cn", "member", "samaccountname"]),
        st.lists(st.binary(max_size=300), min_size=1, max_size=4).map(tuple),
    )
)
def test_any_values_come_back(attributes: dict[str, tuple[bytes, ...]]) -> None:
    from types import SimpleNamespace

    entry: Any = SimpleNamespace(dn="CN=x", attributes=attributes, wire={})
    _, found = decoded(encoder().operation(Found(entry, "CN=x", None)))
    assert [(name.lower(), tuple(values)) for name, values in found] == list(attributes.items())


@pytest.mark.parametrize("size", [1, 100, 120, 130, 250, 300, 60000, 70000])
def test_envelopes_of_every_length(entry_class: Any, size: int) -> None:
    entry = entry_class("CN=x", {"cn": (b"v" * size,)})
    (message,) = search_messages(encoder(), MESSAGE_ID, [Found(entry, entry.dn, None)], False)
    context = pureldap.LDAPBERDecoderContext_TopLevel(
        inherit=pureldap.LDAPBERDecoderContext_LDAPMessage(fallback=CONTEXT, inherit=CONTEXT)
    )
    found, used = pureber.berDecodeObject(context, message)
    assert used == len(message)
    assert found.id == 7


def test_references_stand_among_the_entries(ana: Any) -> None:
    items: list[Any] = [Found(ana, ana.dn, None), Reference(("ldap://x",))]
    (message,) = search_messages(encoder(), MESSAGE_ID, items, False)
    assert message.endswith(b"\x30\x0f\x02\x01\x07\x73\x0a\x04\x08ldap://x")


def test_a_large_answer_comes_in_chunks(entry_class: Any) -> None:
    entry = entry_class("CN=x", {"cn": (b"v" * 1000,)})
    items: list[Any] = [Found(entry, entry.dn, None)] * 1000
    chunks = list(search_messages(encoder(), MESSAGE_ID, items, False))
    assert len(chunks) == 8
    assert all(len(chunk) < CHUNK_BYTES + 2000 for chunk in chunks)
