"""Remote management of a Windows server: cmdlets with their parameters go out, what they return comes back.

JSON over HTTPS below /wsman stands for PowerShell remoting. The administrator's password is in the request's header
and in nothing that is kept or raised. Source: facts "install" FED-01.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import orjson

from engine.connectors.federation.web import Web
from engine.errors import ConnectorError, EngineError


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who manages."""

    name: str
    password: str = field(repr=False)


class CommandRefused(EngineError):
    """The server refused a cmdlet; ``reason`` is its word for it."""

    def __init__(self, machine: str, reason: str, text: str) -> None:
        super().__init__("REMOTE_COMMAND_REFUSED", f"{machine}: {text}")
        self.reason = reason


class RemoteMachine:
    """One server and who manages it."""

    def __init__(self, name: str, administrator: Administrator, web: Web) -> None:
        self.name = name
        self._administrator = administrator
        self._web = web

    def run(self, command: str, **parameters: object) -> Any:
        """Run a cmdlet; raises EngineError with the wizard's codes when the server cannot be managed."""
        secret = f"{self._administrator.name}:{self._administrator.password}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(secret).decode()}",
            "Content-Type": "application/json",
        }
        body = orjson.dumps({"Command": command, "Parameters": parameters})
        try:
            status, content = self._web.request("POST", f"https://{self.name}/wsman", headers=headers, body=body)
        except ConnectorError as error:
            raise EngineError("MACHINE_UNREACHABLE", error.message) from None
        if status == 401:
            text = f"Connecting to {self.name} failed: access is denied to {self._administrator.name}."
            raise EngineError("REMOTE_ACCESS_DENIED", text)
        if status == 404:
            text = f"Remote management is not enabled on {self.name}."
            raise EngineError("REMOTE_MANAGEMENT_DISABLED", text)
        answer = _read(content)
        error_part = answer.get("Error")
        if isinstance(error_part, dict):
            raise CommandRefused(self.name, str(error_part.get("Code", "")), str(error_part.get("Message", "")))
        if status != 200:
            raise EngineError("MACHINE_UNREACHABLE", f"{self.name} answered {command} with {status}.")
        return answer.get("Result")


def _read(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
