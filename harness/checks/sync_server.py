"""What an expectation can look at on a sync server: runs, pending exports, connector spaces, metaverse, log,
scheduler, wizard pages.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.server import Server
from harness.refusal import ScenarioError
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check

#: product counter -> the word a scenario uses
COUNTERS = {
    "ExportAdd": "adds", "ExportUpdate": "updates", "ExportRename": "renames", "ExportDelete": "deletes",
    "ExportDeleteAdd": "delete_adds", "ExportFailure": "failures", "StageNoChange": "unchanged",
    "StageAdd": "staged_adds", "StageUpdate": "staged_updates", "StageRename": "staged_renames",
    "StageDelete": "staged_deletes", "StageFailure": "staging_failures",
}  # fmt: skip
RUN_FIELDS = (
    "connector", "profile", "result", "started", "ended", "number", "adds", "updates", "deletes", "errors", "steps",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value of the engine as a scenario sees it; octets are Base64."""
    match value:
        case Enum():
            return value.value
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case timedelta():
            seconds = int(value.total_seconds())
            days, rest = divmod(seconds, 86400)
            clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
            return f"{days}.{clock}" if days else clock
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(one) for key, one in asdict(value).items()}
    return value


def show_run(run: Any, partitions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a run with its counters under the scenario's words; a counter that never counted is zero.

    partitions: names of the partitions by identifier.
    """
    named = partitions or {}
    shown: dict[str, Any] = {
        "connector": run.connector_name,
        "profile": run.profile,
        "result": run.result,
        "number": run.run_number,
        "started": plain(run.started),
        "ended": plain(run.ended),
    }
    for counter, word in COUNTERS.items():
        shown[word] = run.counter(counter)
    totals: dict[str, int] = {}
    for step in run.steps:
        for counter, number in step.statistics.counters.items():
            totals[counter] = totals.get(counter, 0) + number
    shown["counters"] = totals
    shown["errors"] = [_show_error(error) for error in run.errors]
    shown["steps"] = [
        {
            "type": step.type,
            "partition": named.get(step.partition, ""),
            "result": step.result,
            "connection": step.connection,
        }
        for step in run.steps
    ]
    return shown


def _show_error(error: Any) -> dict[str, Any]:
    return {
        "dn": error.dn,
        "phase": error.phase,
        "type": error.error_type,
        "text": error.text,
        "detail": dict(error.detail),
    }


def _wanted_connector(place: Server, query: Query, default: str) -> str:
    asked = next((str(one.wanted) for one in query.conditions if one.name == "connector"), "")
    return place.connector_name(asked) if asked else default


def _entra(place: Server) -> str:
    return str(place.engine.entra_connector[1].name)


def _last_run(place: Server, connector: str, profile: str) -> Any:
    folded = connector.lower()
    for run in place.engine.history.runs():
        if run.connector_name.lower() == folded and run.profile == profile:
            return run
    return None


@check("last_export", "SYNC1.last_export: {adds: 0, deletes: 0, result: success}", whole=True, fields=RUN_FIELDS)
def last_export(lab: Lab, place: Server, query: Query) -> Any:
    """The last export to the tenant, or to ``connector = NAME``: result, adds, updates, deletes, failures, errors."""
    run = _last_run(place, _wanted_connector(place, query, _entra(place)), "Export")
    return None if run is None else show_run(run)


@check("last_cycle", "SYNC1.last_cycle: {policy: Delta, result: success}")
def last_cycle(lab: Lab, place: Server, query: Query) -> Any:
    """The last built-in cycle since the server started: policy, result, its runs in order, and which came first."""
    cycle = place.engine.last_cycle
    if cycle is None:
        return None
    return {
        "policy": plain(cycle.policy),
        "result": cycle.result,
        "started": plain(cycle.started),
        "ended": plain(cycle.ended),
        "profiles": [f"{run.connector_name}: {run.profile}" for run in cycle.runs],
        "first": f"{cycle.runs[0].connector_name}: {cycle.runs[0].profile}" if cycle.runs else None,
        "runs": [show_run(run) for run in cycle.runs],
    }


@check("runs", "SYNC1.runs(profile = Export): {count: 2}", many=True, fields=RUN_FIELDS)
def runs(lab: Lab, place: Server, query: Query) -> Any:
    """The run history, newest first; ``steps`` has type, partition, result and connection of each step."""
    partitions = {part.identifier: part.name for one in place.engine.connectors.values() for part in one.partitions}
    return [show_run(run, partitions) for run in place.engine.history.runs()]


@check("errors", "SYNC1.errors: {count: 0}", many=True)
def errors(lab: Lab, place: Server, query: Query) -> Any:
    """Errors of objects in the newest run of each profile of each connector: dn, phase, type, text."""
    newest: dict[tuple[str, str], Any] = {}
    for run in place.engine.history.runs():
        newest.setdefault((run.connector, run.profile), run)
    found = []
    for run in newest.values():
        found += [
            {"connector": run.connector_name, "profile": run.profile, **_show_error(error)} for error in run.errors
        ]
    return found


def _windows(place: Server) -> Any:
    from engine.views import Windows

    return Windows(place.engine.database)


def show_object(one: Any) -> dict[str, Any]:
    shown: dict[str, Any] = plain(one)
    return shown


@check("pending_exports", "SYNC1.pending_exports: {count: 0}", many=True, whole=True)
def pending_exports(lab: Lab, place: Server, query: Query) -> Any:
    """What waits to be exported to the tenant, or to ``connector = NAME``: dn, operation, changes."""
    return _space(place, query, _wanted_connector(place, query, _entra(place)), "pending-export")


@check(
    "connector_space",
    "SYNC1.connector_space(contoso.com, dn, state = pending-import-add): {count: 0}",
    many=True,
    named=True,
    whole=True,
)
def connector_space(lab: Lab, place: Server, query: Query) -> Any:
    """Objects of one connector's space, in a ``state`` of the connector-space search when it is given."""
    state = next((str(one.wanted) for one in query.conditions if one.name == "state"), None)
    return _space(place, query, place.connector_name(query.name() or ""), state)


def _space(place: Server, query: Query, connector: str, state: str | None) -> list[dict[str, Any]]:
    from harness.scenario.queries import holds

    conditions = [one for one in query.conditions if one.name not in ("connector", "state")]
    try:
        found = [show_object(one) for one in _windows(place).connector_space(connector, state)]
    except LookupError as error:
        raise ScenarioError(str(error)) from None
    rows = [{**one, "operation": one.get("pending_export")} for one in found]
    return [
        one for one in rows if all(holds({**one.get("attributes", {}), **one}, condition) for condition in conditions)
    ]


@check("metaverse", "SYNC1.metaverse(displayName, object_type = person): {count: 5}", many=True, whole=True)
def metaverse(lab: Lab, place: Server, query: Query) -> Any:
    """Metaverse objects: their attributes, ``object_type``, ``contributors`` and ``connectors``."""
    from harness.scenario.queries import holds

    rows = []
    for one in _windows(place).metaverse():
        shown = show_object(one)
        row = {**shown["attributes"], **{key: value for key, value in shown.items() if key != "attributes"}}
        if all(holds(row, condition) for condition in query.conditions):
            rows.append(row)
    return rows


@check("events", "SYNC1.events(id = 116): {count: 1}", many=True)
def events(lab: Lab, place: Server, query: Query) -> Any:
    """The Application log, oldest first: id, level, provider, text, time."""
    return [plain(record) for record in place.engine.events.read()]


@check("scheduler", "SYNC1.scheduler: {SyncCycleEnabled: true, StagingModeEnabled: false}")
def scheduler(lab: Lab, place: Server, query: Query) -> Any:
    """What Get-ADSyncScheduler prints."""
    from harness.lab.prompt import type_line

    rows = type_line(place, "Get-ADSyncScheduler").rows
    return plain(dict(rows[0])) if rows else None


@check("cmdlet", "SYNC1.cmdlet('Get-ADSyncConnectorRunStatus'): {count: 0}", many=True, named=True)
def cmdlet(lab: Lab, place: Server, query: Query) -> Any:
    """What a cmdlet prints: one item a row."""
    from harness.lab.prompt import type_line

    return [plain(dict(row)) for row in type_line(place, query.name() or "").rows]


@check("rules", "SYNC1.rules(name, precedence): {contains: {name: Out to AD - User ImmutableId}}", many=True)
def rules(lab: Lab, place: Server, query: Query) -> Any:
    """Synchronization rules: name, direction, precedence, connector, object types, disabled."""
    names = {one.identifier: one.name for one in place.engine.connectors.values()}
    shown = []
    for rule in place.engine.rules().values():
        row = {
            name: plain(getattr(rule, name))
            for name in ("name", "direction", "precedence", "disabled", "link_type", "is_standard")
            if hasattr(rule, name)
        }
        row["connector"] = names.get(getattr(rule, "connector", ""), plain(getattr(rule, "connector", "")))
        shown.append(row)
    return shown


@check("connectors", "SYNC1.connectors(name): {count: 2}", many=True)
def connectors(lab: Lab, place: Server, query: Query) -> Any:
    """Connectors: name, type, whether a full import or synchronization is due, whether the rules changed since the
    last full synchronization, partitions with their OUs.
    """
    return [
        {
            "name": one.name,
            "type": plain(one.type),
            "full_import_required": one.full_import_required,
            "full_sync_required": one.full_sync_required,
            "rules_changed": place.engine.rules_changed(one),
            "password_hash_sync": one.password_hash_sync,
            "partitions": [
                {"name": part.name, "selected": part.selected, "included": list(part.included),
                 "excluded": list(part.excluded)}
                for part in one.partitions
            ],
            "parameters": dict(one.parameters),
        }
        for one in place.engine.connectors.values()
    ]  # fmt: skip


@check("settings", "SYNC1.settings: {present: true}")
def settings(lab: Lab, place: Server, query: Query) -> Any:
    """Global settings of the server by their product names."""
    return dict(place.engine.global_settings)


@check("install", "SYNC1.install: {pages: {contains: {page: Ready to configure}}}")
def install(lab: Lab, place: Server, query: Query) -> Any:
    """What the wizard showed when it installed the server: pages with messages, warnings and facts, and all facts
    together.
    """
    pages = []
    facts: dict[str, Any] = {}
    for page in place.outcome.pages:
        shown = plain(page)
        facts |= shown.get("facts") or {}
        pages.append(shown)
    messages = [text for page in pages for text in page.get("messages") or ()]
    warnings = [one for page in pages for one in page.get("warnings") or ()]
    return {"pages": pages, "facts": facts, "messages": messages, "warnings": warnings, **facts}


@check("tasks", "SYNC1.tasks: {contains: {name: Configure staging mode}}", many=True)
def tasks(lab: Lab, place: Server, query: Query) -> Any:
    """What the wizard's page Additional tasks lists on this server: name."""
    from harness.lab.wizard_tasks import listed_tasks

    return [{"name": name} for name in listed_tasks(place)]


@check("drift", "SYNC1.drift(SYNC1, class, about): {count: 0}", many=True, named=True)
def drift(lab: Lab, place: Server, query: Query) -> Any:
    """What this server is configured to do otherwise than the named server or export: class, about, connector, before
    (there), after (here).
    """
    from harness.lab.failover import drift_from

    return drift_from(lab, query.name() or "", place)


@check("options", "SYNC1.options: {group_filter: {removable: false}}")
def options(lab: Lab, place: Server, query: Query) -> Any:
    """What the wizard's Customize synchronization options shows: upn_attribute, identification and source_anchor with
    read_only, group_filter with groups, removable and offered, directories with their domains and OUs.
    """
    from harness.lab.wizard_tasks import shown_options

    return shown_options(place)


@check("health", "SYNC1.health: {fresh: true}")
def health(lab: Lab, place: Server, query: Query) -> Any:
    """What Connect Health has of the server: when its agent last told of a run, and ``fresh``, younger than two hours.
    The agent of a staging server reports as well, so that it is no proof of an export either; one that is disabled
    (``agent``) reports nothing.
    """
    agent = place.engine.database.fact("health-agent")
    ended = [run.ended for run in place.engine.history.runs() if run.ended is not None and agent != "disabled"]
    newest = max(ended, default=None)
    age = lab.clock.now() - newest if newest is not None else None
    fresh = age is not None and age <= HEALTH_DATA_MAX_AGE
    return {"agent": agent, "data": plain(newest), "fresh": fresh, "staging": place.staging}


#: older data raise the alert "Health service data isn't up to date" (facts "tenant" 12)
HEALTH_DATA_MAX_AGE = timedelta(hours=2)
