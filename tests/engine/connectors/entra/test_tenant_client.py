"""Sign-in, token life, throttling, faults and lost answers, as conversations with a scripted tenant."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused, Throttled
from engine.connectors.entra.tenant_client import (
    ATTEMPTS_MAX,
    SYNC_CLIENT_ID,
    SYNC_RESOURCE,
    WIZARD_CLIENT_ID,
    TenantAccount,
    TenantClient,
    build_pool,
)
from engine.errors import ConnectorError


def test_signs_in_once_and_keeps_the_connection(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in().expect("FinalizeImport").expect("FinalizeImport")
    client.finalize_import()
    client.finalize_import()
    sign_in, first, second = tenant.calls
    assert sign_in.body == {
        "resource": [SYNC_RESOURCE],
        "client_id": [SYNC_CLIENT_ID],
        "grant_type": ["password"],
        "username": ["Sync_SYNC1_0123456789ab@contoso.onmicrosoft.com"],
        "password": ["pass word&"],
    }
    assert first.headers["authorization"] == "Bearer t1"
    assert first.headers["x-anchorage-server"] == "SYNC1"
    assert first.headers["x-ms-aadmsods-clientversion"] == "8.0"
    assert first.headers["x-ms-aadmsods-dirsyncbuildnumber"] == "2.5.79.0"
    assert first.headers["client-request-id"] != second.headers["client-request-id"]
    assert len({call.connection for call in tenant.calls}) == 1


def test_the_wizard_has_its_own_client_id(tenant: Any) -> None:
    tenant.signed_in()
    client = tenant.client(client_id=WIZARD_CLIENT_ID)
    client.sign_in()
    client.close()
    assert tenant.calls[0].body["client_id"] == [WIZARD_CLIENT_ID]


def test_the_token_is_renewed_before_it_expires(tenant: Any, client: TenantClient, later: Any) -> None:
    tenant.signed_in("t1").expect("FinalizeImport").signed_in("t2").expect("FinalizeImport")
    client.finalize_import()
    later(3599 - 300)
    client.finalize_import()
    assert tenant.calls[-1].headers["authorization"] == "Bearer t2"


def test_a_revoked_token_is_renewed_once(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in("t1").expect("FinalizeImport", {"error": "invalid_token"}, 401)
    tenant.signed_in("t2").expect("FinalizeImport")
    client.finalize_import()
    tenant.expect("FinalizeImport", {"error": "invalid_token"}, 401).signed_in("t3")
    tenant.expect("FinalizeImport", {"error": "invalid_token", "error_description": "AADSTS50173: revoked"}, 401)
    with pytest.raises(SignInRefused) as caught:
        client.finalize_import()
    assert caught.value.aadsts == 50173


@pytest.mark.parametrize(
    ("error", "description", "number"),
    [
        ("invalid_grant", "AADSTS50126: Error validating credentials due to invalid username or password.", 50126),
        ("invalid_grant", "AADSTS50034: The user account does not exist in the directory.", 50034),
        ("interaction_required", "AADSTS50076: you must use multi-factor authentication", 50076),
        ("temporarily_unavailable", "", 0),
    ],
)
def test_a_refused_sign_in_carries_its_number_and_no_password(
    tenant: Any, client: TenantClient, error: str, description: str, number: int
) -> None:
    tenant.expect("token", {"error": error, "error_description": description}, 400)
    with pytest.raises(SignInRefused) as caught:
        client.sign_in()
    assert (caught.value.code, caught.value.error, caught.value.aadsts) == ("failed-authentication", error, number)
    assert caught.value.run_result == "stopped-extension-dll-exception"
    assert "pass word" not in str(caught.value)


@pytest.mark.parametrize(("status", "header", "seconds"), [(429, "17", 17.0), (503, "2.5", 2.5), (429, "soon", 30.0)])
def test_throttling_waits_as_long_as_the_tenant_says(
    tenant: Any, client: TenantClient, status: int, header: str, seconds: float
) -> None:
    tenant.signed_in()
    tenant.expect("FinalizeImport", {}, status, Retry_After=header).expect("FinalizeImport", {}, status)
    tenant.expect("FinalizeImport")
    client.finalize_import()
    assert tenant.waits == [seconds, 30.0]


def test_throttling_without_end_gives_up(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in()
    for _ in range(ATTEMPTS_MAX):
        tenant.expect("FinalizeImport", {}, 429, Retry_After="1")
    with pytest.raises(Throttled) as caught:
        client.finalize_import()
    assert (caught.value.code, caught.value.status) == ("server-busy", 429)
    assert tenant.waits == [1.0] * (ATTEMPTS_MAX - 1)


@pytest.mark.parametrize(
    ("status", "body", "code", "error_code"),
    [
        (
            500,
            {
                "ErrorCode": 81,
                "ErrorDescription": "Microsoft Entra ID is currently busy.",
                "TrackingId": "t",
                "ServerName": "s",
            },
            "service-fault",
            "81",
        ),
        (500, {"ErrorCode": 115, "ErrorDescription": "Access has been denied."}, "failed-permission", "115"),
        (500, b"not json", "service-fault", "500"),
        (501, {"error": {"code": "NotEmulated", "message": "not emulated"}}, "service-fault", "NotEmulated"),
        (403, {"error": {"code": "Authorization_RequestDenied", "message": "no"}}, "failed-authentication", ""),
    ],
)
def test_faults(tenant: Any, client: TenantClient, status: int, body: Any, code: str, error_code: str) -> None:
    tenant.signed_in().expect("FinalizeImport", body, status)
    with pytest.raises(ConnectorError) as caught:
        client.finalize_import()
    assert caught.value.code == code
    if isinstance(caught.value, ServiceFault):
        assert caught.value.error_code == error_code


def test_a_lost_answer_is_of_unknown_outcome(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in().cut("ProvisionAzureADSyncObjects2")
    with pytest.raises(ConnectorError) as caught:
        client.provision([{"SyncObjectType": "User"}])
    assert caught.value.code == "dropped-connection"
    assert len(tenant.calls) == 2, "nothing is sent twice on the quiet"


def test_an_answer_with_the_wrong_number_of_results_is_of_unknown_outcome(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in().expect("ProvisionAzureADSyncObjects2", {"SyncObjectResults": []})
    with pytest.raises(ConnectorError) as caught:
        client.provision([{"SyncObjectType": "User"}])
    assert caught.value.code == "dropped-connection"


def test_a_tenant_that_is_not_there(tenant: Any) -> None:
    tenant.url = "https://127.0.0.1:1"
    with pytest.raises(ConnectorError) as caught:
        tenant.client().sign_in()
    assert caught.value.code == "failed-connection"
    assert "pass word" not in str(caught.value)


def test_an_untrusted_tenant_is_a_failed_connection(tenant: Any, tmp_path: Any) -> None:
    import trustme

    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    tenant.ca_bundle = str(other)
    with pytest.raises(ConnectorError) as caught:
        tenant.client().sign_in()
    assert caught.value.code == "failed-connection"


def test_what_the_wizard_asks(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in()
    for operation in ("SetDirSyncConfiguration", "SetCompanyDirsyncFeatures", "SetCompanyDirSyncEnabled"):
        tenant.expect(operation)
    tenant.expect("GetServiceAccount", {"UserName": "Sync_SYNC1_0a@contoso.onmicrosoft.com", "Password": "p"})
    client.set_dirsync_configuration(AnchorAttribute=None, PreventAccidentalDeletion={"ThresholdCount": 500})
    client.set_dirsync_features(1)
    client.set_dirsync_enabled(True)
    assert client.get_service_account("SYNC1_0a") == TenantAccount("Sync_SYNC1_0a@contoso.onmicrosoft.com", "p")
    assert [call.body for call in tenant.calls[1:]] == [
        {"AnchorAttribute": None, "PreventAccidentalDeletion": {"ThresholdCount": 500}},
        {"dirsyncFeatures": 1},
        {"enabled": True},
        {"identifier": "SYNC1_0a"},
    ]


def test_credentials_are_sent_and_answered_one_by_one(tenant: Any, client: TenantClient) -> None:
    tenant.signed_in().expect("ProvisionCredentials", {"Results": []})
    tenant.expect("ProvisionCredentials", {"Results": [{"SourceAnchor": "a", "Result": 0}]})
    assert client.provision_credentials([]) == []
    item = {"SourceAnchor": "a", "CredentialData": "v1;PPH1_MD4,00,1000,11;"}
    assert client.provision_credentials([item]) == [{"SourceAnchor": "a", "Result": 0}]
    assert tenant.calls[2].body == {"RequestItems": [item]}


def test_the_account_never_shows_its_password() -> None:
    assert "the secret" not in repr(TenantAccount("u", "the secret"))


def test_a_tenant_answers_over_https_only() -> None:
    with pytest.raises(ValueError, match="HTTPS only"):
        build_pool("http://127.0.0.1:80", "ca.pem")
