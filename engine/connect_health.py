"""What Connect Health says of a sync server: the alerts its agent's data raise, active or staging alike.

Source: Connect Health alert catalog, facts "tenant" 12 (names as catalogued); seed004 (stale schedules, expiring
service-account passwords; a staging server reports as well, so fresh data prove no export). Alerts that the catalogue
has no name for carry our own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.model.configuration import ConnectorType, StepType
from engine.password_sync.channel import ChannelState
from engine.store.run_history import RunResult

if TYPE_CHECKING:
    from engine.server import SyncServer

DATA_MAX_AGE = timedelta(hours=2)
HEARTBEAT_MAX_AGE = timedelta(minutes=120)
#: A schedule is stale when no cycle started for so many of its intervals.
STALE_AFTER_INTERVALS = 4
#: So long before a password expires the alert is raised.
EXPIRES_WITHIN = timedelta(days=14)
STALE = "Synchronization schedule is stale"
EXPIRING = "Service account password is about to expire"
NOT_UP_TO_DATE = "Health service data isn't up to date"
NOT_RUNNING = "Microsoft Entra Connect Sync Service isn't running"
DELETE_THRESHOLD = "Export to Microsoft Entra ID was Stopped. Accidental delete threshold was reached"
HEARTBEAT = "Password Hash Synchronization heartbeat was skipped in last 120 minutes"
PASSWORDS_STOPPED = "Password Hash Synchronization stopped working"
SIGN_IN_FAILED = "Connection to Microsoft Entra ID failed due to authentication failure"
_FAILED = {
    (ConnectorType.ENTRA, True): "Export to Microsoft Entra ID failed",
    (ConnectorType.ENTRA, False): "Import from Microsoft Entra ID failed",
    (ConnectorType.ACTIVE_DIRECTORY, True): "Export to Active Directory failed",
    (ConnectorType.ACTIVE_DIRECTORY, False): "Import from Active Directory failed",
}
_STEPS = {True: (StepType.EXPORT,), False: (StepType.FULL_IMPORT, StepType.DELTA_IMPORT)}
_HEARTBEATS = (650, 654, 656)


@dataclass(frozen=True, slots=True)
class Alert:
    """stage: Error, Warning or Prewarning. about: the connector or account it concerns."""

    name: str
    stage: str = "Error"
    about: str = ""


def last_data(server: SyncServer) -> datetime | None:
    """When the agent last had something to upload; nothing when it is disabled (PRE-13) or the upload is switched off
    in the portal."""
    if not server.upgrades.machine.health_upload or server.database.fact("health-agent") == "disabled":
        return None
    return max((run.ended for run in server.history.runs() if run.ended is not None), default=None)


def alerts(server: SyncServer, now: datetime, *, password_expires: datetime | None = None) -> tuple[Alert, ...]:
    """Every alert that stands. password_expires: of the service account, where a domain expires it."""
    found = [*_of_service(server, now), *_of_runs(server), *_of_passwords(server, now)]
    if password_expires is not None and password_expires - now <= EXPIRES_WITHIN:
        stage = "Error" if password_expires <= now else "Warning"
        found.append(Alert(EXPIRING, stage, server.service.account.name))
    return tuple(found)


def _of_service(server: SyncServer, now: datetime) -> Iterator[Alert]:
    newest = last_data(server)
    if newest is None or now - newest > DATA_MAX_AGE:
        yield Alert(NOT_UP_TO_DATE)
    if not server.service.running:
        yield Alert(NOT_RUNNING)
        return
    started = server.last_cycle_start()
    interval = timedelta(minutes=30) * STALE_AFTER_INTERVALS
    if started is not None and now - started > interval:
        yield Alert(STALE, "Warning")


def _of_runs(server: SyncServer) -> Iterator[Alert]:
    """The last import and the last export of each connector count; a success resolves what came before."""
    for connector in server.connectors.values():
        for export in (False, True):
            kinds = {kind.value for kind in _STEPS[export]}
            last = next((run for run in server.history.runs(connector.identifier) if kinds & _kinds(run)), None)
            if last is None or last.result.startswith(("success", "completed")):
                continue
            if last.result == "stopped-deletion-threshold-exceeded":
                yield Alert(DELETE_THRESHOLD, about=connector.name)
            elif connector.type is ConnectorType.ENTRA and "credentials" in last.result:
                yield Alert(SIGN_IN_FAILED, about=connector.name)
            else:
                yield Alert(_FAILED[connector.type, export], about=connector.name)


def _kinds(run: RunResult) -> set[str]:
    return {step.type for step in run.steps}


def _of_passwords(server: SyncServer, now: datetime) -> Iterator[Alert]:
    """A staging server synchronizes no passwords and misses no heartbeat."""
    wanted = any(one.password_hash_sync for one in server.connectors.values())
    if not wanted or server.staging or not server.service.running:
        return
    if server.passwords.channel.state is ChannelState.OFF:
        yield Alert(PASSWORDS_STOPPED)
        return
    beats = [one.time for one in server.events.read(_HEARTBEATS)]
    if beats and now - max(beats) > HEARTBEAT_MAX_AGE:
        yield Alert(HEARTBEAT)
