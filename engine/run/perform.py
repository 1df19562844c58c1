"""What one step of a run does for a server: builds the import, synchronization or export step and runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from engine.connectors.active_directory.distinguished_name import dns_name
from engine.connectors.connector import Connector
from engine.connectors.entra.connector import EntraConnector
from engine.errors import ConnectorError
from engine.model.anchor import entra_dn
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition, RunStep, StepType
from engine.model.cs_object import Kind
from engine.run.delete_threshold import check_delete_threshold
from engine.run.export_step import ExportStep
from engine.run.group_filter import PARAMETER
from engine.run.import_step import ImportStep
from engine.run.limits import WATERMARK_VALIDITY, StepLimits, StepStopped
from engine.run.sync_step import SyncStep
from engine.store.objects import COUNT_KIND
from engine.store.run_history import TIME, ObjectError, RunResult, StepResult, moment
from engine.store.workspace import StoredWorkspace
from engine.sync.passage import SyncSetting

if TYPE_CHECKING:
    from engine.server import SyncServer


class StepWork:
    """Performs the steps of one connector's run."""

    def __init__(self, server: SyncServer, ordinal: int, configuration: ConnectorConfiguration) -> None:
        self.server = server
        self.ordinal = ordinal
        self.configuration = configuration

    def perform(self, run: RunResult, result: StepResult, step: RunStep) -> None:
        if step.type in (StepType.SPECIFIC_OBJECT_IMPORT, StepType.SPECIFIC_OBJECT_EXPORT):
            raise ConnectorError("call-failure", "This run profile is run for one object, by its DN.", "call-failure")
        if step.type in (StepType.FULL_IMPORT, StepType.DELTA_IMPORT):
            self._import(run, result, step)
        elif step.type is StepType.EXPORT:
            self.export(run, result, step)
        else:
            self._synchronize(run, result, step)

    def _partition(self, step: RunStep) -> tuple[int, Partition]:
        for position, partition in enumerate(self.configuration.partitions, start=1):
            if partition.identifier == step.partition:
                return position, partition
        raise StepStopped("no-start-no-partition-delete")

    # ---- import ------------------------------------------------------------------------------------------------------
    def _import(self, run: RunResult, result: StepResult, step: RunStep) -> None:
        server = self.server
        work = self.import_step(run, result, step)
        partition = work.partition
        held = server.configuration.watermark(self.ordinal, partition.identifier)
        if not work.full:
            self._check_age(partition)
        watermark = work.run(result, held)
        if watermark is not None:
            server.configuration.save_watermark(
                self.ordinal, partition.identifier, watermark, server.clock.now().strftime(TIME)
            )

    def _check_age(self, partition: Partition) -> None:
        """The tenant's watermark holds seven days (facts "engine" 2.2, "install" 16): then a full import is needed."""
        taken = self.server.configuration.watermark_taken(self.ordinal, partition.identifier)
        if self.configuration.type is ConnectorType.ENTRA and taken and self._is_old(moment(taken)):
            raise ConnectorError(
                "failed-search",
                f"The watermark of {self.configuration.name} is older than seven days: a full import is required.",
                "no-start-full-import-required",
            )

    def _is_old(self, taken: datetime) -> bool:
        return self.server.clock.now() - taken > WATERMARK_VALIDITY

    def import_step(self, run: RunResult, result: StepResult, step: RunStep) -> ImportStep:
        """The import of one partition, ready to run."""
        server = self.server
        position, partition = self._partition(step)

        def keep_errors(standing: Sequence[ObjectError], good: Sequence[int]) -> None:
            for error in standing:
                server.object_errors.record(run, result, error, server.clock.now())
            server.object_errors.clear("import", list(good))

        return ImportStep(
            server.database,
            server.systems.open(self.configuration),
            self.configuration,
            self.ordinal,
            partition,
            position,
            step.type is StepType.FULL_IMPORT,
            step.page_size if self.configuration.type is ConnectorType.ACTIVE_DIRECTORY else step.batch_size,
            lambda object_type: server.compiled.has_inbound(self.ordinal, object_type),
            self._reference_dn(),
            observer=server.observer,
            keep_errors=keep_errors,
            limits=self._limits(step),
        )

    def _limits(self, step: RunStep) -> StepLimits:
        return StepLimits(step.object_limit, lambda: self.server.runs.to_stop)

    def _reference_dn(self) -> Callable[[str], str]:
        if self.configuration.type is ConnectorType.ENTRA:
            return entra_dn
        return lambda dn: dn

    # ---- synchronization ---------------------------------------------------------------------------------------------
    def setting(self) -> SyncSetting:
        server = self.server
        rules = server.compiled
        server.membership.forget()
        return SyncSetting(
            rules,
            parameters_by_partition(server.connectors),
            server.clock.now(),
            Random(f"{server.seed}/{server.name}/expressions/{server.clock.now().isoformat()}"),
            {ordinal: c.name for ordinal, c in server.connectors.items()},
            server.observer,
            self._distinguished_name,
        )

    def _distinguished_name(self, number: int) -> str | None:
        row = self.server.database.connection.execute("SELECT dn FROM cs WHERE number = ?", (number,)).fetchone()
        return row[0] if row else None

    def workspace(self) -> StoredWorkspace:
        server = self.server
        return StoredWorkspace(
            server.database,
            join_attributes=server.compiled.join_attributes,
            entra_connectors=frozenset(o for o, c in server.connectors.items() if c.type is ConnectorType.ENTRA),
        )

    def _synchronize(self, run: RunResult, result: StepResult, step: RunStep) -> None:
        work = self.sync_step(self.setting(), full=step.type is StepType.FULL_SYNCHRONIZATION)
        work.limits = self._limits(step)
        work.run(run, result)

    def sync_step(self, setting: SyncSetting, *, full: bool, only: int | None = None) -> SyncStep:
        """The step, ready to run. only: this object alone (run/preview.py)."""
        server = self.server
        return SyncStep(
            server.database,
            self.workspace(),
            setting,
            self.ordinal,
            full,
            server.clock.now(),
            only,
            server.membership.moved(self.ordinal, self.configuration.parameters.get(PARAMETER, "")),
        )

    # ---- export ------------------------------------------------------------------------------------------------------
    def export(self, run: RunResult, result: StepResult, step: RunStep, only: int | None = None) -> None:
        """Send what waits. only: this object alone (run/specific_object.py)."""
        server = self.server
        entra = self.configuration.type is ConnectorType.ENTRA
        work = ExportStep(
            server.database,
            server.systems.open(self.configuration),
            self.configuration,
            self.ordinal,
            step.batch_size or 1,
            (lambda dn: bytes.fromhex(dn[4:-1]).decode()) if entra else (lambda dn: dn),
            server.clock.now(),
            server.observer,
            frozenset({"member"}) if entra else None,  # the sync service takes reference changes for member only
            only,
            self._limits(step),
            self._here(step),
        )
        if entra:
            self._guard(work)
            self._tell_size(work.connector)
        work.run(run, result)

    def _here(self, step: RunStep) -> Callable[[str], bool] | None:
        """Which objects an export step is about: all, or in a forest of several domains those of the step's domain."""
        if self.configuration.type is ConnectorType.ENTRA or len(self.configuration.partitions) == 1:
            return None
        _, partition = self._partition(step)
        domain = partition.name.lower()
        return lambda dn: dns_name(dn).lower() == domain

    def _tell_size(self, connector: Connector) -> None:
        """The tenant records how many objects the exporting server holds (facts "tenant" 1.5, CurrentExport)."""
        one = self.server.database.connection.execute
        pending = "SELECT 1 FROM cs WHERE connector = ? AND pending_export != 0 LIMIT 1"
        if isinstance(connector, EntraConnector) and one(pending, (self.ordinal,)).fetchone():
            row = one(COUNT_KIND, (self.ordinal * 4 + Kind.STAGING,)).fetchone()
            connector.connector_space_objects = int(row[0])

    def _guard(self, work: ExportStep) -> None:
        """Nothing at all is exported above the deletion threshold (decision D4)."""
        deletes = work.pending_deletes()
        if not deletes:
            return
        check = check_delete_threshold(deletes, self.server.systems.deletion_threshold(self.configuration))
        if check.exceeded:
            assert check.event is not None
            self.server.events.append(check.event)
            raise StepStopped(check.result or "")


def parameters_by_partition(
    connectors: dict[int, ConnectorConfiguration],
) -> dict[tuple[int, int], dict[str, str]]:
    """The %Parameters% of every connector and partition (facts "expressions" section 8)."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    for ordinal, connector in connectors.items():
        common = {**connector.parameters, "Connector.ID": connector.identifier}
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            forest = connector.parameters.get("forest-name", connector.name)
            common.setdefault("Forest.FQDN", forest)
            common.setdefault("Forest.Netbios", forest.partition(".")[0].upper())
            common.setdefault("Forest.LDAP", ",".join(f"DC={label}" for label in forest.split(".")))
        found[ordinal, 0] = common
        for position, partition in enumerate(connector.partitions, start=1):
            found[ordinal, position] = {
                "Domain.FQDN": partition.name,
                "Domain.Netbios": common.get(f"netbios:{partition.dn}") or partition.name.partition(".")[0].upper(),
                "Domain.LDAP": partition.dn,
                **common,
                **{n.partition("@")[0]: v for n, v in common.items() if n.endswith(f"@{partition.dn}")},
            }
    return found
