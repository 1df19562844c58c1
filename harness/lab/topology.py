"""The linter of topologies: what is unsupported about who synchronizes what to where, by stable TOPO_* codes.

Source: supported topologies, facts "install" 21 and 17 (DSU-10). It reads what every part tells of itself, the servers'
databases and the tenants' own records; it changes nothing and stops nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from harness.lab.server import Server
from harness.timeline import Record

if TYPE_CHECKING:
    from harness.lab.cloud_sync import Claim
    from harness.lab.lab import Lab

#: global setting of a server -> what it writes back to the forest; password writeback may be on for several tenants
WRITEBACKS: Mapping[str, str] = {
    "Microsoft.OptionalFeature.GroupWriteBack": "group",
    "Microsoft.OptionalFeature.DeviceWriteBack": "device",
    "Microsoft.OptionalFeature.UserWriteBack": "user",
    "Microsoft.OptionalFeature.HybridExchange": "Exchange hybrid",
}
DATA_LOSS = (
    "Going back to DirSync after Microsoft Entra Connect has exported is not supported and can lose data in Microsoft"
    " Entra ID."
)


@dataclass(frozen=True)
class Finding:
    """level: error for what is unsupported and does harm, warning for what merely works by luck. objects: how many
    cloud objects it concerns; flips: how often an attribute went back and forth between two writers."""

    code: str
    level: str
    about: str
    message: str
    objects: int = 0
    flips: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Exporter:
    """Whoever may write to a tenant. anchors: the cloud objects that are its own."""

    name: str
    product: str  # Connect, DirSync or Cloud Sync
    tenant: str
    active: bool
    forests: frozenset[str] = frozenset()
    writebacks: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Topology:
    """What is looked at. domains: of each tenant, the verified ones; sso: the forests whose seamless single sign-on it
    takes; records: the tenants' own, oldest first."""

    exporters: tuple[Exporter, ...]
    domains: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sso: Mapping[str, frozenset[str]] = field(default_factory=dict)
    records: tuple[Record, ...] = ()


def lint(topology: Topology) -> tuple[Finding, ...]:
    """Return everything that is wrong, errors first."""
    found = [finding for rule in RULES for finding in rule(topology)]
    return tuple(sorted(found, key=lambda one: (one.level != "error", one.code, one.about)))


# ---- rules ---------------------------------------------------------------------------------------------------------
def _multi_active(topology: Topology) -> Iterator[Finding]:
    for one, other in _active_pairs(topology, same_tenant=True):
        if "Cloud Sync" in (one.product, other.product):
            continue
        shared = one.anchors & other.anchors
        names = f"{one.name} and {other.name}"
        if shared:
            text = f"{names} both export the same objects to {one.tenant}; only one server may be active."
            flips = flip_flops(topology.records, one.tenant, {one.name, other.name})
            yield Finding("TOPO_MULTI_ACTIVE", "error", names, text, len(shared), flips)
        else:
            text = f"{names} are both active in {one.tenant} with scopes that do not meet: it works and is unsupported."
            yield Finding("TOPO_MULTI_ACTIVE_DISJOINT", "warning", names, text)


def _double_scope(topology: Topology) -> Iterator[Finding]:
    for one, other in _active_pairs(topology, same_tenant=True):
        if (one.product == "Cloud Sync") is (other.product == "Cloud Sync"):
            continue
        shared = one.anchors & other.anchors
        if shared:
            names = f"{one.name} and {other.name}"
            text = f"{names} both have {len(shared)} objects of {one.tenant} in scope; an object belongs to one tool."
            flips = flip_flops(topology.records, one.tenant, {one.name, other.name})
            yield Finding("TOPO_DOUBLE_SCOPE", "error", names, text, len(shared), flips)


def _writeback_twice(topology: Topology) -> Iterator[Finding]:
    for one, other in _active_pairs(topology, same_tenant=False):
        kinds = one.writebacks & other.writebacks
        for forest in sorted(one.forests & other.forests) if kinds else ():
            names = f"{one.name} and {other.name}"
            text = f"{names} write back to {forest} from two tenants: {', '.join(sorted(kinds))}."
            yield Finding("TOPO_WRITEBACK_TWICE", "error", names, text)


