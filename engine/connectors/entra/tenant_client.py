"""The conversation with a tenant: sign-in, the sync service's operations, retry after throttling.

Waiting goes through the handed-in ``wait(seconds)``; token life is judged by the handed-in clock. No password, token or
credential data appears in an error. Source: facts "tenant" sections 15, 16, 17.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from urllib3.util import parse_url

from engine.clock import Clock
from engine.connectors.entra.company import Capabilities, CompanyConfiguration, read_capabilities, read_company
from engine.connectors.entra.old_tls import CURRENT, context_for
from engine.connectors.entra.proxy import ProxyRoute, public_name
from engine.connectors.entra.proxy import refusal_of as proxy_refusal
from engine.connectors.entra.service_refusal import (
    ServiceFault,
    SignInRefused,
    Throttled,
    dropped_connection,
    failed_connection,
)

SYNC_CLIENT_ID = "1651564e-7ce4-4d99-88be-0a65050d8dc3"
WIZARD_CLIENT_ID = "cb1056e2-e479-49de-ae31-7812af012ed8"
SYNC_RESOURCE = "6bf85cfa-ac8a-4be5-b5de-425a0d0dc016"
PRODUCT_VERSION = "2.5.79.0"

#: how often a throttled request is repeated before the step gives up
ATTEMPTS_MAX = 10
_RENEW_BEFORE = timedelta(minutes=5)
_DEFAULT_WAIT_SECONDS = 30.0
_TIMEOUT_SECONDS = 120.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TenantAddress:
    """Where a tenant answers, for any of its domain names."""

    base_url: str
    tenant_domain: str


@dataclass(frozen=True, slots=True)
class TenantAccount:
    """Who signs in."""

    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One page of the tenant's objects."""

    objects: list[Json]
    cookie: str
    more: bool


def build_pool(
    base_url: str, ca_bundle: str, timeout_seconds: float = _TIMEOUT_SECONDS, tls: str = CURRENT
) -> urllib3.HTTPSConnectionPool:
    """One keep-alive connection to a tenant, verified by the world's authority. Raises ValueError for anything but
    HTTPS."""
    url = parse_url(base_url)
    if url.scheme != "https" or not url.host:
        raise ValueError(f"a tenant answers over HTTPS only, not at {base_url}")
    return urllib3.HTTPSConnectionPool(
        url.host,
        url.port,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_bundle,
        timeout=urllib3.Timeout(connect=timeout_seconds, read=timeout_seconds),
        retries=False,
        ssl_context=context_for(tls, ca_bundle),
    )


