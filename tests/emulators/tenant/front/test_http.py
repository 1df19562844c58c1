"""The edge: hostile bytes on every door end in an error answer, never in a traceback or a hang."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUICK = settings(max_examples=40, database=None, deadline=None, suppress_health_check=list(HealthCheck))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["SyncObjects", "SyncObjectType", "SyncOperation", "SourceAnchor", "CloudAnchor", "PropertyValues", "ReferenceChanges", "member",  # noqa: E501 - one row of a table
     "userPrincipalName", "proxyAddresses", "manager", "RequestItems", "CredentialData", "requests", "id", "url", "method", "body",  # noqa: E501 - one row of a table
     "displayName", "passwordProfile", "password", "onPremisesImmutableId", "addLicenses", "removeLicenses", "@odata.id", "features",  # noqa: E501 - one row of a table
     "configuration", "AnchorAttribute", "Scheduler", "IsFullSync", "InputCookie", "PageSize", "dirsyncFeatures", "identifier"]  # noqa: E501 - one row of a table
)  # fmt: skip
WORDS = st.sampled_from(
    ["User", "Group", "Add", "Set", "Delete", "A", "A", "x@contoso.com", "SMTP:x@contoso.com", "/users", "GET"]
)
SHAPED = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=16,
)
DOORS = [
    ("POST", "/provisioningservice/ProvisionAzureADSyncObjects2"), ("POST", "/provisioningservice/ProvisionCredentials"),  # noqa: E501 - one row of a table
    ("POST", "/provisioningservice/SetDirSyncConfiguration"), ("POST", "/provisioningservice/ReadBackAzureADSyncObjects2"),  # noqa: E501 - one row of a table
    ("POST", "/provisioningservice/SetCompanyDirsyncFeatures"), ("POST", "/provisioningservice/GetServiceAccount"),
    ("POST", "/v1.0/users"), ("PATCH", "/v1.0/users/admin@contoso.onmicrosoft.com"), ("POST", "/v1.0/groups"), ("POST", "/v1.0/devices"),  # noqa: E501 - one row of a table
    ("POST", "/v1.0/domains"), ("PATCH", "/v1.0/domains/contoso.com"), ("POST", "/v1.0/$batch"), ("POST", "/common/GetCredentialType"),  # noqa: E501 - one row of a table
    ("POST", "/v1.0/directoryObjects/getByIds"), ("POST", "/v1.0/users/admin@contoso.onmicrosoft.com/assignLicense"),
    ("PATCH", "/v1.0/directory/onPremisesSynchronization/TENANT"), ("POST", "/v1.0/roleManagement/directory/roleAssignments"),  # noqa: E501 - one row of a table
    ("POST", "/common/oauth2/v2.0/token"), ("PATCH", "/v1.0/organization/TENANT"),
]  # fmt: skip


@pytest.fixture
def armed(listener: Any) -> Any:
    listener.tokens = {
        "app": listener.app_token(),
        "admin": listener.admin_token(),
    }
    listener.operation(listener.tokens["admin"], "SetCompanyDirSyncEnabled", {"enabled": True})
    return listener


def check(listener: Any, method: str, path: str, body: bytes) -> None:
    token = listener.tokens["admin" if "provisioning" in path else "app"]
    path = path.replace("TENANT", listener.service.tenant_id)
    answer = listener.send(method, path, body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    assert b"Traceback" not in answer.data
    assert b".py" not in answer.data
    bugs = [record for record in listener.records if record["kind"] == "tenant.internal-error"]
    assert not bugs, (bugs, body)


@pytest.mark.parametrize(("method", "path"), DOORS, ids=[path for _, path in DOORS])
def test_any_json(armed: Any, method: str, path: str) -> None:
    @QUICK
    @given(JSON | SHAPED)
    def run(value: Any) -> None:
        check(armed, method, path, json.dumps(value).encode())

    run()


def test_exported_objects_of_every_shape(armed: Any) -> None:
    objects = st.fixed_dictionaries(
        {"SyncObjectType": st.sampled_from(["User", "Group", "Contact", "Device"]), "SyncOperation": st.sampled_from(["Add", "Set", "Delete"]),  # noqa: E501 - one row of a table
         "SourceAnchor": st.sampled_from(["A", "B", "C"])},
        optional={
            "CloudAnchor": st.none() | st.text(max_size=8),
            "PropertyValues": st.dictionaries(
                st.sampled_from(["userPrincipalName", "proxyAddresses", "mail", "alias", "manager", "member", "deviceId", "usageLocation",  # noqa: E501 - one row of a table
                                 "onPremiseSecurityIdentifier", "accountEnabled", "extension_x", "displayName"]),
                st.none() | st.text(max_size=20) | st.lists(st.text(max_size=20) | st.just("smtp:a@contoso.com"), max_size=3) | st.booleans()  # noqa: E501 - one row of a table
                | st.sampled_from(["a@contoso.com", "b@contoso.com", "SMTP:a@contoso.com", "A", "B"]), max_size=8),
            "ReferenceChanges": st.fixed_dictionaries({"member": st.lists(st.fixed_dictionaries(
                {"Anchor": st.sampled_from(["A", "B", "Z"]), "Operation": st.sampled_from(["Add", "Remove", "x"])}), max_size=3)}),  # noqa: E501 - one row of a table
        },
    )  # fmt: skip

    @settings(QUICK, max_examples=150)
    @given(st.lists(objects, max_size=5))
    def run(value: Any) -> None:
        check(
            armed,
            "POST",
            "/provisioningservice/ProvisionAzureADSyncObjects2",
            json.dumps({"SyncObjects": value}).encode(),
        )

    run()
    assert (
        armed.graph(
            "GET", "/v1.0/users?$select=id,proxyAddresses,onPremisesProvisioningErrors", armed.tokens["app"]
        ).status
        == 200
    )
    assert armed.operation(armed.tokens["admin"], "ReadBackAzureADSyncObjects2", {"IsFullSync": True})[0] == 200
    frozen = armed.in_reactor(armed.service.snapshot)
    armed.in_reactor(armed.service.restore, frozen)
    assert armed.in_reactor(armed.service.snapshot) == frozen


def test_any_query(armed: Any) -> None:
    options = st.sampled_from(
        ["$filter", "$select", "$top", "$orderby", "$expand", "$count", "$skiptoken", "$deltatoken", "$search", "x"]
    )
    pieces = st.sampled_from(
        [
            "displayName",
            "eq",
            "'x'",
            "(",
            ")",
            "and",
            "not",
            "in",
            "any",
            "/",
            ":",
            ",",
            "true",
            "manager",
            "1",
            "$count",
        ]
    )
    values = st.text(max_size=20) | st.lists(pieces, max_size=8).map(" ".join)

    @settings(QUICK, max_examples=150)
    @given(
        st.dictionaries(options, values, max_size=4),
        st.sampled_from(["users", "groups", "users/delta", "groups/delta()", "organization"]),
    )
    def run(query: dict[str, str], place: str) -> None:
        from urllib.parse import urlencode

        headers = {"Authorization": f"Bearer {armed.tokens['app']}", "ConsistencyLevel": "eventual"}
        answer = armed.send("GET", f"/v1.0/{place}?{urlencode(query)}", None, headers)
        assert answer.status in (200, 400, 410, 501), answer.data
        assert b"Traceback" not in answer.data

    run()
    assert not [record for record in armed.records if record["kind"] == "tenant.internal-error"]


def raw(listener: Any, data: bytes, answers: int = 0) -> bytes:
    """Send bytes through TLS and read until the other side closes, is silent, or gave so many answers."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", listener.port), timeout=5) as plain,
        context.wrap_socket(plain) as secure,
    ):
        secure.sendall(data)
        secure.settimeout(10 if answers else 0.3)
        found = b""
        try:
            while part := secure.recv(65536):
                found += part
                if answers and found.count(b"]}]}") == answers:
                    break
        except (TimeoutError, ssl.SSLError, ConnectionError):
            pass
        return found


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%ff%fe/%c0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1.0/users HTTP/1.1\r\nHost: a b\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"POST /common/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n",
        b"POST /common/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n",
        b"POST /common/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
        b"GET /v1.0/users HTTP/1.1\r\nHost: x\r\nclient-request-id: a\tb\x01\r\n\r\n",
        b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_hostile_bytes(listener: Any, data: bytes) -> None:
    found = raw(listener, data)
    assert b"Traceback" not in found
    assert not found or found.startswith(b"HTTP/1.1 4")
    assert listener.send("GET", "/common/discovery/v2.0/keys").status == 200


