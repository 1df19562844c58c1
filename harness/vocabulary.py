"""All words of the scenario language, gathered: verbs from harness/actions, views from harness/checks.

Order is the order of the docs.
"""

from __future__ import annotations

from functools import lru_cache

from emulators.faults import FAULTS
from harness.actions import (
    attributes,
    auto_upgrade,
    cloud_sync,
    components,
    customizing,
    database,
    devices,
    directory,
    dirsync,
    domains,
    exchange,
    faults,
    federation,
    migration,
    network,
    passwords,
    proxy,
    rules,
    schema,
    service,
    service_manager,
    settings,
    sign_in_methods,
    support,
    sync_server,
    tenant,
    waiting,
    wizard_pages,
    writeback,
)
from harness.actions.registry import Action
from harness.checks import attributes as attribute_checks
from harness.checks import cloud_sync as cloud_sync_checks
from harness.checks import cloud_sync_migration as migration_checks
from harness.checks import components as component_checks
from harness.checks import devices as device_checks
from harness.checks import directory as directory_checks
from harness.checks import dirsync as dirsync_checks
from harness.checks import extensions as extension_checks
from harness.checks import federated_domains as federated_domain_checks
from harness.checks import federation as federation_checks
from harness.checks import lifecycle as lifecycle_checks
from harness.checks import passwords as password_checks
from harness.checks import service as service_checks
from harness.checks import sign_in as machine_sign_in_checks
from harness.checks import sign_in_methods as sign_in_checks
from harness.checks import sync_server as server_checks
from harness.checks import tenant as tenant_checks
from harness.checks import topology as topology_checks
from harness.checks import wizard as wizard_checks
from harness.checks import wizard_tasks as wizard_task_checks
from harness.checks import world as world_checks
from harness.checks.registry import Check
from harness.scenario.language import Language, Verb
from harness.scenario.shapes import Anything, Record

ACTION_MODULES = (
    sync_server,
    customizing,
    wizard_pages,
    service_manager,
    service,
    database,
    settings,
    rules,
    directory,
    domains,
    dirsync,
    auto_upgrade,
    support,
    migration,
    tenant,
    sign_in_methods,
    passwords,
    waiting,
    faults,
    network,
    proxy,
    components,
    exchange,
    attributes,
    schema,
    writeback,
    devices,
    cloud_sync,
    federation,
)

CHECK_MODULES = (
    tenant_checks,
    sign_in_checks,
    machine_sign_in_checks,
    password_checks,
    directory_checks,
    server_checks,
    wizard_checks,
    service_checks,
    component_checks,
    attribute_checks,
    extension_checks,
    world_checks,
    topology_checks,
    lifecycle_checks,
    dirsync_checks,
    device_checks,
    cloud_sync_checks,
    migration_checks,
    federation_checks,
    federated_domain_checks,
    wizard_task_checks,
)

#: carried out by the runner itself, because they hold the scenario's variables and its verdict
EXPECT = Verb(
    "expect",
    Record((), open=Anything("what it should be: a value, an object of fields, or matchers"), what="expect"),
    "Look at things and compare: each key names what to look at, each value what it should be.",
    "expect: {tenant.users(department = Sales): {count: 3}}",
)
REMEMBER = Verb(
    "remember",
    Record((), open=Anything("what to look at"), what="remember"),
    "Look at something and keep it under a name, for $name later.",
    "remember: {before: 'tenant.users(id, userPrincipalName)'}",
)


@lru_cache(maxsize=1)
def actions() -> dict[str, Action]:
    """Return every verb that does something, by name."""
    found: dict[str, Action] = {}
    for module in ACTION_MODULES:
        found |= module.ACTIONS.by_name
    return found


@lru_cache(maxsize=1)
def checks() -> dict[tuple[str, str], Check]:
    """Return every view by owner kind and name."""
    found: dict[tuple[str, str], Check] = {}
    for module in CHECK_MODULES:
        found |= {(module.CHECKS.owner, name): one for name, one in module.CHECKS.by_name.items()}
    return found


@lru_cache(maxsize=1)
def the_language() -> Language:
    """Return the language that reads a scenario file."""
    verbs = {name: one.verb for name, one in actions().items()}
    verbs = {"expect": EXPECT, "remember": REMEMBER} | verbs
    return Language(verbs, {key: one.view for key, one in checks().items()}, dict(FAULTS))
