"""The support bundle of a server on the stage: collected, kept in the world's folder, read back.

Source: seed004 (the three artifacts of an escalation).
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.failover import NAME
from harness.lab.server import Server
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab

SCHEDULER = "Get-ADSyncScheduler | Format-List"


def bundle_path(lab: Lab, name: str) -> Path:
    return lab.folder / "support" / f"{name}.zip"


def collect(lab: Lab, server: Server, name: str, about: str | None) -> None:
    """Write the archive. about: DN, or the name of an object of a forest; without it what stands in error."""
    from engine.support_bundle import support_bundle
    from engine.views import Windows

    if not NAME.fullmatch(name):
        raise ScenarioError(f"a bundle cannot be called {name}: letters, digits and - only")
    try:
        made = support_bundle(
            Windows(server.engine.database),
            server.engine.events.read(),
            lambda: _typed(server),
            server=server.name,
            version=server.engine.version,
            moment=lab.clock.now(),
            about=_dn(lab, about) if about is not None else None,
        )
    except LookupError as unknown:
        raise ScenarioError(str(unknown)) from None
    path = bundle_path(lab, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.archive())


def _dn(lab: Lab, about: str) -> str:
    if "=" in about:
        return about
    for forest in lab.forests.values():
        try:
            return str(forest.find(about).dn)
        except ScenarioError:
            continue
    raise ScenarioError(f"no forest has an object {about}")


def _typed(server: Server) -> str:
    """What an operator sees at the prompt; a refusal is told in its place."""
    from engine.cmdlets import CMDLETS, Session
    from harness.lab.prompt import told

    answer = told(Session(server.engine, CMDLETS).run(SCHEDULER), None)
    said = [*answer["lines"], *([answer["error"]["message"]] if answer.get("error") else [])]
    return "\n".join([f"> {SCHEDULER}", *said]) + "\n"


def shown(lab: Lab, name: str) -> dict[str, Any]:
    """What is in a bundle: its manifest, the scheduler's text, the events, the connector-space exports by file."""
    path = bundle_path(lab, name)
    if not path.exists():
        raise ScenarioError(f"no support bundle is called {name}")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        texts = {one: archive.read(one).decode() for one in names}
    manifest: dict[str, Any] = json.loads(texts["manifest.json"])
    return {
        **manifest,
        "files": names,
        "scheduler": texts["scheduler.txt"],
        "log": json.loads(texts["application-events.json"]),
        "exports": [{"file": one, "xml": texts[one]} for one in names if one.startswith("connector-space/")],
        "text": "\n".join(texts.values()),
    }
