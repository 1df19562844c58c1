"""Reading a schema that is saved for a provisioning job: scope, object mappings, attribute mappings; or why not.

Connect's rules have no counterpart: functions and operators the mappings do not offer are refused by their name.
Source: facts "tenant" 13.2, 13.3; cloud-sync reference-expressions, how-to-prerequisites (59 OUs or groups); seed004
"Should I migrate" (no equivalent of inline IIF expressions); Graph synchronizationRule (one kind of filter at a time).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulators.tenant.core.cloud_sync.template import ANCHOR_SOURCE, ANCHOR_TARGET, OBJECT_MAPPINGS, source_of
from emulators.tenant.core.refusals import GraphError

#: the functions of an expression mapping that are offered
FUNCTIONS = frozenset(
    {
        "append", "bitand", "cbool", "convertfrombase64", "converttobase64", "converttoutf8hex", "count", "cstr",
        "datefromnum", "error", "formatdatetime", "instr", "isnull", "isnullorempty", "ispresent", "isstring", "item",
        "join", "left", "mid", "normalizediacritics", "not", "removeduplicates", "replace", "split", "stringfromsid",
        "stripspaces", "switch", "tolower", "toupper", "trim", "word",
    }
)  # fmt: skip
SCOPE_MAX = 59
FLOW_TYPES = ("Always", "ObjectAddOnly")
KINDS = ("Attribute", "Constant", "Function")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_ATTRIBUTE = re.compile(r"\[[^\[\]]+\]")
_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_OPERATOR = re.compile(r"&&|\|\||<>|[=<>+*/|$%]|&(?!H[0-9A-Fa-f])")
_DN = re.compile(r"(?i)^(OU|CN|DC)=.+,DC=[^,]+$")
_TYPES = {source: target for _, source, target, _ in OBJECT_MAPPINGS}


def refuse(code: str, text: str) -> GraphError:
    return GraphError(400, code, text)


def checked_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as it is kept; raises GraphError naming what is wrong with it."""
    rules = given.get("synchronizationRules")
    if not isinstance(rules, list) or len(rules) != 1 or not isinstance(rules[0], dict):
        raise refuse("SchemaInvalid", "The schema of a provisioning job has exactly one synchronization rule.")
    rule = rules[0]
    scope_of(rule)
    mappings = rule.get("objectMappings")
    if not isinstance(mappings, list):
        raise refuse("SchemaInvalid", "The synchronization rule has no objectMappings.")
    seen: set[str] = set()
    for one in mappings:
        source = one.get("sourceObjectName") if isinstance(one, dict) else None
        if (
            not isinstance(source, str)
            or source not in _TYPES
            or one.get("targetObjectName") != _TYPES[source]
            or source in seen
        ):
            raise refuse("SchemaInvalid", f"There is no object mapping from '{source!s:.40}'.")
        seen.add(source)
        if one.get("scope"):
            raise refuse(
                "AttributeScopeNotOffered", "Scoping filters by attribute values are not emulated by this tenant."
            )
        _check_attributes(one)
    return {**given, "synchronizationRules": [dict(rule)]}


def scope_of(rule: Mapping[str, Any]) -> dict[str, list[str]]:
    """DNs of the OUs and of the groups in scope; both empty is everything."""
    ous = _filter(rule.get("containerFilter"), "includedContainers")
    groups = _filter(rule.get("groupFilter"), "includedGroups")
    if ous and groups:
        raise refuse("ScopeInvalid", "containerFilter and groupFilter are mutually exclusive.")
    if len(ous) > SCOPE_MAX or len(groups) > SCOPE_MAX:
        raise refuse("ScopeTooLarge", f"A configuration takes at most {SCOPE_MAX} organizational units or groups.")
    return {"OrganizationalUnits": ous, "Groups": groups}


def _filter(given: Any, name: str) -> list[str]:
    if given is None:
        return []
    listed = given.get(name) if isinstance(given, dict) else None
    if not isinstance(listed, list) or not all(isinstance(dn, str) and _DN.match(dn) for dn in listed):
        raise refuse("ScopeInvalid", f"{name} is a list of distinguished names.")
    return list(dict.fromkeys(listed))


