"""The configuration naming context of a new forest: partitions, sites, services, query policy, recycle bin.

Source: MS-ADTS 6.1.1.2; facts "directory" sections 2, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.directory.core.built_in import Row
    from emulators.directory.core.forest import Controller, Domain, Options

RECYCLE_BIN = "766ddcd8-acd0-445e-f3b9-a7f9b6744f2a"
POLICY_LIMITS = (
    "MaxValRange=1500", "MaxReceiveBuffer=10485760", "MaxDatagramRecv=4096", "MaxPoolThreads=4",
    "MaxResultSetSize=262144", "MaxTempTableSize=10000", "MaxQueryDuration=120", "MaxPageSize=1000",
    "MaxNotificationPerConn=5", "MaxActiveQueries=20", "MaxConnIdleTime=900", "InitRecvTimeout=120",
    "MaxConnections=5000",
)  # fmt: skip
CONFIGURATION_SDDL = (
    "O:EAG:EAD:AI(A;;RPLCLORC;;;AU)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
    "(A;CI;RPWPCRCCLCLORCWOWDSDSW;;;DA)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;ED)"
    "(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;ED)"
    "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;BA)(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;BA)(OA;;CR;1131f6ad-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
)
#: Authenticated users list the partitions and read, of the container itself, its public information,
#: msDS-Behavior-Version, fSMORoleOwner, uPNSuffixes, msDS-SPNSuffixes and msDS-EnabledFeature. The crossRefs below
#: have the access list of their class, which lets them be read whole.
PARTITIONS_SDDL = (
    "O:EAG:EAD:AI(A;;LCLORC;;;AU)(OA;;RP;e48d0154-bcf8-11d1-8702-00c04fb96050;;AU)"
    "(OA;;RP;d31a8757-2447-4545-8081-3bb610cacbf2;;AU)(OA;;RP;66171887-8f3c-11d0-afda-00c04fd930c9;;AU)"
    "(OA;;RP;032160bf-9824-11d1-aec0-0000f80367c1;;AU)(OA;;RP;789ee1eb-8c8e-4e4c-8cec-79b31b7617b5;;AU)"
    "(OA;;RP;5706aeaf-b940-4fb2-bcfc-5268683ad9fe;;AU)(A;;RPWPCRCCLCLORCWOWDSW;;;EA)"
    "(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;;CC;;;ED)"
    "(A;CIID;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)(A;CIID;RPWPCRCCLCLORCWOWDSDSW;;;DA)"
)
SCHEMA_SDDL = (
    "O:SAG:SAD:AI(A;CI;RPLCLORC;;;AU)(A;CI;RPWPCRCCLCLORCWOWDSW;;;SA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
    "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;ED)"
    "(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ab-9c07-11d1-f79f-00c04fc2dcd2;;BA)(OA;;CR;1131f6ac-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
)


def dsa_dn(configuration: str, controller: Controller) -> str:
    """The NTDS Settings object that stands for a controller."""
    return f"CN=NTDS Settings,CN={controller.name},CN=Servers,CN={controller.site},CN=Sites,{configuration}"


def recycle_bin_dn(configuration: str) -> str:
    return "CN=Recycle Bin Feature,CN=Optional Features,CN=Directory Service,CN=Windows NT,CN=Services," + configuration


def configuration_rows(
    controllers: Sequence[Controller], options: Options, configuration: str, octets: Mapping[str, bytes]
) -> Iterator[Row]:
    """The objects of a new configuration NC, parents first; the first controller is the root domain's.

    octets: the security descriptors of the head, of Deleted Objects (gone) and of CN=Partitions.
    """
    root = controllers[0].domain
    dsa = dsa_dn(configuration, controllers[0])
    fixed: dict[str, list[bytes]] = {"systemFlags": [b"-2147483648"]}
    yield (
        configuration,
        {
            "objectClass": [b"configuration"],
            "instanceType": [b"13"],
            "nTSecurityDescriptor": [octets["head"]],
            "subRefs": [f"CN=Schema,{configuration}".encode()],
            "wellKnownObjects": [
                f"B:32:18E2EA80684F11D2B9AA00C04F79F805:CN=Deleted Objects,{configuration}".encode(),
                f"B:32:AB8153B7768811D1ADED00C04FD8D5CD:CN=LostAndFoundConfig,{configuration}".encode(),
                f"B:32:6227F0AF1FC2410D8E3BB10615BB5B0F:CN=NTDS Quotas,{configuration}".encode(),
            ],
            "masteredBy": [dsa_dn(configuration, controller).encode() for controller in controllers],
            "msDs-masteredBy": [dsa_dn(configuration, controller).encode() for controller in controllers],
        },
    )
    for name, kind in (
        ("LostAndFoundConfig", "lostAndFound"), ("NTDS Quotas", "msDS-QuotaContainer"),
        ("Extended-Rights", "container"),
        ("DisplaySpecifiers", "container"), ("Physical Locations", "physicalLocation"), ("ForestUpdates", "container"),
        ("WellKnown Security Principals", "container"), ("Services", "container"),
    ):  # fmt: skip
        yield f"CN={name},{configuration}", {"objectClass": [kind.encode()], **fixed}
    yield (
        f"CN=Deleted Objects,{configuration}",
        {"objectClass": [b"container"], "isDeleted": [b"TRUE"], "nTSecurityDescriptor": [octets["gone"]], **fixed},
    )
    yield from _sites(controllers[0].site, configuration)
    for controller in controllers:
        yield from _server(controller, options, configuration)
    yield from _services(root, options, configuration)
    yield from _partitions([controller.domain for controller in controllers], options, configuration, dsa, octets)


def _sites(name: str, configuration: str) -> Iterator[Row]:
    sites = f"CN=Sites,{configuration}"
    site = f"CN={name},{sites}"
    yield sites, {"objectClass": [b"sitesContainer"], "systemFlags": [b"-2113929216"]}
    yield f"CN=Subnets,{sites}", {"objectClass": [b"subnetContainer"], "systemFlags": [b"-1073741824"]}
    yield f"CN=Inter-Site Transports,{sites}", {"objectClass": [b"interSiteTransportContainer"]}
    yield site, {"objectClass": [b"site"], "systemFlags": [b"1107296256"]}
    yield f"CN=NTDS Site Settings,{site}", {"objectClass": [b"nTDSSiteSettings"]}
    yield f"CN=Servers,{site}", {"objectClass": [b"serversContainer"], "systemFlags": [b"33554432"]}


def _server(controller: Controller, options: Options, configuration: str) -> Iterator[Row]:
    """A controller's server object and what stands for its directory service."""
    dsa, domain = dsa_dn(configuration, controller), controller.domain
    server = f"CN={controller.name},CN=Servers,CN={controller.site},CN=Sites,{configuration}"
    account = f"CN={controller.name},OU=Domain Controllers,{domain.dn}"
    yield (
        server,
        {
            "objectClass": [b"server"],
            "dNSHostName": [controller.dns.encode()],
            "serverReference": [account.encode()],
            "systemFlags": [b"1375731712"],
        },
    )
    feature = recycle_bin_dn(configuration)
    contexts = [domain.dn, configuration, f"CN=Schema,{configuration}"]
    row: dict[str, list[bytes]] = {
        "objectClass": [b"nTDSDSA"],
        "invocationId": [controller.invocation],
        "options": [b"1"],
        "hasMasterNCs": [dn.encode() for dn in contexts],
        "msDS-hasMasterNCs": [dn.encode() for dn in contexts],
        "msDS-HasDomainNCs": [domain.dn.encode()],
        "dMDLocation": [f"CN=Schema,{configuration}".encode()],
        "msDS-Behavior-Version": [str(options.functional_level).encode()],
        "systemFlags": [b"33554432"],
    }
    if options.recycle_bin:
        row["msDS-EnabledFeature"] = [feature.encode()]
    yield dsa, row


