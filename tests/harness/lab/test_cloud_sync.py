"""An agent in a running world: what it survives, what it refuses to leave behind, what a cut of the world holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import EngineError
from harness.actions import directory
from harness.lab import cloud_sync, cloud_sync_portal
from harness.lab.cloud_sync import AgentChoices
from harness.lab.cloud_sync_portal import Wishes
from harness.lab.graph_client import TenantRefusedError
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError

TWO_MINUTES = timedelta(minutes=2)


@pytest.fixture
def lab():
    world = make_world(
        forests={"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff"}, {"name": "Bob Hall", "in": "Staff"}]}},
        tenants={"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}},
    )
    with Lab(world) as made:
        yield made


@pytest.fixture
def running(lab):
    cloud_sync.install_agent(lab, "CP1", AgentChoices())
    cloud_sync_portal.configure(lab.tenant(), lab.forest(), Wishes({"ous": ["Staff"]}), name=None, enable=True)
    lab.advance(TWO_MINUTES)
    return lab


def people(lab) -> list[str]:
    found = lab.tenant().graph().collection("users", ["displayName"])
    return sorted(one["displayName"] for one in found if one["displayName"] in ("Ana Lopez", "Bob Hall", "Cem New"))


def job(lab):
    tenant = lab.tenant()
    return cloud_sync.jobs(tenant, cloud_sync.configuration(tenant, None))["AD2AADProvisioning"]


def test_the_agent_writes_nowhere_in_the_directory(running):
    ana = running.forest().find("Ana Lopez", ["mS-DS-ConsistencyGuid", "whenChanged", "whenCreated"])
    assert ana.first("mS-DS-ConsistencyGuid") is None
    assert ana.first("whenChanged") == ana.first("whenCreated")
    engine = running.provisioning_agents["CP1"].engine
    assert engine.registered.directory_user == "provAgentgMSA$@contoso.com"


def test_no_secret_is_on_the_timeline_or_in_the_text_of_the_agent(running):
    known = running.provisioning_agents["CP1"].engine.registered
    told = repr(running.timeline.records) + repr(known)
    assert [secret for secret in (known.service_password, known.directory_password) if secret in told] == []


@pytest.mark.parametrize("fault", ["tenant.busy", "tenant.server_error", "tenant.lost_answer"])
def test_a_fault_of_the_tenant_costs_a_beat_and_nothing_more(running, fault):
    directory.add_user(running, {"name": "Cem New", "in": "Staff"})
    running.faults.arm(fault, 1)
    running.advance(TWO_MINUTES * 3)
    assert people(running) == ["Ana Lopez", "Bob Hall", "Cem New"]
    assert job(running)["status"]["code"] == "Active"


def test_a_directory_out_of_reach_quarantines_the_job_and_its_return_frees_it(running):
    agent = running.provisioning_agents["CP1"].engine
    good = agent.registered
    agent.close()
    agent.registered = replace(good, directory_password="wrong")
    running.advance(TWO_MINUTES * 4)
    assert (
        job(running)["status"]["quarantine"]["error"]["code"]
        == "HybridSynchronizationActiveDirectoryInternalServerError"
    )
    agent.close()
    agent.registered = good
    running.advance(timedelta(hours=1))
    assert (job(running)["status"]["code"], people(running)) == ("Active", ["Ana Lopez", "Bob Hall"])


def test_a_cut_of_the_world_holds_agents_and_jobs(running):
    running.keep("before")
    cloud_sync.install_agent(running, "CP2", AgentChoices())
    cloud_sync_portal.change(running.tenant(), running.forest(), None, Wishes({"ous": []}))
    running.provisioning_agents["CP1"].engine.stopped = True
    running.go_back("before")
    assert (sorted(running.provisioning_agents), running.provisioning_agents["CP1"].engine.stopped) == (["CP1"], False)
    running.advance(TWO_MINUTES * 2)
    assert job(running)["status"]["code"] == "Active"
    assert len(list(cloud_sync.claims(running))) == 2


def test_a_configuration_that_is_refused_leaves_nothing(lab):
    wishes = Wishes(mappings={"user": {"department": {"expression": 'IIF([a], "b", "c")'}}})
    with pytest.raises(TenantRefusedError):
        cloud_sync_portal.configure(lab.tenant(), lab.forest(), wishes, name=None, enable=True)
    assert cloud_sync.configurations(lab.tenant()) == []


def test_a_second_configuration_of_a_domain_cannot_be_enabled(running):
    with pytest.raises(TenantRefusedError) as refused:
        cloud_sync_portal.configure(running.tenant(), running.forest(), Wishes(), name="again", enable=True)
    assert "already" in refused.value.text


def test_an_agent_is_not_installed_twice_under_one_name(running):
    with pytest.raises(ScenarioError):
        cloud_sync.install_agent(running, "CP1", AgentChoices())


def test_an_installation_that_was_refused_is_made_good_by_the_next(lab):
    with pytest.raises(EngineError) as refused:
        cloud_sync.install_agent(lab, "CP1", AgentChoices(host={"tls12": False}))
    assert refused.value.code == "AGENT_TLS12_REQUIRED"
    assert lab.provisioning_agents == {}
    cloud_sync.install_agent(lab, "CP1", AgentChoices())
    assert list(lab.provisioning_agents) == ["CP1"]


def test_a_cookie_the_directory_no_longer_takes_means_reading_everything(running):
    core = running.tenant().service.tenant
    (one,) = [held for held in core.cloud_sync.jobs.values() if held.template == "AD2AADProvisioning"]
    one.watermark = "00"
    running.advance(TWO_MINUTES)
    assert running.provisioning_agents["CP1"].engine.last[one.id].kind == "Full"
    assert (job(running)["status"]["code"], people(running)) == ("Active", ["Ana Lopez", "Bob Hall"])
