"""What is written down of the machine and of who installed."""

from __future__ import annotations

from engine.setup.kept_facts import keep
from engine.setup.page import PageOutcome


class Facts:
    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def fact(self, name: str, default: str = "") -> str:
        return self.held.get(name, default)

    def set_fact(self, name: str, value: str) -> None:
        self.held[name] = value


def test_everything_is_text(stage) -> None:
    stage.host_changes = {"signed_in_user": "CONTOSO\\ana", "memory_gb": 16, "tls12": False, "product_version": "1.1.0"}
    facts = Facts()
    keep(facts, stage.state(), [PageOutcome("Connect to Microsoft Entra ID", facts={"health_agent": "disabled"})])
    assert facts.held == {
        "runs-as": "CONTOSO\\SYNC1$",
        "signed-in-user": "CONTOSO\\ana",
        "tls": "1.0",
        "health-agent": "disabled",
        "memory-gb": "16",
        "disk-gb": "",
    }
