"""The domain naming context of a forest nobody has worked in yet: head, containers, built-in accounts and groups.

Each row gives what differs from the class defaults. Source: MS-ADTS 6.1.1.3-6.1.1.4 and 6.1.4.2, MS-SAMR 4.2;
facts "directory" sections 10 and 11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from emulators.directory.core import identity

if TYPE_CHECKING:
    from emulators.directory.core.forest import Controller, Domain

Row = tuple[str, dict[str, list[bytes]]]

#: systemFlags: no delete, no rename, no move
FIXED = b"-1946157056"
_FIXED_CONTAINER: dict[str, list[bytes]] = {"systemFlags": [FIXED], "isCriticalSystemObject": [b"TRUE"]}

WELL_KNOWN = {
    "A9D1CA15768811D1ADED00C04FD8D5CD": "CN=Users",
    "AA312825768811D1ADED00C04FD8D5CD": "CN=Computers",
    "A361B2FFFFD211D1AA4B00C04FD7D83A": "OU=Domain Controllers",
    "AB1D30F3768811D1ADED00C04FD8D5CD": "CN=System",
    "AB8153B7768811D1ADED00C04FD8D5CD": "CN=LostAndFound",
    "2FBAC1870ADE11D297C400C04FD8D5CD": "CN=Infrastructure",
    "18E2EA80684F11D2B9AA00C04F79F805": "CN=Deleted Objects",
    "22B70C67D56E4EFB91E9300FCA3DC1AA": "CN=ForeignSecurityPrincipals",
    "09460C08AE1E4A4EA0F64AEE7DAA1E5A": "CN=Program Data",
    "F4BE92A4C777485E878E9421D53087DB": "CN=Microsoft,CN=Program Data",
    "6227F0AF1FC2410D8E3BB10615BB5B0F": "CN=NTDS Quotas",
}
DELETED_OBJECTS = "18E2EA80684F11D2B9AA00C04F79F805"
FOREIGN_PRINCIPALS = "22B70C67D56E4EFB91E9300FCA3DC1AA"
MANAGED_ACCOUNTS = "1EB93889E40C45DF9F0C64D23BBB6237"

# name, class, advanced view only, further attributes
_CONTAINERS: tuple[tuple[str, str, bool, dict[str, list[bytes]]], ...] = (
    ("CN=Users", "container", False, _FIXED_CONTAINER),
    ("CN=Computers", "container", False, _FIXED_CONTAINER),
    ("OU=Domain Controllers", "organizationalUnit", False, _FIXED_CONTAINER),
    ("CN=System", "container", True, _FIXED_CONTAINER),
    ("CN=LostAndFound", "lostAndFound", True, _FIXED_CONTAINER),
    ("CN=Infrastructure", "infrastructureUpdate", True, _FIXED_CONTAINER),
    ("CN=ForeignSecurityPrincipals", "container", False, _FIXED_CONTAINER),
    ("CN=Program Data", "container", True, {}),
    ("CN=Microsoft,CN=Program Data", "container", True, {}),
    ("CN=NTDS Quotas", "msDS-QuotaContainer", True, _FIXED_CONTAINER),
    ("CN=Managed Service Accounts", "container", False, {}),
    ("CN=Keys", "container", True, {}),
    ("CN=Builtin", "builtinDomain", False, {**_FIXED_CONTAINER, "objectSid": [identity.sid("S-1-5-32")]}),
    ("CN=WinsockServices,CN=System", "container", True, {}),
    ("CN=RpcServices,CN=System", "rpcContainer", True, _FIXED_CONTAINER),
    ("CN=FileLinks,CN=System", "fileLinkTracking", True, _FIXED_CONTAINER),
    ("CN=Policies,CN=System", "container", True, _FIXED_CONTAINER),
    ("CN=Meetings,CN=System", "container", True, _FIXED_CONTAINER),
    ("CN=IP Security,CN=System", "container", True, _FIXED_CONTAINER),
    ("CN=AdminSDHolder,CN=System", "container", True, _FIXED_CONTAINER),
    ("CN=ComPartitions,CN=System", "container", True, {}),
    ("CN=DomainUpdates,CN=System", "container", True, {}),
    ("CN=Password Settings Container,CN=System", "msDS-PasswordSettingsContainer", True, _FIXED_CONTAINER),
    ("CN=PSPs,CN=System", "container", True, {}),
    ("CN=MicrosoftDNS,CN=System", "container", True, {}),
)

_BUILTIN_LOCAL, _LOCAL, _GLOBAL, _UNIVERSAL = b"-2147483643", b"-2147483644", b"-2147483646", b"-2147483640"

# name, RID, protected by AdminSDHolder, description
_BUILTIN_GROUPS: tuple[tuple[str, int, bool], ...] = (
    ("Administrators", 544, True), ("Users", 545, False), ("Guests", 546, False), ("Account Operators", 548, True),
    ("Server Operators", 549, True), ("Print Operators", 550, True), ("Backup Operators", 551, True),
    ("Replicator", 552, True), ("Pre-Windows 2000 Compatible Access", 554, False),
    ("Remote Desktop Users", 555, False), ("Network Configuration Operators", 556, False),
    ("Incoming Forest Trust Builders", 557, False), ("Performance Monitor Users", 558, False),
    ("Performance Log Users", 559, False), ("Windows Authorization Access Group", 560, False),
    ("Terminal Server License Servers", 561, False), ("Distributed COM Users", 562, False),
    ("IIS_IUSRS", 568, False), ("Cryptographic Operators", 569, False), ("Event Log Readers", 573, False),
    ("Certificate Service DCOM Access", 574, False), ("RDS Remote Access Servers", 575, False),
    ("RDS Endpoint Servers", 576, False), ("RDS Management Servers", 577, False),
    ("Hyper-V Administrators", 578, False), ("Access Control Assistance Operators", 579, False),
    ("Remote Management Users", 580, False), ("Storage Replica Administrators", 582, False),
)  # fmt: skip

# name, RID, groupType, protected
_DOMAIN_GROUPS: tuple[tuple[str, int, bytes, bool], ...] = (
    ("Domain Computers", 515, _GLOBAL, False), ("Domain Controllers", 516, _GLOBAL, True),
    ("Schema Admins", 518, _UNIVERSAL, True), ("Enterprise Admins", 519, _UNIVERSAL, True),
    ("Cert Publishers", 517, _LOCAL, False), ("Domain Admins", 512, _GLOBAL, True),
    ("Domain Users", 513, _GLOBAL, False), ("Domain Guests", 514, _GLOBAL, False),
    ("Group Policy Creator Owners", 520, _GLOBAL, False), ("RAS and IAS Servers", 553, _LOCAL, False),
    ("Allowed RODC Password Replication Group", 571, _LOCAL, False),
    ("Denied RODC Password Replication Group", 572, _LOCAL, False),
    ("Read-only Domain Controllers", 521, _GLOBAL, True),
    ("Enterprise Read-only Domain Controllers", 498, _UNIVERSAL, False),
    ("Cloneable Domain Controllers", 522, _GLOBAL, False), ("Protected Users", 525, _GLOBAL, False),
    ("Key Admins", 526, _GLOBAL, True), ("Enterprise Key Admins", 527, _UNIVERSAL, True),
)  # fmt: skip

#: groups of the forest: only its root domain has them
_ROOT_GROUPS = frozenset(
    f"CN={name},CN=Users"
    for name in (
        "Schema Admins",
        "Enterprise Admins",
        "Enterprise Read-only Domain Controllers",
        "Enterprise Key Admins",
    )
)

_FOREIGN = ("S-1-5-4", "S-1-5-9", "S-1-5-11", "S-1-5-17")

_MEMBERS: dict[str, tuple[str, ...]] = {
    "CN=Administrators,CN=Builtin": (
        "CN=Administrator,CN=Users", "CN=Enterprise Admins,CN=Users", "CN=Domain Admins,CN=Users",
    ),
    "CN=Users,CN=Builtin": (
        "CN=S-1-5-4,CN=ForeignSecurityPrincipals", "CN=S-1-5-11,CN=ForeignSecurityPrincipals",
        "CN=Domain Users,CN=Users",
    ),
    "CN=Guests,CN=Builtin": ("CN=Guest,CN=Users", "CN=Domain Guests,CN=Users"),
    "CN=Pre-Windows 2000 Compatible Access,CN=Builtin": ("CN=S-1-5-11,CN=ForeignSecurityPrincipals",),
    "CN=Windows Authorization Access Group,CN=Builtin": ("CN=S-1-5-9,CN=ForeignSecurityPrincipals",),
    "CN=IIS_IUSRS,CN=Builtin": ("CN=S-1-5-17,CN=ForeignSecurityPrincipals",),
    "CN=Schema Admins,CN=Users": ("CN=Administrator,CN=Users",),
    "CN=Enterprise Admins,CN=Users": ("CN=Administrator,CN=Users",),
    "CN=Domain Admins,CN=Users": ("CN=Administrator,CN=Users",),
    "CN=Group Policy Creator Owners,CN=Users": ("CN=Administrator,CN=Users",),
    "CN=Denied RODC Password Replication Group,CN=Users": (
        "CN=krbtgt,CN=Users", "CN=Domain Controllers,CN=Users", "CN=Schema Admins,CN=Users",
        "CN=Enterprise Admins,CN=Users", "CN=Cert Publishers,CN=Users", "CN=Domain Admins,CN=Users",
        "CN=Group Policy Creator Owners,CN=Users", "CN=Read-only Domain Controllers,CN=Users",
    ),
}  # fmt: skip

#: What a domain from elsewhere gets of the above when it lacks it, and nothing more: where deletions go, where wizard
#: and scenarios put accounts, the administrator with the groups its rights come from, every account's primary group,
#: and the group through which any authenticated user reads.
SERVING = frozenset(
    {
        "CN=Users", "CN=Builtin", "CN=ForeignSecurityPrincipals", "CN=Deleted Objects", "CN=Administrator,CN=Users",
        "CN=Administrators,CN=Builtin", "CN=Domain Admins,CN=Users", "CN=Enterprise Admins,CN=Users",
        "CN=Domain Users,CN=Users", "CN=Pre-Windows 2000 Compatible Access,CN=Builtin",
        "CN=S-1-5-11,CN=ForeignSecurityPrincipals",
    }
)  # fmt: skip

DOMAIN_SDDL = (
    "O:BAG:BAD:AI"
    "(OA;CIIO;RP;4c164200-20c0-11d0-a768-00aa006e0529;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RP;4c164200-20c0-11d0-a768-00aa006e0529;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RP;5f202010-79a5-11d0-9020-00c04fc2d4cf;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RP;5f202010-79a5-11d0-9020-00c04fc2d4cf;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RP;bc0ac240-79a9-11d0-9020-00c04fc2d4cf;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RP;bc0ac240-79a9-11d0-9020-00c04fc2d4cf;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RP;59ba2f42-79a2-11d0-9020-00c04fc2d3cf;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RP;59ba2f42-79a2-11d0-9020-00c04fc2d3cf;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RP;037088f8-0ae1-11d2-b422-00a0c968f939;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RP;037088f8-0ae1-11d2-b422-00a0c968f939;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RPLCLORC;;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)"
    "(OA;CIIO;RPLCLORC;;bf967a9c-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RPLCLORC;;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIIO;RP;b7c69e6d-2cc7-11d2-854e-00a0c983f608;bf967a86-0de6-11d0-a285-00aa003049e2;ED)"
    "(OA;CIIO;RP;b7c69e6d-2cc7-11d2-854e-00a0c983f608;bf967a9c-0de6-11d0-a285-00aa003049e2;ED)"
    "(OA;CIIO;RP;b7c69e6d-2cc7-11d2-854e-00a0c983f608;bf967aba-0de6-11d0-a285-00aa003049e2;ED)"
    "(OA;CI;RPWPCR;91e647de-d96f-4b70-9557-d63ff4f3ccd8;;PS)"
    "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ad-9c07-11d1-f79f-00c04fc2dcd2;;DD)(OA;;CR;1131f6ad-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;89e95b76-444d-4c62-991a-0facbeda640c;;ED)(OA;;CR;89e95b76-444d-4c62-991a-0facbeda640c;;BA)"
    "(OA;;CR;e2a36dc9-ae17-47c3-b58b-be34c55ba633;;S-1-5-32-557)"
    "(OA;;CR;280f369c-67c7-438e-ae98-1d46f3c6f541;;AU)(OA;;CR;ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501;;AU)"
    "(OA;;CR;05c74c5e-4deb-43b4-bd9f-86664c2a7fd5;;AU)"
    "(A;;RPWPCRCCLCLORCWOWDSW;;;DA)(A;CI;RPWPCRCCLCLORCWOWDSDSW;;;BA)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)"
    "(A;;RPRC;;;RU)(A;CI;LC;;;RU)(A;;RPLCLORC;;;AU)(A;;RPLCLORC;;;ED)(A;;RP;;;WD)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
)
ADMIN_HOLDER_SDDL = (
    "O:DAG:DAD:PAI(A;;RPLCLORC;;;AU)(A;;RPWPCRLCLOCCDCRCWDWOSDSW;;;BA)(A;;RPWPCRLCLOCCDCRCWDWOSW;;;EA)"
    "(A;;RPWPCRLCLOCCDCRCWDWOSW;;;DA)(A;;RPWPCRLCLOCCDCRCWDWOSDDTSW;;;SY)(A;;LCRPLORC;;;RU)"
    "(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)(OA;CI;RPWPCR;91e647de-d96f-4b70-9557-d63ff4f3ccd8;;PS)"
    "(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;PS)(OA;;RPWP;bf967a7f-0de6-11d0-a285-00aa003049e2;;CA)"
    "(OA;;RP;46a9b11d-60ae-405a-b7e8-ff8a58d456d2;;S-1-5-32-560)"
)
DELETED_SDDL = "O:BAG:SYD:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)"


def domain_rows(
    domain: Domain,
    controller: Controller,
    dsa: str,
    level: int,
    octets: Mapping[str, bytes],
    root: Domain,
    below: Sequence[str] = (),
) -> Iterator[Row]:
    """The objects of a new domain, parents first.

    octets: the security descriptors of Deleted Objects (gone), AdminSDHolder (holder) and the head. root: the domain
    that has the forest's own groups. below: the naming contexts right below the domain's head.
    """
    base = domain.dn
    gone, holder = octets["gone"], octets["holder"]
    yield base, _head(domain, dsa, level, octets["head"], below)
    for name, kind, advanced, further in _CONTAINERS:
        row = {"objectClass": [kind.encode()], "showInAdvancedViewOnly": [b"TRUE" if advanced else b"FALSE"], **further}
        if name.startswith("CN=AdminSDHolder"):
            row["nTSecurityDescriptor"] = [holder]
        if name == "CN=Infrastructure":
            row["fSMORoleOwner"] = [dsa.encode()]
        yield f"{name},{base}", row
    deleted = {**_FIXED_CONTAINER, "isDeleted": [b"TRUE"], "nTSecurityDescriptor": [gone]}
    yield f"CN=Deleted Objects,{base}", {"objectClass": [b"container"], "showInAdvancedViewOnly": [b"TRUE"], **deleted}
    for text in _FOREIGN:
        yield (
            f"CN={text},CN=ForeignSecurityPrincipals,{base}",
            {
                "objectClass": [b"foreignSecurityPrincipal"],
                "objectSid": [identity.sid(text)],
                "showInAdvancedViewOnly": [b"TRUE"],
            },
        )
    yield from _users(domain, holder)
    yield from _groups(domain, holder, root)
    yield from _controller(domain, controller, dsa)


def _head(domain: Domain, dsa: str, level: int, head: bytes, below: Sequence[str]) -> dict[str, list[bytes]]:
    base = domain.dn
    known = [f"B:32:{guid}:{name},{base}".encode() for guid, name in WELL_KNOWN.items()]
    own = dsa.encode()
    row = {
        "objectClass": [b"domainDNS"],
        "objectSid": [domain.sid],
        "instanceType": [b"5"],
        "nTSecurityDescriptor": [head],
        "wellKnownObjects": known,
        "otherWellKnownObjects": [f"B:32:{MANAGED_ACCOUNTS}:CN=Managed Service Accounts,{base}".encode()],
        "rIDManagerReference": [f"CN=RID Manager$,CN=System,{base}".encode()],
        "fSMORoleOwner": [own],
        "masteredBy": [own],
        "msDs-masteredBy": [own],
        "msDS-IsDomainFor": [own],
        "subRefs": [dn.encode() for dn in below],
        "msDS-Behavior-Version": [str(level).encode()],
        "ms-DS-MachineAccountQuota": [b"10"],
        "msDS-AllUsersTrustQuota": [b"1000"],
        "msDS-PerUserTrustQuota": [b"1"],
        "msDS-PerUserTrustTombstonesQuota": [b"10"],
        "creationTime": [b"0"],
        "forceLogoff": [b"-9223372036854775808"],
        "lockoutDuration": [b"-18000000000"],
        "lockOutObservationWindow": [b"-18000000000"],
        "lockoutThreshold": [b"0"],
        "maxPwdAge": [b"-36288000000000"],
        "minPwdAge": [b"-864000000000"],
        "minPwdLength": [b"7"],
        "pwdHistoryLength": [b"24"],
        "pwdProperties": [b"1"],
        "modifiedCount": [b"1"],
        "modifiedCountAtLastProm": [b"0"],
        "nextRid": [b"1000"],
        "nTMixedDomain": [b"0"],
        "serverState": [b"1"],
        "uASCompat": [b"1"],
        "auditingPolicy": [b"\x00\x01"],
        "isCriticalSystemObject": [b"TRUE"],
        "systemFlags": [FIXED],
    }
    if not below:
        del row["subRefs"]
    return row


def _users(domain: Domain, holder: bytes) -> Iterator[Row]:
    base = f"CN=Users,{domain.dn}"
    for name, rid, control, protected, text in (
        ("Administrator", 500, b"66048", True, "Built-in account for administering the computer/domain"),
        ("Guest", 501, b"66082", False, "Built-in account for guest access to the computer/domain"),
        ("krbtgt", 502, b"514", True, "Key Distribution Center Service Account"),
    ):
        row = {
            "objectClass": [b"user"],
            "description": [text.encode()],
            "sAMAccountName": [name.encode()],
            "objectSid": [identity.with_rid(domain.sid, rid)],
            "userAccountControl": [control],
            "isCriticalSystemObject": [b"TRUE"],
        }
        if name == "Guest":
            row["primaryGroupID"] = [b"514"]
        if name == "krbtgt":
            row["servicePrincipalName"] = [b"kadmin/changepw"]
            row["showInAdvancedViewOnly"] = [b"TRUE"]
        if protected:
            row["adminCount"] = [b"1"]
            row["nTSecurityDescriptor"] = [holder]
        yield f"CN={name},{base}", row


def _groups(domain: Domain, holder: bytes, root: Domain) -> Iterator[Row]:
    base = domain.dn
    is_root = domain is root
    builtin = identity.sid("S-1-5-32")
    listed = [
        *(
            (f"CN={n},CN=Builtin", n, identity.with_rid(builtin, r), _BUILTIN_LOCAL, p, FIXED)
            for n, r, p in _BUILTIN_GROUPS
        ),
        *((f"CN={n},CN=Users", n, identity.with_rid(domain.sid, r), t, p, b"") for n, r, t, p in _DOMAIN_GROUPS),
    ]
    if not is_root:
        listed = [row for row in listed if row[0] not in _ROOT_GROUPS]
    for rdn, name, sid, kind, protected, flags in listed:
        row = {
            "objectClass": [b"group"],
            "sAMAccountName": [name.encode()],
            "objectSid": [sid],
            "groupType": [kind],
            "isCriticalSystemObject": [b"TRUE"],
        }
        if flags:
            row["systemFlags"] = [flags]
        if protected:
            row["adminCount"] = [b"1"]
            row["nTSecurityDescriptor"] = [holder]
        members = _MEMBERS.get(rdn)
        if members:
            row["member"] = [f"{one},{root.dn if one in _ROOT_GROUPS else base}".encode() for one in members]
        yield f"{rdn},{base}", row
    for name, rid, kind in (("DnsAdmins", 1101, _LOCAL), ("DnsUpdateProxy", 1102, _GLOBAL)):
        yield (
            f"CN={name},CN=Users,{base}",
            {
                "objectClass": [b"group"],
                "sAMAccountName": [name.encode()],
                "objectSid": [identity.with_rid(domain.sid, rid)],
                "groupType": [kind],
            },
        )


def _controller(domain: Domain, controller: Controller, dsa: str) -> Iterator[Row]:
    """The domain controller's account, its RID set, and the RID manager."""
    base = domain.dn
    account = f"CN={controller.name},OU=Domain Controllers,{base}"
    host, name = controller.dns, controller.name
    spns = [f"{service}/{target}" for service in ("HOST", "GC", "ldap") for target in (host, name)]
    yield (
        account,
        {
            "objectClass": [b"computer"],
            "sAMAccountName": [f"{name}$".encode()],
            "objectSid": [identity.with_rid(domain.sid, 1000)],
            "userAccountControl": [b"532480"],
            "primaryGroupID": [b"516"],
            "dNSHostName": [host.encode()],
            "servicePrincipalName": [spn.encode() for spn in spns],
            "operatingSystem": [b"Windows Server 2022 Standard"],
            "operatingSystemVersion": [b"10.0 (20348)"],
            "isCriticalSystemObject": [b"TRUE"],
            "msDS-SupportedEncryptionTypes": [b"28"],
            "rIDSetReferences": [f"CN=RID Set,{account}".encode()],
        },
    )
    yield (
        f"CN=RID Set,{account}",
        {
            "objectClass": [b"rIDSet"],
            "rIDAllocationPool": [str(1599 << 32 | 1100).encode()],
            "rIDPreviousAllocationPool": [str(1599 << 32 | 1100).encode()],
            "rIDUsedPool": [b"0"],
            "rIDNextRID": [b"1102"],
            "showInAdvancedViewOnly": [b"TRUE"],
        },
    )
    yield (
        f"CN=RID Manager$,CN=System,{base}",
        {
            "objectClass": [b"rIDManager"],
            "fSMORoleOwner": [dsa.encode()],
            "rIDAvailablePool": [str(1073741823 << 32 | 1600).encode()],
            "showInAdvancedViewOnly": [b"TRUE"],
            **_FIXED_CONTAINER,
        },
    )