def _domain_twice(topology: Topology) -> Iterator[Finding]:
    for (one, ours), (other, theirs) in combinations(sorted(topology.domains.items()), 2):
        for domain in sorted(ours & theirs):
            text = f"The domain {domain} is verified in {one} and in {other}; a domain belongs to one tenant."
            yield Finding("TOPO_DOMAIN_TWICE", "error", domain, text)


def _sso_twice(topology: Topology) -> Iterator[Finding]:
    tenants: dict[str, set[str]] = {}
    for tenant, forests in topology.sso.items():
        for forest in forests:
            tenants.setdefault(forest, set()).add(tenant)
    for forest, held in sorted(tenants.items()):
        if len(held) > 1:
            text = f"Seamless single sign-on of {forest} is set up for {' and '.join(sorted(held))}; the last one wins."
            yield Finding("TOPO_SSO_TWICE", "error", forest, text)


def _back_to_dirsync(topology: Topology) -> Iterator[Finding]:
    """Downgrading after the first export of the successor (DSU-10); running beside a staging successor is the plan."""
    products = {(one.tenant, one.name): one.product for one in topology.exporters}
    for one in topology.exporters:
        if one.product != "DirSync" or not one.active:
            continue
        ended = [
            str(record["machine"])
            for record in topology.records
            if record["kind"] == "tenant.export.finished" and record["actor"] == one.tenant
        ]
        successors = {name for name in ended if products.get((one.tenant, name)) != "DirSync"}
        if successors:
            text = (
                f"{one.name} runs DirSync again although {' and '.join(sorted(successors))} has exported. {DATA_LOSS}"
            )
            yield Finding("TOPO_DIRSYNC_ROLLBACK", "error", one.name, text)


def _unknown_clients(topology: Topology) -> Iterator[Finding]:
    seen = Counter(
        (str(record["actor"]), str(record.get("agent") or "(none)"))
        for record in topology.records
        if record["kind"] == "tenant.sync-service.unknown-client"
    )
    for (tenant, agent), calls in sorted(seen.items()):
        text = f"A client that is no sync product spoke to the sync service of {tenant} {calls} times: {agent}."
        yield Finding("TOPO_UNKNOWN_CLIENT", "warning", agent, text)


RULES = (
    _multi_active,
    _double_scope,
    _writeback_twice,
    _domain_twice,
    _sso_twice,
    _back_to_dirsync,
    _unknown_clients,
)


def _active_pairs(topology: Topology, *, same_tenant: bool) -> Iterator[tuple[Exporter, Exporter]]:
    active = sorted((one for one in topology.exporters if one.active), key=lambda one: one.name)
    for one, other in combinations(active, 2):
        if (one.tenant == other.tenant) is same_tenant:
            yield one, other


#: hops by which Connect and Cloud Sync add and change objects
WRITES = tuple(f"tenant.{part}.{verb}" for part in ("provisioning", "cloud-sync") for verb in ("add", "set"))


def flip_flops(records: Iterable[Record], tenant: str, machines: set[str]) -> dict[str, int]:
    """Count by attribute how often one writer changed what another had just written on the same object."""
    last: dict[tuple[str, str], str] = {}
    flips: Counter[str] = Counter()
    for record in records:
        if record["kind"] not in WRITES or record["actor"] != tenant:
            continue
        machine = str(record.get("machine") or record.get("configuration") or "")
        for attribute in record.get("changed", ()) if machine in machines and not record.get("error") else ():
            before = last.get((str(record["anchor"]), attribute))
            if before is not None and before != machine:
                flips[attribute] += 1
            last[str(record["anchor"]), attribute] = machine
    return dict(sorted(flips.items()))


