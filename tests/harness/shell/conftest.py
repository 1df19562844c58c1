"""One small world with a synchronized server, shared by the conversations of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.cmdlets import CMDLETS, Session
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.lab.prompt import password_source
from harness.pytest_plugin import make_world

WORLD = {
    "forests": {
        "contoso.com": {
            "users": [
                {"name": "Ana Lopez", "in": "Staff", "title": "Engineer", "mail": "ana.lopez@contoso.com"},
                {"name": "Ben Ode", "in": "Staff", "mail": "ben.ode@contoso.com"},
            ]
        }
    },
    "tenants": {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}},
}


class Prompt:
    """Somebody at the prompt of SYNC1."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.server = lab.server("SYNC1").engine
        self.session = Session(self.server, CMDLETS, prompt=password_source(lab))

    def say(self, text: str) -> list[str]:
        """The lines a line brings, the empty ones left out; a refusal fails the test."""
        transcript = self.session.run(text)
        assert transcript.failure is None, transcript.failure.refusal.message
        return [line for line in transcript.lines() if line.strip()]

    def refused(self, text: str) -> tuple[str, str]:
        """Code and message of what refuses a line."""
        failure = self.session.run(text).failure
        assert failure is not None
        return failure.refusal.code, failure.refusal.message


@pytest.fixture(scope="module")
def prompt() -> Iterator[Prompt]:
    with Lab(make_world(**WORLD)) as lab:
        install_server(lab, "SYNC1", Choices())
        lab.tick(lab.clock.now())
        made = Prompt(lab)
        made.server.start_sync_cycle("Delta")
        lab.tick(lab.clock.now())
        yield made
