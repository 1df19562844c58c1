"""Choose the sourceAnchor attribute: the tenant's record and the directory's state in, a decision and its reason out.

Source: design concepts (seed002), source anchor troubleshooting (seed000), facts "install" sections 12, 15.4 and 18.
Pure: the caller reads the policy, runs the search when ``scan_needed`` says so and asks again, writes the policy
when ``write_policy`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.model.anchor import NEVER_OFFERED
from engine.versions import at_least

CONSISTENCY_GUID = "mS-DS-ConsistencyGuid"
OBJECT_GUID = "objectGUID"

FIRST_WITH_POLICY = "1.1.524.0"
FIRST_WITH_SWITCH = "1.1.552.0"
#: The rule that writes the anchor to AD, and the first release that does not lose it while it is set up anew.
WRITE_BACK_RULE = "Out to AD - User ImmutableId"
FIRST_THAT_KEEPS_WRITE_BACK = "1.1.558.0"


class Route(StrEnum):
    """express leaves no choice; custom shows the page."""

    EXPRESS = "express"
    CUSTOM = "custom"


class Operation(StrEnum):
    NEW_INSTALL = "new-install"
    SECOND_SERVER = "second-server"
    ADD_DIRECTORY = "add-directory"
    SWITCH = "switch"
    EXISTING_DATABASE = "existing-database"
    IMPORT_SETTINGS = "import-settings"


class Scan(StrEnum):
    """What the search for mS-DS-ConsistencyGuid on user objects found."""

    NOT_DONE = "not-done"
    NONE = "none"
    SOME = "some"
    SKIPPED = "skipped"  # /SkipLdapSearch


class Predecessor(StrEnum):
    NONE = "none"
    CONNECT = "connect"
    DIRSYNC = "dirsync"
    AZURE_AD_SYNC = "azure-ad-sync"


class PolicyKind(StrEnum):
    ABSENT = "absent"
    ATTRIBUTE = "attribute"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class TenantPolicy:
    """The tenant's record of the attribute used by the previous installation; ``text`` is what it literally says."""

    kind: PolicyKind = PolicyKind.ABSENT
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SourceAnchorFacts:
    """What the decision rests on. chosen: the attribute an administrator named; configured: the one in the engine."""

    version: str
    route: Route = Route.EXPRESS
    policy: TenantPolicy = TenantPolicy()
    scan: Scan = Scan.NOT_DONE
    predecessor: Predecessor = Predecessor.NONE
    operation: Operation = Operation.NEW_INSTALL
    chosen: str | None = None
    configured: str | None = None


@dataclass(frozen=True, slots=True)
class SourceAnchorDecision:
    """attribute None with a code = refused; attribute None with scan_needed = ask again with the scan's answer."""

    attribute: str | None
    code: str
    reason: str
    warnings: tuple[tuple[str, str], ...] = ()
    scan_needed: bool = False
    write_policy: bool = False

    @property
    def refused(self) -> bool:
        return self.attribute is None and not self.scan_needed


def classify_policy(text: str | None, selectable: Iterable[str]) -> TenantPolicy:
    """Say whether the tenant's record is absent, names an attribute usable as anchor here, or is unexpected."""
    if not text:
        return TenantPolicy(PolicyKind.ABSENT)
    for name in (CONSISTENCY_GUID, OBJECT_GUID, *selectable):
        if name.lower() == text.lower() and name.lower() not in NEVER_OFFERED:
            return TenantPolicy(PolicyKind.ATTRIBUTE, name)
    return TenantPolicy(PolicyKind.UNEXPECTED, text)