# ---- what the world says -------------------------------------------------------------------------------------------
def topology_of(lab: Lab) -> Topology:
    """Gather what the linter looks at from the running world."""
    from harness.lab import cloud_sync, dirsync

    exporters = [*map(_of_server, lab.servers.values()), *map(_of_dirsync, dirsync.machines(lab))]
    exporters += _of_cloud_sync(cloud_sync.claims(lab))
    domains = {
        name: frozenset(str(one["id"]).lower() for one in tenant.graph().pages("domains", {}) if one.get("isVerified"))
        for name, tenant in lab.tenants.items()
    }
    records = tuple(one for one in lab.timeline.records if one["actor"] in lab.tenants)
    return Topology(tuple(exporters), domains, _sso(records), records)


def _of_cloud_sync(claims: Iterable[Claim]) -> list[Exporter]:
    """One exporter for each configuration of Cloud Sync, with what it holds as its own."""
    held: dict[tuple[str, str], set[str]] = {}
    for claim in claims:
        held.setdefault((claim.tenant, claim.configuration), set()).add(claim.anchor)
    return [
        Exporter(name, "Cloud Sync", tenant, active=True, anchors=frozenset(anchors))
        for (tenant, name), anchors in held.items()
    ]


def _sso(records: Iterable[Record]) -> dict[str, frozenset[str]]:
    """By tenant, the forests whose tickets it takes now."""
    on: dict[str, bool] = {}
    forests: dict[str, dict[str, bool]] = {}
    for record in records:
        tenant = str(record["actor"])
        if record["kind"] == "tenant.seamless-sso.switched":
            on[tenant] = bool(record["enabled"])
        elif record["kind"] == "tenant.seamless-sso.forest":
            forests.setdefault(tenant, {})[str(record["domain"])] = bool(record["enabled"])
    return {
        tenant: frozenset(f for f, held in known.items() if held and on.get(tenant))
        for tenant, known in forests.items()
    }


def _of_server(server: Server) -> Exporter:
    engine = server.engine
    held = engine.global_settings
    written = frozenset(word for name, word in WRITEBACKS.items() if held.get(name) == "True")
    return Exporter(
        server.name, "Connect", server.tenant, not server.staging, _forests(engine), written, anchors=_anchors(engine)
    )


def _of_dirsync(machine: Any) -> Exporter:
    engine = machine.engine
    return Exporter(
        machine.name, "DirSync", machine.tenant, machine.running, _forests(engine), anchors=_anchors(engine)
    )


def _forests(engine: Any) -> frozenset[str]:
    return frozenset(
        one.parameters["forest-name"].lower()
        for one in engine.connectors.values()
        if "forest-name" in one.parameters and any(part.selected for part in one.partitions)
    )


def _anchors(engine: Any) -> frozenset[str]:
    """The source anchors of the cloud objects a server provisions, by its own rules and scope; not of muted ones."""
    from engine.views import Windows

    space = Windows(engine.database).connector_space(engine.entra_connector[1].identifier)
    owned = [one for one in space if one.owned and "sourceAnchor" in one.attributes]
    muted = _muted(engine, {one.metaverse for one in owned if one.metaverse is not None})
    return frozenset(str(one.attributes["sourceAnchor"]) for one in owned if one.metaverse not in muted)


def _muted(engine: Any, people: Iterable[int]) -> set[int]:
    """Metaverse objects for which a rule of link type JoinNoFlow holds: nothing flows out for them."""
    from engine.explanation import Explainer

    if not any(rule.link_type == "JoinNoFlow" and not rule.disabled for rule in engine.rules().values()):
        return set()
    explainer, (ordinal, _) = Explainer(engine.database), engine.entra_connector
    found = set()
    for number in people:
        mv = explainer.mv(number)
        scopes = explainer.outward(mv, ordinal).scopes if mv is not None else ()
        if any(scope.in_scope and scope.rule.link_type == "JoinNoFlow" for scope in scopes):
            found.add(number)
    return found


def shown(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as a scenario sees them."""
    return [
        {"code": one.code, "level": one.level, "about": one.about, "message": one.message, "objects": one.objects,
         "flips": dict(one.flips)}
        for one in findings
    ]  # fmt: skip