def _services(root: Domain, options: Options, configuration: str) -> Iterator[Row]:
    services = f"CN=Services,{configuration}"
    directory = f"CN=Directory Service,CN=Windows NT,{services}"
    container: dict[str, list[bytes]] = {"objectClass": [b"container"]}
    yield f"CN=Windows NT,{services}", container
    yield (
        directory,
        {
            "objectClass": [b"nTDSService"],
            "tombstoneLifetime": [str(options.tombstone_lifetime_days).encode()],
            "sPNMappings": [b"host=browser,dhcp,dnscache,replicator,eventlog,rpc,time,www,http,w3svc"],
            "msDS-Other-Settings": [b"DynamicObjectDefaultTTL=86400", b"DynamicObjectMinTTL=900"],
        },
    )
    yield f"CN=Query-Policies,{directory}", container
    yield (
        f"CN=Default Query Policy,CN=Query-Policies,{directory}",
        {"objectClass": [b"queryPolicy"], "lDAPAdminLimits": [limit.encode() for limit in POLICY_LIMITS]},
    )
    yield f"CN=Optional Features,{directory}", container
    from emulators.directory.core.identity import guid

    yield (
        f"CN=Recycle Bin Feature,CN=Optional Features,{directory}",
        {
            "objectClass": [b"msDS-OptionalFeature"],
            "msDS-OptionalFeatureFlags": [b"1"],
            "msDS-OptionalFeatureGUID": [guid(RECYCLE_BIN)],
            "msDS-RequiredForestBehaviorVersion": [b"4"],
        },
    )
    if options.exchange:
        yield f"CN=Microsoft Exchange,{services}", container


def _partitions(
    domains: Sequence[Domain], options: Options, configuration: str, dsa: str, octets: Mapping[str, bytes]
) -> Iterator[Row]:
    root = domains[0]
    partitions = f"CN=Partitions,{configuration}"
    row: dict[str, list[bytes]] = {
        "objectClass": [b"crossRefContainer"],
        "nTSecurityDescriptor": [octets["partitions"]],
        "systemFlags": [b"-2147483648"],
        "msDS-Behavior-Version": [str(options.functional_level).encode()],
        "fSMORoleOwner": [dsa.encode()],
    }
    if options.upn_suffixes:
        row["uPNSuffixes"] = [suffix.encode() for suffix in options.upn_suffixes]
    if options.recycle_bin:
        feature = recycle_bin_dn(configuration)
        row["msDS-EnabledFeature"] = [feature.encode()]
    yield partitions, row
    for name, dn in (("Enterprise Configuration", configuration), ("Enterprise Schema", f"CN=Schema,{configuration}")):
        yield f"CN={name},{partitions}", _cross_reference(dn, root, b"1")
    for domain in domains:
        cross = _cross_reference(domain.dn, domain, b"3")
        cross["nETBIOSName"] = [domain.netbios.encode()]
        cross["msDS-Behavior-Version"] = [str(options.functional_level).encode()]
        if domain is not root:
            above = domain.parent_in(domains)
            attribute = "trustParent" if above is not None else "rootTrust"
            cross[attribute] = [f"CN={(above or root).netbios},{partitions}".encode()]
        yield f"CN={domain.netbios},{partitions}", cross


def _cross_reference(dn: str, domain: Domain, flags: bytes) -> dict[str, list[bytes]]:
    return {
        "objectClass": [b"crossRef"],
        "nCName": [dn.encode()],
        "dnsRoot": [domain.dns.encode()],
        "systemFlags": [flags],
    }
