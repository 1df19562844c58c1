"""The forest's schema from the aggregate or, without it, from its schema objects."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.schema_discovery import discover_schema
from engine.errors import ConnectorError
from engine.model.schema import AttributeDefinition, AttributeType, Schema

T = AttributeType
SCH = "CN=Schema,CN=Configuration,DC=contoso,DC=com"
LDAP = "1.3.6.1.4.1.1466.115.121.1."
AGGREGATE = {
    "attributeTypes": [
        f"( 2.5.4.3 NAME 'cn' SYNTAX '{LDAP}15' SINGLE-VALUE )",
        f"( 2.5.4.13 NAME 'description' SYNTAX '{LDAP}15' )",
        f"( 2.5.4.31 NAME 'member' SYNTAX '{LDAP}12' )",
        f"( 1.2.3 NAME 'objectGUID' SYNTAX '{LDAP}40' SINGLE-VALUE NO-USER-MODIFICATION )",
        f"( 1.2.4 NAME 'userAccountControl' SYNTAX '{LDAP}27' SINGLE-VALUE )",
        "( 1.2.5 NAME 'pwdLastSet' SYNTAX '1.2.840.113556.1.4.906' SINGLE-VALUE )",
        f"( 1.2.6 NAME 'isCriticalSystemObject' SYNTAX '{LDAP}7' SINGLE-VALUE )",
        "( 1.2.7 NAME 'dLMemRejectPerms' SYNTAX '1.2.840.113556.1.4.1221' )",
        "( 1.2.8 NAME 'nTSecurityDescriptor' SYNTAX '1.2.840.113556.1.4.907' SINGLE-VALUE )",
        f"( 1.2.9 NAME 'whenCreated' SYNTAX '{LDAP}24' SINGLE-VALUE NO-USER-MODIFICATION )",
    ],
    "objectClasses": [
        "( 2.5.6.0 NAME 'top' ABSTRACT MUST (objectClass ) MAY (cn $ description ) )",
        "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST (cn ) )",
        "( 1.2.8 NAME 'mailRecipient' SUP top AUXILIARY MAY (dLMemRejectPerms ) )",
        "( 1.2.9 NAME 'user' SUP person STRUCTURAL MAY (userAccountControl $ pwdLastSet ) )",
    ],
    "dITContentRules": ["( 1.2.9 NAME 'user' AUX ( mailRecipient ) MAY (whenCreated ) )"],
}


@pytest.fixture
def client(directory: Any) -> Any:
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    directory.expect(
        "search",
        lambda r: [
            r.entry("", {"subschemaSubentry": [f"CN=Aggregate,{SCH}"], "schemaNamingContext": [SCH]}),
            r.done(),
        ],
    )
    with LdapClient.connect(address, ca_bundle="", security=Security.CLEAR, timeout_seconds=5) as made:
        yield made


def check(schema: Schema) -> None:
    kinds = {
        "cn": (T.STRING, False),
        "description": (T.STRING, True),
        "member": (T.REFERENCE, True),
        "objectGUID": (T.BINARY, False),
        "userAccountControl": (T.INTEGER, False),
        "pwdLastSet": (T.INTEGER, False),
        "isCriticalSystemObject": (T.BOOLEAN, False),
        "dLMemRejectPerms": (T.REFERENCE, True),
        "nTSecurityDescriptor": (T.BINARY, False),
        "whenCreated": (T.STRING, False),
    }
    assert schema.attributes == {name: AttributeDefinition(name, *kind) for name, kind in kinds.items()}
    assert set(schema.object_types) == {"person", "user"}
    assert schema.object_types["user"] - {"objectClass"} == {
        "cn",
        "description",
        "userAccountControl",
        "pwdLastSet",
        "dLMemRejectPerms",
        "whenCreated",
    }


def test_the_aggregate(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry(f"CN=Aggregate,{SCH}", AGGREGATE), r.done()])
    check(discover_schema(client))


ATTRIBUTES = [
    ("cn", "2.5.5.12", True, None),
    ("description", "2.5.5.12", False, None),
    ("member", "2.5.5.1", False, None),
    ("objectGUID", "2.5.5.10", True, None),
    ("userAccountControl", "2.5.5.9", True, None),
    ("pwdLastSet", "2.5.5.16", True, None),
    ("isCriticalSystemObject", "2.5.5.8", True, None),
    ("dLMemRejectPerms", "2.5.5.7", False, bytes.fromhex("56060102050b1d")),
    ("nTSecurityDescriptor", "2.5.5.15", True, None),
    ("whenCreated", "2.5.5.11", True, None),
]
CLASSES: list[dict[str, list[Any]]] = [
    {
        "lDAPDisplayName": ["top"],
        "subClassOf": ["top"],
        "objectClassCategory": ["2"],
        "systemMustContain": ["objectClass"],
        "systemMayContain": ["cn", "description"],
    },
    {"lDAPDisplayName": ["person"], "subClassOf": ["top"], "objectClassCategory": ["0"], "mustContain": ["cn"]},
    {
        "lDAPDisplayName": ["mailRecipient"],
        "subClassOf": ["top"],
        "objectClassCategory": ["3"],
        "mayContain": ["dLMemRejectPerms"],
    },
    {
        "lDAPDisplayName": ["user"],
        "subClassOf": ["person"],
        "objectClassCategory": ["1"],
        "systemAuxiliaryClass": ["mailRecipient"],
        "systemMayContain": ["userAccountControl", "pwdLastSet"],
        "mayContain": ["whenCreated"],
    },
]


def test_schema_objects_when_there_is_no_aggregate(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: r.done(32))
    directory.expect(
        "search",
        lambda r: [
            *(
                r.entry(
                    f"CN={name},{SCH}",
                    {
                        "lDAPDisplayName": [name],
                        "attributeSyntax": [syntax],
                        "isSingleValued": ["TRUE" if single else "FALSE"],
                        **({"oMObjectClass": [om]} if om else {}),
                    },
                )
                for name, syntax, single, om in ATTRIBUTES
            ),
            r.page(b""),
        ],
    )
    directory.expect(
        "search",
        lambda r: [*(r.entry(f"CN={row['lDAPDisplayName'][0]},{SCH}", row) for row in CLASSES), r.page(b"")],
    )
    check(discover_schema(client))


def test_a_directory_without_schema(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: r.done())
    for _ in range(2):
        directory.expect("search", lambda r: r.page(b""))
    with pytest.raises(ConnectorError) as caught:
        discover_schema(client)
    assert caught.value.code == "failed-search"
