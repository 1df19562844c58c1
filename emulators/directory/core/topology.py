"""A new forest: its domains with a controller each, and the naming contexts an installation leaves behind.

Further domains are children of one there is, or roots of further trees. More controllers in a domain are refused.
Source: MS-ADTS 6.1.1; facts "directory" section 6.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from emulators.directory.core import admin_holder, built_in, configuration_nc, identity, names, schema_nc, trusts
from emulators.directory.core.forest import ChangeNumbers, Clock, Controller, Descriptors, Domain, Forest, Options
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.partition import Partition
from emulators.directory.core.populate import populate
from emulators.directory.core.schema import load_schema
from emulators.directory.core.security_descriptor import from_sddl
from emulators.directory.core.times import to_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emulators.directory.core.built_in import Row
    from emulators.directory.core.populate import GivenEntry

SITE = "Default-First-Site-Name"


class FurtherDomain(NamedTuple):
    """A domain beside the root: its DNS name, its NetBIOS name, the host name of its controller."""

    name: str
    netbios: str
    controller: str


def new_forest(
    name: str,
    *,
    clock: Clock,
    seed: int | str,
    admin_password: str,
    netbios: str | None = None,
    controllers: Sequence[str] = ("DC1",),
    further: Sequence[FurtherDomain] = (),
    options: Options | None = None,
) -> Forest:
    """Create a forest. Everything random comes from ``seed``; the same seed gives the same octets.

    The built-in Administrator of every domain has the same password.
    """
    if len(controllers) != 1:
        raise ValueError(f"not emulated yet: {len(controllers)} domain controllers (one is)")
    options = options or Options()
    random = Random(f"{seed}/directory/{name}")
    named = FurtherDomain(name, netbios or name.lower().split(".", maxsplit=1)[0], controllers[0])
    _demand_distinct([named, *further])
    made = []
    numbers = ChangeNumbers()
    for one in (named, *further):
        domain = Domain(
            one.name.lower(), one.netbios.upper()[:15], names.domain_dn(one.name), identity.new_domain_sid(random)
        )
        made.append(Controller(one.controller.upper(), domain, SITE, identity.new_guid(random), numbers))
    domains = [controller.domain for controller in made]
    forest = Forest(load_schema(options.exchange), clock, random, domains, made, options)
    root = made[0]
    shared = [Partition(forest, root, dn) for dn in (forest.configuration_dn, forest.schema_dn)]
    for controller in made:
        controller.partitions = [Partition(forest, controller, controller.domain.dn), *shared]
    forest.acquaint()

    populate(forest, [*_domain_rows(forest, root), *_forest_rows(forest), *_further_rows(forest)])
    shared[1].fill = schema_nc.fill
    for controller in made:
        set_administrator_password(forest, admin_password, controller)
    forest.protection_due = clock.now() + admin_holder.INTERVAL
    forest.protection_usn = root.usn
    return forest


def _demand_distinct(domains: Sequence[FurtherDomain]) -> None:
    for what, listed in (
        ("domain", [one.name.lower() for one in domains]),
        ("NetBIOS name", [one.netbios.upper()[:15] for one in domains]),
        ("domain controller", [one.controller.upper() for one in domains]),
    ):
        twice = next((name for name in listed if listed.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the {what} {twice} is there twice in the forest")


def _octets(forest: Forest, sddl: str, domain: Domain | None = None) -> bytes:
    return forest.descriptors.intern(from_sddl(sddl, (domain or forest.root).sid, forest.root.sid)).octets


def _domain_rows(forest: Forest, controller: Controller) -> Iterator[Row]:
    domain = controller.domain
    octets = {
        "gone": _octets(forest, built_in.DELETED_SDDL, domain),
        "holder": _octets(forest, built_in.ADMIN_HOLDER_SDDL, domain),
        "head": _octets(forest, built_in.DOMAIN_SDDL, domain),
    }
    below = [forest.configuration_dn] if domain is forest.root else []
    below += [other.dn for other in forest.domains if other.parent_in(forest.domains) is domain]
    dsa = configuration_nc.dsa_dn(forest.configuration_dn, controller)
    return built_in.domain_rows(domain, controller, dsa, forest.options.functional_level, octets, forest.root, below)


def _further_rows(forest: Forest) -> Iterator[Row]:
    """The domains beside the root, and the trusts that hold the forest together."""
    for controller in forest.controllers[1:]:
        yield from _domain_rows(forest, controller)
        above = controller.domain.parent_in(forest.domains) or forest.root
        yield from trusts.trust_rows(above, controller.domain)
        yield from trusts.trust_rows(controller.domain, above)


def _forest_rows(forest: Forest) -> Iterator[Row]:
    """The configuration and schema naming contexts."""
    controller, configuration = forest.controllers[0], forest.configuration_dn
    yield from configuration_nc.configuration_rows(
        forest.controllers,
        forest.options,
        configuration,
        {
            "head": _octets(forest, configuration_nc.CONFIGURATION_SDDL),
            "gone": _octets(forest, built_in.DELETED_SDDL),
            "partitions": _octets(forest, configuration_nc.PARTITIONS_SDDL),
        },
    )
    dsa = configuration_nc.dsa_dn(configuration, controller)
    yield from schema_nc.schema_rows(forest, _octets(forest, configuration_nc.SCHEMA_SDDL), dsa)


def replace_domain(
    forest: Forest, head: Mapping[str, Sequence[bytes]], rows: Iterable[GivenEntry], admin_password: str
) -> None:
    """Build the forest again round a domain that comes from elsewhere, parents first, its head the first row.

    Its objectSid becomes the domain's; of built-in objects it lacks, those that serving needs are added, and no more.
    Nothing changes when a row is refused.
    """
    if len(forest.domains) > 1:
        raise ValueError("not emulated yet: a domain from a file in a forest of several domains")
    domain, controller = forest.root, forest.controllers[0]
    spelled = {name.lower(): values for name, values in head.items()}
    kept = (domain.sid, domain.next_rid, controller.usn, controller.partitions, forest.descriptors)
    try:
        if "objectsid" in spelled:
            domain.sid = bytes(spelled["objectsid"][0])
        forest.descriptors = Descriptors()
        forest.tokens.clear()
        dns = (domain.dn, forest.configuration_dn, forest.schema_dn)
        controller.partitions = [Partition(forest, controller, dn) for dn in dns]
        protected = {
            "head": _octets(forest, built_in.DOMAIN_SDDL),
            "admin": _octets(forest, built_in.ADMIN_HOLDER_SDDL),
        }
        populate(forest, _secured(forest, rows, protected), keep_references=True)
        domain.next_rid = max(1103, _highest_rid(controller.domain_partition, domain.sid) + 1)
        populate(forest, [*_lacking(forest), *_forest_without_account(forest)], keep_references=True)
        controller.partitions[2].fill = schema_nc.fill
        set_administrator_password(forest, admin_password)
    except Exception:
        domain.sid, domain.next_rid, controller.usn, controller.partitions, forest.descriptors = kept
        raise


def _secured(forest: Forest, rows: Iterable[GivenEntry], octets: dict[str, bytes]) -> Iterator[GivenEntry]:
    """Rows with what an export leaves out: the security descriptors of the head and of those AdminSDHolder has.

    The head also learns where deletions go when it does not say so.
    """
    first = True
    for dn, given in rows:
        attributes = _with_deleted_objects(forest, given) if first else given
        protected = attributes.get("adminCount") == [b"1"] or dn.lower().startswith("cn=adminsdholder,cn=system,")
        if (first or protected) and "nTSecurityDescriptor" not in attributes:
            yield dn, {**attributes, "nTSecurityDescriptor": [octets["head" if first else "admin"]]}
        else:
            yield dn, attributes
        first = False


def _with_deleted_objects(forest: Forest, head: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[bytes]]:
    name = next((name for name in head if name.lower() == "wellknownobjects"), "wellKnownObjects")
    known = head.get(name, ())
    marker = f"B:32:{built_in.DELETED_OBJECTS}:".encode()
    if any(value.upper().startswith(marker) for value in known):
        return head
    return {**head, name: [*known, marker + f"CN=Deleted Objects,{forest.root.dn}".encode()]}


def _lacking(forest: Forest) -> Iterator[Row]:
    """Built-in objects that serving needs and that are not there, under another name neither."""
    partition = forest.controllers[0].domain_partition
    wanted = {names.key(f"{rdns},{forest.root.dn}") for rdns in built_in.SERVING}
    for dn, attributes in _domain_rows(forest, forest.controllers[0]):
        name = names.key(dn)
        if name not in wanted or partition.find(name) is not None:
            continue
        sid = attributes.get("objectSid")
        account = attributes.get("sAMAccountName")
        if sid and partition.indexes.find("objectsid", sid[0]):
            continue
        if account and partition.indexes.find("samaccountname", account[0]):
            continue
        yield dn, attributes


def _forest_without_account(forest: Forest) -> Iterator[Row]:
    """The forest round a domain that may not know the emulated controller: its server object then names no account."""
    partition = forest.controllers[0].domain_partition
    for dn, attributes in _forest_rows(forest):
        account = attributes.get("serverReference")
        if account and partition.find(names.key(account[0].decode())) is None:
            yield dn, {name: values for name, values in attributes.items() if name != "serverReference"}
        else:
            yield dn, attributes


def _highest_rid(partition: Partition, domain: bytes) -> int:
    prefix = identity.with_rid(domain, 0)[:-4]
    sids = (entry.sid for entry in partition.entries.values() if entry.sid is not None)
    return max((identity.rid_of(sid) for sid in sids if sid[:-4] == prefix and len(sid) == len(prefix) + 4), default=0)


def set_administrator_password(forest: Forest, password: str, controller: Controller | None = None) -> None:
    """Give the built-in Administrator of a domain (the root unless given) a password, whatever the policy."""
    controller = controller or forest.controllers[0]
    found = controller.domain_partition.indexes.find("objectsid", identity.with_rid(controller.domain.sid, 500))
    if not found:
        raise ValueError("the domain has no built-in Administrator")
    administrator = found[0]
    control = administrator.number("useraccountcontrol", 512) & ~0x2
    administrator.attributes["useraccountcontrol"] = (str(control | 0x10000).encode(),)
    administrator.secrets = {"unicodepwd": (nt_hash(password),)}
    administrator.attributes["pwdlastset"] = (str(to_ticks(forest.clock.now())).encode(),)
