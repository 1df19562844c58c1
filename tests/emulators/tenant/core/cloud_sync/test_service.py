"""What agents ask of the tenant: registration, who leads, what a job holds, escrows, quarantine, the two guards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulators.tenant.core.clients import Client
from emulators.tenant.core.cloud_sync import jobs as cloud_sync_jobs
from emulators.tenant.core.cloud_sync import secrets as cloud_sync_secrets
from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.cloud_sync.service import OPERATION_TABLE
from emulators.tenant.core.moments import moment_of
from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.store.snapshot import freeze, thaw

GUID = "03020100-0504-0706-0809-0a0b0c0d0e0f"
ANCHOR = "AAECAwQFBgcICQoLDA0ODw=="


class Cloud:
    """A tenant with one enabled configuration of contoso.com and one agent."""

    def __init__(self, bench: Any) -> None:
        self.bench, self.tenant = bench, bench.tenant
        self.owner = cloud_sync_jobs.instantiate(self.tenant, cloud_sync.TEMPLATE_APPLICATION, "contoso.com")
        self.job = cloud_sync_jobs.create_job(self.tenant, self.owner, "AD2AADProvisioning")
        self.secrets(Domain='{"domain":"contoso.com"}')
        self.agent = self.register("CP1")
        cloud_sync_jobs.start(self.tenant, self.job)

    def secrets(self, **values: str) -> None:
        body = {"value": [{"key": key, "value": value} for key, value in values.items()]}
        cloud_sync_secrets.put_secrets(self.tenant, self.owner, body)

    def call(self, operation: str, machine: str = "CP1", **request: Any) -> dict[str, Any]:
        return OPERATION_TABLE[operation](self.tenant, request, Client(machine, "1.1.1586.0"))

    def register(self, machine: str) -> str:
        answer = self.call("RegisterProvisioningAgent", machine, Machine=machine, Domain="contoso.com", Version="1.1")
        return str(answer["AgentId"])

    def work(self, agent: str | None = None) -> dict[str, Any]:
        return self.call("GetProvisioningWork", AgentId=agent or self.agent, Known={})

    def export(self, operation: str = "Add", deletes: int = 0, **values: Any) -> dict[str, Any]:
        entry = {
            "Object": GUID, "SyncObjectType": "User", "SyncOperation": operation, "SourceAnchor": ANCHOR,
            "CloudAnchor": None, "Dn": "CN=Ana,DC=contoso,DC=com", "PropertyValues": values, "Remember": values,
        }  # fmt: skip
        request = {"AgentId": self.agent, "JobId": self.job.id, "Entries": [entry], "CycleDeletes": deletes}
        return self.call("ProvisionEntries", **request)["Results"][0]

    def report(self, **said: Any) -> None:
        request = {"AgentId": self.agent, "JobId": self.job.id, "Kind": "Delta", "Revision": self.job.revision, **said}
        self.call("ReportProvisioningCycle", **request)


@pytest.fixture
def cloud(bench) -> Cloud:
    return Cloud(bench)


def test_the_machine_that_registers_again_keeps_its_identity_and_the_service_has_one_account(cloud):
    assert cloud.register("CP1") == cloud.agent
    assert cloud.register("CP2") != cloud.agent
    names = [user.upn for user in cloud.tenant.objects.values() if str(user.upn).startswith("ADToAAD")]
    assert names == ["ADToAADSyncServiceAccount@contoso.onmicrosoft.com"]


def test_an_agent_nobody_knows_is_refused(cloud):
    with pytest.raises(ServiceFault) as refused:
        cloud.work("11111111-0000-4000-8000-000000000000")
    assert refused.value.code == "AGENT_UNKNOWN"


def test_one_agent_leads_until_it_is_silent(cloud):
    other = cloud.register("CP2")
    assert [len(cloud.work()["Jobs"]), len(cloud.work(other)["Jobs"])] == [1, 0]
    for takes_over in (False, True):
        cloud.bench.clock.advance(minutes=2)
        assert bool(cloud.work(other)["Jobs"]) is takes_over
    assert cloud.work()["Standby"] == [cloud.job.id]


def test_an_agent_that_was_silent_itself_does_not_take_over(cloud):
    other = cloud.register("CP2")
    cloud.work()
    cloud.bench.clock.advance(days=3)
    assert [len(cloud.work(other)["Jobs"]), len(cloud.work()["Jobs"])] == [0, 1]


@pytest.mark.parametrize(("minutes", "status"), [(59, "active"), (60, "inactive")])
def test_an_agent_is_inactive_after_an_hour(cloud, minutes, status):
    cloud.bench.clock.advance(minutes=minutes)
    agent = cloud.tenant.cloud_sync.agents[cloud.agent]
    assert cloud_sync.agent_status(cloud.tenant, agent) == status


def test_an_agent_is_hidden_after_ten_days_and_gone_with_its_certificate(cloud):
    cloud.bench.clock.advance(days=10)
    assert cloud_sync.listed_agents(cloud.tenant) == []
    assert cloud_sync.known_agent(cloud.tenant, cloud.agent) is not None
    cloud.bench.clock.advance(days=170)
    assert cloud_sync.known_agent(cloud.tenant, cloud.agent) is None


def test_an_export_is_kept_as_entry_and_logged_with_what_matched(cloud):
    cloud.bench.add(ANCHOR, displayName="Ana", userPrincipalName="ana@contoso.com")
    result = cloud.export(title="Lead")
    [entry] = cloud.call("GetProvisioningEntries", AgentId=cloud.agent, JobId=cloud.job.id)["Entries"]
    row = cloud.tenant.cloud_sync.log[-1]
    assert (entry["CloudAnchor"], entry["Values"]) == (result["CloudAnchor"], {"title": "Lead"})
    assert (row["provisioningAction"], row["matched"], row["status"]) == ("update", "sourceAnchor", "success")
    assert cloud.bench.by_anchor(ANCHOR).shadow["title"] == "Lead"


def test_a_failed_export_waits_in_escrow_longer_each_time(cloud):
    waits = []
    for _ in range(3):
        assert cloud.export("Set", title="Lead")["ErrorCode"] == "ObjectNotFound"
        waits.append(cloud.job.escrows[GUID].tries)
    assert (waits, cloud.work()["Jobs"][0]["Escrows"]) == ([1, 2, 3], [])
    cloud.bench.clock.advance(minutes=8)
    assert cloud.work()["Jobs"][0]["Escrows"] == [GUID]
    assert cloud.export("Add", displayName="Ana", userPrincipalName="ana@contoso.com")["ErrorCode"] is None
    assert cloud.job.escrows == {}


def test_the_guard_of_the_directory_bites(cloud):
    cloud.export("Add", displayName="Ana", userPrincipalName="ana@contoso.com")
    cloud.tenant.sync.deletion_guard["ThresholdCount"] = 2
    assert cloud.export("Delete", deletes=3)["ErrorCode"] == "DeletionThresholdExceeded"
    assert cloud.export("Delete", deletes=2)["ErrorCode"] is None
    assert cloud.job.entries == {}


def test_deletes_past_the_threshold_quarantine_at_once_and_mail(cloud):
    cloud.secrets(
        Domain='{"domain":"contoso.com"}',
        SyncNotificationSettings='{"Enabled":true,"Recipients":"it@contoso.com","DeleteThresholdValue":3}',
    )
    assert cloud.work()["Jobs"][0]["DeleteThreshold"] == 3
    cloud.report(Error={"Code": "DeleteThresholdExceeded", "Message": "3", "Reason": "TooManyDeletes"})
    shown = cloud_sync_jobs.shown_job(cloud.tenant, cloud.job)["status"]
    assert (shown["code"], shown["quarantine"]["reason"]) == ("Quarantine", "TooManyDeletes")
    assert [mail["to"] for mail in cloud.tenant.mails] == ["it@contoso.com"]
    assert cloud.work()["Jobs"] == []
    cloud_sync_jobs.restart(cloud.tenant, cloud.job, {"resetScope": "ForceDeletes"})
    assert cloud.work()["Jobs"][0]["ForceDeletes"] is True


def test_other_failures_quarantine_the_third_time_and_are_tried_less_and_less_often(cloud):
    states = []
    for _ in range(3):
        cloud.report(Error={"Code": "HybridSynchronizationActiveDirectoryInternalServerError", "Message": "no answer"})
        states.append(cloud_sync.status_code(cloud.tenant, cloud.job))
    assert states == ["Active", "Active", "Quarantine"]
    cloud.bench.clock.advance(hours=1)
    assert len(cloud.work()["Jobs"]) == 1
    cloud.report(Error={"Code": "X", "Message": ""})
    cloud.bench.clock.advance(hours=1)
    assert cloud.work()["Jobs"] == []
    cloud.bench.clock.advance(hours=1)
    assert len(cloud.work()["Jobs"]) == 1
    cloud.report(Watermark="00ff")
    assert cloud_sync.status_code(cloud.tenant, cloud.job) == "Active"


@pytest.mark.parametrize(("gone", "error"), [
    (True, "HybridIdentityServiceNoAgentsAssigned"), (False, "HybridIdentityServiceNoActiveAgents"),
])  # fmt: skip
def test_a_job_without_agents_is_in_quarantine(cloud, gone, error):
    if gone:
        cloud.tenant.cloud_sync.agents.clear()
    cloud.bench.clock.advance(hours=2)
    held = cloud_sync.quarantine_of(cloud.tenant, cloud.job)
    assert held is not None
    assert held["error"]["code"] == error


def test_a_snapshot_holds_it_all(cloud):
    cloud.export("Add", displayName="Ana", userPrincipalName="ana@contoso.com")
    cloud.export("Set", userPrincipalName=5)
    frozen = freeze(cloud.tenant)
    thaw(cloud.tenant, frozen)
    job = cloud.tenant.cloud_sync.jobs[cloud.job.id]
    assert (job.entries[GUID].anchor, job.watermark, freeze(cloud.tenant)) == (ANCHOR, None, frozen)


def test_a_quarantine_of_months_is_tried_once_a_day(cloud):
    for _ in range(60):
        cloud.report(Error={"Code": "X", "Message": "", "Reason": "TooManyDeletes"})
    held = cloud.job.quarantine
    assert int(held["seriesCount"]) == 60
    assert moment_of(held["nextAttempt"]) - moment_of(cloud.tenant.stamp()) == timedelta(days=1)


@pytest.mark.parametrize("wrong", [
    {"Imported": "x"}, {"Skipped": [5]}, {"StagedDeletes": "x"}, {"Error": "x"}, {"Watermark": 5},
], ids=str)  # fmt: skip
def test_a_report_that_cannot_be_read_changes_nothing(cloud, wrong):
    with pytest.raises(ServiceFault):
        cloud.report(**wrong)
    assert (cloud.job.last, cloud.job.watermark, cloud.job.failures) == (None, None, 0)


def test_objects_are_named_by_texts(cloud):
    with pytest.raises(ServiceFault):
        cloud.call("GetProvisioningEntries", AgentId=cloud.agent, JobId=cloud.job.id, Objects=[[]])
    with pytest.raises(ServiceFault):
        cloud.call("GetProvisioningWork", AgentId=cloud.agent, Known="x")
