"""A server of this world set up from an exported server configuration: the verb ``install`` with ``configuration``.

Folder names start at the scenario file, as those of ``ldif:`` do. Source: facts "engine" 19.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.installation import Choices, host_machine
from harness.lab.server import Server
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab

#: the choices of ``install`` that do not come from the export
_FREE_CHOICES = ("start_sync", "tenant", "version", "host")


@dataclass(frozen=True)
class ConfigurationChoice:
    """folder: as written. forests: of the export to of this world. containers: by forest of this world, OUs by kind."""

    folder: str
    forests: Mapping[str, str] = field(default_factory=dict)
    containers: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)

    @staticmethod
    def of(plain: Mapping[str, Any]) -> ConfigurationChoice:
        return ConfigurationChoice(plain["folder"], plain.get("map") or {}, plain.get("containers") or {})


def import_server(lab: Lab, name: str, wanted: ConfigurationChoice, choices: Choices) -> Server:
    """Set the server up; an EngineError says what of the export or of the world does not fit."""
    from engine.profile import behaviour
    from engine.setup.answers import Credential, OuSelection
    from engine.setup.configuration.configuration_import import ConfigurationImport, import_configuration

    if name in lab.servers:
        raise ScenarioError(f"there is a server {name} already; destroy it first or choose another name")
    _refuse_other_choices(choices)
    forests = {exported: lab.forest(used) for exported, used in wanted.forests.items()}
    tenant = lab.tenant(choices.tenant)
    selections = {}
    for one, ous in wanted.containers.items():
        forest = lab.forest(one)
        kinds = (tuple(map(forest.container, ous.get(kind) or ())) for kind in ("include", "exclude"))
        selections[forest.name] = OuSelection(*kinds)
    outcome = import_configuration(
        ConfigurationImport(
            folder=Path(lab.world.folder) / wanted.folder,
            entra_admin=Credential(tenant.service.admin_upn, tenant.admin_password),
            administrators={
                forest.name.lower(): Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
                for forest in lab.forests.values()
            },
            forests={exported: forest.name for exported, forest in forests.items()},
            containers=selections,
            start_sync=choices.start_sync,
        ),
        host_machine(lab, name, choices),
        network=network(lab),
        clock=lab.clock,
        seed=f"{lab.seed}/{name}",
        observer=lab.timeline.observer(name),
        profile=behaviour(lab.profile),
    )
    assert outcome.server is not None
    server = Server(lab, name, outcome.server, outcome, tenant.name)
    lab.servers[name] = server
    return server


def _refuse_other_choices(choices: Choices) -> None:
    plain = Choices()
    given = [
        one.name
        for one in fields(choices)
        if one.name not in _FREE_CHOICES and getattr(choices, one.name) != getattr(plain, one.name)
    ]
    if given:
        raise ScenarioError(
            f"with configuration the export decides about {', '.join(given)};"
            f" of the other choices of install only {', '.join(_FREE_CHOICES)} may be given"
        )
