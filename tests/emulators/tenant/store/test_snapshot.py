"""A tenant frozen and thawed goes on exactly as the first one would."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import background, cloud_groups, domains, licences
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.properties import READERS
from emulators.tenant.core.signing_in import sign_in
from emulators.tenant.store.snapshot import UnreadableSnapshot, freeze, thaw


def fill(bench: Any) -> None:
    """One of everything."""
    bench.add("boss", userPrincipalName="boss@contoso.com", department="D", usageLocation="GB")
    bench.add(
        "u", userPrincipalName="u@contoso.com", manager="boss", department="D", proxyAddresses=["SMTP:u@contoso.com"]
    )
    bench.add("twin", userPrincipalName="u@contoso.com")
    bench.add("gone", userPrincipalName="gone@contoso.com")
    bench.delete("gone")
    bench.add("C", kind="Contact", displayName="C", proxyAddresses=["SMTP:c@elsewhere.example"])
    bench.add("D", kind="Device", displayName="D", deviceId="bxFP8oBuXUKCNgmAPaffvg==")
    bench.add("G", kind="Group", displayName="G", member=["u", "later"])
    bench.set("G", kind="Group", member=["boss", "later"])
    bench.delete("C", kind="Contact")
    licences.assign(bench.tenant, bench.by_anchor("boss"), [{"skuId": "ENTERPRISEPACK"}], [])
    bench.give_role(bench.by_anchor("u"), "User Administrator")
    domains.create(bench.tenant, "fabrikam.com")
    body = {
        "displayName": "T",
        "mailNickname": "t",
        "mailEnabled": True,
        "securityEnabled": False,
        "groupTypes": ["Unified"],
    }
    cloud_groups.create_group(bench.tenant, body, "contoso.com")
    bench.call("SetDirSyncConfiguration", {"AnchorAttribute": "objectGUID", "Scheduler": {"SyncCycleEnabled": False}})
    bench.call("GetServiceAccount", {"identifier": "SYNC1_0123456789ab"})


def picture(tenant: Any) -> dict[str, Any]:
    """Everything readable of a tenant."""
    objects = {
        obj.id: {name: read(obj) for name, read in READERS[obj.kind].items()}
        for obj in (*tenant.objects.values(), *tenant.recycled.values())
    }
    return {
        "objects": objects,
        "sync": tenant.sync,
        "order": {kind: [obj.id if obj else None for obj in line] for kind, line in tenant.order.items()},
        "count": tenant.count,
        "indexes": [sorted(index) for index in (tenant.by_anchor, tenant.recycled_by_anchor, tenant.by_upn, tenant.by_address,  # noqa: E501 - one row of a table
                                                tenant.by_sid, tenant.by_device)],
        "members": tenant.member_of,
        "reports": {who: list(held) for who, held in tenant.reports.items() if held},
        "waiting": tenant.waiting,
        "roles": tenant.roles_of,
        "quarantined": list(tenant.quarantined),
        "changes": [(entry.id, entry.changed) for entry in tenant.changes.since(-1)],
        "domains": tenant.domains,
        "mails": tenant.mails,
    }  # fmt: skip


def no_empty(found: dict[str, Any]) -> dict[str, Any]:
    found["members"] = {who: list(groups) for who, groups in found["members"].items() if groups}
    return found


def test_same_picture_after_thawing_into_another_tenant(make_bench: Any) -> None:
    first, second = make_bench(seed=1), make_bench(seed=2)
    fill(first)
    frozen = freeze(first.tenant)
    thaw(second.tenant, frozen)
    assert no_empty(picture(second.tenant)) == no_empty(picture(first.tenant))
    assert freeze(second.tenant) == frozen


def test_both_go_on_alike(make_bench: Any) -> None:
    first, second = make_bench(seed=1), make_bench(seed=2)
    fill(first)
    thaw(second.tenant, freeze(first.tenant))
    answers = []
    for bench in (first, second):
        page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": True, "PageSize": 999})
        late = bench.add("later", userPrincipalName="later@contoso.com")
        bench.set("u", userPrincipalName="v@contoso.com")
        bench.clock.advance(hours=1)
        background.run(bench.tenant)
        account = bench.call("GetServiceAccount", {"identifier": "SYNC2_0123456789ab"})
        changes = bench.call("ReadBackAzureADSyncObjects2", {"InputCookie": page["Cookie"], "PageSize": 999})
        answers.append([page, late, account, changes])
    assert answers[0] == answers[1]
    assert no_empty(picture(second.tenant)) == no_empty(picture(first.tenant))


def test_restored_state_signs_in(make_bench: Any) -> None:
    bench = make_bench()
    frozen = freeze(bench.tenant)
    admin = next(bench.tenant.listed(Kind.USER))
    bench.tenant.commit(admin, {"credential": None})
    thaw(bench.tenant, frozen)
    form = {"grant_type": "password", "client_id": "1950a258-227b-4e31-a9cf-717495945fc2", "scope": "openid",
            "username": bench.keys.admin_upn, "password": "Adm1n-pass!"}  # fmt: skip
    assert sign_in.grant_token(bench.tenant, "contoso.com", form, version=2, own_host="x").user is not None


def test_shared_values_stay_shared(make_bench: Any) -> None:
    bench = make_bench()
    fill(bench)
    thaw(bench.tenant, freeze(bench.tenant))
    assert bench.by_anchor("u").shadow["department"] is bench.by_anchor("boss").shadow["department"]


@pytest.mark.parametrize("packed", [b"", b"junk", b"\x93\x01\x02\x03", b"\xc1", b"\x93\xa3abc\x01\x80"])
def test_unreadable_bytes_change_nothing(bench: Any, packed: bytes) -> None:
    before = freeze(bench.tenant)
    with pytest.raises(UnreadableSnapshot):
        thaw(bench.tenant, packed)
    assert freeze(bench.tenant) == before
