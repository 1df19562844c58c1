"""The wizard's answers for a machine of this world: which administrators sign in, which directories, which choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.population import domain_dn
from harness.lab.server import Server
from harness.refusal import ScenarioError, StepRefusedError

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.lab import Lab


@dataclass(frozen=True)
class Choices:
    """What a scenario says about an installation; names as in the verb ``install``."""

    mode: str = "express"
    staging: bool = False
    start_sync: bool = True
    anchor: str | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    new_ous: bool = True
    group_filter: str | Mapping[str, str] | None = None  # of every forest, or by forest
    identify: str = "once"
    identify_attribute: str | None = None
    upn_attribute: str = "userPrincipalName"
    sign_in: str = "password-hash-sync"
    features: tuple[str, ...] = ()
    forests: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # of all forests; none named: all are selected
    account: str | None = None
    tenant: str | None = None
    sql_instance: str | None = None
    database: str = "ADSync"
    use_existing_database: bool = False
    skip_ldap_search: bool = False
    version: str = "2.5.79.0"
    host: Mapping[str, Any] = field(default_factory=dict)


def install_server(lab: Lab, name: str, choices: Choices) -> Server:
    """Run the wizard; raises StepRefusedError with the page that refused."""
    from engine.profile import behaviour
    from engine.setup.installation import install

    if name in lab.servers:
        raise ScenarioError(f"there is a server {name} already; destroy it first or choose another name")
    outcome = install(
        _answers(lab, choices),
        host_machine(lab, name, choices),
        network=network(lab),
        clock=lab.clock,
        seed=f"{lab.seed}/{name}",
        observer=lab.timeline.observer(name),
        profile=behaviour(lab.profile),
    )
    if outcome.server is None:
        last = outcome.pages[-1] if outcome.pages else None
        page, facts = (last.page, last.facts) if last is not None else ("", {})
        raise StepRefusedError(outcome.code, outcome.message, page, facts)
    server = Server(lab, name, outcome.server, outcome, lab.tenant(choices.tenant).name)
    lab.servers[name] = server
    return server


def _answers(lab: Lab, choices: Choices) -> Any:
    from engine.setup import answers as wizard

    tenant = lab.tenant(choices.tenant)
    names = choices.forests or tuple(lab.forests)
    return wizard.SetupAnswers(
        entra_admin=wizard.Credential(tenant.service.admin_upn, tenant.admin_password),
        directories=tuple(directory_answers(lab, lab.forest(one), choices) for one in names),
        mode=wizard.Mode(choices.mode),
        tenant=tenant.name,
        components=wizard.Components(sql_instance=choices.sql_instance, database=choices.database),
        sign_in=wizard.SignIn(choices.sign_in),
        upn_attribute=choices.upn_attribute,
        identification=wizard.Identification(choices.identify),
        identification_attribute=choices.identify_attribute,
        source_anchor=wizard.SourceAnchorChoice(choices.anchor),
        features=frozenset(wizard.Feature(one) for one in choices.features),
        start_sync=choices.start_sync,
        staging=choices.staging,
        switches=wizard.Switches(
            skip_ldap_search=choices.skip_ldap_search, use_existing_database=choices.use_existing_database
        ),
    )


def directory_answers(lab: Lab, forest: Forest, choices: Choices) -> Any:
    from engine.setup import answers as wizard

    credential = wizard.Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
    option = wizard.AccountOption.CREATE
    if choices.account is not None:
        login = forest.find(choices.account, ["sAMAccountName"]).first("sAMAccountName") or b""
        password = lab.seeds.password(f"{forest.name}/{login.decode()}")
        credential = wizard.Credential(f"{forest.document.netbios}\\{login.decode()}", password)
        option = wizard.AccountOption.EXISTING
    selection = {}
    if choices.included or choices.excluded or not choices.new_ous:
        selection = ou_selections(forest, choices.included, choices.excluded, new=choices.new_ous)
    named = [one.name for one in (forest.document, *forest.document.domains) if one.name in choices.domains]
    group = choices.group_filter
    return wizard.DirectoryAnswers(
        forest.name,
        credential,
        option,
        domains=tuple(named) if choices.domains else None,
        ou_selection=selection,
        group_filter=group.get(forest.name) if isinstance(group, Mapping) else group,
    )


def ou_selection(forest: Forest, included: Iterable[str], excluded: Iterable[str], *, new: bool) -> Any:
    """What is ticked on the page Domain and OU filtering, by the OUs' names."""
    from engine.setup.answers import OuSelection

    return OuSelection(tuple(map(forest.container, included)), tuple(map(forest.container, excluded)), new)


def ou_selections(forest: Forest, included: Iterable[str], excluded: Iterable[str], *, new: bool) -> dict[str, Any]:
    """The same by domain: OUs by name are the root domain's, those of another domain are given by their DNs."""
    domains = [one.name for one in (forest.document, *forest.document.domains)]
    if len(domains) == 1:
        return {forest.name: ou_selection(forest, included, excluded, new=new)}
    ticked: dict[str, tuple[list[str], list[str]]] = {}
    for kind, names in enumerate((included, excluded)):
        for dn in map(forest.container, names):
            holding = (name for name in domains if dn.lower().endswith(domain_dn(name).lower()))
            ticked.setdefault(max(holding, key=len, default=forest.name), ([], []))[kind].append(dn)
    return {name: ou_selection(forest, *lists, new=new) for name, lists in ticked.items()}


def host_machine(lab: Lab, name: str, choices: Choices) -> Any:
    from engine.setup import answers as wizard

    first = next(iter(lab.forests), "")
    instances = {one: wizard.SqlInstance(folder) for one, folder in lab.sql_instances().items()}
    facts = dict(choices.host)
    unknown = [key for key in facts if key not in wizard.HostMachine.__dataclass_fields__]
    if unknown:
        raise ScenarioError(f"a machine has no fact {', '.join(unknown)}")
    return wizard.HostMachine(
        name=name,
        folder=Server.folder_of(lab, name),
        product_version=choices.version,
        domain=first,
        sql_instances=instances,
        **facts,
    )
