"""Additional tasks of the wizard on a configured server, with the credentials of this world's administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.installation import ou_selection, ou_selections
from harness.lab.server import Server
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab


@dataclass(frozen=True)
class CustomChoices:
    """What a scenario says about Customize synchronization options; names as in the verb ``wizard.customize``."""

    forest: str | None = None
    ous: Mapping[str, Any] | None = None
    remove_group_filter: bool = False
    group_filter: str | None = None
    upn_attribute: str | None = None
    anchor: str | None = None
    identify: str | None = None
    domains: tuple[str, ...] | None = None


def listed_tasks(server: Server) -> tuple[str, ...]:
    """What the page Additional tasks lists."""
    from engine.setup import lifecycle

    return lifecycle.additional_tasks(server.engine)


def run_task(lab: Lab, server: Server, task: str, *, enabled: bool | None, skip_ldap_search: bool) -> Any:
    """Run a task and return its outcome; what the wizard does not emulate it refuses itself."""
    from engine.setup import lifecycle
    from engine.setup.features.schema_refresh import refresh_schema

    admin, surroundings = administrator(lab, server)
    match task:
        case "staging":
            if enabled is None:
                raise ScenarioError("the task staging needs enabled: true or enabled: false")
            return lifecycle.configure_staging_mode(server.engine, admin, surroundings, enabled=enabled)
        case "configure_source_anchor":
            from harness.lab.federation_tasks import switch_anchor

            return switch_anchor(lab, server, skip_ldap_search=skip_ldap_search)
    return refresh_schema(server.engine, admin, surroundings)


def customize(lab: Lab, server: Server, choices: CustomChoices) -> Any:
    """Run the task Customize synchronization options and return its outcome."""
    from engine.setup import customizing
    from engine.setup.global_settings import JOIN_CRITERIA

    selections = {}
    if choices.ous is not None:
        forest = lab.forest(choices.forest)
        new = choices.ous.get("new", "include") == "include"
        included, excluded = (choices.ous.get(kind) or () for kind in ("include", "exclude"))
        made = ou_selections(forest, included, excluded, new=new)
        selections = {forest.name: made or {forest.name: ou_selection(forest, (), (), new=new)}}
    fixed = {"upn_attribute": choices.upn_attribute, "source_anchor": choices.anchor}
    if choices.identify is not None:
        fixed["identification"] = next((v for k, v in JOIN_CRITERIA.items() if k == choices.identify), choices.identify)
    wanted = customizing.Customization(
        ou_selection=selections,
        domains={lab.forest(choices.forest).name: choices.domains} if choices.domains is not None else {},
        group_filter={lab.forest(choices.forest).name: choices.group_filter} if choices.group_filter else {},
        remove_group_filter=choices.remove_group_filter,
        fixed={name: value for name, value in fixed.items() if value is not None},
    )
    admin, surroundings = administrator(lab, server)
    return customizing.customize(server.engine, admin, wanted, surroundings, lab.clock)


def shown_options(server: Server) -> dict[str, Any]:
    """What the pages of Customize synchronization options show when they open."""
    from engine.setup.customizing import shown_options

    return shown_options(server.engine)


def administrator(lab: Lab, server: Server) -> tuple[Any, Any]:
    """Return the administrator's credential and what the wizard reaches from this server."""
    from engine.setup.answers import Credential
    from engine.setup.reached_systems import ReachedSystems

    tenant = lab.tenant(server.tenant)
    surroundings = ReachedSystems(
        network(lab),
        lab.clock,
        server_name=server.name,
        product_version=server.engine.version,
        wait=lambda seconds: None,
        identifiers=Random(f"{lab.seed}/{server.name}/wizard/{lab.timeline.mark()}"),
        account=server.engine.database.fact("signed-in-user"),
    )
    return Credential(tenant.service.admin_upn, tenant.admin_password), surroundings
