"""Is the object in the scope of synchronization? The first six steps of Invoke-ADSyncSingleObjectSync.

Domain, target domain, organizational unit, access, object type, group filter: each with the product's reason where it
fails (facts "engine" section 21, DIAG).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from engine.errors import ConnectorError
from engine.model.configuration import ConnectorConfiguration, Partition, StepType
from engine.run.container_filter import container_filter
from engine.run.group_filter import PARAMETER, SETTING, GroupMembership
from engine.run.specific_object import EXPORT, IMPORT
from engine.single_object.report import DOMAIN_HELP, GROUP_HELP, OU_HELP, RULE_HELP, Progress, ProvisioningStep

if TYPE_CHECKING:
    from engine.server import SyncServer

#: Profiles that must have a step for the partition, and the kind of that step.
_NEEDED = {
    "Full Import": StepType.FULL_IMPORT,
    "Full Synchronization": StepType.FULL_SYNCHRONIZATION,
    "Delta Import": StepType.DELTA_IMPORT,
    "Delta Synchronization": StepType.DELTA_SYNCHRONIZATION,
    "Export": StepType.EXPORT,
    IMPORT: StepType.SPECIFIC_OBJECT_IMPORT,
    EXPORT: StepType.SPECIFIC_OBJECT_EXPORT,
}


class Directory(Protocol):
    """What the steps ask a directory's connector beyond reading objects."""

    def object_class(self, dn: str) -> str | None: ...
    def has_member(self, group: str, dn: str) -> bool | None: ...


