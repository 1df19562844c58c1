"""Answers and decisions to a configured server: connectors, rules, global settings, secrets. Pure.

Source: facts "install" section 1 (what an install writes), facts "engine" sections 5.1, 16.2, 18.3, 19.2 (names).
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.connectors.active_directory.partitions import DomainFacts, ForestFacts
from engine.model.configuration import (
    ENTRA_CONNECTOR_ID,
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.schema import AttributeType, Schema
from engine.rules import standard
from engine.rules.rule import Direction, SyncRule
from engine.rules.standard.options import (
    DirectoryConnector,
    StandardRuleOptions,
)
from engine.scheduler import (
    DELTA_IMPORT,
    DELTA_SYNCHRONIZATION,
    EXPORT,
    FULL_IMPORT,
    FULL_SYNCHRONIZATION,
)
from engine.setup.answers import Feature, OuSelection
from engine.setup.features.attribute_choice import attribute_settings, metaverse_of, rule_choices, with_public_folders
from engine.setup.features.directory_extensions import TENANT_TYPES, with_extensions
from engine.setup.features.write_back_settings import chosen_settings, with_containers, write_back
from engine.setup.global_settings import global_settings, join_criteria
from engine.setup.plan import DirectoryPlan, InstallPlan, ServerBlueprint
from engine.versions import at_least

PROFILES: tuple[tuple[str, StepType], ...] = (
    (FULL_IMPORT, StepType.FULL_IMPORT),
    (FULL_SYNCHRONIZATION, StepType.FULL_SYNCHRONIZATION),
    (DELTA_IMPORT, StepType.DELTA_IMPORT),
    (DELTA_SYNCHRONIZATION, StepType.DELTA_SYNCHRONIZATION),
    (EXPORT, StepType.EXPORT),
)
#: What single object sync runs; it came with this release (single object sync, prerequisites).
SPECIFIC_OBJECT_PROFILES: tuple[tuple[str, StepType], ...] = (
    ("Specific Object Import", StepType.SPECIFIC_OBJECT_IMPORT),
    ("Specific Object Export", StepType.SPECIFIC_OBJECT_EXPORT),
)
SPECIFIC_OBJECT_SINCE = "1.6.4.0"
AD_OBJECT_TYPES = (
    "computer",
    "contact",
    "foreignSecurityPrincipal",
    "group",
    "inetOrgPerson",
    "msDS-Device",
    "user",
    "container",
    "domainDNS",
    "organizationalUnit",
)
ENTRA_OBJECT_TYPES = ("contact", "device", "group", "user")
#: The release whose In from AD - User Common flows employeeType (version release history).
EMPLOYEE_TYPE_SINCE = "2.2.1.0"
#: The release from which users matched across directories carry sourceAnchorBinary (facts "install" 18).
CROSS_DIRECTORY_ANCHOR_SINCE = "1.1.552.0"
#: What every import needs, whatever the rules read.
ALWAYS_READ = ("objectGUID", "objectSid", "objectClass", "sAMAccountName", "userAccountControl", "pwdLastSet")


def build_blueprint(plan: InstallPlan, source: random.Random) -> ServerBlueprint:
    """Write the plan down as connectors, rules, settings and secrets."""
    identifiers = [guid(source) for _ in plan.directories]
    rules = tuple(standard.standard_rules(rule_options(plan, identifiers)))
    connectors = [
        directory_connector(plan, directory, identifier, order, rules, source)
        for order, (directory, identifier) in enumerate(zip(plan.directories, identifiers, strict=True), start=1)
    ]
    connectors.append(entra_connector(plan, source, order=0))
    settings = global_settings(plan)
    connectors = [with_containers(connector, settings) for connector in connectors]
    secrets = {i: d.account.password for i, d in zip(identifiers, plan.directories, strict=True)}
    secrets[ENTRA_CONNECTOR_ID] = plan.entra_account.password
    return ServerBlueprint(
        server_name=plan.server_name,
        product_version=plan.product_version,
        tenant=plan.tenant,
        connectors=tuple(connectors),
        rules=rules,
        global_settings=settings,
        secrets=secrets,
        metaverse=metaverse_of(plan),
    )


def guid(source: random.Random) -> str:
    """A new identifier from the world's seed, lower case without braces."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def rule_options(plan: InstallPlan, identifiers: Sequence[str]) -> StandardRuleOptions:
    """Which of the standard rules this server gets."""
    connectors = tuple(
        DirectoryConnector(
            identifier,
            directory.facts.name,
            has_exchange=directory.facts.exchange_schema,
            has_lync=_has(directory.schema, "msRTCSIP-PrimaryUserAddress"),
            group_filtered=directory.group_dn is not None,
        )
        for identifier, directory in zip(identifiers, plan.directories, strict=True)
    )
    groups = write_back(chosen_settings(plan.answers))
    return StandardRuleOptions(
        ad_connectors=connectors,
        anchor=plan.anchor,
        anchor_type=_type_of(plan.directories[0].schema, plan.anchor),
        join_criteria=join_criteria(plan.answers),
        upn_attribute=plan.answers.upn_attribute,
        exchange_hybrid=Feature.EXCHANGE_HYBRID in plan.answers.features,
        group_writeback=groups.group_forest,
        group_display_names=groups.group_display_names,
        **rule_choices(attribute_settings(plan)),
        employee_type=at_least(plan.product_version, EMPLOYEE_TYPE_SINCE),
        cross_directory_anchor=at_least(plan.product_version, CROSS_DIRECTORY_ANCHOR_SINCE),
    )


