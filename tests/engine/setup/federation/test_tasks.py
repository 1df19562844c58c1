"""The button Verify, clause by clause; and tasks of a server that manages no farm."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.name_service import DnsRecord
from engine.setup.answers import Credential
from engine.setup.federation import tasks

FARM = "sts.contoso.com"
A, ALIAS = DnsRecord(FARM, "A", "10.0.0.1"), DnsRecord(FARM, "CNAME", "adfs1.contoso.com")


class Names:
    def __init__(self, inside: DnsRecord | None, outside: DnsRecord | None) -> None:
        self._views = (inside, outside)

    def records(self, name: str, *, external: bool = False) -> tuple[DnsRecord, ...]:
        if name == "adfs1.contoso.com":
            return (DnsRecord(name, "A", "10.0.0.2"),)
        found = self._views[external]
        return (found,) if found is not None else ()

    def site(self, name: str, port: int = 443) -> str | None:
        return None


@pytest.mark.parametrize(
    ("inside", "outside", "code", "intranet", "extranet"),
    [
        (A, A, "", ("passed", "passed"), "passed"),
        (A, ALIAS, "", ("passed", "passed"), "passed"),
        (ALIAS, A, "FEDERATION_A_RECORD_MISSING", ("passed", "failed"), "passed"),
        (None, A, "FEDERATION_NAME_UNRESOLVED", ("failed", "failed"), "passed"),
        (A, None, "FEDERATION_EXTRANET_UNRESOLVED", ("passed", "passed"), "failed"),
    ],
)
def test_verify(
    inside: DnsRecord | None, outside: DnsRecord | None, code: str, intranet: tuple[str, str], extranet: str
) -> None:
    page = tasks.verify_configuration(FARM, Names(inside, outside))
    assert page.code == code
    assert page.facts["intranet"] == {"resolve": intranet[0], "a_record": intranet[1]}
    assert page.facts["extranet"] == {"resolve": extranet}


@pytest.mark.parametrize("task", [tasks.repair_trust, tasks.add_domain, tasks.add_servers, tasks.add_proxies])
def test_a_server_that_manages_no_farm(tmp_path: Path, task: Any) -> None:
    server: Any = SimpleNamespace(folder=tmp_path)
    typed = tasks.FederationTask(Credential("admin@contoso.onmicrosoft.com", "x"))
    outcome = task(server, typed, None)
    assert outcome.pages[-1].code == "FARM_NOT_MANAGED"
    assert outcome.changes == {}
    assert tasks.verify(server, None).pages[-1].code == "FARM_NOT_MANAGED"  # type: ignore[arg-type]
