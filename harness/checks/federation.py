"""What an expectation can look at of federation servers, and of what sync servers keep of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.federation import FOLDER
from harness.lab.federation_answers import place
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("world")
check = CHECKS.check

_RULE_NAME = re.compile(r'^@RuleName = "(.*)"$', re.MULTILINE)


@check("farm", "world.farm(sts.contoso.com): {servers: [ADFS1], service_account: aadcsvc}", named=True)
def farm(lab: Lab, owner: Any, query: Query) -> Any:
    """A federation service: name, kind, servers, proxies, service_account, alternate_login, token_certificate, and its
    trust with Microsoft Entra ID: identifiers, rules by name, rules_text; nothing when there is none of that name.
    """
    found = place(lab).service.federation.farm(query.name() or "")
    if found is None:
        return None
    trust = None
    if found.trust is not None:
        trust = {
            "name": found.trust.name,
            "identifiers": list(found.trust.identifiers),
            "endpoints": list(found.trust.endpoints),
            "metadata_update": found.trust.metadata_update,
            "rules": _RULE_NAME.findall(found.trust.rules),
            "rules_text": found.trust.rules,
        }
    return {
        "name": found.name,
        "kind": found.kind,
        "servers": list(found.servers),
        "proxies": list(found.proxies),
        "service_account": found.service_account,
        "alternate_login": found.alternate_login,
        "certificate_names": list(found.certificate_names),
        "token_certificate": found.key_number,
        "trust": trust,
    }


@check("trust_backups", "world.trust_backups(name, server = SYNC1): {count: 1}", many=True)
def trust_backups(lab: Lab, owner: Any, query: Query) -> Any:
    """Files in which sync servers wrote a trust down before they changed it: server, name, text, rules by name."""
    return [
        {"server": server.name, "name": path.name, "text": text, "rules": _RULE_NAME.findall(text)}
        for server in lab.servers.values()
        for path in sorted((Path(server.engine.folder) / FOLDER).glob("AadTrust-*.txt"))
        for text in (path.read_text(encoding="utf-8"),)
    ]
