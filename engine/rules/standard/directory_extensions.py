"""The rules of the directory extensions: attributes of AD that go to the tenant under names of their own.

A text longer than the tenant keeps is cut on its way into the metaverse. Source: facts "install" 13.4 (DEX-02 to
DEX-04); names of the rules after the feature, their form is ours: no exported configuration with extensions was
available.
"""

from __future__ import annotations

from engine.model.schema import AttributeType
from engine.rules.rule import AttributeFlow
from engine.rules.standard.family import Family, clauses, direct, expression
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import DirectoryConnector, DirectoryExtension, StandardRuleOptions
from engine.rules.standard.tenant_families import TenantFamily

#: What the tenant keeps of one value (DEX-04).
CHARACTERS_MAX = 250

#: (word in the rule names, class in the directory and in the tenant, metaverse type, who stays out of the cloud)
_TYPES = (
    ("User", "user", "person", "sourceObjectType EQUAL User"),
    ("Group", "group", "group", "sourceAnchor ISNOTNULL"),
)


def _inbound(extension: DirectoryExtension) -> AttributeFlow:
    attribute, target = extension.attribute, extension.target
    if extension.type is not AttributeType.STRING:
        return direct(f"{target}={attribute}")[0]
    cut = f"Left([{attribute}],{CHARACTERS_MAX})"
    if extension.multivalued:
        cut = f"Select($item,[{attribute}],Left($item,{CHARACTERS_MAX}))"
    return expression(target, f"IIF(IsNullOrEmpty([{attribute}]),NULL,{cut})", attribute)


def _chosen(options: StandardRuleOptions, kind: str) -> tuple[DirectoryExtension, ...]:
    return tuple(one for one in options.extensions if kind in one.object_types)


def _from_directory(word: str, kind: str, target: str) -> DirectoryFamily:
    def family(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
        del connector
        flows = tuple(_inbound(one) for one in _chosen(options, kind))
        return Family(f"In from AD - {word} DirectoryExtension", kind, target, flows=flows) if flows else None

    return family


def _to_tenant(word: str, kind: str, source: str, clause: str) -> TenantFamily:
    scope = (clauses(clause, "cloudMastered NOTEQUAL True"),)

    def family(options: StandardRuleOptions) -> Family | None:
        flows = tuple(flow for one in _chosen(options, kind) for flow in direct(one.target))
        return (
            Family(f"Out to AAD - {word} DirectoryExtension", source, kind, scope=scope, flows=flows) if flows else None
        )

    return family


EXTENSIONS_IN: tuple[DirectoryFamily, ...] = tuple(_from_directory(word, kind, mv) for word, kind, mv, _ in _TYPES)
EXTENSIONS_OUT: tuple[TenantFamily, ...] = tuple(_to_tenant(*row) for row in _TYPES)