def _has(schema: Schema, attribute: str) -> bool:
    return any(name.lower() == attribute.lower() for name in schema.attributes)


def _type_of(schema: Schema, attribute: str) -> AttributeType:
    found = next((a for n, a in schema.attributes.items() if n.lower() == attribute.lower()), None)
    return found.type if found is not None else AttributeType.STRING


def directory_connector(
    plan: InstallPlan,
    directory: DirectoryPlan,
    identifier: str,
    order: int,
    rules: Iterable[SyncRule],
    source: random.Random,
) -> ConnectorConfiguration:
    """The connector of one forest, named by its FQDN; the first cycle imports and synchronizes everything."""
    types = with_public_folders(AD_OBJECT_TYPES, plan.answers)
    partitions = tuple(_partition(domain, directory, source, types) for domain in directory.facts.domains)
    return ConnectorConfiguration(
        identifier=identifier,
        name=directory.facts.name,
        type=ConnectorType.ACTIVE_DIRECTORY,
        partitions=partitions,
        run_profiles=run_profiles(partitions, source, plan.product_version, page_size=500),
        attributes=attribute_inclusion(rules, identifier, directory.schema),
        schema=directory.schema,
        parameters=directory_parameters(directory),
        created=plan.now.isoformat(),
        order=order,
        full_import_required=True,
        full_sync_required=True,
        password_hash_sync=plan.answers.password_hash_sync,
    )


def _partition(
    domain: DomainFacts, directory: DirectoryPlan, source: random.Random, object_types: tuple[str, ...]
) -> Partition:
    by_name = {name.lower(): selection for name, selection in directory.ou_selection.items()}
    selection = by_name.get(domain.dns_name.lower()) or by_name.get(domain.dn.lower()) or OuSelection()
    return Partition(
        identifier=guid(source),
        dn=domain.dn,
        name=domain.dns_name,
        selected=domain in directory.selected,
        included=selection.included,
        excluded=stored_exclusions(selection, domain.dn),
        new_containers=selection.new_containers,
        object_types=object_types,
    )


def stored_exclusions(selection: OuSelection, domain_dn: str) -> tuple[str, ...]:
    """Only what is ticked is in: the product stores that as an exclusion of the domain's head."""
    if selection.included and domain_dn.lower() not in {dn.lower() for dn in selection.included}:
        return domain_dn, *(dn for dn in selection.excluded if dn.lower() != domain_dn.lower())
    return selection.excluded


