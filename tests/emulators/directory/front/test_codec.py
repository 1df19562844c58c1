"""Verbs other than search: what ldaptor writes is read, what is damaged is refused; results as ldaptor reads them."""

from __future__ import annotations

from typing import Any

import pytest
from ldaptor.protocols import pureber, pureldap

from emulators.directory.core import requests as r
from emulators.directory.core.requests import ModifyOperation
from emulators.directory.core.results import Reference, Result, ResultCode
from emulators.directory.front import ber, codec
from emulators.directory.front.ber import Malformed
from emulators.directory.front.controls import NO_CONTROLS
from emulators.directory.front.search_request import Unacceptable

CONTEXT = pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext())


def read(operation: bytes) -> Any:
    tag, start, stop = ber.read(operation, 0, len(operation))
    if tag == codec.BIND:
        return codec.read_bind(operation, start, stop)
    if tag == codec.EXTENDED:
        return codec.read_extended(operation, start, stop)
    return codec.read_request(tag, operation, start, stop, NO_CONTROLS)


MODIFY = pureldap.LDAPModifyRequest(
    object="CN=a",
    modification=[
        pureber.BERSequence(
            [
                pureber.BEREnumerated(2),
                pureber.BERSequence(
                    [pureldap.LDAPAttributeDescription("title"), pureber.BERSet([pureldap.LDAPString("Lead")])]
                ),
            ]
        )
    ],
)
ADD = pureldap.LDAPAddRequest(
    entry="CN=a",
    attributes=[(pureldap.LDAPAttributeDescription("cn"), pureber.BERSet([pureldap.LDAPAttributeValue("a")]))],
)
COMPARE = pureldap.LDAPCompareRequest(
    entry="CN=a",
    ava=pureldap.LDAPAttributeValueAssertion(
        attributeDesc=pureber.BEROctetString("cn"), assertionValue=pureber.BEROctetString("a")
    ),
)
VERBS = [
    (pureldap.LDAPBindRequest(dn="CN=a", auth="pw"), r.Bind("CN=a", b"pw")),
    (
        pureldap.LDAPBindRequest(dn="", auth=("GSS-SPNEGO", "token"), sasl=True),
        r.Bind("", None, "GSS-SPNEGO", b"token"),
    ),
    (
        MODIFY,
        r.Modify("CN=a", (r.Modification(ModifyOperation.REPLACE, "title", (b"Lead",)),)),
    ),
    (ADD, r.Add("CN=a", (("cn", (b"a",)),))),
    (pureldap.LDAPDelRequest(entry="CN=a"), r.Delete("CN=a")),
    (
        pureldap.LDAPModifyDNRequest(entry="CN=a", newrdn="CN=b", deleteoldrdn=True, newSuperior="OU=x"),
        r.ModifyDN("CN=a", "CN=b", True, "OU=x"),
    ),
    (pureldap.LDAPModifyDNRequest(entry="CN=a", newrdn="CN=b", deleteoldrdn=0), r.ModifyDN("CN=a", "CN=b", False)),
    (COMPARE, r.Compare("CN=a", "cn", b"a")),
    (pureldap.LDAPExtendedRequest(requestName="1.2.3"), codec.ExtendedRequest("1.2.3", None)),
    (pureldap.LDAPExtendedRequest(requestName="1.2.3", requestValue=b"v"), codec.ExtendedRequest("1.2.3", b"v")),
]


@pytest.mark.parametrize(("written", "expected"), VERBS, ids=[type(e).__name__ for _, e in VERBS])
def test_verbs_as_ldaptor_writes_them(written: Any, expected: Any) -> None:
    assert read(bytes(written.toWire())) == expected


@pytest.mark.parametrize("written", [w for w, _ in VERBS], ids=[type(e).__name__ for _, e in VERBS])
def test_every_verb_cut_anywhere_is_refused(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    _, start, stop = ber.read(written.toWire(), 0, len(written.toWire()))
    octets = bytes(written.toWire())
    for cut in range(start, stop):
        content = octets[start:cut]
        if octets[0] == codec.DELETE or (octets[0] == codec.EXTENDED and cut == start + 7):
            continue
        try:
            read(ber.tlv(octets[0], content))
        except (Malformed, Unacceptable):
            continue
        # only a field that may be left out can be cut away whole
        assert octets[0] in (codec.MODIFY_DN, codec.BIND, codec.EXTENDED), cut
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("choice", "mechanism"),
    [("8900", "Sicily package discovery"), ("8a00", "Sicily negotiate"), ("8b00", "Sicily response")],
)
def test_sicily_binds_are_recognised(choice: str, mechanism: str) -> None:
    found = read(ber.tlv(0x60, bytes.fromhex("020103 0400" + choice)))
    assert found == r.Bind("", None, mechanism)


@pytest.mark.parametrize("content", ["020104 0400 8000", "020103 0400 8700", "020103 0401ff 8000"])
def test_binds_the_protocol_forbids(content: str) -> None:
    with pytest.raises(Unacceptable):
        read(ber.tlv(0x60, bytes.fromhex(content)))


def test_an_increment_is_unacceptable() -> None:
    with pytest.raises(Unacceptable):
        read(ber.tlv(0x66, bytes.fromhex("040161 300c 300a 0a0103 3005 040161 3100")))


# ---- results ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("00002071: UpdErr: DSID-030503CF, problem 6005 (ENTRY_EXISTS), data 0", "data 0\n\0"),
        ("000021C8: AtrErr: DSID-03200BBA, #1:\n\t0: 000021C8", "000021C8\n\0"),
        ("0000208D: NameErr: DSID-03100241, best match of:\n\t'DC=x'\n", "'DC=x'\n\0"),
        ("00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", "data 0\n\0"),
        ("0000052D: SvcErr: DSID-031A120C, problem 5003 (WILL_NOT_PERFORM), data 0", "data 0\n\0"),
        ("0000202B: RefErr: DSID-0310084B, data 0, 1 access points\n\tref 1: 'x'\n", "'x'\n\0"),
        ("80090308: LdapErr: DSID-0C09044E, comment: x, data 52e, v4f7c", "v4f7c\0"),
        ("plain words", "plain words\0"),
        ("", ""),
    ],
)
def test_diagnostic_messages_end_as_recorded(text: str, ending: str) -> None:
    assert codec.diagnostic(text) == (text + ending[ending.rindex(text[-1]) + 1 :] if text else "").encode()
    assert codec.diagnostic(text).endswith(ending.encode())


def test_results_as_ldaptor_reads_them() -> None:
    operation = codec.result_operation(0x67, Result(ResultCode.NO_SUCH_OBJECT, "text", "DC=x"))
    found, used = pureber.berDecodeObject(CONTEXT, operation)
    assert used == len(operation)
    assert isinstance(found, pureldap.LDAPModifyResponse)
    assert (found.resultCode, found.matchedDN, found.errorMessage) == (32, b"DC=x", b"text\0")


def test_references_carry_every_url() -> None:
    assert codec.reference_operation(Reference(("ldap://a", "ldap://b"))).hex() == (
        "7314" + "0408" + b"ldap://a".hex() + "0408" + b"ldap://b".hex()
    )
