"""The operator's prompt of a server: a line of PowerShell in, what it brought out; and the prompts of a running world.

A prompt keeps its variables from line to line under an identifier that whoever types has chosen.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from harness.lab.server import Server

if TYPE_CHECKING:
    from engine.cmdlets import Session, Transcript
    from harness.lab.lab import Lab

PROMPTS_MAX = 64


class PasswordAsked(EngineError):
    """Somebody has to type the password of this user."""

    def __init__(self, user: str) -> None:
        super().__init__("CREDENTIAL_NEEDED", f"The password of {user} is needed.")
        self.user = user


def type_line(server: Server, line: str) -> Any:
    """Run one line; returns the engine's answer (rows, warnings) or raises its refusal. Passwords are the world's."""
    from engine.cmdlets import run

    return run(line, server.engine, password_source(server.lab))


def password_source(lab: Lab) -> Callable[[str], str]:
    """Whoever administers a tenant or a forest of this world knows the password."""

    def password_of(user: str) -> str:
        known = {tenant.service.admin_upn.lower(): tenant.admin_password for tenant in lab.tenants.values()}
        known |= {f"{one.document.netbios}\\administrator".lower(): one.admin_password for one in lab.forests.values()}
        return known.get(user.lower(), "unknown")

    return password_of


class Prompts:
    """The prompts of a world that is kept running, by the identifier their typist chose."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], Session] = {}

    def words(self, server: Server) -> dict[str, Any]:
        """What a typist may complete besides cmdlets and their parameters."""
        connectors = list(server.engine.connectors.values())
        profiles = {profile.name for connector in connectors for profile in connector.run_profiles}
        return {"connectors": [one.name for one in connectors], "profiles": sorted(profiles)}

    def answer(self, server: Server, body: Mapping[str, Any]) -> dict[str, Any]:
        """Run one input and return what came of it. ``passwords``: what the typist was asked for; without it the
        world's own are used. ``skip``: statements of the input that ran before."""
        session = self._session(server, str(body.get("session", "")))
        given = body.get("passwords")
        session.prompt = _typed(given) if isinstance(given, dict) else password_source(server.lab)
        session.folder = Path(str(body.get("folder") or Path.cwd()))
        width = body.get("width")
        transcript = session.run(str(body.get("line", "")), skip=int(body.get("skip") or 0))
        return told(transcript, width if isinstance(width, int) and width > 0 else None)

    def _session(self, server: Server, identifier: str) -> Session:
        from engine.cmdlets import CMDLETS, Session

        key = (server.name, identifier)
        session = self._sessions.pop(key, None) or Session(server.engine, CMDLETS)
        session.server = server.engine  # a world that went back has another one
        self._sessions[key] = session
        while len(self._sessions) > PROMPTS_MAX:
            self._sessions.pop(next(iter(self._sessions)))
        return session


def _typed(passwords: Mapping[str, Any]) -> Callable[[str], str]:
    def password_of(user: str) -> str:
        if user not in passwords:
            raise PasswordAsked(user)
        return str(passwords[user])

    return password_of


def told(transcript: Transcript, width: int | None) -> dict[str, Any]:
    """A transcript as plain values: lines to show, records, warnings, what stopped it, whose password is asked for."""
    from engine.cmdlets import rows_of

    document: dict[str, Any] = {
        "lines": transcript.lines(width),
        "records": [{name: plain(value) for name, value in row.items()} for row in rows_of(transcript.output)],
        "warnings": list(transcript.warnings),
        "done": len(transcript.parts),
        "error": None,
    }
    failure = transcript.failure
    if failure is not None:
        refusal = failure.refusal
        document["error"] = {"code": refusal.code, "message": refusal.message, "cmdlet": failure.cmdlet}
        document["incomplete"] = bool(getattr(refusal, "incomplete", False))
        document["asks"] = str(getattr(refusal, "user", ""))
    return document


def plain(value: Any) -> Any:
    """A value of a pipeline as JSON can carry it; octets are Base64."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case timedelta():
            from engine.cmdlets import shown

            return shown(value)
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case Sequence() if not isinstance(value, str):
            return [plain(one) for one in value]
    return str(value)
