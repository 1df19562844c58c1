"""Cloud Sync through Graph: the steps of the how-to, what is refused, who may."""

from __future__ import annotations

import json
from typing import Any

import pytest

TEMPLATE = "1a4721b3-e57f-4451-ae87-ef078703ec94"
OTHER_TEMPLATE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"


class Graph:
    """The harness's application at the tenant, beta version."""

    def __init__(self, listener: Any) -> None:
        self.listener = listener
        self.token = listener.app_token()

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.listener.graph(method, f"/beta/{path}", self.token, body)
        return answer.status, json.loads(answer.data) if answer.data else None

    def configuration(self) -> str:
        status, made = self("POST", f"applicationTemplates/{TEMPLATE}/instantiate", {"displayName": "contoso.com"})
        assert status == 201
        return f"servicePrincipals/{made['servicePrincipal']['id']}"


@pytest.fixture
def graph(listener: Any) -> Graph:
    return Graph(listener)


@pytest.fixture
def base(graph: Graph) -> str:
    return f"{graph.configuration()}/synchronization"


def test_a_new_job_is_paused_and_due_every_forty_minutes_until_it_is_started(graph, base):
    status, job = graph("POST", f"{base}/jobs", {"templateId": "AD2AADProvisioning"})
    assert (status, job["schedule"], job["id"].partition(".")[0]) == (
        201, {"expiration": None, "interval": "PT40M", "state": "Disabled"}, "AD2AADProvisioning",
    )  # fmt: skip
    assert graph("POST", f"{base}/jobs/{job['id']}/start")[0] == 400  # no domain yet
    secret = {"value": [{"key": "Domain", "value": '{"domain":"contoso.com"}'}]}
    assert graph("PUT", f"{base}/secrets", secret) == (204, None)
    assert graph("POST", f"{base}/jobs/{job['id']}/start") == (204, None)
    _, shown = graph("GET", f"{base}/jobs/{job['id']}")
    assert (shown["schedule"]["interval"], shown["schedule"]["state"]) == ("PT2M", "Active")
    assert shown["status"]["quarantine"]["error"]["code"] == "HybridIdentityServiceNoAgentsAssigned"
    assert graph("POST", f"{base}/jobs/{job['id']}/pause") == (204, None)


def test_a_put_replaces_all_secrets_and_the_key_switches_the_tenant_on(graph, base, listener):
    both = [{"key": "Domain", "value": '{"domain":"a.test"}'},
            {"key": "AppKey", "value": '{"appKeyScenario":"AD2AADPasswordHash"}'}]  # fmt: skip
    assert graph("PUT", f"{base}/secrets", {"value": both})[0] == 204
    assert graph("PUT", f"{base}/secrets", {"value": both[:1]})[0] == 204
    assert graph("GET", f"{base}/secrets")[1] == {"value": both[:1]}
    _, organization = graph("GET", "organization")
    assert organization["value"][0]["onPremisesSyncEnabled"] is True
    assert listener.service.tenant.sync.has("PasswordHashSync")


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": [{"key": "Domain", "value": "contoso.com"}]},
        {"value": [{"key": "Nothing", "value": "{}"}]},
        {"value": [{"key": "AppKey", "value": '{"appKeyScenario":"Other"}'}]},
        {"value": [{"key": "SyncNotificationSettings", "value": '{"DeleteThresholdValue":0}'}]},
        {"value": [{"key": "Domain", "value": "[]"}]},
        {"value": [{"key": "Domain", "value": '{"domain":5}'}]},
        {"value": [{"key": "Domain", "value": "[" * 5000}]},
        {},
    ],
)
def test_secrets_that_cannot_be_read(graph, base, wrong):
    status, body = graph("PUT", f"{base}/secrets", wrong)
    assert (status, "error" in body) == (400, True)
    assert graph("GET", f"{base}/secrets")[1] == {"value": []}