def _check_attributes(mapping: Mapping[str, Any]) -> None:
    attributes = mapping.get("attributeMappings")
    if not isinstance(attributes, list):
        raise refuse("SchemaInvalid", "An object mapping has no attributeMappings.")
    anchors = 0
    for one in attributes:
        if not isinstance(one, dict):
            raise refuse("MappingInvalid", "An attribute mapping is an object.")
        target, source = one.get("targetAttributeName"), one.get("source") or {}
        if not isinstance(target, str) or not target or not isinstance(source, dict):
            raise refuse("MappingInvalid", "An attribute mapping has no target attribute.")
        if target.lower() == "sourceanchor":
            raise refuse("AnchorFixed", "The attribute used as source anchor cannot be changed.")
        if target == ANCHOR_TARGET:
            anchors += 1
            if source.get("expression") != ANCHOR_SOURCE:
                raise refuse("AnchorFixed", "The attribute used as source anchor cannot be changed.")
            continue
        if one.get("flowType", "Always") not in FLOW_TYPES:
            raise refuse("MappingInvalid", f"The mapping of {target} has an unknown flowType.")
        _check_source(target, source)
    if anchors != 1:
        raise refuse("AnchorFixed", "The attribute used as source anchor cannot be changed.")


def _check_source(target: str, source: Mapping[str, Any]) -> None:
    kind, text = source.get("type"), source.get("expression")
    if kind not in KINDS or not isinstance(text, str) or (kind != "Constant" and not text):
        raise refuse("MappingInvalid", f"The mapping of {target} has no source.")
    if kind == "Attribute" and not _ATTRIBUTE.fullmatch(text):
        raise refuse("MappingInvalid", f"The mapping of {target} is direct but names no attribute: {text:.80}")
    if kind == "Function":
        check_expression(target, text)


def check_expression(target: str, text: str) -> None:
    """Refuse what an expression mapping cannot say, by name."""
    bare = _ATTRIBUTE.sub(" ", _TEXT.sub(" ", text))
    for name in _CALL.findall(bare):
        if name.lower() not in FUNCTIONS:
            raise refuse("FunctionNotOffered", f"The mapping of {target} uses {name}, which cloud sync does not offer.")
    operator = _OPERATOR.search(bare)
    if operator is not None:
        raise refuse(
            "OperatorNotOffered",
            f"The mapping of {target} uses the operator {operator[0]}; an expression is made of functions alone.",
        )
    if not _CALL.match(text.strip()) or bare.count("(") != bare.count(")"):
        raise refuse("MappingInvalid", f"The expression of {target} is not a function: {text:.80}")


def work_mappings(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The object mappings as an agent gets them: enabled types, each with target, kind, source, default and flow."""
    found = []
    for one in schema["synchronizationRules"][0]["objectMappings"]:
        if not one.get("enabled", True):
            continue
        found.append(
            {
                "Source": one["sourceObjectName"],
                "Target": one["targetObjectName"],
                "FlowTypes": [word.strip() for word in str(one.get("flowTypes", "Add,Update,Delete")).split(",")],
                "Mappings": [
                    {
                        "Target": each["targetAttributeName"],
                        "Type": each["source"]["type"],
                        "Source": each["source"]["expression"],
                        "Default": each.get("defaultValue"),
                        "OnlyWhenCreating": each.get("flowType") == "ObjectAddOnly",
                    }
                    for each in one["attributeMappings"]
                    if each["targetAttributeName"] not in (ANCHOR_TARGET, "CredentialData")
                ],
            }
        )
    return found


def carries_passwords(schema: Mapping[str, Any]) -> bool:
    """Whether the mapping ``CredentialData`` stands among those of users (facts 13.2)."""
    return any(target == "CredentialData" for source, target in _targets(schema) if source == "user")


def _targets(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in schema["synchronizationRules"][0]["objectMappings"]:
        for each in one["attributeMappings"]:
            yield one["sourceObjectName"], each["targetAttributeName"]


__all__ = ["check_expression", "checked_schema", "scope_of", "source_of", "work_mappings"]