def test_what_nobody_foresaw_is_a_plain_500(listener: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token = listener.app_token()
    monkeypatch.setattr(listener.service.desk, "tokens", None)
    for method, path in (
        ("GET", "/v1.0/users"),
        ("GET", "/v1.0/organization"),
        ("POST", "/provisioningservice/FinalizeImport"),
    ):
        answer = listener.graph(method, path, token)
        assert answer.status == 500
        assert b"Traceback" not in answer.data
        assert b"NoneType" not in answer.data
    bugs = [record["error"] for record in listener.records if record["kind"] == "tenant.internal-error"]
    assert bugs == ["AttributeError"] * 3


def test_bytes_that_are_no_tls(listener: Any) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        plain.settimeout(2)
        assert not plain.recv(1000).startswith(b"HTTP")
    assert listener.send("GET", "/common/discovery/v2.0/keys").status == 200


def test_tls_1_2_is_spoken(listener: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", listener.port)) as plain, context.wrap_socket(plain) as secure:
        assert secure.version() == "TLSv1.2"


def test_older_tls_is_not(listener: Any) -> None:
    hello = bytes.fromhex("16030100310100002d0301") + bytes(32) + bytes.fromhex("000006002f0035000a0100")
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as plain:
        plain.sendall(hello)
        answer = plain.recv(100)
        assert not answer or answer[0] == 21  # an alert, never a handshake record


def test_keep_alive(listener: Any) -> None:
    request = b"GET /common/discovery/v2.0/keys HTTP/1.1\r\nHost: x\r\n\r\n"
    assert raw(listener, request * 3, answers=3).count(b"HTTP/1.1 200") == 3


def test_date_is_the_worlds(listener: Any) -> None:
    assert listener.send("GET", "/common/discovery/v2.0/keys").headers["date"] == "Mon, 05 Jan 2026 08:00:00 GMT"