def test_the_schema_is_given_whole_and_taken_whole(graph, base):
    _, job = graph("POST", f"{base}/jobs", {"templateId": "AD2AADProvisioning"})
    _, schema = graph("GET", f"{base}/jobs/{job['id']}/schema")
    schema["synchronizationRules"][0]["containerFilter"] = {"includedContainers": ["OU=A,DC=contoso,DC=com"]}
    assert graph("PUT", f"{base}/jobs/{job['id']}/schema", schema) == (204, None)
    _, again = graph("GET", f"{base}/jobs/{job['id']}/schema")
    assert again["synchronizationRules"] == schema["synchronizationRules"]
    assert graph("PUT", f"{base}/jobs/{job['id']}/schema", {})[1]["error"]["code"] == "SchemaInvalid"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"applicationTemplates/{OTHER_TEMPLATE}/instantiate", {"displayName": "x"}, 501),
        ("POST", "{base}/jobs", {"templateId": "AAD2ADGroupProvisioning"}, 501),
        ("POST", "{base}/jobs", {"templateId": "AAD2ADExchangeHybridWriteback"}, 501),
        ("POST", "{base}/jobs", {"templateId": "Other"}, 400),
        ("POST", "{base}/jobs/{job}/provisionOnDemand", {"parameters": []}, 400),
        ("POST", "{base}/jobs/none/provisionOnDemand", {"parameters": []}, 404),
        ("POST", "{base}/jobs/{job}/restart", {"criteria": {"resetScope": "Everything"}}, 400),
        ("POST", "{base}/jobs/{job}/restart", {"criteria": {"resetScope": "Watermark, Escrows"}}, 204),
        ("POST", "{base}/jobs", {"templateId": "AD2AADProvisioning"}, 400),
        ("POST", "{base}/jobs", {"templateId": []}, 400),
        ("DELETE", "{base}/jobs/{job}", None, 501),
        ("PATCH", "servicePrincipals/none", {}, 501),
        ("GET", "servicePrincipals/none", None, 404),
        ("GET", "servicePrincipals(appId='x')", None, 501),
        ("GET", "{base}/jobs/none", None, 404),
        ("GET", "servicePrincipals/none/synchronization/jobs", None, 404),
    ],
)
def test_what_is_refused_and_how(graph, base, method, path, body, status):
    _, job = graph("POST", f"{base}/jobs", {"templateId": "AD2AADProvisioning"})
    assert graph(method, path.format(base=base, job=job["id"]), body)[0] == status


def test_on_demand_within_a_batch_is_refused(graph, base):
    _, job = graph("POST", f"{base}/jobs", {"templateId": "AD2AADProvisioning"})
    one = {"id": "1", "method": "POST", "url": f"/{base}/jobs/{job['id']}/provisionOnDemand",
           "headers": {"Content-Type": "application/json"}, "body": {"parameters": []}}  # fmt: skip
    _, answer = graph("POST", "$batch", {"requests": [one]})
    assert answer["responses"][0]["status"] == 501


def test_on_demand_without_an_agent_is_answered_at_once(graph, base):
    _, job = graph("POST", f"{base}/jobs", {"templateId": "AD2AADProvisioning"})
    rule = graph("GET", f"{base}/jobs/{job['id']}/schema")[1]["synchronizationRules"][0]["id"]
    subject = {"objectId": "CN=Ana,DC=contoso,DC=com", "objectTypeName": "user"}
    body = {"parameters": [{"ruleId": rule, "subjects": [subject]}]}
    status, answer = graph("POST", f"{base}/jobs/{job['id']}/provisionOnDemand", body)
    said = json.loads(answer["key"])
    assert (status, said["result"], said["details"]["errorCode"]) == (
        200, "Failure", "HybridIdentityServiceNoAgentsAssigned",
    )  # fmt: skip


def test_a_removed_configuration_takes_its_jobs_along(graph):
    principal = graph.configuration()
    graph("POST", f"{principal}/synchronization/jobs", {"templateId": "AD2AADProvisioning"})
    assert graph("DELETE", principal) == (204, None)
    assert graph("GET", "servicePrincipals")[1]["value"] == []


def test_the_sync_account_may_neither_configure_nor_register(listener, graph):
    sync = listener.sync_token()
    answer = listener.operation(
        sync, "RegisterProvisioningAgent", {"Machine": "CP1", "Domain": "contoso.com", "Version": "1"}
    )
    assert answer[0] == 403
    assert graph("GET", "onPremisesPublishingProfiles/provisioning/agents")[1]["value"] == []


def test_a_configuration_is_a_service_principal(graph):
    path = graph.configuration()
    status, shown = graph("GET", path)
    assert (status, shown["displayName"], f"servicePrincipals/{shown['id']}") == (200, "contoso.com", path)
