"""What must hold after every step without being asked (design document, section 3); a scenario that breaks one says so.

Reads the tenant by Graph and the servers' own state, and only when something was written since the last look. A
finding that stands is
told once, at the step that brought it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.lab.lab import Lab
from harness.lab.tenant import Tenant
from harness.scenario.durations import show_duration
from harness.timeline import Record

_FIELDS = (
    "id", "userPrincipalName", "onPremisesImmutableId", "onPremisesSyncEnabled", "onPremisesUserPrincipalName",
    "onPremisesSecurityIdentifier", "onPremisesProvisioningErrors", "assignedLicenses", "proxyAddresses",
)  # fmt: skip
#: records of requests; what a request changed has records of its own
_CALLS = ("tenant.graph.", "tenant.sign-in.", "tenant.sync-service.")


@dataclass(frozen=True)
class Violation:
    """An invariant that broke: its name (language.INVARIANTS), about what, and the sentence to show."""

    name: str
    about: str
    message: str


@dataclass
class Invariants:
    """Watches one lab from step to step."""

    lab: Lab
    _anchors: dict[str, dict[str, str]] = field(default_factory=dict)
    _exporters: dict[str, set[str]] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _seen: int = 0
    _exports_seen: dict[str, int] = field(default_factory=dict)
    _both_active: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def check(self) -> list[Violation]:
        """Return what broke since the last look."""
        records = self.lab.timeline.since(self._seen)
        self._warn_of_both_active()
        found = [*self._servers(records)]
        for name, tenant in self.lab.tenants.items():
            if any(_is_write(record, name) for record in records):
                found += self._tenant(tenant)
        self._seen = self.lab.timeline.mark()
        fresh = [one for one in found if (one.name, one.about) not in self._told]
        self._told.update((one.name, one.about) for one in fresh)
        return fresh

    # ---- servers ---------------------------------------------------------------------------------------------------
    def _warn_of_both_active(self) -> None:
        """Note when two servers of a tenant leave staging mode and how long both were active: a warning, since only
        what both export is damage (decision P6).
        """
        active: dict[str, list[str]] = {}
        for name, server in self.lab.servers.items():
            if not server.staging:
                active.setdefault(server.tenant, []).append(name)
        for tenant in sorted({*active, *self._both_active}):
            names = " and ".join(sorted(active.get(tenant, ())))
            since, before = self._both_active.get(tenant, (None, ""))
            if len(active.get(tenant, ())) > 1 and since is None:
                self._both_active[tenant] = (self.lab.clock.now(), names)
                self._note_both_active(names, f"{names} are both active")
            elif len(active.get(tenant, ())) < 2 and since is not None:
                lasted = self.lab.clock.now() - since
                del self._both_active[tenant]
                message = f"{before} were both active for {show_duration(lasted)}"
                self._note_both_active(before, message, int(lasted.total_seconds()))

    def _note_both_active(self, names: str, message: str, seconds: int | None = None) -> None:
        self.lab.timeline.note("stage.warning", code="BOTH_ACTIVE", server=names, seconds=seconds, message=message)

    def _servers(self, records: list[Record]) -> Iterator[Violation]:
        staging = {name: server.staging for name, server in self.lab.servers.items()}
        for name, active in self._exporters.items():
            self._exporters[name] = {one for one in active if staging.get(one) is False}
        for record in records:
            server = str(record.get("server") or record["actor"])
            if server not in staging or not _is_export(record):
                continue
            if staging[server]:
                yield Violation("staging-silent", server, f"{server} is in staging mode and wrote to {_target(record)}")
            elif _to_tenant(record, self.lab):
                tenant = self.lab.servers[server].tenant
                self._exporters.setdefault(tenant, set()).add(server)
        for tenant, active in self._exporters.items():
            if len(active) > 1:
                names = " and ".join(sorted(active))
                yield Violation("one-exporter", f"{tenant}: {names}", f"{names} both export to {tenant}")
        yield from self._deletes()

    def _deletes(self) -> Iterator[Violation]:
        for name, server in self.lab.servers.items():
            threshold = _threshold(server.engine.global_settings)
            seen = self._exports_seen.get(name, 0)
            newest = seen
            for run in server.engine.history.runs():
                if run.number <= seen:
                    break
                newest = max(newest, run.number)
                deletes = run.counter("ExportDelete")
                entra = run.connector == server.engine.entra_connector[1].identifier
                if entra and threshold is not None and deletes > threshold:
                    message = f"{name} deleted {deletes} objects in one export; its guard stands at {threshold}"
                    yield Violation("delete-guard", f"{name}/{run.number}", message)
            self._exports_seen[name] = newest

    # ---- the tenant ------------------------------------------------------------------------------------------------
    def _tenant(self, tenant: Tenant) -> Iterator[Violation]:
        live = tenant.graph().collection("users", _FIELDS)
        deleted = tenant.graph().collection("directory/deletedItems/microsoft.graph.user", _FIELDS)
        yield from self._anchor_changes(tenant.name, [*live, *deleted])
        yield from _one_person(tenant.name, live)
        yield from _licences(tenant.name, live, deleted)

    def _anchor_changes(self, tenant: str, users: list[dict[str, Any]]) -> Iterator[Violation]:
        known = self._anchors.setdefault(tenant, {})
        for user in users:
            anchor = user.get("onPremisesImmutableId")
            if not anchor:
                continue
            before = known.setdefault(user["id"], anchor)
            if before != anchor:
                message = f"the anchor of {user['userPrincipalName']} changed from {before} to {anchor}"
                yield Violation("anchor-constant", f"{user['id']}/{anchor}", message)
                known[user["id"]] = anchor


def _one_person(tenant: str, live: list[dict[str, Any]]) -> Iterator[Violation]:
    """Two live objects are one person when both carry one SID, or one claims the UPN or primary address the other
    holds.
    """
    by_sid: dict[str, dict[str, Any]] = {}
    holders: dict[str, dict[str, Any]] = {}
    for user in live:
        for address in _addresses(user):
            holders.setdefault(address, user)
    for user in live:
        sid = user.get("onPremisesSecurityIdentifier")
        twin = by_sid.setdefault(sid, user) if sid else user
        for value in _claims(user):
            held = holders.get(_plain_address(value))
            twin = held if held is not None and held["id"] != user["id"] else twin
        if twin["id"] != user["id"]:
            pair = sorted((str(twin["userPrincipalName"]), str(user["userPrincipalName"])))
            message = f"{pair[0]} and {pair[1]} in {tenant} are one person"
            yield Violation("one-person-one-object", "/".join(sorted((twin["id"], user["id"]))), message)


def _licences(tenant: str, live: list[dict[str, Any]], deleted: list[dict[str, Any]]) -> Iterator[Violation]:
    """A licence is orphaned when its owner is in the bin while another live object stands for the same person."""
    claimed: dict[str, str] = {}
    for user in live:
        for name in ("onPremisesUserPrincipalName", "userPrincipalName"):
            if user.get(name):
                claimed.setdefault(str(user[name]).lower(), str(user["userPrincipalName"]))
        for value in _claims(user):
            claimed.setdefault(_plain_address(value), str(user["userPrincipalName"]))
    for user in deleted:
        if not user.get("assignedLicenses"):
            continue
        own = str(user.get("onPremisesUserPrincipalName") or "").lower()
        heir = claimed.get(own) if own else None
        if heir is not None:
            message = f"the licence of {own} in {tenant} lies in the recycle bin; the person is now {heir}"
            yield Violation("licence-kept", str(user["id"]), message)


def _claims(user: dict[str, Any]) -> list[str]:
    """Return the withheld values that name a person: the UPN and the primary address, not a further one."""
    errors = user.get("onPremisesProvisioningErrors") or ()
    values = [(str(one.get("propertyCausingError")), str(one.get("value") or "")) for one in errors]
    return [value for name, value in values if name == "UserPrincipalName" or value.startswith("SMTP:")]


def _addresses(user: dict[str, Any]) -> set[str]:
    found = {_plain_address(str(one)) for one in user.get("proxyAddresses") or ()}
    return found | {str(user.get("userPrincipalName") or "").lower()}


def _plain_address(text: str) -> str:
    return text.lower().removeprefix("smtp:")


def _is_export(record: Record) -> bool:
    """Whether a run wrote at least one object to a connected system."""
    if record["kind"] != "engine.run" or record["profile"] != "Export":
        return False
    counters = record["counters"]
    return any(counters.get(name) for name in ("ExportAdd", "ExportUpdate", "ExportDelete", "ExportDeleteAdd"))


def _is_write(record: Record, tenant: str) -> bool:
    kind = str(record["kind"])
    return record["actor"] == tenant and kind.startswith("tenant.") and not kind.startswith(_CALLS)


def _target(record: Record) -> str:
    return str(record.get("connector") or "a connected system")


def _to_tenant(record: Record, lab: Lab) -> bool:
    connector = str(record.get("connector") or "").lower()
    return connector not in {name.lower() for name in lab.forests}


def _threshold(settings: dict[str, str]) -> int | None:
    if settings.get("Microsoft.OptionalFeature.ExportDeletionThreshold", "True") != "True":
        return None
    return int(settings.get("Microsoft.OptionalFeature.ExportDeletionThresholdValue", "500"))
