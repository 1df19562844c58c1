"""The group managed service account the agent runs as: made in the domain, granted what it reads, shared by agents.

The product's password is made and handed out by domain controllers; here it follows from the world's seed and is set
when the account is made, so that every agent of the domain knows it. Source: cloud-sync how-to-prerequisites "Group
Managed Service Accounts"; gmsa-cloud-sync.
"""

from __future__ import annotations

import hashlib

from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import NO_SUCH_OBJECT, LdapRefused
from engine.connectors.active_directory.partitions import (
    CLASS_GUIDS,
    DomainFacts,
    find_account,
    grant_rights,
    replication_rights,
)
from engine.connectors.active_directory.security_descriptor import READ_PROPERTY, allow
from engine.errors import EngineError

_WORKSTATION_TRUST = 0x1000
_MANAGED = "msDS-GroupManagedServiceAccount"


def create_managed_account(client: LdapClient, domain: DomainFacts, name: str, seed: str) -> tuple[str, str]:
    """Make the account, or find it; (name to bind with, password). It may read, and read passwords; never write."""
    password = _password(seed, domain.dns_name, name)
    known = find_account(client, domain.dn, f"{name}$")
    if known is None:
        dn = f"CN={name},{_container(client, domain.dn)}"
        attributes = {
            "objectClass": [_MANAGED.encode()],
            "sAMAccountName": [f"{name}$".encode()],
            "userPrincipalName": [f"{name}$@{domain.dns_name}".encode()],
            "dNSHostName": [f"{name}.{domain.dns_name}".encode()],
            "msDS-ManagedPasswordInterval": [b"30"],
            "userAccountControl": [str(_WORKSTATION_TRUST).encode()],
            "unicodePwd": [f'"{password}"'.encode("utf-16-le")],
        }
        client.add(dn, attributes)
        made = _found(find_account(client, domain.dn, dn), name)
        reading = tuple(allow(made, READ_PROPERTY, None, guid) for guid in CLASS_GUIDS.values())
        grant_rights(client, domain.dn, (*replication_rights(made), *reading))
    elif _MANAGED.lower() not in {one.lower() for one in known.texts("objectClass")}:
        raise EngineError("AGENT_ACCOUNT_TAKEN", f"{name}$ is no group managed service account.")
    return f"{name}$@{domain.dns_name}", password


def _found(account: Entry | None, name: str) -> bytes:
    """The SID of an account that was just made."""
    sid = account.first("objectSid") if account is not None else None
    if sid is None:
        raise EngineError("AGENT_ACCOUNT_UNREADABLE", f"The account {name}$ cannot be read back.")
    return sid


def _container(client: LdapClient, domain_dn: str) -> str:
    dn = f"CN=Managed Service Accounts,{domain_dn}"
    try:
        client.search(dn, Scope.BASE, "(objectClass=*)", ("cn",))
        return dn
    except LdapRefused as refusal:
        if refusal.result != NO_SUCH_OBJECT:
            raise
    return f"CN=Users,{domain_dn}"


def _password(seed: str, domain: str, name: str) -> str:
    """The same for every agent of the domain."""
    world = seed.rpartition("/")[0] or seed
    digest = hashlib.sha256(f"{world}/gmsa/{domain}/{name}".encode()).hexdigest()
    return f"{digest[:40]}Aa1!"
