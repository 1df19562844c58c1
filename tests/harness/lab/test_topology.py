"""The linter of topologies on plain values: each code where it belongs and nowhere else."""

from __future__ import annotations

import pytest

from harness.lab.graph_client import SYNC_RESOURCE
from harness.lab.lab import Lab
from harness.lab.topology import Exporter, Topology, flip_flops, lint, shown, topology_of
from harness.pytest_plugin import make_world

ONE, OTHER = "one.onmicrosoft.com", "other.onmicrosoft.com"
BOTH = frozenset({"contoso.com"})


def server(name: str, tenant: str = ONE, *, active: bool = True, anchors=("a",), product="Connect", **rest) -> Exporter:
    return Exporter(name, product, tenant, active, BOTH, anchors=frozenset(anchors), **rest)


def writes(*machines: str, attribute: str = "department") -> tuple[dict, ...]:
    return tuple(
        {"kind": "tenant.provisioning.set", "actor": ONE, "machine": one, "anchor": "a", "changed": [attribute]}
        for one in machines
    )


def finished(machine: str, tenant: str = ONE) -> dict:
    return {"kind": "tenant.export.finished", "actor": tenant, "machine": machine}


GROUPS = frozenset({"group"})
ROWS = [
    ("one active, one staging", Topology((server("S1"), server("S2", active=False))), []),
    ("two active, same objects", Topology((server("S1"), server("S2"))), ["TOPO_MULTI_ACTIVE"]),
    ("two active, disjoint", Topology((server("S1"), server("S2", anchors=("b",)))), ["TOPO_MULTI_ACTIVE_DISJOINT"]),
    ("two tenants, same objects", Topology((server("S1"), server("S2", OTHER))), []),
    (
        "group writeback in both",
        Topology((server("S1", writebacks=GROUPS), server("S2", OTHER, writebacks=GROUPS))),
        ["TOPO_WRITEBACK_TWICE"],
    ),
    (
        "group writeback in one, hybrid in the other",
        Topology((server("S1", writebacks=GROUPS), server("S2", OTHER, writebacks=frozenset({"device"})))),
        [],
    ),
    (
        "the second one stages",
        Topology((server("S1", writebacks=GROUPS), server("S2", OTHER, active=False, writebacks=GROUPS))),
        [],
    ),
    (
        "Cloud Sync beside, other objects",
        Topology((server("S1"), server("Pilot", anchors=("b",), product="Cloud Sync"))),
        [],
    ),
    ("Cloud Sync beside, same", Topology((server("S1"), server("Pilot", product="Cloud Sync"))), ["TOPO_DOUBLE_SCOPE"]),
    (
        "a domain in two tenants",
        Topology((), {ONE: frozenset({"contoso.com"}), OTHER: frozenset({"contoso.com", "x.org"})}),
        ["TOPO_DOMAIN_TWICE"],
    ),
    ("single sign-on twice", Topology((), sso={ONE: BOTH, OTHER: BOTH}), ["TOPO_SSO_TWICE"]),
    ("single sign-on once", Topology((), sso={ONE: BOTH, OTHER: frozenset()}), []),
    (
        "DirSync beside a staging successor",
        Topology(
            (server("D1", product="DirSync"), server("S1", active=False)), records=(finished("D1"), finished("D1"))
        ),
        [],
    ),
    (
        "DirSync after its successor",
        Topology((server("D1", product="DirSync", anchors=()), server("S1", active=False)), records=(finished("S1"),)),
        ["TOPO_DIRSYNC_ROLLBACK"],
    ),
    (
        "DirSync stopped after its successor",
        Topology((server("D1", product="DirSync", active=False), server("S1")), records=(finished("S1"),)),
        [],
    ),
    (
        "a successor in another tenant",
        Topology((server("D1", product="DirSync"),), records=(finished("S1", OTHER),)),
        [],
    ),
    (
        "a client nobody knows",
        Topology((), records=({"kind": "tenant.sync-service.unknown-client", "actor": ONE, "agent": "x"},)),
        ["TOPO_UNKNOWN_CLIENT"],
    ),
]


@pytest.mark.parametrize(("topology", "codes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_codes(topology: Topology, codes: list[str]) -> None:
    assert [one.code for one in lint(topology)] == codes


def test_flips_are_turns_not_writes() -> None:
    assert flip_flops(writes("S1", "S1", "S2", "S2", "S1"), ONE, {"S1", "S2"}) == {"department": 2}
    assert flip_flops(writes("S1", "S2", "S1"), OTHER, {"S1", "S2"}) == {}
    assert flip_flops(writes("S1", "S3", "S1"), ONE, {"S1", "S2"}) == {}
    failed = tuple({**one, "error": "x"} for one in writes("S1", "S2"))
    assert flip_flops(failed, ONE, {"S1", "S2"}) == {}


def test_errors_come_first_and_are_counted() -> None:
    found = lint(Topology((server("S1"), server("S2"), server("S3", anchors=("b",))), records=writes("S1", "S2", "S1")))
    told = [(one["code"], one["level"], one["about"], one["objects"], one["flips"]) for one in shown(found)]
    assert told[0] == ("TOPO_MULTI_ACTIVE", "error", "S1 and S2", 1, {"department": 2})
    assert {one[:3] for one in told[1:]} == {
        ("TOPO_MULTI_ACTIVE_DISJOINT", "warning", "S1 and S3"),
        ("TOPO_MULTI_ACTIVE_DISJOINT", "warning", "S2 and S3"),
    }


def test_a_client_of_another_kind_is_noted() -> None:
    """A tool that signs in with the administrator's password and speaks to the sync service is no sync product."""
    world = make_world(forests={}, tenants={"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}})
    with Lab(world) as lab:
        tenant = lab.tenant()
        client, name, password = tenant.graph(), tenant.service.admin_upn, tenant.admin_password
        tenant.provisioning("GetCompanyConfiguration", {})
        assert [one.code for one in lint(topology_of(lab))] == []
        shell = "1b730954-1685-4b74-9bfd-dac224a7b894"
        token = client.sign_in(name, password, client=shell, resource=SYNC_RESOURCE)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        client._send("POST", f"{client._base}/provisioningservice/GetCompanyConfiguration", headers, b"{}")
        assert [(one.code, one.about) for one in lint(topology_of(lab))] == [("TOPO_UNKNOWN_CLIENT", shell)]
