"""What the service does by itself as time passes: the hourly sweep of duplicates, the calculation queue, the purge,
the switch.

``run`` does everything that is due, ``next_due`` says when there is something. Source: facts "tenant" section 18.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from emulators.tenant.core import lifecycle
from emulators.tenant.core.identities import CloudObject, Kind
from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.recalculation import Trigger, recalculate_now
from emulators.tenant.core.signing_in import role_eligibility
from emulators.tenant.core.tenant import Tenant

SWEEP = timedelta(hours=1)
QUEUE_DELAY = timedelta(minutes=1)


def run(tenant: Tenant) -> None:
    """Do what the present moment asks for; calling it again changes nothing."""
    now = tenant.stamp()
    _drain(tenant, now)
    if tenant.next_sweep is not None and now >= tenant.next_sweep:
        sweep(tenant)
        tenant.next_sweep = graph_time(tenant.now() + SWEEP)
    lifecycle.purge_expired(tenant)
    role_eligibility.end_expired(tenant)
    if tenant.sync.switch_due is not None and now >= tenant.sync.switch_due:
        finish_switch(tenant)


def next_due(tenant: Tenant) -> datetime | None:
    """The next moment at which ``run`` has something to do."""
    moments = [lifecycle.next_purge(tenant), tenant.sync.switch_due, role_eligibility.next_end(tenant)]
    if tenant.quarantined:
        moments.append(tenant.next_sweep)
    if tenant.recalculation_queue:
        first = min(at for at, _ in tenant.recalculation_queue.values())
        moments.append(graph_time(moment_of(first) + QUEUE_DELAY))
    due = [moment for moment in moments if moment is not None]
    return moment_of(min(due)) if due else None


def sweep(tenant: Tenant) -> None:
    """Free every withheld value whose conflict is gone and give it to the object that waited."""
    for object_id in list(tenant.quarantined):
        obj = tenant.objects.get(object_id)
        if obj is not None and recalculate_now(tenant, obj, Trigger.SWEEP) and not obj.errors:
            tenant.record("tenant.uniqueness.freed", id=obj.id)


def _drain(tenant: Tenant, now: str) -> None:
    limit = graph_time(moment_of(now) - QUEUE_DELAY)
    due = [(object_id, trigger) for object_id, (at, trigger) in tenant.recalculation_queue.items() if at <= limit]
    for object_id, trigger in due:
        del tenant.recalculation_queue[object_id]
        obj = tenant.objects.get(object_id)
        if obj is not None:
            recalculate_now(tenant, obj, Trigger[trigger])


def switch_directory_sync(tenant: Tenant, *, enabled: bool) -> None:
    """Turn directory synchronisation on or off. Off takes the tenant's configured hours; then every object is the
    cloud's.
    """
    sync = tenant.sync
    if enabled:
        sync.enabled, sync.switch_due = True, None
        tenant.record("tenant.directory-sync.switched", enabled=True)
        return
    sync.switch_to = False
    sync.switch_due = graph_time(tenant.now() + timedelta(hours=tenant.settings.dirsync_switch_hours))
    if tenant.settings.dirsync_switch_hours == 0:
        finish_switch(tenant)


def finish_switch(tenant: Tenant) -> None:
    """Directory synchronisation is off now: nothing is mastered on-premises any more, anchors stay."""
    tenant.sync.enabled, tenant.sync.switch_due = False, None
    for kind in Kind:
        for obj in list(tenant.listed(kind)):
            if obj.dirsync:
                _release(tenant, obj)
    tenant.record("tenant.directory-sync.switched", enabled=False)


def _release(tenant: Tenant, obj: CloudObject) -> None:
    tenant.commit(obj, {"dirsync": False})
