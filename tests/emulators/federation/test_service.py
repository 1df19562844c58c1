"""A federation server on the wire: msal signs a person in through it, and remote management asks who is asking."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from harness.lab.federated_sign_in import sign_in
from harness.lab.graph_client import SIGN_IN_CLIENT, TenantRefusedError
from harness.lab.lab import Lab
from harness.lab.reactor import in_reactor
from harness.scenario.world_reader import build_world

PASSWORD = "Aa1-harbour-2026"
WORLD: dict[str, Any] = {
    "forests": {
        "contoso.com": {
            "users": [{"name": "Ana Lopez", "password": PASSWORD, "guid": "00112233-4455-6677-8899-aabbccddeeff"}]
        }
    },
    "tenants": {
        "contoso.onmicrosoft.com": {
            "verified_domains": ["contoso.com"],
            "users": [{"upn": "ana.lopez@contoso.com", "immutable_id": "MyIRAFVEd2aImaq7zN3u/w=="}],
        }
    },
    "federation": {
        "machines": {"ADFS1": {"domain": "contoso.com"}, "WAP1": {}},
        "farms": {"sts.contoso.com": {"servers": ["ADFS1"], "trust": {"domains": ["contoso.com"]}}},
    },
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(build_world(WORLD)) as made:
        yield made


def manage(lab: Lab, machine: str, user: str, password: str, body: Any) -> tuple[int, Any]:
    assert lab.federation is not None
    port = lab.federation.service.endpoints["https"]
    pool = urllib3.HTTPSConnectionPool(
        "127.0.0.1", port, ca_certs=str(lab.certificates.ca_bundle), assert_hostname=machine, server_hostname=machine
    )
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Host": machine, "Authorization": f"Basic {secret}"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = pool.urlopen("POST", "/wsman", body=content, headers=headers, retries=False)
    return answer.status, json.loads(answer.data) if answer.data else None


@pytest.mark.filterwarnings("ignore:This API has been deprecated for public client flows:DeprecationWarning")
def test_msal_signs_a_federated_person_in(lab: Lab) -> None:
    msal = pytest.importorskip("msal")
    requests = pytest.importorskip("requests")
    assert lab.federation is not None
    tenant = lab.tenant()
    own = {"127.0.0.1": tenant.service.endpoints["https"], "sts.contoso.com": lab.federation.service.endpoints["https"]}

    class InThisWorld(requests.Session):  # type: ignore[misc, name-defined]
        """Names of the world, and the port that msal drops when it asks for the realm."""

        def request(self, method: str, url: str, **kwargs: Any) -> Any:
            parts = urlsplit(url)
            headers = {**(kwargs.pop("headers", None) or {}), "Host": str(parts.hostname)}
            at = f"https://127.0.0.1:{own[str(parts.hostname)]}"
            return super().request(
                method, url.replace(f"{parts.scheme}://{parts.netloc}", at), headers=headers, **kwargs
            )

    session = InThisWorld()
    session.trust_env = False
    session.verify = str(lab.certificates.ca_bundle)
    application = msal.PublicClientApplication(
        SIGN_IN_CLIENT,
        authority=f"{tenant.base_url}/{tenant.service.tenant_id}",
        instance_discovery=False,
        http_client=session,
    )
    scopes = ["https://graph.microsoft.com/User.Read"]
    found = application.acquire_token_by_username_password("ana.lopez@contoso.com", PASSWORD, scopes)
    assert found.get("token_type") == "Bearer", found
    assert found["id_token_claims"]["preferred_username"] == "ana.lopez@contoso.com"
    with pytest.raises(RuntimeError, match="FailedAuthentication"):
        application.acquire_token_by_username_password("ana.lopez@contoso.com", "wrong", scopes)


@pytest.mark.parametrize(
    ("machine", "user", "password", "status"),
    [
        ("ADFS1", "CONTOSO\\Administrator", "forest", 200),
        ("adfs1.contoso.com", "contoso.com\\administrator", "forest", 200),
        ("ADFS1", "Administrator@contoso.com", "forest", 200),
        ("ADFS1", "ADFS1\\Administrator", "local", 200),
        ("WAP1", "WAP1\\Administrator", "local", 200),
        ("ADFS1", "CONTOSO\\Administrator", "wrong", 401),
        ("ADFS1", "CONTOSO\\ana.lopez", PASSWORD, 401),
        ("WAP1", "CONTOSO\\Administrator", "forest", 401),
        ("ADFS1", "WAP1\\Administrator", "local", 401),
        ("ADFS1", "", "", 401),
    ],
)
def test_who_may_manage_a_machine(lab: Lab, machine: str, user: str, password: str, status: int) -> None:
    typed = {
        "forest": lab.forest().admin_password,
        "local": lab.seeds.password(f"machine/{user.partition(chr(92))[0]}/local"),
    }
    assert manage(lab, machine, user, typed.get(password, password), {"Command": "Get-ComputerInfo"})[0] == status


def test_a_machine_whose_remote_management_is_off_answers_nobody(lab: Lab) -> None:
    assert lab.federation is not None
    in_reactor(lab.federation.service.change_machine, "ADFS1", {"remote_management": False})
    admin = lab.forest().admin_password
    assert manage(lab, "ADFS1", "CONTOSO\\Administrator", admin, {"Command": "Get-ComputerInfo"})[0] == 404
    in_reactor(lab.federation.service.change_machine, "ADFS1", {"remote_management": True})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"Parameters": {}}', b'{"Command": "x", "Parameters": 7}'])
def test_what_is_no_command(lab: Lab, body: bytes) -> None:
    assert manage(lab, "ADFS1", "CONTOSO\\Administrator", lab.forest().admin_password, body)[0] == 400


def test_a_command_that_is_refused_says_so(lab: Lab) -> None:
    status, answer = manage(
        lab, "ADFS1", "CONTOSO\\Administrator", lab.forest().admin_password, {"Command": "Format-Volume"}
    )
    assert (status, answer["Error"]["Code"]) == (409, "CommandNotFound")


def test_no_secret_is_told(lab: Lab) -> None:
    for password in (PASSWORD, "Wr0ng-but-secret"):
        try:
            sign_in(lab, lab.tenant(), "ana.lopez@contoso.com", password)
        except TenantRefusedError:
            continue
    told = json.dumps(list(lab.timeline.records), default=str)
    secrets = (PASSWORD, "Wr0ng-but-secret", lab.forest().admin_password, lab.seeds.password("machine/ADFS1"))
    assert not [one for one in secrets if one in told]
    assert "federation.sign-in.refused" in told


def test_a_snapshot_takes_the_farm_and_its_names_along(lab: Lab) -> None:
    assert lab.federation is not None
    before = lab.snapshot()
    lab.federation.set_trust("sts.contoso.com", {"anchor": "employeeID"})
    lab.federation.set_record("sts.contoso.com", "internal", {"cname": "elsewhere.contoso.com"})
    lab.restore(before)
    assert "objectGUID" in lab.federation.farm("sts.contoso.com").trust.rules
    assert lab.federation.dns["internal"] == {}
    sign_in(lab, lab.tenant(), "ana.lopez@contoso.com", PASSWORD)


def test_a_directory_that_is_down_signs_nobody_in_and_lets_nobody_manage(lab: Lab) -> None:
    place = lab.forest()
    place.hang_up()
    in_reactor(place.service.set_down, place.name, True)
    try:
        with pytest.raises(TenantRefusedError, match="FailedAuthentication"):
            sign_in(lab, lab.tenant(), "ana.lopez@contoso.com", PASSWORD)
        admin = place.admin_password
        assert manage(lab, "ADFS1", "CONTOSO\\Administrator", admin, {"Command": "Get-ComputerInfo"})[0] == 401
        local = lab.seeds.password("machine/ADFS1/local")
        assert manage(lab, "ADFS1", "ADFS1\\Administrator", local, {"Command": "Get-ComputerInfo"})[0] == 200
    finally:
        in_reactor(place.service.set_down, place.name, False)
    assert lab.timeline.records[-1]["kind"] != "federation.internal-error"
    sign_in(lab, lab.tenant(), "ana.lopez@contoso.com", PASSWORD)
