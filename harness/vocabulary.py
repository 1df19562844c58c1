"""All words of the scenario language, gathered: verbs from harness/actions, views from harness/checks.

Order is the order of the docs.
"""

from __future__ import annotations

from functools import lru_cache

from emulators.faults import FAULTS
from harness.actions import (
    customizing,
    directory,
    domains,
    faults,
    migration,
    network,
    rules,
    service_manager,
    sync_server,
    tenant,
    waiting,
)
from harness.actions.registry import Action
from harness.checks import directory as directory_checks
from harness.checks import sync_server as server_checks
from harness.checks import tenant as tenant_checks
from harness.checks import world as world_checks
from harness.checks.registry import Check
from harness.scenario.language import Language, Verb
from harness.scenario.shapes import Anything, Record

ACTION_MODULES = (
    sync_server,
    customizing,
    service_manager,
    rules,
    directory,
    domains,
    migration,
    tenant,
    waiting,
    faults,
    network,
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
    for module in (tenant_checks, directory_checks, server_checks, world_checks):
        found |= {(module.CHECKS.owner, name): one for name, one in module.CHECKS.by_name.items()}
    return found


@lru_cache(maxsize=1)
def the_language() -> Language:
    """Return the language that reads a scenario file."""
    verbs = {name: one.verb for name, one in actions().items()}
    verbs = {"expect": EXPECT, "remember": REMEMBER} | verbs
    return Language(verbs, {key: one.view for key, one in checks().items()}, dict(FAULTS))
