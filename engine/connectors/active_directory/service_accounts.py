"""Accounts services run under: who holds a service principal name, group managed service accounts and their key store.

Source: facts "install" 14.2 (FED-03); custom installation ("seed001"): the key store is initiated with an enterprise
administrator's credentials when group managed service accounts have never been used.
"""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

from engine.connectors.active_directory.ldap_client import LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import NO_SUCH_OBJECT, LdapRefused
from engine.connectors.active_directory.partitions import ForestFacts
from engine.connectors.active_directory.search_filter import escape

_WORKSTATION_TRUST_ACCOUNT = 4096
_KEY_OCTETS = 64
_TICKS_FROM_1601 = datetime(1601, 1, 1, tzinfo=UTC)


def spn_holders(client: LdapClient, base_dn: str, spn: str) -> tuple[str, ...]:
    """The logon names of the accounts of a domain that hold a service principal name."""
    found = client.search(base_dn, Scope.SUBTREE, f"(servicePrincipalName={escape(spn)})", ("sAMAccountName",))
    return tuple(entry.text("sAMAccountName") for entry in found)


def key_store_ready(client: LdapClient, forest: ForestFacts) -> bool:
    """Whether a root key exists, which group managed service accounts need."""
    try:
        return bool(client.search(_root_keys(forest), Scope.ONE_LEVEL, "(objectClass=msKds-ProvRootKey)", ("cn",)))
    except LdapRefused as refusal:
        if refusal.result == NO_SUCH_OBJECT:
            return False
        raise


def prepare_key_store(client: LdapClient, forest: ForestFacts, now: datetime, source: random.Random) -> None:
    """Make the first root key, usable at once (Add-KdsRootKey -EffectiveImmediately)."""
    service = f"CN=Group Key Distribution Service,CN=Services,{forest.configuration_dn}"
    for dn in (service, _root_keys(forest)):
        if not _exists(client, dn):
            client.add(dn, {"objectClass": [b"container"]})
    name = str(uuid.UUID(int=source.getrandbits(128), version=4))
    ticks = str(int((now - _TICKS_FROM_1601).total_seconds() * 10_000_000)).encode()
    client.add(
        f"CN={name},{_root_keys(forest)}",
        {
            "objectClass": [b"msKds-ProvRootKey"],
            "msKds-Version": [b"1"],
            "msKds-CreateTime": [ticks],
            "msKds-UseStartTime": [ticks],
            "msKds-DomainID": [forest.default_dn.encode()],
            "msKds-KDFAlgorithmID": [b"SP800_108_CTR_HMAC"],
            "msKds-SecretAgreementAlgorithmID": [b"DH"],
            "msKds-PublicKeyLength": [b"2048"],
            "msKds-PrivateKeyLength": [b"512"],
            "msKds-RootKeyData": [source.randbytes(_KEY_OCTETS)],
        },
    )


def create_managed_account(client: LdapClient, forest: ForestFacts, name: str) -> str:
    """Create a group managed service account in the bound domain; its DN. One of that name that exists is kept."""
    base = forest.default_dn
    container = f"CN=Managed Service Accounts,{base}"
    if not _exists(client, container):
        client.add(container, {"objectClass": [b"container"]})
    dn = f"CN={name},{container}"
    if not _exists(client, dn):
        client.add(
            dn,
            {
                "objectClass": [b"msDS-GroupManagedServiceAccount"],
                "sAMAccountName": [f"{name}$".encode()],
                "dNSHostName": [f"{name}.{forest.name}".encode()],
                "msDS-ManagedPasswordInterval": [b"30"],
                "userAccountControl": [str(_WORKSTATION_TRUST_ACCOUNT).encode()],
            },
        )
    return dn


def _root_keys(forest: ForestFacts) -> str:
    return f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,{forest.configuration_dn}"


def _exists(client: LdapClient, dn: str) -> bool:
    try:
        return bool(client.search(dn, Scope.BASE, "(objectClass=*)", ("objectClass",)))
    except LdapRefused as refusal:
        if refusal.result == NO_SUCH_OBJECT:
            return False
        raise