def directory_parameters(directory: DirectoryPlan) -> dict[str, str]:
    """Connectivity facts and the %Parameters% of expressions; the NetBIOS name of every domain by its DN."""
    facts = directory.facts
    root = facts.domain(facts.root_dn) or facts.domains[0]
    login_domain, login_user = login_name(directory.account.username, facts)
    parameters = {
        "forest-name": facts.name,
        "forest-login-domain": login_domain,
        "forest-login-user": login_user,
        "Connector.GroupFilteringGroupDn": directory.group_dn or "",
        "Forest.FQDN": facts.name,
        "Forest.LDAP": facts.root_dn,
        "Forest.Netbios": root.netbios,
    }
    for domain in facts.domains:
        parameters[f"netbios:{domain.dn}"] = domain.netbios
    return parameters


def login_name(username: str, facts: ForestFacts) -> tuple[str, str]:
    """Domain and user of a name as typed: ``NETBIOS\\user``, ``fqdn\\user``, a UPN, or a bare logon name."""
    prefix, backslash, user = username.partition("\\")
    if backslash:
        domain = facts.domain(prefix)
        return (domain.dns_name if domain is not None else prefix), user
    user, _, suffix = username.rpartition("@")
    return (suffix, user) if user else (facts.name, username)


def entra_connector(plan: InstallPlan, source: random.Random, *, order: int) -> ConnectorConfiguration:
    """The tenant's connector: a fixed identifier and one partition called default."""
    types = with_public_folders(ENTRA_OBJECT_TYPES, plan.answers)
    partition = Partition(guid(source), "default", "default", object_types=types)
    return ConnectorConfiguration(
        identifier=ENTRA_CONNECTOR_ID,
        name=f"{plan.tenant} - AAD",
        type=ConnectorType.ENTRA,
        partitions=(partition,),
        run_profiles=run_profiles((partition,), source, plan.product_version, page_size=500),
        schema=with_extensions(plan.entra_schema, plan.extensions, TENANT_TYPES),
        parameters={"UserName": plan.entra_account.username},
        created=plan.now.isoformat(),
        order=order,
        full_import_required=True,
        full_sync_required=True,
    )


def run_profiles(
    partitions: Sequence[Partition], source: random.Random, product_version: str, *, page_size: int
) -> tuple[RunProfile, ...]:
    """The profiles of every connector, one step per selected partition: five, and two for single objects."""
    names = PROFILES
    if at_least(product_version, SPECIFIC_OBJECT_SINCE):
        names += SPECIFIC_OBJECT_PROFILES
    return tuple(
        RunProfile(
            guid(source),
            name,
            tuple(RunStep(step, p.identifier, page_size=page_size) for p in partitions if p.selected),
        )
        for name, step in names
    )


def profiles_over(profiles: Iterable[RunProfile], partitions: Sequence[Partition]) -> tuple[RunProfile, ...]:
    """The profiles with a step for each selected partition: those there are stay, others are made like them."""
    changed = []
    for profile in profiles:
        held = {step.partition: step for step in profile.steps}
        like = profile.steps[0] if profile.steps else None
        steps = [
            held.get(p.identifier) or (like and replace(like, partition=p.identifier)) for p in partitions if p.selected
        ]
        changed.append(replace(profile, steps=tuple(step for step in steps if step is not None)))
    return tuple(changed)


_IN_BRACKETS = re.compile(r"\[([A-Za-z][\w-]*)\]")


def attribute_inclusion(rules: Iterable[SyncRule], connector: str, schema: Schema) -> tuple[str, ...]:
    """The attributes a connector reads: what its rules name, in the schema's spelling, and what imports always need."""
    wanted = set(ALWAYS_READ)
    for rule in rules:
        if rule.connector != connector:
            continue
        for join in (clause for group in rule.joins for clause in group):
            wanted.add(join.cs_attribute)
        if rule.direction is Direction.OUTBOUND:
            wanted.update(flow.target for flow in rule.flows)
            continue
        wanted.update(clause.attribute for group in rule.scope for clause in group)
        for flow in rule.flows:
            wanted.update(flow.sources)
            wanted.update(_IN_BRACKETS.findall(flow.expression or ""))
    spelling = {name.lower(): name for name in schema.attributes}
    if not spelling:
        return ()
    return tuple(sorted({spelling[n.lower()] for n in wanted if n.lower() in spelling}, key=str.lower))
