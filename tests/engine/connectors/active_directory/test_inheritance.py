"""Which objects have permission inheritance disabled, and which do not show their permissions."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.controls import SD_FLAGS
from engine.connectors.active_directory.inheritance import DACL_PROTECTED, ProtectedObject, inheritance_disabled
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.security_descriptor import SecurityDescriptor, write_descriptor

ROOT = "DC=contoso,DC=com"
GUID = bytes.fromhex("33221100554477668899aabbccddeeff")
GUID_TEXT = "00112233-4455-6677-8899-aabbccddeeff"


@pytest.fixture
def client(directory: Any) -> Any:
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    with LdapClient.connect(address, ca_bundle="", security=Security.CLEAR, timeout_seconds=5) as made:
        yield made


def entry(r: Any, name: str, control: int | None) -> bytes:
    values: dict[str, list[str | bytes]] = {"name": [name], "objectClass": ["top", "user"], "objectGUID": [GUID]}
    if control is not None:
        values["nTSecurityDescriptor"] = [write_descriptor(SecurityDescriptor(control, None, None, None, ()))]
    return r.entry(f"CN={name},{ROOT}", values)


def test_protected_and_unreadable_objects(directory: Any, client: LdapClient) -> None:
    rows = [("Free", 0x0400), ("Held", 0x0400 | DACL_PROTECTED), ("Hidden", None)]
    directory.expect("search", lambda r: [*(entry(r, name, control) for name, control in rows), r.page(b"")])
    assert list(inheritance_disabled(client, ROOT, "*")) == [
        ProtectedObject(f"CN=Held,{ROOT}", "Held", "user", GUID_TEXT),
        ProtectedObject(f"CN=Hidden,{ROOT}", "Hidden", "user", GUID_TEXT, readable=False),
    ]
    asked = directory.requests[0]
    assert asked.controls[SD_FLAGS] == bytes.fromhex("3003020104")  # the DACL only: the rest needs more rights


def test_one_class_only(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.page(b"")])
    assert list(inheritance_disabled(client, ROOT, "organizationalUnit")) == []
    assert any(b"organizationalUnit" in content for _, content in directory.requests[0].parts)
