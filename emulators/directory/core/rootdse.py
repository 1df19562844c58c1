"""The rootDSE: what a controller says of itself, readable without a bind.

Source: MS-ADTS 3.1.1.3.2; lists in the order a real 2022 controller gives them: facts "directory" sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.directory.core import filters, identity, times
from emulators.directory.core.entry import Entry, State
from emulators.directory.core.results import Found, Result, SearchAnswer

if TYPE_CHECKING:
    from emulators.directory.core.entry import Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Search
    from emulators.directory.core.session import Session

_AD = "1.2.840.113556.1.4."
_CONTROLS = (
    *(
        f"{_AD}{n}"
        for n in (319, 801, 473, 528, 417, 619, 841, 529, 805, 521, 970, 1338, 474, 1339, 1340, 1413)
    ),
    "2.16.840.1.113730.3.4.9",
    "2.16.840.1.113730.3.4.10",
    *(
        f"{_AD}{n}"
        for n in (
            1504, 1852, 802, 1907, 1948, 1974, 1341, 2026, 2064, 2065, 2066, 2090, 2205, 2204, 2206, 2211, 2239, 2255,
            2256, 2309, 2330, 2354,
        )
    ),
)  # fmt: skip
#: advertised in name by a real controller, refused here when critical: see the ledger
CAPABILITIES = tuple(_AD + n for n in ("800", "1670", "1791", "1935", "2080", "2237"))
MECHANISMS = ("GSSAPI", "GSS-SPNEGO", "EXTERNAL", "DIGEST-MD5")
POLICIES = (
    "MaxPoolThreads", "MaxPercentDirSyncRequests", "MaxDatagramRecv", "MaxReceiveBuffer", "InitRecvTimeout",
    "MaxConnections", "MaxConnIdleTime", "MaxPageSize", "MaxBatchReturnMessages", "MaxQueryDuration",
    "MaxDirSyncDuration", "MaxTempTableSize", "MaxResultSetSize", "MinResultSets", "MaxResultSetsPerConn",
    "MaxNotificationPerConn", "MaxValRange", "MaxValRangeTransitive", "ThreadMemoryLimit",
    "SystemMemoryLimitPercent",
)  # fmt: skip
EXTENSIONS = (
    "1.3.6.1.4.1.1466.20037",
    "1.3.6.1.4.1.1466.101.119.1",
    _AD + "1781",
    "1.3.6.1.4.1.4203.1.11.3",
    _AD + "2212",
)

Maker = Callable[["Forest", "Session"], "tuple[str, ...]"]


def _contexts(_forest: Forest, session: Session) -> tuple[str, ...]:
    return tuple(partition.dn for partition in session.controller.partitions)


def _dsa(forest: Forest, session: Session) -> str:
    return f"CN=NTDS Settings,{_server(forest, session)}"


def _server(forest: Forest, session: Session) -> str:
    controller = session.controller
    return f"CN={controller.name},CN=Servers,CN={controller.site},CN=Sites,{forest.configuration_dn}"


def _level(forest: Forest, _session: Session) -> tuple[str, ...]:
    return (str(forest.options.functional_level),)


#: in the order they are sent; a "*" gives all of these
READABLE: dict[str, Maker] = {
    "domainFunctionality": _level,
    "forestFunctionality": _level,
    "domainControllerFunctionality": _level,
    "rootDomainNamingContext": lambda f, s: (f.root.dn,),
    "ldapServiceName": lambda f, s: (f"{f.root.dns}:{s.controller.name.lower()}$@{s.domain.dns.upper()}",),
    "isGlobalCatalogReady": lambda f, s: ("TRUE",),
    "supportedSASLMechanisms": lambda f, s: MECHANISMS,
    "supportedLDAPVersion": lambda f, s: ("3", "2"),
    "supportedLDAPPolicies": lambda f, s: POLICIES,
    "supportedControl": lambda f, s: _CONTROLS,
    "supportedCapabilities": lambda f, s: CAPABILITIES,
    "subschemaSubentry": lambda f, s: (f"CN=Aggregate,{f.schema_dn}",),
    "serverName": lambda f, s: (_server(f, s),),
    "schemaNamingContext": lambda f, s: (f.schema_dn,),
    "namingContexts": _contexts,
    "isSynchronized": lambda f, s: ("TRUE",),
    "highestCommittedUSN": lambda f, s: (str(s.controller.usn),),
    "dsServiceName": lambda f, s: (_dsa(f, s),),
    "dnsHostName": lambda f, s: (s.controller.dns,),
    "defaultNamingContext": lambda f, s: (s.domain.dn,),
    "currentTime": lambda f, s: (times.generalized(times.to_seconds(f.clock.now())).decode(),),
    "configurationNamingContext": lambda f, s: (f.configuration_dn,),
}
#: only when asked for by name
ON_REQUEST: dict[str, Maker] = {
    "supportedExtension": lambda f, s: EXTENSIONS,
    "dsSchemaAttrCount": lambda f, s: (str(len(f.schema.attribute_names())),),
    "dsSchemaClassCount": lambda f, s: (str(len(f.schema.class_names())),),
    "validFSMOs": lambda f, s: (f.schema_dn, f"CN=Partitions,{f.configuration_dn}", s.domain.dn),
    "msDS-PrincipalName": lambda f, s: (s.account_name() or "NT AUTHORITY\\ANONYMOUS LOGON",),
}


def search(forest: Forest, session: Session, request: Search) -> SearchAnswer:
    """Answer a base search of the empty DN; the filter is tested against the rootDSE itself."""
    test = filters.compile_filter(forest, session.controller, request.filter)
    if isinstance(test, bool):
        matches = test
    else:
        matches = test({"objectclass": (b"top",), "distinguishedname": (b"",)})
    if not matches:
        return SearchAnswer([], Result())
    wanted = {name.split(";", 1)[0].lower() for name in request.attributes}
    everything = not wanted or "*" in wanted
    extra: list[tuple[str, Values]] = []
    for name, maker in READABLE.items():
        if everything or name.lower() in wanted:
            extra.append((name, tuple(value.encode() for value in maker(forest, session))))
    for name, maker in ON_REQUEST.items():
        if name.lower() in wanted:
            extra.append((name, tuple(value.encode() for value in maker(forest, session))))
    if "tokengroups" in wanted:
        extra.append(("tokenGroups", tuple(sorted(sid for sid in session.token.sids if identity.is_sid(sid)))))
    return SearchAnswer([Found(_entry(session), "", (), tuple(extra))], Result())


def _entry(session: Session) -> Entry:
    """A nameless object to hang the answer on; it is stored nowhere."""
    entry = Entry("", "", bytes(16), {"objectclass": (b"top",)}, session.controller.domain_partition.head.sd)
    entry.state = State.LIVE
    return entry
