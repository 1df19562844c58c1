"""The password channel of a server: what the channel needs of directory, database and tenant, and where it keeps its
place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgpack

from engine.connectors.active_directory.connector import DirectoryAccount
from engine.connectors.active_directory.password_reader import PasswordReader
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.model.cs_object import CSObject
from engine.password_sync.channel import (
    PING,
    Channel,
    ChannelState,
    Circumstances,
    CredentialItem,
    CredentialResult,
    DomainRead,
    Target,
    beat,
    next_beat,
)
from engine.password_sync.hashing import seeded_salts
from engine.password_sync.progress import PasswordChange, from_document, to_document
from engine.run.perform import parameters_by_partition
from engine.store.objects import CS_COLUMNS, anchor_key, read_cs, read_mv
from engine.store.run_history import TIME

if TYPE_CHECKING:
    from engine.server import SyncServer

_FACT = "password-channel"
_FORCE_CHANGE_FEATURE = 16384


class PasswordDuty:
    """Owns the channel's state; fulfils its ports."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.channel = _load(server.database.fact(_FACT))
        self._readers: dict[str, PasswordReader] = {}
        self._force_change = False
        self._looked_at: datetime | None = None
        self._salts = seeded_salts(f"{server.seed}/{server.name}")

    def next_due(self) -> datetime:
        return next_beat(self.channel, self.server.clock.now())

    def beat(self, now: datetime) -> None:
        """One two-minute beat; its events go to the log, its place to the database."""
        circumstances = self._circumstances()
        self.channel, events = beat(self.channel, now, circumstances, self, self._salts, self.server.behaviour)
        for each in events:
            self.server.events.append(each)
        self.server.database.set_fact(_FACT, _dump(self.channel))

    @property
    def quiet(self) -> bool:
        """Whether nothing can be sent: the channel is off, or its last beat came after the last synchronization.

        Passwords may wait without a target, those of system accounts for ever; only a synchronization gives them one.
        """
        if self.channel.state is ChannelState.OFF:
            return True
        return self.channel.state is ChannelState.DELTA and self.channel.generation == self._generation()

    def _generation(self) -> str:
        row = self.server.database.connection.execute("SELECT max(number) FROM run").fetchone()
        return str(row[0] or 0)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _sources(self) -> list[tuple[int, ConnectorConfiguration, Partition]]:
        return [
            (ordinal, connector, partition)
            for ordinal, connector in self.server.connectors.items()
            if connector.type is ConnectorType.ACTIVE_DIRECTORY and connector.password_hash_sync
            for partition in connector.partitions
            if partition.selected
        ]

    def _circumstances(self) -> Circumstances:
        server = self.server
        sources = self._sources()
        ready = bool(sources) and all(server.synchronized_once(connector) for _, connector, _ in sources)
        enabled = bool(sources)
        if enabled and ready and not server.staging:
            self._look_at_tenant()
        forests = {p.name: connector.parameters.get("forest-name", connector.name) for _, connector, p in sources}
        generation = self._generation()
        return Circumstances(
            enabled, server.staging, ready, tuple(forests), forests, self._force_change, generation=generation
        )

    def _look_at_tenant(self) -> None:
        """Read the tenant's features now and then: they change rarely and a beat comes every two minutes."""
        now = self.server.clock.now()
        if self._looked_at is not None and now - self._looked_at < PING:
            return
        try:
            company = self.server.systems.tenant_client(self.server.entra_connector[1]).company_configuration()
        except EngineError:
            return  # the tenant cannot be reached: the beat itself will say so
        self._force_change = bool(company.dirsync_features & _FORCE_CHANGE_FEATURE)
        self._looked_at = now

    # ---- ports of the channel ----------------------------------------------------------------------------------------
    def read(self, domain: str, cookie: bytes, maximum: int) -> DomainRead:
        _, connector, partition = next(s for s in self._sources() if s[2].name == domain)
        self.server.systems.log_on()
        reader = self._readers.get(partition.identifier)
        if reader is None:
            user = connector.parameters.get("forest-login-user", "")
            login_domain = connector.parameters.get("forest-login-domain", connector.name)
            account = DirectoryAccount(f"{user}@{login_domain}", self.server.configuration.secret(connector.identifier))
            address = self.server.network.forest(connector.parameters.get("forest-name", connector.name))
            reader = PasswordReader(address.holding(partition.dn), account, ca_bundle=self.server.network.ca_bundle)
            self._readers[partition.identifier] = reader
        changes: list[PasswordChange] = []
        for page in reader.read(partition.dn, cookie, maximum):
            cookie = page.cookie
            changes.extend(
                PasswordChange(r.anchor, r.dn, r.nt_hash, r.password_last_set, r.user_account_control)
                for r in page.records
            )
        return DomainRead(changes, cookie)

    def send(self, items: Sequence[CredentialItem]) -> Sequence[CredentialResult]:
        client = self.server.systems.tenant_client(self.server.entra_connector[1])
        answers = client.provision_credentials(
            [
                {
                    "SourceAnchor": item.source_anchor,
                    "CloudAnchor": item.cloud_anchor,
                    "ChangeDate": item.changed.strftime(TIME),
                    "CredentialData": item.credential,
                    "ForcePasswordChangeOnLogon": item.force_change,
                }
                for item in items
            ]
        )
        if items:
            self.server.observe("engine.passwords", sent=len(items), anchors=sorted(i.source_anchor for i in items))
        results = [
            CredentialResult(int(answer.get("Result", 1)), str(answer.get("ExtendedErrorInformation") or ""))
            for answer in answers
        ]
        self.server.database.connection.executemany(
            "INSERT OR IGNORE INTO password_sent VALUES (?)",
            [(item.source_anchor,) for item, result in zip(items, results, strict=False) if result.result == 0],
        )
        return results

    def target(self, change: PasswordChange) -> Target | None:
        """The cloud object of a password source: rules with EnablePasswordSync must hold on both sides (facts "engine"
        6.1)."""
        cs = self._source(change.object_guid)
        if cs is None or not cs.mv or cs.object_type != "user":
            return None
        server, rules = self.server, self.server.compiled
        connection = server.database.connection
        group = rules.inbound(cs.connector, cs.object_type)
        parameters = parameters_by_partition(server.connectors).get((cs.connector, cs.partition), {})
        chosen = group.chosen(group.in_scope({**cs.newest(), "dn": cs.dn}, parameters))
        if not any(rule.rule.enable_password_sync for rule in chosen) or not any(rule.links for rule in chosen):
            return None
        mv = read_mv(connection.execute("SELECT * FROM metaverse WHERE number = ?", (cs.mv,)).fetchone())
        ordinal, entra = server.entra_connector
        outward = rules.outbound(mv.object_type).get(ordinal)
        if outward is None:
            return None
        held = outward.chosen(outward.in_scope(mv.values, {**entra.parameters, "Connector.ID": entra.identifier}))
        if not any(rule.rule.enable_password_sync for rule in held):
            return None
        row = connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE mv != 0 AND mv = ? AND connector = ?",  # noqa: S608
            (cs.mv, ordinal),
        ).fetchone()
        if row is None:
            return None
        cloud = read_cs(row)
        anchor = cloud.newest().get("sourceAnchor")
        if cloud.anchor is None or not isinstance(anchor, str):
            return None  # not exported yet
        sent = connection.execute("SELECT 1 FROM password_sent WHERE anchor = ?", (anchor,)).fetchone()
        return Target(anchor, str(cloud.anchor), first=sent is None)

    def eligible_since(self, waiting: frozenset[bytes]) -> frozenset[bytes]:
        probe = {guid: PasswordChange(guid, "", b"", 0) for guid in waiting}
        return frozenset(guid for guid, change in probe.items() if self.target(change) is not None)

    def _source(self, guid: bytes) -> CSObject | None:
        connection = self.server.database.connection
        for ordinal in {source[0] for source in self._sources()}:
            rows = connection.execute(
                f"SELECT {CS_COLUMNS} FROM cs WHERE anchor_hash = ?",  # noqa: S608
                (anchor_key(ordinal, guid),),
            )
            for row in rows:
                cs = read_cs(row)
                if cs.anchor == guid:
                    return cs
        return None


def _dump(channel: Channel) -> str:
    document = {
        "state": channel.state.value,
        "domains": [to_document(domain) for domain in channel.domains],
        "last_beat": channel.last_beat.strftime(TIME) if channel.last_beat else None,
        "last_sent": channel.last_sent.strftime(TIME) if channel.last_sent else None,
    }
    return str(msgpack.packb(document).hex())


def _load(text: str) -> Channel:
    if not text:
        return Channel()
    from datetime import UTC

    document = msgpack.unpackb(bytes.fromhex(text))

    def moment(value: str | None) -> datetime | None:
        return datetime.strptime(value, TIME).replace(tzinfo=UTC) if value else None

    return Channel(
        ChannelState(document["state"]),
        tuple(from_document(domain) for domain in document["domains"]),
        moment(document["last_beat"]),
        moment(document["last_sent"]),
    )