def decide(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    """Take facts "install" 18 step by step."""
    if facts.chosen and facts.chosen.lower() in NEVER_OFFERED:
        return _refuse(
            "ANCHOR_ATTRIBUTE_NOT_OFFERED",
            f"{facts.chosen} cannot be the source anchor: it changes with the person's name and holds an '@'.",
        )
    match facts.operation:
        case Operation.ADD_DIRECTORY:
            return _add_directory(facts)
        case Operation.SWITCH:
            return _switch(facts)
        case Operation.EXISTING_DATABASE | Operation.IMPORT_SETTINGS:
            return _carried_over(facts)
        case _:
            return _install(facts)


def _install(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    if not at_least(facts.version, FIRST_WITH_POLICY):
        return _before_policies(facts)
    if facts.policy.kind is PolicyKind.ATTRIBUTE:
        return _with_policy(facts, str(facts.policy.text))
    if facts.policy.kind is PolicyKind.UNEXPECTED:
        return _unexpected(facts)
    return _without_policy(facts)


def _before_policies(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    chosen = facts.chosen if facts.route is Route.CUSTOM else None
    return SourceAnchorDecision(
        chosen or OBJECT_GUID,
        "ANCHOR_CHOSEN" if chosen else "ANCHOR_OLD_VERSION",
        f"Version {facts.version} neither reads nor writes a policy in the tenant; it uses {chosen or OBJECT_GUID}.",
    )


def _with_policy(facts: SourceAnchorFacts, recorded: str) -> SourceAnchorDecision:
    chosen = facts.chosen if facts.route is Route.CUSTOM else None
    if chosen is None or chosen.lower() == recorded.lower():
        reason = f"The tenant records that an earlier installation used {recorded}; the same attribute is used."
        return SourceAnchorDecision(recorded, "ANCHOR_FROM_POLICY", reason)
    warning = (
        "ANCHOR_OVERRIDE_WARNING",
        f"The tenant records {recorded} as the source anchor. Using {chosen} instead can break the association between"
        " on-premises users and their cloud objects.",
    )
    reason = f"{chosen} was chosen against the tenant's record {recorded}."
    return SourceAnchorDecision(chosen, "ANCHOR_OVERRIDDEN", reason, warnings=(warning,), write_policy=True)


def _unexpected(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    found = f"The source anchor recorded in the tenant ({facts.policy.text}) is unexpected."
    if facts.route is Route.EXPRESS:
        text = (
            found + " Express settings cannot override it: install again with custom settings and choose an attribute."
        )
        return _refuse("ANCHOR_POLICY_UNEXPECTED", text)
    if facts.chosen is None:
        return _refuse("ANCHOR_POLICY_UNEXPECTED", found + " Choose a specific attribute to continue.")
    reason = f"{facts.chosen} was chosen because the tenant's record {facts.policy.text} is not understood."
    warning = ("ANCHOR_OVERRIDE_WARNING", f"{found} It will be replaced by {facts.chosen}.")
    return SourceAnchorDecision(facts.chosen, "ANCHOR_OVERRIDDEN", reason, warnings=(warning,), write_policy=True)


def _without_policy(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    chosen = facts.chosen if facts.route is Route.CUSTOM else None
    if facts.predecessor is Predecessor.DIRSYNC:
        if chosen and chosen.lower() != OBJECT_GUID.lower():
            return _refuse(
                "ANCHOR_DIRSYNC_NEEDS_OBJECTGUID",
                f"DirSync used {OBJECT_GUID}; its successor must use it too, not {chosen}.",
            )
        return SourceAnchorDecision(
            OBJECT_GUID, "ANCHOR_FROM_DIRSYNC", f"DirSync used {OBJECT_GUID}.", write_policy=True
        )
    if chosen:
        reason = f"{chosen} was chosen as a specific attribute."
        return SourceAnchorDecision(chosen, "ANCHOR_CHOSEN", reason, write_policy=True)
    match facts.scan:
        case Scan.NOT_DONE:
            return _ask("The tenant has no record; whether mS-DS-ConsistencyGuid is in use has to be looked up.")
        case Scan.SOME:
            reason = (
                f"{CONSISTENCY_GUID} holds a value on at least one user and is taken to be used by another application."
            )
            return SourceAnchorDecision(OBJECT_GUID, "ANCHOR_CONSISTENCYGUID_IN_USE", reason, write_policy=True)
        case Scan.SKIPPED:
            reason = f"The search was skipped (/SkipLdapSearch): {CONSISTENCY_GUID} is used."
            return SourceAnchorDecision(CONSISTENCY_GUID, "ANCHOR_SCAN_SKIPPED", reason, write_policy=True)
        case Scan.NONE:
            reason = f"{CONSISTENCY_GUID} holds no value on any user."
            return SourceAnchorDecision(CONSISTENCY_GUID, "ANCHOR_CONSISTENCYGUID_FREE", reason, write_policy=True)


def _add_directory(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    if (facts.configured or "").lower() != CONSISTENCY_GUID.lower():
        reason = f"The source anchor is {facts.configured}; a new directory needs no search."
        return SourceAnchorDecision(facts.configured, "ANCHOR_UNCHANGED", reason)
    return _free_or_refused(facts, "directory cannot be added", write_policy=False)


def write_back_lost(version: str) -> bool:
    """Whether an upgrade to this release leaves the write-back rule out (version history 1.1.561.0; facts 18)."""
    return not at_least(version, FIRST_THAT_KEEPS_WRITE_BACK)


def switch_offered(version: str, configured: str | None) -> bool:
    """Whether the wizard lists Configure Source Anchor among its tasks (CSA-01, CSA-02)."""
    return at_least(version, FIRST_WITH_SWITCH) and (configured or "").lower() == OBJECT_GUID.lower()


def _switch(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    if not at_least(facts.version, FIRST_WITH_SWITCH):
        text = f"Version {facts.version} has no task Configure Source Anchor; it came with {FIRST_WITH_SWITCH}."
        return _refuse("TASK_ABSENT", text)
    if not switch_offered(facts.version, facts.configured):
        text = f"The task Configure Source Anchor exists only with {OBJECT_GUID}, not {facts.configured}."
        return _refuse("TASK_ABSENT", text)
    return _free_or_refused(facts, "source anchor cannot be changed", write_policy=True)


def _free_or_refused(facts: SourceAnchorFacts, consequence: str, *, write_policy: bool) -> SourceAnchorDecision:
    in_use = f"{CONSISTENCY_GUID} is in use on at least one user of the directory; the {consequence}."
    match facts.scan:
        case Scan.NOT_DONE:
            return _ask(f"Whether {CONSISTENCY_GUID} is in use has to be looked up.")
        case Scan.SOME:
            return _refuse("CONSISTENCYGUID_IN_USE", in_use)
        case Scan.SKIPPED if not at_least(facts.version, FIRST_WITH_SWITCH):
            text = f"Version {facts.version} knows no /SkipLdapSearch; contact Support."
            return _refuse("SWITCH_UNKNOWN", text)
        case Scan.SKIPPED:
            reason = (
                f"The search was skipped (/SkipLdapSearch): values present in {CONSISTENCY_GUID} are used as anchors."
            )
            return SourceAnchorDecision(CONSISTENCY_GUID, "ANCHOR_SCAN_SKIPPED", reason, write_policy=write_policy)
        case Scan.NONE:
            reason = f"{CONSISTENCY_GUID} holds no value on any user."
            return SourceAnchorDecision(
                CONSISTENCY_GUID, "ANCHOR_CONSISTENCYGUID_FREE", reason, write_policy=write_policy
            )


def _carried_over(facts: SourceAnchorFacts) -> SourceAnchorDecision:
    origin = "database" if facts.operation is Operation.EXISTING_DATABASE else "imported settings"
    if facts.configured is None:
        return _refuse("ANCHOR_INVALID_IN_ENGINE", f"The {origin} names no source anchor. Contact Support.")
    recorded = facts.policy.text
    agrees = recorded is not None and recorded.lower() == facts.configured.lower()
    warnings: tuple[tuple[str, str], ...] = ()
    if recorded is not None and not agrees:
        text = f"The tenant records {recorded} as the source anchor, the {origin} says {facts.configured}."
        warnings = (("ANCHOR_OVERRIDE_WARNING", text),)
    reason = f"The {origin} uses {facts.configured}."
    writes = not agrees and at_least(facts.version, FIRST_WITH_POLICY)
    return SourceAnchorDecision(facts.configured, "ANCHOR_CARRIED_OVER", reason, warnings=warnings, write_policy=writes)


def _refuse(code: str, reason: str) -> SourceAnchorDecision:
    return SourceAnchorDecision(None, code, reason)


def _ask(reason: str) -> SourceAnchorDecision:
    return SourceAnchorDecision(None, "SCAN_NEEDED", reason, scan_needed=True)
