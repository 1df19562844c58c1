"""Octets to answers: messages in any chunks, several requests under way, and every way a conversation can break off."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security, read_answer
from engine.connectors.active_directory.ldap_client import LdapClient, Scope
from engine.errors import ConnectorError


def client_of(directory: Any, security: Security = Security.CLEAR, timeout_seconds: float = 5) -> LdapClient:
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    return LdapClient.connect(
        address, ca_bundle=directory.ca_bundle, security=security, timeout_seconds=timeout_seconds
    )


@pytest.mark.parametrize("chunk", [0, 1, 7, 4096])
def test_answers_arrive_in_any_chunks(directory: Any, chunk: int) -> None:
    directory.chunk = chunk
    directory.expect(
        "search", lambda r: [*(r.entry(f"CN={i}", {"cn": [str(i) * (i % 300)]}) for i in range(40)), r.done()]
    )
    with client_of(directory) as client:
        found = client.search("DC=contoso,DC=com")
    assert [entry.dn for entry in found] == [f"CN={i}" for i in range(40)]


def test_an_answer_larger_than_the_buffer(directory: Any) -> None:
    directory.expect(
        "search", lambda r: [*(r.entry(f"CN={i}", {"photo": [bytes(90_000)]}) for i in range(40)), r.done()]
    ).expect("search", lambda r: [r.entry("CN=after", {}), r.done()])
    with client_of(directory) as client:
        assert sum(len(e.first("photo") or b"") for e in client.search("DC=x")) == 40 * 90_000
        assert client.search("DC=x")[0].dn == "CN=after"


def test_the_next_page_is_asked_for_before_this_one_is_handed_out(directory: Any) -> None:
    directory.expect("search", lambda r: [r.entry("CN=1", {}), r.page(b"next")])
    directory.expect("search", lambda r: [r.entry("CN=2", {}), r.page(b"")])
    directory.expect("search", lambda r: [r.entry("CN=between", {}), r.done()])
    with client_of(directory) as client:
        pages = client.search_blocks("DC=x", Scope.SUBTREE, "(cn=*)", (), 1)
        first, last = next(pages)
        assert b"CN=1" in first
        assert not last
        assert client.search("DC=y")[0].dn == "CN=between"  # its answer comes after the second page's
        second, last = next(pages)
        assert b"CN=2" in second
        assert last


def test_a_page_nobody_waits_for_is_dropped(directory: Any) -> None:
    directory.expect("search", lambda r: [r.entry("CN=1", {}), r.page(b"next")])
    directory.expect("search", lambda r: [r.entry("CN=2", {}), r.page(b"more")])
    directory.expect("search", lambda r: [r.entry("CN=after", {}), r.done()])
    with client_of(directory) as client:
        pages = client.search_blocks("DC=x", Scope.SUBTREE, "(cn=*)", (), 1)
        next(pages)
        pages.close()
        assert client.search("DC=y")[0].dn == "CN=after"


BREAKS = {
    "closed": None,
    "not LDAP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an endless message": b"\x30\x84\x7f\xff\xff\xff" + bytes(64),
    "a result that is none": bytes.fromhex("300502010165000000")[:7],
    "no identifier": bytes.fromhex("3003040141"),
    "a goodbye": bytes.fromhex("301c 020100 7817 0a0134 0400 0410 7368757474696e6720646f776e2e2e2e".replace(" ", "")),
}


@pytest.mark.parametrize("octets", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_conversation_is_a_dropped_connection(directory: Any, octets: bytes | None) -> None:
    directory.expect("search", lambda _: octets)
    with client_of(directory) as client, pytest.raises(ConnectorError) as caught:
        client.search("DC=x")
    assert (caught.value.code, caught.value.run_result) == ("dropped-connection", "stopped-connectivity")
    assert not client.open


def test_silence_is_a_dropped_connection(directory: Any) -> None:
    directory.expect("search", lambda _: b"\x30")
    with client_of(directory, timeout_seconds=0.05) as client, pytest.raises(ConnectorError) as caught:
        client.search("DC=x")
    assert caught.value.code == "dropped-connection"


def test_nobody_listening_is_a_failed_connection() -> None:
    address = ForestAddress("127.0.0.1", 1, 1)
    with pytest.raises(ConnectorError) as caught:
        LdapClient.connect(address, ca_bundle="", security=Security.CLEAR, timeout_seconds=2)
    assert (caught.value.code, caught.value.run_result) == ("failed-connection", "no-start-connection")


@pytest.mark.parametrize("security", [Security.LDAPS, Security.START_TLS])
def test_protected_connections(directory: Any, security: Security) -> None:
    if security is Security.START_TLS:
        directory.expect("extended", lambda r: r.done())
    directory.bound()
    with client_of(directory, security) as client:
        client.bind("CN=a", "secret")


@pytest.mark.parametrize("bundle", ["", "/nowhere/ca.pem"], ids=["another authority", "no bundle"])
def test_an_untrusted_certificate_is_a_failed_connection(directory: Any, bundle: str, tmp_path: Any) -> None:
    if not bundle:
        import trustme

        bundle = str(tmp_path / "other.pem")
        trustme.CA().cert_pem.write_to_path(bundle)
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    with pytest.raises(ConnectorError) as caught:
        LdapClient.connect(address, ca_bundle=bundle, security=Security.LDAPS, timeout_seconds=5)
    assert caught.value.code == "failed-connection"


def test_a_refused_start_tls_is_a_failed_connection(directory: Any) -> None:
    directory.expect("extended", lambda r: r.done(1, "00000000: LdapErr: no TLS here"))
    with pytest.raises(ConnectorError) as caught:
        client_of(directory, Security.START_TLS)
    assert caught.value.code == "failed-connection"


def test_reading_a_result_that_is_none() -> None:
    with pytest.raises(ValueError, match="not a result"):
        read_answer(bytes.fromhex("3009 020101 4204 0a010004".replace(" ", "")))


def test_each_domain_has_its_own_controller():
    child = ForestAddress("127.0.0.1", 3, 4, base_dn="DC=emea,DC=contoso,DC=com")
    root = ForestAddress("127.0.0.1", 1, 2, base_dn="DC=contoso,DC=com", domains={"emea.contoso.com": child})
    for dn, address in (
        ("DC=contoso,DC=com", root),
        ("CN=Ana,dc=EMEA,dc=contoso,dc=com", child),
        ("CN=Configuration,DC=contoso,DC=com", root),
        ("DC=apac,DC=emea,DC=contoso,DC=com", root),
        ("<GUID=00>", root),
    ):
        assert root.holding(dn) is address
    assert child.holding("DC=contoso,DC=com") is child
