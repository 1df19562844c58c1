"""The verbs: what leaves, what comes back, what a refusal becomes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.controls import DIRSYNC, PAGED, sd_flags
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient, Modification, ModifyOperation, Scope
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.errors import ConnectorError


@pytest.fixture
def client(directory: Any) -> Any:
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    with LdapClient.connect(address, ca_bundle="", security=Security.CLEAR, timeout_seconds=5) as client:
        yield client


def test_bind_sends_name_and_password(directory: Any, client: LdapClient) -> None:
    directory.bound()
    client.bind("MSOL_1@contoso.com", "pässword")
    assert directory.requests[0].parts == [
        (2, b"\x03"),
        (4, b"MSOL_1@contoso.com"),
        (0x80, "pässword".encode()),
    ]


@pytest.mark.parametrize(
    ("code", "text", "error", "run_result"),
    [
        (
            49,
            "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v4563\0",
            "failed-authentication",
            "no-start-credentials",
        ),
        (
            8,
            "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking",
            "failed-connection",
            "no-start-connection",
        ),
        (51, "", "failed-connection", "no-start-connection"),
    ],
)
def test_a_refused_bind(directory: Any, client: LdapClient, code: int, text: str, error: str, run_result: str) -> None:
    directory.expect("bind", lambda r: r.done(code, text))
    with pytest.raises(ConnectorError) as caught:
        client.bind("CN=a", "the secret")
    assert (caught.value.code, caught.value.run_result) == (error, run_result)
    assert "the secret" not in str(caught.value)
    assert "\0" not in str(caught.value)


def test_an_empty_password_never_leaves(directory: Any, client: LdapClient) -> None:
    with pytest.raises(ConnectorError) as caught:
        client.bind("CN=a", "")
    assert caught.value.code == "failed-authentication"
    assert directory.requests == []


def test_search_sends_what_was_asked(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry("CN=a", {"sAMAccountName": ["ana"], "empty": []}), r.done()])
    (entry,) = client.search("OU=x", Scope.ONE_LEVEL, "(cn=a)", ("cn", "mail"), controls=(sd_flags(4),), size_limit=3)
    request = directory.requests[0]
    assert request.base == "OU=x"
    assert [content for _, content in request.parts[1:6]] == [b"\1", b"\0", b"\3", b"\0", b"\0"]
    assert request.asked == ["cn", "mail"]
    assert request.critical == {"1.2.840.113556.1.4.801"}
    assert entry.text("samaccountname") == "ana"
    assert entry.first("empty") is None
    assert entry.text("mail", "none") == "none"


def test_the_callers_own_size_limit_is_no_refusal(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry("CN=a", {}), r.done(4)])
    assert len(client.search("DC=x", size_limit=1)) == 1
    directory.expect("search", lambda r: [r.entry("CN=a", {}), r.done(4)])
    with pytest.raises(LdapRefused) as caught:
        client.search("DC=x")
    assert caught.value.result == 4


def test_refusals_carry_the_win32_code(directory: Any, client: LdapClient) -> None:
    text = "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n\0"
    directory.expect("modify", lambda r: r.done(50, text))
    with pytest.raises(LdapRefused) as caught:
        client.modify("CN=a", [Modification(ModifyOperation.REPLACE, "title", (b"x",))])
    assert (caught.value.result, caught.value.win32) == (50, 8344)
    assert caught.value.text == text.rstrip("\n\0")


def test_write_verbs_on_the_wire(directory: Any, client: LdapClient) -> None:
    for operation in ("add", "modify", "modifyDN", "delete"):
        directory.expect(operation, lambda r: r.done())
    client.add("CN=a,DC=x", {"objectClass": [b"user"], "cn": [b"a"]})
    client.modify(
        "CN=a,DC=x",
        [Modification(ModifyOperation.ADD, "member", (b"CN=b",)), Modification(ModifyOperation.REPLACE, "title")],
    )
    client.modify_dn("CN=a,DC=x", "CN=b", "OU=y,DC=x")
    client.delete("CN=b,OU=y,DC=x")
    add, modify, rename, delete = (r.parts for r in directory.requests)
    assert add[1][1].hex() == "3015040b6f626a656374436c617373310604047573657230090402636e3103040161"
    assert modify[1][1].hex() == ("30150a0100301004066d656d62657231060404434e3d62300e0a0102300904057469746c653100")
    assert [content for _, content in rename] == [b"CN=a,DC=x", b"CN=b", b"\xff", b"OU=y,DC=x"]
    assert rename[3][0] == 0x80
    assert delete == [(0x4A, b"CN=b,OU=y,DC=x")]


def test_who_am_i_and_root_dse(directory: Any, client: LdapClient) -> None:
    directory.expect("extended", lambda r: r.done(value=b"u:CONTOSO\\ana"))
    directory.expect("search", lambda r: [r.entry("", {"dnsHostName": ["DC1"]}), r.done()])
    assert client.who_am_i() == "u:CONTOSO\\ana"
    assert client.root_dse().text("dnsHostName") == "DC1"
    assert directory.requests[1].base == ""


def test_paged_search_repeats_the_request_with_the_cookie(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry("CN=1", {}), r.page(b"c1")])
    directory.expect("search", lambda r: [r.entry("CN=2", {}), r.page(b"")])
    assert [e.dn for e in client.search_all("DC=x", page_size=1)] == ["CN=1", "CN=2"]
    first, second = directory.requests
    assert first.parts == second.parts
    assert first.controls[PAGED] != second.controls[PAGED]
    assert b"c1" in second.controls[PAGED]


def test_dirsync_goes_on_while_more_is_to_come(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry("CN=1", {}), r.dirsync(b"k1", more=True)])
    directory.expect("search", lambda r: r.dirsync(b"k2"))
    answers = list(client.dirsync_blocks("DC=x", "(cn=*)", ("cn",), b"k0", 0x800, 1000))
    assert [cookie for _, cookie in answers] == [b"k1", b"k2"]
    assert b"k0" in directory.requests[0].controls[DIRSYNC]
    assert b"k1" in directory.requests[1].controls[DIRSYNC]
    assert directory.requests[0].critical == {DIRSYNC}


def test_a_directory_that_ignores_dirsync_is_not_believed(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: r.done())
    with pytest.raises(ConnectorError) as caught:
        list(client.dirsync_blocks("DC=x", "(cn=*)", (), b"", 0, 1000))
    assert caught.value.code == "dropped-connection"


def test_close_is_idempotent_and_final(directory: Any, client: LdapClient) -> None:
    client.close()
    client.close()
    with pytest.raises(ConnectorError):
        client.search("DC=x")
