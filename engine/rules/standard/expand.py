"""Expand the families into the rules of one server: groups by rule name, one rule per AD connector in creation order.

Precedence starts at 100 and is consecutive, so a further forest shifts the numbers after it.
Source: facts "engine" sections 8 and 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_OID, uuid5

from engine.rules.rule import SyncRule
from engine.rules.standard import from_directory, tenant_families
from engine.rules.standard.device_writeback import DEVICE_WRITE_BACK_IN, DEVICE_WRITE_BACK_OUT
from engine.rules.standard.directory_extensions import EXTENSIONS_IN, EXTENSIONS_OUT
from engine.rules.standard.family import Family
from engine.rules.standard.from_directory import FROM_DIRECTORY, DirectoryFamily
from engine.rules.standard.group_filtering import GROUP_FILTERING
from engine.rules.standard.group_writeback import GROUP_WRITE_BACK_IN, GROUP_WRITE_BACK_OUT
from engine.rules.standard.options import StandardRuleOptions
from engine.rules.standard.public_folders import PUBLIC_FOLDERS_FROM_DIRECTORY, PUBLIC_FOLDERS_OF_TENANT
from engine.rules.standard.tenant_families import FROM_TENANT, TO_TENANT, TenantFamily
from engine.rules.standard.to_directory import TO_DIRECTORY

FIRST_PRECEDENCE = 100
_NAMESPACE = uuid5(NAMESPACE_OID, "anchorage standard synchronization rule")


def rule_identifier(name: str, connector: str) -> str:
    """The identifier of a standard rule: the same on every server that has this connector."""
    return str(uuid5(_NAMESPACE, f"{name}|{connector.lower()}"))


def standard_rules(options: StandardRuleOptions) -> tuple[SyncRule, ...]:
    """Give the out-of-box rules for these options, in precedence order."""
    return tuple(
        family.bind(rule_identifier(family.name, connector), connector, FIRST_PRECEDENCE + position)
        for position, (family, connector) in enumerate(_families(options))
    )


def _families(options: StandardRuleOptions) -> Iterator[tuple[Family, str]]:
    yield from _of_directories(options, (*FROM_DIRECTORY, *EXTENSIONS_IN))
    yield from _of_directories(options, (*PUBLIC_FOLDERS_FROM_DIRECTORY, *GROUP_FILTERING))
    yield from _of_tenant(options, (*FROM_TENANT, *TO_TENANT, *EXTENSIONS_OUT, *PUBLIC_FOLDERS_OF_TENANT))
    yield from _of_directories(options, (*TO_DIRECTORY, from_directory.computer_join))
    yield from _of_tenant(options, (tenant_families.device_join,))
    yield from _of_directories(options, (from_directory.device_common,))
    yield from _of_tenant(options, (tenant_families.device_common, *GROUP_WRITE_BACK_IN, *DEVICE_WRITE_BACK_IN))
    yield from _of_directories(options, (*GROUP_WRITE_BACK_OUT, *DEVICE_WRITE_BACK_OUT))


def _of_directories(
    options: StandardRuleOptions, families: tuple[DirectoryFamily, ...]
) -> Iterator[tuple[Family, str]]:
    for make in families:
        for connector in options.ad_connectors:
            family = make(options, connector)
            if family is not None:
                yield family, connector.identifier


def _of_tenant(options: StandardRuleOptions, families: tuple[TenantFamily, ...]) -> Iterator[tuple[Family, str]]:
    for make in families:
        family = make(options)
        if family is not None:
            yield family, options.entra_connector
