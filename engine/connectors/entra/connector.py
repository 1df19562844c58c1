"""The Connector protocol for a tenant: read-back pages in, batches of sync objects out.

Source: facts "tenant" section 17; facts "engine" sections 2.2, 4, 17.4. A lost answer ends the step: the outcome of
what was sent last is unknown; the next export sends it again, which the service takes as a no-op.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.connectors.connector import ExportChange, ExportResult, ImportedObject, ImportPage
from engine.connectors.entra.batches import cut_into_requests, read_result
from engine.connectors.entra.entity_mapping import EntityReader, SyncObject, sync_object
from engine.connectors.entra.entra_schema import entra_schema
from engine.connectors.entra.service_refusal import ServiceFault, dropped_connection
from engine.connectors.entra.tenant_client import TenantClient
from engine.errors import ConnectorError
from engine.model.configuration import Partition
from engine.model.schema import Schema

#: the fault by which the service says that a cookie cannot be used
_COOKIE_FAULT = "READBACK_COOKIE_REFUSED"


class EntraConnector:
    """One tenant, through one signed-in client. ``connector_space_objects``: how many objects the server holds."""

    def __init__(self, client: TenantClient, *, schema: Schema | None = None) -> None:
        self._client = client
        self._schema = schema or entra_schema()
        self._links_max: int | None = None
        self.connector_space_objects = 0

    def schema(self) -> Schema:
        return self._schema

    def close(self) -> None:
        self._client.close()

    # ---- reading -----------------------------------------------------------------------------------------------------
    def read_full(self, partition: Partition, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        return self._read(partition, attributes, None, page_size)

    def read_delta(
        self, partition: Partition, attributes: Sequence[str], watermark: bytes, page_size: int
    ) -> Iterator[ImportPage]:
        return self._read(partition, attributes, watermark.decode("ascii", "replace"), page_size)

    def read_object(
        self, partition: Partition, attributes: Sequence[str], anchor: bytes | str
    ) -> ImportedObject | None:
        """The service sends changed objects whole and has no way to read a single one."""
        raise ConnectorError("not-offered", "The sync service cannot read a single object.", "stopped-server")

    def read_at(self, partition: Partition, attributes: Sequence[str], dn: str) -> ImportedObject | None:
        """As ``read_object``: there is no way to ask for one."""
        return self.read_object(partition, attributes, dn)

    def _read(
        self, partition: Partition, attributes: Sequence[str], cookie: str | None, page_size: int
    ) -> Iterator[ImportPage]:
        reader = EntityReader(self._schema, tuple(attributes))
        selected = frozenset(partition.object_types)
        full, more = cookie is None, True
        while more:
            try:
                page = self._client.read_back(cookie, page_size, full=full)
            except ServiceFault as fault:
                if cookie is not None and fault.error_code == _COOKIE_FAULT:
                    raise ConnectorError(fault.code, fault.message, "no-start-full-import-required") from fault
                raise
            if page.more and page.cookie == cookie:
                raise dropped_connection("The tenant says that more is to come and stays where it is.")
            cookie, more = page.cookie, page.more
            objects = [reader.read(entity) for entity in page.objects]
            if selected:
                objects = [each for each in objects if each.object_type in selected or each.object_type is None]
            yield ImportPage(objects, cookie.encode() if cookie else None)
        self._client.finalize_import()

    # ---- exporting ---------------------------------------------------------------------------------------------------
    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        results: dict[int, ExportResult] = {}
        outgoing: list[tuple[int, SyncObject]] = []
        for position, change in enumerate(changes):
            try:
                outgoing.append((position, sync_object(change, self._schema)))
            except ValueError as error:
                results[position] = ExportResult(change.number, error_type="unexpected-error", error_text=str(error))
        for request in cut_into_requests(outgoing, self._links()):
            waiting = [
                part for part in request if part.position not in results or not results[part.position].error_type
            ]
            answers = self._client.provision([part.sync_object for part in waiting]) if waiting else []
            for part, answer in zip(waiting, answers, strict=True):
                earlier = results.get(part.position)
                if earlier is None or earlier.error_type is None:
                    results[part.position] = read_result(changes[part.position].number, answer)
        return [results[position] for position in range(len(changes))]

    def finish_export(self, total: int, succeeded: int) -> None:
        self._client.finalize_export(total, succeeded, self.connector_space_objects)

    def _links(self) -> int:
        if self._links_max is None:
            self._links_max = self._client.company_configuration().links_max
        return self._links_max