class Scoping:
    """The steps, for one object. ``progress`` takes them down and ends the passage where one fails."""

    def __init__(self, server: SyncServer, progress: Progress, dn: str) -> None:
        self.server = server
        self.progress = progress
        self.dn = dn

    def source(self) -> tuple[int, ConnectorConfiguration, Partition]:
        at = self.dn.lower().find("dc=")
        if at < 0:
            raise self.progress.stop(
                f'Could not get the domain component from the distinguished name "{self.dn}"',
                "The distinguished name input should have domain component, such as DC=contoso,DC=com",
            )
        domain = self.dn[at:]
        for ordinal, connector in self.server.connectors.items():
            for partition in connector.partitions:
                if partition.dn.casefold() == domain.casefold():
                    return ordinal, connector, partition
        raise self.progress.stop(
            f'Could not find the connector for partition with the distinguished name "{domain}"',
            f'Include the partition "{domain}" in the list of domains that should be synced. {DOMAIN_HELP}',
        )

    def domain(self, connector: ConnectorConfiguration, partition: Partition) -> None:
        place = f'connector "{connector.name}" partition "{partition.name}"'
        step = self.progress.step(
            "Scoping", "ScopingDomain",
            f"Determine if Object's Domain (Connector:{connector.name}) (Partition:{partition.name}) in sync scope",
        )  # fmt: skip
        step.details[f'Connector "{connector.name}" Partition "{partition.name}" selected'] = str(partition.selected)
        if not partition.selected:
            raise self.progress.stop(
                f"Object is not present in sync scope. Object belongs to {place} which is not selected.",
                f"Include the {place} in the list of domains that should be synced. {DOMAIN_HELP}",
            )
        missing = []
        for name, kind in _NEEDED.items():
            profile = connector.profile(name)
            there = profile is not None and any(
                one.partition == partition.identifier and one.type is kind for one in profile.steps
            )
            told = (
                f'Connector "{connector.name}" Run Profile "{name}" contains Run Step for Partition "{partition.name}"'
            )
            step.details[told] = str(there)
            if not there:
                missing.append(name)
        if missing:
            names = ", ".join(missing)
            raise self.progress.stop(
                f"No run steps are configured for {place} for run profile(s): {names}",
                f"Add run steps to the run profile(s): {names} to include the {place}. {DOMAIN_HELP}",
            )
        step.status = "Success"

    def organizational_unit(self, partition: Partition) -> None:
        step = self.progress.step(
            "Scoping", "ScopingOrganizationalUnit", "Determine if Object's Organizational Unit in sync scope"
        )
        step.details[f'Partition "{partition.name}" container inclusion list'] = ", ".join(partition.included)
        step.details[f'Partition "{partition.name}" container exclusion list'] = ", ".join(partition.excluded)
        inside = container_filter(partition)
        if inside is not None and not inside(self.dn):
            folded = self.dn.casefold()
            outer = [c for c in partition.excluded if folded == c.casefold() or folded.endswith("," + c.casefold())]
            container = max(outer, key=len, default=self.dn.partition(",")[2])
            raise self.progress.stop(
                "Object is not present in sync scope. Object belongs to container"
                f' "{container}" that is excluded from syncing.',
                f'Include the container "{container}" in the list of organizational units that should be synced.'
                f" {OU_HELP}",
            )
        step.status = "Success"

    def _account(self, source: ConnectorConfiguration) -> str:
        domain, user = (source.parameters.get(f"forest-login-{part}", "") for part in ("domain", "user"))
        return f"{domain}\\{user}"

    def _seen_class(self, source: ConnectorConfiguration) -> str:
        account = self._account(source)
        details = ""
        try:
            found = cast(Directory, self.server.systems.open(source)).object_class(self.dn)
        except ConnectorError as failed:
            found, details = None, failed.message
        if found is None:
            raise self.progress.stop(
                "Could not find an object in on-premises Active Directory with distinguished name"
                f' "{self.dn}" using Connector account "{account}" credentials.',
                "Please ensure the object exists in on-premises Active Directory and the distinguished name is"
                " correct.",
                details=details,
            )
        return found

    def access(self, source: ConnectorConfiguration) -> None:
        step = self.progress.step(
            "Scoping", "ScopingConnectivity", "Determine if Object is accessible using connector account credentials"
        )
        told = f'Object accessible using connector account "{self._account(source)}" credentials'
        step.details[told] = "False"
        self._seen_class(source)
        step.details[told] = "True"
        step.status = "Success"

    def object_type(self, source: ConnectorConfiguration, partition: Partition) -> None:
        step = self.progress.step("Scoping", "ScopingObjectType", "Determine if Object's Type in sync scope")
        listed = ", ".join(partition.object_types)
        step.details[f'Connector "{source.name}" object type inclusion list'] = listed
        kind = self._seen_class(source)
        step.details["Object type in Active Directory"] = kind
        if kind.casefold() not in {name.casefold() for name in partition.object_types}:
            raise self.progress.stop(
                f'Object is not present in sync scope. Object type "{kind}" is not part of the connector object type'
                f" inclusion list: {listed}",
                f'Please ensure the object type "{kind}" is being used in a sync rule for this connector. {RULE_HELP}',
            )
        step.status = "Success"

    def group(self, ordinal: int, source: ConnectorConfiguration) -> None:
        step = self.progress.step(
            "Scoping", "ScopingGroup", "Determine if Object is in sync scope if Group Filtering enabled"
        )
        group = source.parameters.get(PARAMETER, "")
        enabled = self.server.global_settings.get(SETTING) == "True" and bool(group)
        step.details["Group filtering enabled"] = str(enabled)
        if enabled:
            step.details["Group distinguished name"] = group
            self._member(step, group, cast(Directory, self.server.systems.open(source)).has_member(group, self.dn))
            imported = GroupMembership(self.server.database, [ordinal])({"dn": self.dn}, group)
            told = f'Object is member of Group "{group}" in Active Directory Connector Space'
            step.details[told] = str(imported)
            if not imported:
                raise self.progress.stop(
                    "Object is not present in sync scope. Group filtering is enabled and the object is a member of"
                    f' filtering group "{group}" in the Active Directory but is not a member of the group in the Active'
                    " Directory Connector Space",
                    f'Please ensure an import operation has been run on the Active Directory Connector "{source.name}"'
                    f' since the object was added to group "{group}".',
                )
        step.status = "Success"

    def _member(self, step: ProvisioningStep, group: str, there: bool | None) -> None:
        if there is None:
            raise self.progress.stop(
                f'Could not find an object in on-premises Active Directory with distinguished name "{group}".'
            )
        step.details[f'Object is member of Group "{group}" in Active Directory'] = str(there)
        if not there:
            raise self.progress.stop(
                "Object is not present in sync scope. Group filtering is enabled and the object is not a member of"
                f' filtering group "{group}" in the Active Directory',
                f'Add the object to group "{group}" or change group filtering settings. {GROUP_HELP}',
            )
