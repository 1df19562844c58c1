"""A blocking Graph client over HTTPS, as an administrator's script uses one: the harness's own application signs in.

Also carries a person's sign-in, and the few calls of the sync service that Graph has no counterpart for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from harness.lab.clock import VirtualClock

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
SIGN_IN_CLIENT = "1950a258-227b-4e31-a9cf-717495945fc2"  # the public client of administrators' command line tools
WIZARD_CLIENT = "cb1056e2-e479-49de-ae31-7812af012ed8"
SYNC_RESOURCE = "https://graph.windows.net"
PAGE_SIZE = 999
DESKTOP_GRANT = "urn:anchorage:params:oauth:grant-type:desktop-sso"


class TenantRefusedError(Exception):
    """The tenant answered with an error;
    ``code`` is its error code, ``status`` the HTTP status, ``text`` the message.
    """

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(f"{status} {code}: {text}")
        self.status = status
        self.code = code
        self.text = text


class TenantUnreachableError(Exception):
    """No answer came."""


class GraphClient:
    """One tenant, one application. Tokens are renewed when the world's clock says so."""

    def __init__(
        self, base_url: str, tenant: str, client_id: str, client_secret: str, *, ca_bundle: str, clock: VirtualClock
    ) -> None:
        self._base = base_url.rstrip("/")
        self._tenant = tenant
        self._application = (client_id, client_secret)
        self._clock = clock
        url = urllib3.util.parse_url(self._base)
        self._pool = urllib3.HTTPSConnectionPool(
            str(url.host), url.port, cert_reqs="CERT_REQUIRED", ca_certs=ca_bundle, maxsize=1, timeout=120
        )
        self._token = ""
        self._renew_at: datetime | None = None
        self._requests = 0

    # ---- Graph ---------------------------------------------------------------------------------------------------
    def get(self, path: str, query: Mapping[str, str] | None = None, *, version: str = "v1.0") -> Any:
        return self._graph("GET", path, query, version=version)

    def post(self, path: str, body: Any = None, *, version: str = "v1.0") -> Any:
        return self._graph("POST", path, None, body if body is not None else {}, version=version)

    def patch(self, path: str, body: Any, *, version: str = "v1.0") -> Any:
        return self._graph("PATCH", path, None, body, version=version)

    def put(self, path: str, body: Any, *, version: str = "v1.0") -> Any:
        return self._graph("PUT", path, None, body, version=version)

    def delete(self, path: str) -> Any:
        return self._graph("DELETE", path, None)

    def pages(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return all items of a collection, following its next links."""
        found: list[dict[str, Any]] = []
        answer = self._graph("GET", path, query, advanced="$filter" in query)
        while True:
            found += answer.get("value", [])
            link = answer.get("@odata.nextLink")
            if not link:
                return found
            answer = self._follow(link)

    def collection(
        self, path: str, select: Sequence[str], filter_text: str = "", expand: str = ""
    ) -> list[dict[str, Any]]:
        query = {"$select": ",".join(select), "$top": str(PAGE_SIZE)}
        if filter_text:
            query |= {"$filter": filter_text, "$count": "true"}
        if expand:
            query["$expand"] = expand
        return self.pages(path, query)

    # ---- the sync service, where Graph has no counterpart ----------------------------------------------------------
    def provisioning(
        self, operation: str, body: Mapping[str, Any], upn: str, password: str, service: str = "provisioningservice"
    ) -> Any:
        """Call the sync service, or another, as the wizard does, signed in as an administrator."""
        token = self.sign_in(upn, password, client=WIZARD_CLIENT, resource=SYNC_RESOURCE)["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "x-ms-aadmsods-clientversion": "8.0",
            "x-ms-aadmsods-dirsyncbuildnumber": "2.5.79.0",
            "client-request-id": self._request_id(),
        }
        url = f"{self._base}/{service}/{operation}"
        return self._answer(self._send("POST", url, headers, json.dumps(body).encode()))

    # ---- signing in ------------------------------------------------------------------------------------------------
    def sign_in(self, upn: str, password: str, *, client: str = SIGN_IN_CLIENT, resource: str = "") -> dict[str, Any]:
        """Sign a person in with a password; raises TenantRefusedError as the tenant words it."""
        form = {"grant_type": "password", "client_id": client, "username": upn, "password": password}
        if resource:
            return self._token_call(f"/{self._tenant}/oauth2/token", form | {"resource": resource})
        scope = "https://graph.microsoft.com/User.Read openid profile"
        return self._token_call(f"/{self._tenant}/oauth2/v2.0/token", form | {"scope": scope})

    def desktop_sign_in(self, ticket: str) -> dict[str, Any]:
        """Sign in with a ticket of the domain, as a joined device does; raises TenantRefusedError."""
        form = {"grant_type": DESKTOP_GRANT, "client_id": SIGN_IN_CLIENT, "assertion": ticket}
        scope = "https://graph.microsoft.com/User.Read openid profile"
        return self._token_call(f"/{self._tenant}/oauth2/v2.0/token", form | {"scope": scope})

    def change_password(self, upn: str, old: str, new: str) -> None:
        """Change a person's own password on the portal's page; raises TenantRefusedError as the person is told."""
        headers = {"Content-Type": "application/json", "client-request-id": self._request_id()}
        body = json.dumps({"username": upn, "currentPassword": old, "newPassword": new}).encode()
        self._answer(self._send("POST", f"{self._base}/passwordreset/ChangePassword", headers, body))

    def _token_call(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "client-request-id": self._request_id()}
        answer = self._answer(self._send("POST", self._base + path, headers, urlencode(form).encode()))
        return answer if isinstance(answer, dict) else {}

    def _authorization(self) -> str:
        now = self._clock.now()
        if self._renew_at is None or now >= self._renew_at:
            identifier, secret = self._application
            form = {
                "grant_type": "client_credentials", "client_id": identifier, "client_secret": secret,
                "scope": GRAPH_SCOPE,
            }  # fmt: skip
            answer = self._token_call(f"/{self._tenant}/oauth2/v2.0/token", form)
            self._token = answer["access_token"]
            self._renew_at = now + timedelta(seconds=int(answer.get("expires_in", 3599)) - 60)
        return f"Bearer {self._token}"

    # ---- requests --------------------------------------------------------------------------------------------------
    def _request_id(self) -> str:
        self._requests += 1
        return f"00000000-0000-4000-8000-{self._requests:012d}"

    def _graph(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any = None,
        *,
        version: str = "v1.0",
        advanced: bool = False,
    ) -> Any:
        url = f"{self._base}/{version}/{path.lstrip('/')}"
        if query:
            url += "?" + urlencode(query, quote_via=quote, safe="$,()'/")
        headers = {"Authorization": self._authorization(), "client-request-id": self._request_id()}
        if advanced:
            headers["ConsistencyLevel"] = "eventual"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._answer(self._send(method, url, headers, None if body is None else json.dumps(body).encode()))

    def _follow(self, link: str) -> Any:
        headers = {
            "Authorization": self._authorization(), "client-request-id": self._request_id(),
            "ConsistencyLevel": "eventual",
        }  # fmt: skip
        return self._answer(self._send("GET", link, headers, None))

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> urllib3.BaseHTTPResponse:
        try:
            path = url.removeprefix(self._base)
            return self._pool.urlopen(method, path, body, headers, retries=False, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise TenantUnreachableError(f"no answer to {method}: {type(error).__name__}") from None

    @staticmethod
    def _answer(response: urllib3.BaseHTTPResponse) -> Any:
        text = response.data
        content: Any = None
        if text:
            try:
                content = json.loads(text)
            except ValueError:
                content = None
        if response.status >= 400:
            raise _refusal(response.status, content)
        return content

    def close(self) -> None:
        self._pool.close()


def _refusal(status: int, content: Any) -> TenantRefusedError:
    """Read an error body: Graph's, the token endpoint's or the sync service's."""
    if not isinstance(content, dict):
        return TenantRefusedError(status, str(status), "an answer without an error body")
    error = content.get("error")
    if isinstance(error, dict):
        return TenantRefusedError(status, str(error.get("code", status)), str(error.get("message", "")))
    if isinstance(error, str):
        codes = content.get("error_codes") or [error]
        return TenantRefusedError(status, f"AADSTS{codes[0]}" if codes[0] != error else error, _first_line(content))
    code = content.get("ErrorCode", status)
    return TenantRefusedError(status, str(code), str(content.get("ErrorDescription", "")))


def _first_line(content: Mapping[str, Any]) -> str:
    return str(content.get("error_description", "")).split(" Trace ID:")[0].splitlines()[0]
