"""The wizard's answers for a machine of this world: which administrators sign in, which directories, which choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.cloud_administrators import with_entra_admin
from harness.lab.federation_answers import federation_answers
from harness.lab.page_choices import directory_with_pages, with_pages
from harness.lab.population import domain_dn
from harness.lab.recovery import with_recovery
from harness.lab.server import Server
from harness.lab.sign_in_methods import with_single_sign_on
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
    write_back: Mapping[str, Any] | None = None  # where written-back groups go, as in harness/actions/writeback.py
    recovery: Mapping[str, Any] = field(default_factory=dict)  # as in harness/scenario/recovery_shape.py
    pages: Mapping[str, Any] | None = None  # what single pages say besides: page_choices.py
    dirsync: Mapping[str, Any] = field(default_factory=dict)  # as in harness/actions/dirsync.py UPGRADE
    entra_admin: Mapping[str, Any] = field(default_factory=dict)
    enterprise_admin: str | None = None
    interactive_auth: bool = False
    federation: Mapping[str, Any] = field(default_factory=dict)  # as in federation_shape.py FEDERATION_ANSWERS
    single_sign_on: Mapping[str, Any] | None = None  # as in harness/actions/sign_in_methods.py


#: arguments of the verb ``install`` that are choices; each has the name of a field, but for the three lists of ``ous``
CHOICES = frozenset(one.name for one in fields(Choices)) - {"included", "excluded", "new_ous"} | {"ous"}


def read_choices(given: Mapping[str, Any]) -> Choices:
    """Return the choices that arguments of ``install`` stand for; one that is missing or None has its default."""
    stated = {name: value for name, value in given.items() if value is not None}
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}
    ous = kept.pop("ous", {})
    return Choices(
        **kept,
        included=tuple(ous.get("include") or ()),
        excluded=tuple(ous.get("exclude") or ()),
        new_ous=ous.get("new", "include") == "include",
    )


def merge_choices(choices: Choices, given: Mapping[str, Any]) -> Choices:
    """Return the choices with some arguments of ``install`` answered anew."""
    fresh = read_choices(given)
    names = {*given} - {"ous"} | ({"included", "excluded", "new_ous"} if "ous" in given else set())
    anew = {name: getattr(fresh, name) for name in names}
    held = {name: getattr(choices, name) for name in names}
    return replace(choices, **{name: _over(held[name], value) for name, value in anew.items()})


def _over(held: Any, value: Any) -> Any:
    """A record answered on two pages keeps what the other page said."""
    return {**held, **value} if isinstance(held, Mapping) and isinstance(value, Mapping) else value


def install_server(lab: Lab, name: str, choices: Choices) -> Server:
    """Run the wizard; raises StepRefusedError with the page that refused."""
    run = start_wizard(lab, name, choices)
    try:
        run.through()
    finally:
        run.close()
    return finish_wizard(lab, name, run, choices)


def machine_seed(lab: Lab, name: str) -> str:
    """The seed of an installation: a machine that is set up again does not make the same accounts again."""
    again = [*lab.lost_servers, *lab.uninstalled].count(name)
    return f"{lab.seed}/{name}" + (f"/{again}" if again else "")


def start_wizard(lab: Lab, name: str, choices: Choices) -> Any:
    """Open the wizard on a machine without a server; it stands at its first page."""
    from engine.profile import behaviour
    from engine.setup.installation import open_wizard

    if name in lab.servers:
        raise ScenarioError(f"there is a server {name} already; destroy it first or choose another name")
    return open_wizard(
        read_answers(lab, choices),
        host_machine(lab, name, choices),
        network=network(lab),
        clock=lab.clock,
        seed=machine_seed(lab, name),
        profile=behaviour(lab.profile),
    )


def finish_wizard(lab: Lab, name: str, run: Any, choices: Choices) -> Server:
    """Start the server that a wizard configured; raises StepRefusedError with the page where it stopped."""
    from engine.setup.installation import configured_server
    from harness.lab import dirsync

    outcome = configured_server(
        run, network=network(lab), clock=lab.clock, seed=machine_seed(lab, name), observer=lab.timeline.observer(name)
    )
    if outcome.server is None:
        last = outcome.pages[-1] if outcome.pages else None
        page, facts = (last.page, last.facts) if last is not None else ("", {})
        raise StepRefusedError(outcome.code, outcome.message, page, facts)
    server = Server(lab, name, outcome.server, outcome, lab.tenant(choices.tenant).name)
    lab.servers[name] = server
    dirsync.after_installation(lab, name, outcome)
    return server


def read_answers(lab: Lab, choices: Choices) -> Any:
    """Return the wizard's answers for these choices."""
    from engine.setup import answers as wizard
    from harness.lab import dirsync
    from harness.lab.write_back import group_choice

    tenant = lab.tenant(choices.tenant)
    names = choices.forests or tuple(lab.forests)
    answers = wizard.SetupAnswers(
        entra_admin=wizard.Credential(tenant.service.admin_upn, tenant.admin_password),
        directories=tuple(directory_answers(lab, lab.forest(one), choices) for one in names),
        mode=wizard.Mode(choices.mode),
        tenant=tenant.name,
        components=wizard.Components(sql_instance=choices.sql_instance, database=choices.database),
        sign_in=wizard.SignIn(choices.sign_in),
        federation=federation_answers(lab, choices.federation),
        upn_attribute=choices.upn_attribute,
        identification=wizard.Identification(choices.identify),
        identification_attribute=choices.identify_attribute,
        source_anchor=wizard.SourceAnchorChoice(choices.anchor),
        features=frozenset(wizard.Feature(one) for one in choices.features),
        group_writeback=group_choice(lab, choices.write_back),
        start_sync=choices.start_sync,
        staging=choices.staging,
        switches=wizard.Switches(
            skip_ldap_search=choices.skip_ldap_search,
            use_existing_database=choices.use_existing_database,
            force_export=bool(choices.dirsync.get("force_export")),
            migrate=bool(choices.dirsync.get("migrate") or choices.dirsync.get("settings")),
        ),
        dirsync=dirsync.upgrade_answers(lab, choices.dirsync),
    )
    wanted = choices.entra_admin
    answers = with_entra_admin(lab, answers, tenant, wanted, interactive=choices.interactive_auth)
    answers = with_single_sign_on(lab, answers, choices.single_sign_on)
    return with_recovery(lab, with_pages(lab, answers, choices.pages), choices.recovery)


