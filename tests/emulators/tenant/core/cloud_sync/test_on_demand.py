"""Demands for one object: who is asked, what is refused, what nobody answers. Source: facts "tenant" 13.4, 13.5."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core.clients import Client
from emulators.tenant.core.cloud_sync import jobs as cloud_sync_jobs
from emulators.tenant.core.cloud_sync import on_demand as cloud_sync_on_demand
from emulators.tenant.core.cloud_sync import secrets as cloud_sync_secrets
from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.cloud_sync.service import OPERATION_TABLE
from emulators.tenant.core.cloud_sync.template import RULE_ID
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.store.snapshot import freeze

SUBJECT = {"objectId": "CN=Ana,DC=contoso,DC=com", "objectTypeName": "user"}
ONE = [{"ruleId": RULE_ID, "subjects": [SUBJECT]}]


@pytest.fixture
def job(bench) -> Any:
    owner = cloud_sync_jobs.instantiate(bench.tenant, cloud_sync.TEMPLATE_APPLICATION, "contoso.com")
    secret = {"value": [{"key": "Domain", "value": '{"domain":"contoso.com"}'}]}
    cloud_sync_secrets.put_secrets(bench.tenant, owner, secret)
    return cloud_sync_jobs.create_job(bench.tenant, owner, "AD2AADProvisioning")


def call(tenant: Any, operation: str, **request: Any) -> dict[str, Any]:
    return OPERATION_TABLE[operation](tenant, request, Client("CP1", "1.1.1586.0"))


def register(tenant: Any, domain: str = "contoso.com") -> str:
    found = call(tenant, "RegisterProvisioningAgent", Machine="CP1", Domain=domain, Version="1.1")
    return str(found["AgentId"])


def test_an_agent_of_the_domain_finds_it_and_its_answer_settles_it(tenant, job):
    other, agent = register(tenant, "fabrikam.com"), register(tenant)
    told: list[Any] = []
    cloud_sync_on_demand.ask(tenant, job, ONE, told.append)
    assert call(tenant, "GetProvisioningWork", AgentId=other)["Demands"] == []
    [demand] = call(tenant, "GetProvisioningWork", AgentId=agent)["Demands"]
    assert (demand["Dn"], bool(demand["Job"]["ObjectMappings"]), told) == (SUBJECT["objectId"], True, [])
    for _ in range(2):
        call(tenant, "AnswerProvisioningDemand", AgentId=agent, DemandId=demand["DemandId"], Said={"result": "Success"})
    assert told == [{"result": "Success"}]


def test_a_demand_nobody_answers_times_out(bench, tenant, job):
    register(tenant)
    told: list[Any] = []
    cloud_sync_on_demand.ask(tenant, job, ONE, told.append)
    bench.clock.advance(minutes=9)
    cloud_sync_on_demand.expire(tenant)
    assert told == []
    bench.clock.advance(minutes=1)
    assert cloud_sync_on_demand.next_expiry(tenant) == bench.clock.now()
    cloud_sync_on_demand.expire(tenant)
    assert [one["errorCode"] for one in told] == ["TimeOut"]


def test_without_an_active_agent_it_fails_at_once(bench, tenant, job):
    told: list[Any] = []
    cloud_sync_on_demand.ask(tenant, job, ONE, told.append)
    register(tenant)
    bench.clock.advance(hours=2)
    cloud_sync_on_demand.ask(tenant, job, ONE, told.append)
    assert [one["errorCode"] for one in told] == [
        "HybridIdentityServiceNoAgentsAssigned", "HybridIdentityServiceNoActiveAgents",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        [{"ruleId": "other", "subjects": [SUBJECT]}],
        [{"ruleId": RULE_ID, "subjects": [SUBJECT, SUBJECT]}],
        [{"ruleId": RULE_ID, "subjects": [{"objectId": "x", "objectTypeName": "computer"}]}],
    ],
)
def test_what_cannot_be_read_is_refused(tenant, job, wrong):
    with pytest.raises(GraphError):
        cloud_sync_on_demand.ask(tenant, job, wrong, lambda said: None)


def test_a_demand_is_no_part_of_a_snapshot(tenant, job):
    register(tenant)
    told: list[Any] = []
    cloud_sync_on_demand.ask(tenant, job, ONE, told.append)
    assert SUBJECT["objectId"].encode() not in freeze(tenant)
    cloud_sync_on_demand.abandon(tenant)
    assert ([one["errorCode"] for one in told], tenant.cloud_sync.demands) == (["TimeOut"], {})
