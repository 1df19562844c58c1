"""Reviewing a Connect server before its work moves to Cloud Sync: what has no counterpart there, feature by feature.

Source: seed004 "Should I migrate from Entra Connect Sync to Entra Cloud Sync?" (comparison table); cloud-sync decision
guide; the migration tool's list of blocking features.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.cloud_sync.expression import parse
from engine.cloud_sync.functions import MappingError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.rules.rule import FlowType, LinkType, SyncRule

GROUP_FILTER = "Connector.GroupFilteringGroupDn"
PILOT_TARGET = "cloudNoFlow"
PASS_THROUGH = "pass-through"  # noqa: S105 - a sign-in method
FEATURE = "Microsoft.OptionalFeature."


@dataclass(frozen=True)
class Finding:
    """blocking: Cloud Sync cannot do it; otherwise it does it in another form, which has to be set up there."""

    code: str
    feature: str
    about: str
    blocking: bool
    text: str


class SignInMemory(Protocol):
    @property
    def method(self) -> str: ...


class SignInRequests(Protocol):
    """What a server keeps of how its people sign in."""

    @property
    def memory(self) -> SignInMemory: ...


class ReviewedServer(Protocol):
    """What the review needs of a server; the composition root satisfies it."""

    connectors: dict[int, ConnectorConfiguration]

    @property
    def requests(self) -> SignInRequests: ...

    @property
    def global_settings(self) -> Mapping[str, str]: ...

    def rules(self) -> Mapping[int, SyncRule]: ...


def review_migration(server: ReviewedServer) -> list[Finding]:
    """Everything that speaks against the move, blocking findings first."""
    sign_in = server.requests.memory.method
    found = [*_features(server.global_settings, sign_in), *_connectors(server.connectors.values()), *_rules(server)]
    return sorted(found, key=lambda one: (not one.blocking, one.code, one.about))


#: global setting -> (value that means it is in use, code, feature, blocking, text)
_SETTINGS: tuple[tuple[str, str, str, str, bool, str], ...] = (
    (f"{FEATURE}DeviceWriteBack", "True", "DEVICE_WRITEBACK", "Device Writeback", True,
     "Device writeback has to be given up or set up anew: the configurations here write no devices back."),
    (f"{FEATURE}DeviceWriteUp", "True", "DEVICE_SYNC", "Device synchronization", False,
     "Cloud Sync does not synchronize devices: Microsoft Entra hybrid join needs another way."),
    (f"{FEATURE}GroupWriteBack", "True", "GROUP_WRITEBACK", "Group Writeback", False,
     "Group writeback becomes group provisioning to Active Directory, a configuration of its own."),
    (f"{FEATURE}GroupWriteBackV2", "True", "GROUP_WRITEBACK", "Group Writeback", False,
     "Group writeback becomes group provisioning to Active Directory, a configuration of its own."),
    (f"{FEATURE}HybridExchange", "True", "EXCHANGE_HYBRID", "Exchange Hybrid attributes", False,
     "Cloud Sync carries most Exchange hybrid attributes; writing back is a job of its own."),
    (f"{FEATURE}DirectoryExtension", "True", "DIRECTORY_EXTENSIONS", "Directory extensions", False,
     "Directory extensions have to be mapped anew."),
)  # fmt: skip


def _features(settings: Mapping[str, str], sign_in: str) -> Iterator[Finding]:
    for name, value, code, feature, blocking, text in _SETTINGS:
        if settings.get(name, "").lower() == value.lower():
            yield Finding(code, feature, name, blocking, text)
    if sign_in == PASS_THROUGH:
        text = (
            "Cloud Sync does not support pass-through authentication: use password hash synchronization or federation."
        )
        yield Finding("PASS_THROUGH_AUTHENTICATION", "Pass-Through Authentication", sign_in, True, text)


def _connectors(connectors: Iterable[ConnectorConfiguration]) -> Iterator[Finding]:
    forests = [one for one in connectors if one.type is ConnectorType.ACTIVE_DIRECTORY]
    for one in forests:
        if one.parameters.get(GROUP_FILTER):
            text = "A filtering group becomes a scoping filter by group; nested members are out there as well."
            yield Finding("GROUP_FILTER", "Group filtering", one.name, False, text)


def _rules(server: ReviewedServer) -> Iterator[Finding]:
    for rule in server.rules().values():
        if rule.is_standard or rule.disabled or _belongs_to_pilot(rule):
            continue
        yield from _custom_rule(rule)


def _belongs_to_pilot(rule: SyncRule) -> bool:
    """The rules that mute Connect for the pilot go with Connect."""
    if rule.link_type is LinkType.JOIN_NO_FLOW:
        return True
    return [flow.target for flow in rule.flows] == [PILOT_TARGET]


def _custom_rule(rule: SyncRule) -> Iterator[Finding]:
    if rule.scope:
        text = "The rule applies to some objects only; attribute mappings apply to all in scope."
        yield Finding("CUSTOM_RULE_SCOPE", "Custom sync rules", rule.name, True, text)
    if rule.joins and rule.link_type is not LinkType.JOIN:
        text = "The rule provisions or joins by criteria of its own; Cloud Sync matches by the anchor alone."
        yield Finding("CUSTOM_RULE_JOIN", "Custom sync rules", rule.name, True, text)
    for flow in rule.flows:
        about = f"{rule.name}: {flow.target}"
        if flow.type is not FlowType.EXPRESSION:
            text = "The flow becomes a direct or constant attribute mapping."
            yield Finding("CUSTOM_MAPPING", "Custom sync rules", about, False, text)
            continue
        try:
            parse(flow.expression or "")
        except MappingError as missing:
            text = f"The expression cannot be written as an attribute mapping. {missing.message}"
            yield Finding("CUSTOM_RULE_EXPRESSION", "Custom sync rules", about, True, text)
            continue
        yield Finding(
            "CUSTOM_MAPPING", "Custom sync rules", about, False, "The expression becomes an attribute mapping."
        )