def directory_answers(lab: Lab, forest: Forest, choices: Choices) -> Any:
    from engine.setup import answers as wizard

    credential = wizard.Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
    if choices.enterprise_admin is not None:
        credential = wizard.Credential(*own_account(lab, forest, choices.enterprise_admin))
    option = wizard.AccountOption.CREATE
    if choices.account is not None:
        credential = wizard.Credential(*own_account(lab, forest, choices.account))
        option = wizard.AccountOption.EXISTING
    selection = {}
    if choices.included or choices.excluded or not choices.new_ous:
        selection = ou_selections(forest, choices.included, choices.excluded, new=choices.new_ous)
    named = [one.name for one in (forest.document, *forest.document.domains) if one.name in choices.domains]
    group = choices.group_filter
    directory = wizard.DirectoryAnswers(
        forest.name,
        credential,
        option,
        domains=tuple(named) if choices.domains else None,
        ou_selection=selection,
        group_filter=group.get(forest.name) if isinstance(group, Mapping) else group,
    )
    return directory_with_pages(lab, forest, directory, choices.pages)


def own_account(lab: Lab, forest: Forest, name: str) -> tuple[str, str]:
    """Return logon name and password of somebody of this forest whose password the world made."""
    login = (forest.find(name, ["sAMAccountName"]).first("sAMAccountName") or b"").decode()
    return f"{forest.document.netbios}\\{login}", lab.seeds.password(f"{forest.name}/{login}")


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


def _first_administrator(lab: Lab) -> str:
    netbios = next((forest.document.netbios for forest in lab.forests.values()), "")
    return f"{netbios}\\Administrator" if netbios else ""


def host_machine(lab: Lab, name: str, choices: Choices) -> Any:
    from engine.setup import answers as wizard
    from harness.lab import dirsync

    first = next(iter(lab.forests), "")
    facts = dict(choices.host)
    unknown = [key for key in facts if key not in wizard.HostMachine.__dataclass_fields__]
    if unknown:
        raise ScenarioError(f"a machine has no fact {', '.join(unknown)}")
    return wizard.HostMachine(
        name=name,
        folder=Server.folder_of(lab, name),
        product_version=choices.version,
        sql_instances=lab.sql.of_machine(),
        dirsync=dirsync.installation_on(lab, name),
        **{"domain": first, "signed_in_user": _first_administrator(lab), **facts},
    )
