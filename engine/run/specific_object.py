"""Specific Object Import and Specific Object Export: a run of one step for one object.

An import reads the object where its directory has it; the sync service cannot be asked for one object, so there the
changes since the watermark are read, the object is taken out of them, and the watermark stays. An export sends what
waits for the object. Source: facts "engine" 5.1 and 21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.connector import ImportedObject, ImportKind
from engine.errors import ConnectorError, EngineError
from engine.model.configuration import (
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.cs_object import CSObject
from engine.run.import_step import ImportStep
from engine.run.limits import StepStopped
from engine.run.perform import StepWork
from engine.store.run_history import RunResult, StepResult
from engine.store.search import Search, find

if TYPE_CHECKING:
    from engine.server import SyncServer

IMPORT = "Specific Object Import"
EXPORT = "Specific Object Export"
SPECIFIC = (StepType.SPECIFIC_OBJECT_IMPORT, StepType.SPECIFIC_OBJECT_EXPORT)


def specific_object_run(
    server: SyncServer, *, connector: str, profile: str, dn: str, step: int | None = None
) -> RunResult:
    """Run one step of a run profile for the object at a DN. step: counted from 1; without it the step of the DN's
    partition. Raises EngineError for an unknown connector, profile or step, and for a step of another kind."""
    ordinal, configuration = server.connector(connector)
    found = next((p for p in configuration.run_profiles if p.name.casefold() == profile.casefold()), None)
    if found is None:
        names = ", ".join(p.name for p in configuration.run_profiles)
        raise EngineError(
            "no-start-unknown-profile-name", f"{configuration.name} has no run profile {profile!r}; it has {names}."
        )
    number, chosen = _step(configuration, found, dn, step)
    work = StepWork(server, ordinal, configuration)

    def perform(run: RunResult, result: StepResult, one: RunStep) -> None:
        result.number = number
        if one.type is StepType.SPECIFIC_OBJECT_EXPORT:
            known = object_at(server, ordinal, dn)
            if known is not None:  # an object that is not there has nothing to send
                work.export(run, result, one, known.number)
            return
        importing = work.import_step(run, result, one)
        objects, unchanged = _read(server, importing, dn)
        importing.stage(result, objects)
        if unchanged:
            result.statistics.count("StageNoChange")

    return server.runs.run_steps(ordinal, configuration, RunProfile(found.identifier, found.name, (chosen,)), perform)


def object_at(server: SyncServer, ordinal: int, dn: str) -> CSObject | None:
    """The connector-space object at a DN."""
    return next((part[0] for part in find(server.database.connection, Search(ordinal, dn=dn))), None)


def partition_of(configuration: ConnectorConfiguration, dn: str) -> Partition | None:
    """The partition a DN lies in: that of the longest matching name; the tenant has one for all."""
    if configuration.type is ConnectorType.ENTRA:
        return configuration.partitions[0] if configuration.partitions else None
    folded = dn.casefold()
    matching = [
        p for p in configuration.partitions if folded == p.dn.casefold() or folded.endswith(f",{p.dn.casefold()}")
    ]
    return max(matching, key=lambda p: len(p.dn), default=None)


def _step(configuration: ConnectorConfiguration, profile: RunProfile, dn: str, step: int | None) -> tuple[int, RunStep]:
    if step is None:
        partition = partition_of(configuration, dn)
        for number, one in enumerate(profile.steps, start=1):
            if partition is not None and one.partition == partition.identifier:
                step = number
                break
    if step is None or not 0 < step <= len(profile.steps):
        raise EngineError(
            "no-such-step", f"The run profile {profile.name!r} of {configuration.name} has no such step for {dn}."
        )
    chosen = profile.steps[step - 1]
    if chosen.type not in SPECIFIC:
        raise EngineError(
            "not-for-one-object", f"Step {step} of {profile.name!r} is {chosen.type}; it cannot run for one object."
        )
    return step, chosen


def _read(server: SyncServer, importing: ImportStep, dn: str) -> tuple[list[ImportedObject], bool]:
    """What its directory says of the object now, and whether it is known and has nothing new."""
    configuration, partition = importing.configuration, importing.partition
    known = object_at(server, importing.ordinal, dn)
    attributes = configuration.attributes or tuple(configuration.schema.attributes)
    if configuration.type is ConnectorType.ENTRA:
        watermark = server.configuration.watermark(importing.ordinal, partition.identifier)
        if watermark is None:
            raise ConnectorError(
                "failed-search",
                f"{configuration.name} has no watermark: a full import is required.",
                "no-start-full-import-required",
            )
        pages = importing.connector.read_delta(partition, attributes, watermark, importing.page_size)
        found = [each for page in pages for each in page.objects if _is_same(each, dn, known)]
        return found, not found and known is not None and known.anchor is not None
    if partition_of(configuration, dn) is not partition:
        raise StepStopped("no-start-no-partition-delete")
    there = importing.connector.read_at(partition, attributes, dn)
    if there is None and known is not None and isinstance(known.anchor, bytes):
        there = importing.connector.read_object(partition, attributes, known.anchor)
        if there is None:
            there = ImportedObject(ImportKind.DELETE, dn, known.anchor, known.object_type)
    return ([] if there is None else [there]), False


def _is_same(each: ImportedObject, dn: str, known: CSObject | None) -> bool:
    return each.dn.casefold() == dn.casefold() or (known is not None and known.anchor == each.anchor)