class TenantClient:
    """One signed-in client of one tenant. ``identifiers``: a seeded source for client-request-id."""

    def __init__(
        self,
        address: TenantAddress,
        account: TenantAccount,
        *,
        clock: Clock,
        ca_bundle: str,
        server_name: str,
        wait: Callable[[float], None],
        identifiers: Random,
        client_id: str = SYNC_CLIENT_ID,
        product_version: str = PRODUCT_VERSION,
        proxy: ProxyRoute | None = None,
        tls: str = CURRENT,
    ) -> None:
        self._tls = tls
        self.address = address
        self._account = account
        self._clock = clock
        self._wait = wait
        self._identifiers = identifiers
        self._client_id = client_id
        self._ca_bundle = ca_bundle
        self._proxy = proxy
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}  # by public name; one for all where there is no proxy
        self._token = ""
        self.refresh_token = ""
        self._expires: datetime | None = None
        self._headers = {
            "Content-Type": "application/json",
            "x-ms-aadmsods-clientversion": "8.0",
            "x-ms-aadmsods-dirsyncbuildnumber": product_version,
            "x-ms-aadmsods-appid": client_id,
            "x-ms-aadmsods-tenantid": address.tenant_domain,
            "x-anchorage-server": server_name,
        }

    # ---- sign-in -----------------------------------------------------------------------------------------------------
    def sign_in(self) -> None:
        """Fetch a token with the account's name and password; raises SignInRefused."""
        body = urlencode(
            {
                "resource": SYNC_RESOURCE,
                "client_id": self._client_id,
                "grant_type": "password",
                "username": self._account.user_name,
                "password": self._account.password,
            }
        ).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = f"/{self.address.tenant_domain}/oauth2/token"
        status, content, _ = self._patient_request("sign-in", path, body, lambda: headers)
        answer = _json_object(content)
        token = answer.get("access_token")
        if status != 200 or not isinstance(token, str):
            raise sign_in_refused(status, answer)
        self.take_token(answer)

    def take_token(self, answer: Json) -> None:
        """Use the token of a granted request from now on."""
        self._token = str(answer["access_token"])
        self.refresh_token = str(answer.get("refresh_token", ""))
        self._expires = self._clock.now() + timedelta(seconds=int(answer.get("expires_in", 3599)))

    def close(self) -> None:
        """Give up the connections and the tokens; idempotent."""
        self._hang_up()
        self._token = self.refresh_token = ""
        self._expires = None

    def run_as(self, account: str) -> None:
        """Be another Windows account from now on; only a proxy notices."""
        if self._proxy is not None and self._proxy.account != account:
            self._hang_up()
            self._proxy = ProxyRoute(self._proxy.url, account)

    def _hang_up(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    # ---- what the wizard asks ----------------------------------------------------------------------------------------
    def capabilities(self) -> Capabilities:
        """Which product versions the service accepts."""
        return read_capabilities(self.call("Capabilities"))

    def company_configuration(self) -> CompanyConfiguration:
        """What the tenant records of itself and of its synchronization."""
        return read_company(self.call("GetCompanyConfiguration"))

    def set_dirsync_configuration(self, **changes: object) -> None:
        """Merge settings by their wire names: AnchorAttribute (None clears), PreventAccidentalDeletion, Scheduler."""
        self.call("SetDirSyncConfiguration", changes)

    def set_dirsync_features(self, features: int) -> None:
        self.call("SetCompanyDirsyncFeatures", {"dirsyncFeatures": features})

    def set_dirsync_enabled(self, enabled: bool) -> None:
        self.call("SetCompanyDirSyncEnabled", {"enabled": enabled})

    def get_service_account(self, identifier: str) -> TenantAccount:
        """Create or reset this server's Sync_ account; ``identifier``: <SERVER>_<12 hexadecimal digits>."""
        answer = self.call("GetServiceAccount", {"identifier": identifier})
        return TenantAccount(str(answer["UserName"]), str(answer["Password"]))

    def register_extensions(self, attributes: Sequence[Mapping[str, object]]) -> str:
        """Register attributes as directory extensions; gives the id of the application that owns them."""
        return str(self.call("RegisterDirectoryExtensions", {"Attributes": list(attributes)})["ApplicationId"])

    # ---- what runs and the password channel ask ----------------------------------------------------------------------
    def provision(self, sync_objects: Sequence[Mapping[str, object]]) -> list[Json]:
        """Send one batch of objects; one result per object in order."""
        answer = self.call("ProvisionAzureADSyncObjects2", {"SyncObjects": list(sync_objects)})
        return _results(answer, "SyncObjectResults", len(sync_objects))

    def finalize_export(self, total: int, succeeded: int, connector_space_objects: int) -> None:
        self.call(
            "FinalizeExport",
            {
                "TotalExported": total,
                "SuccessfulExportCount": succeeded,
                "TotalConnectorSpaceObjects": connector_space_objects,
            },
        )

    def read_back(self, cookie: str | None, page_size: int, *, full: bool) -> ReadBack:
        """One page of the tenant's objects."""
        request = {"IsFullSync": full, "InputCookie": cookie, "PageSize": page_size}
        answer = self.call("ReadBackAzureADSyncObjects2", request)
        objects = answer.get("ResultObjects")
        if not isinstance(objects, list):
            raise ServiceFault("", "ReadBackAzureADSyncObjects2 was answered without ResultObjects.")
        return ReadBack(objects, str(answer.get("Cookie") or ""), bool(answer.get("MoreResults")))

    def finalize_import(self) -> None:
        self.call("FinalizeImport")

    def provision_credentials(self, items: Sequence[Mapping[str, object]]) -> list[Json]:
        """Send up to 50 salted password hashes; an empty list is the heartbeat's ping."""
        answer = self.call("ProvisionCredentials", {"RequestItems": list(items)})
        return _results(answer, "Results", len(items))

    # ---- wire --------------------------------------------------------------------------------------------------------
    def call(
        self, operation: str, body: Mapping[str, object] | None = None, *, service: str = "/provisioningservice/"
    ) -> Json:
        """One operation of the sync service, or of another: signed in, repeated when throttled, faults typed."""
        if not self._token or self._expires is None or self._clock.now() >= self._expires - _RENEW_BEFORE:
            self.sign_in()
        path = f"{service}{operation}"
        encoded = orjson.dumps(body or {})
        status, content, _ = self._patient_request(operation, path, encoded, self._signed_headers)
        if status == 401:  # the token was revoked or the clock moved: once more with a fresh one
            self.sign_in()
            status, content, _ = self._patient_request(operation, path, encoded, self._signed_headers)
        answer = _json_object(content)
        if status == 200:
            return answer
        raise _fault(operation, status, answer)

    def _signed_headers(self) -> dict[str, str]:
        request = uuid.UUID(int=self._identifiers.getrandbits(128), version=4)
        return {**self._headers, "Authorization": f"Bearer {self._token}", "client-request-id": str(request)}

    def request(
        self,
        operation: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> tuple[int, Json]:
        """A call that is none of the sync service: status and answer, an empty one when it is not JSON."""
        status, content, _ = self._patient_request(operation, path, body, lambda: dict(headers or {}), method)
        return status, _json_object(content)

    def _patient_request(
        self, operation: str, path: str, body: bytes, headers: Callable[[], dict[str, str]], method: str = "POST"
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Send; while the tenant answers 429 or 503 (nothing was done) wait as long as it says and repeat."""
        status = 0
        for attempt in range(ATTEMPTS_MAX):
            status, content, answered = self._request(operation, path, body, headers(), method)
            if status not in (429, 503):
                return status, content, answered
            if attempt + 1 < ATTEMPTS_MAX:
                self._wait(_retry_after(answered))
        raise Throttled(operation, status, ATTEMPTS_MAX)

    def _pool_for(self, path: str) -> urllib3.HTTPConnectionPool:
        name = public_name(path) if self._proxy is not None else ""
        held = self._pools.get(name)
        if held is None:
            if self._proxy is None:
                held = build_pool(self.address.base_url, self._ca_bundle, tls=self._tls)
            else:
                limits = urllib3.Timeout(connect=_TIMEOUT_SECONDS, read=_TIMEOUT_SECONDS)
                port = parse_url(self.address.base_url).port or 443
                held = self._proxy.pool(name, port, self._ca_bundle, limits)
            self._pools[name] = held
        return held

    def _request(
        self, operation: str, path: str, body: bytes, headers: dict[str, str], method: str = "POST"
    ) -> tuple[int, bytes, Mapping[str, str]]:
        try:
            answer = self._pool_for(path).urlopen(
                method, path, body=body or None, headers=headers, redirect=False, retries=False
            )
        except urllib3.exceptions.ProxyError as error:
            raise proxy_refusal(error, public_name(path)) from None
        except (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.SSLError,
        ) as error:
            raise failed_connection(f"The tenant cannot be reached for {operation}: {_kind(error)}") from None
        except urllib3.exceptions.HTTPError as error:
            raise dropped_connection(f"The answer to {operation} was lost: {_kind(error)}") from None
        return answer.status, answer.data, answer.headers


def _kind(error: Exception) -> str:
    """What went wrong, without the request (which holds secrets)."""
    reason = error.args[-1] if error.args else ""
    return f"{type(error).__name__}: {reason}" if isinstance(reason, str) else type(error).__name__


def sign_in_refused(status: int, answer: Json) -> SignInRefused:
    """The refusal of a token request, or of a step in the sign-in window."""
    text, suberror = str(answer.get("error_description", "")), str(answer.get("suberror", ""))
    return SignInRefused(str(answer.get("error", status)), text, suberror)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("retry-after", _DEFAULT_WAIT_SECONDS)))
    except ValueError:
        return _DEFAULT_WAIT_SECONDS


def _json_object(content: bytes) -> Json:
    try:
        answer = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _fault(operation: str, status: int, answer: Json) -> ServiceFault | SignInRefused:
    """A fault of the service, or an error in the form of the sign-in service or of Graph."""
    error = answer.get("error")
    code, text = str(status), f"{operation} was answered with {status}."
    if isinstance(error, dict):
        code, text = str(error.get("code", code)), str(error.get("message", text))
    elif error is not None:
        code, text = str(error), str(answer.get("error_description", text))
    if status in (401, 403) and "ErrorCode" not in answer:
        return SignInRefused(code, text)
    return ServiceFault(
        str(answer.get("ErrorCode", code)),
        str(answer.get("ErrorDescription", text)),
        str(answer.get("TrackingId", "")),
        str(answer.get("ServerName", "")),
    )


def _results(answer: Json, name: str, expected: int) -> list[Json]:
    results = answer.get(name)
    if not isinstance(results, list) or len(results) != expected:
        found = len(results) if isinstance(results, list) else 0
        raise dropped_connection(f"The tenant answered {found} results for {expected} objects; the outcome is unknown.")
    return results
