"""Applied-SynchronizationPolicy-<time>.JSON: written after each change the wizard makes, and whenever it is asked for.

It catalogues more than an import applies: what it leaves out stands in the file all the same and is listed. Changes by
cmdlets, the service manager and the rules editor are in no file until one is exported on demand. Source:
import-export-config; facts "install" RTC-04, section 23 (CFG-01, CFG-02, CFG-04).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.rules.json_document import written_json
from engine.run.import_step import HIERARCHY
from engine.setup.apply import AD_OBJECT_TYPES, PROFILES, SPECIFIC_OBJECT_PROFILES, attribute_inclusion
from engine.setup.promotion import exported_configuration
from engine.setup.settings.policy_writing import policy_document, policy_of
from engine.setup.settings.synchronization_policy import DirectoryPolicy, SynchronizationPolicy

if TYPE_CHECKING:
    from engine.server import SyncServer

FOLDER = "AADConnect"
APPLIED, EXPORTED = "applied", "exported"
#: Connectors an administrator added by hand; a server with one cannot hand its settings on (IRC-12).
GENERIC_CONNECTORS = ("Generic SQL (Microsoft)", "Generic LDAP (Microsoft)")
_SUBTYPES = {
    ConnectorType.ACTIVE_DIRECTORY: "Active Directory Domain Services",
    ConnectorType.ENTRA: "Windows Azure Active Directory (Microsoft)",
}
#: Features that an import sets up, and those every server has or that follow from other settings.
APPLIED_FEATURES = frozenset(
    {"HybridExchange", "PasswordHashSync", "PasswordWriteback", "GroupFiltering", "DeviceWriteUp", "DirectoryExtension"}
)
_TO_DO: Mapping[str, str] = {
    "DeviceWriteBack": "Device writeback was enabled; configure it on the new server.",
    "GroupWriteBack": "Group writeback was enabled; choose its container on the new server.",
    "FilterAAD": "App and attribute filtering was enabled; choose the apps and attributes on the new server.",
}
_KNOWN_PROFILES = frozenset(name for name, _ in (*PROFILES, *SPECIFIC_OBJECT_PROFILES))
_EXTENSIONS = "Microsoft.OptionalFeature.DirectoryExtensionAttributes"


# ---- writing ---------------------------------------------------------------------------------------------------------
def settings_text(server: SyncServer, *, kind: str = EXPORTED, administrator: str = "") -> str:
    """The server's settings as the wizard exports them now."""
    policy = settings_of(server)
    administrator = administrator or _administrator(server.folder / FOLDER)
    metadata = {"type": kind, "version": server.version, "created": server.clock.now().isoformat()}
    if administrator:
        metadata["administrator"] = administrator
    document = policy_document(replace(policy, metadata=metadata), any_precedence=True)
    document["policyMetadata"] = {**metadata, "fingerprint": _digest(document)}
    return written_json(document)


def settings_of(server: SyncServer) -> SynchronizationPolicy:
    """The policy of a server, with what it catalogues besides."""
    configuration = exported_configuration(server)
    policy = policy_of(configuration)
    connectors = {one.identifier: one for one in configuration.connectors}
    directories = tuple(_catalogued(one, connectors[one.identifier], server) for one in policy.directories)
    types = [_SUBTYPES[one.type] for one in configuration.connectors]
    extensions = server.global_settings.get(_EXTENSIONS, "")
    unknown = {"directoryExtensions": extensions.split(",")} if extensions else {}
    return replace(
        policy,
        deployment={**policy.deployment, "connectorTypes": types},
        directories=directories,
        entra=replace(policy.entra, sign_in_method=_sign_in(server), unknown=unknown),
    )


def _sign_in(server: SyncServer) -> str:
    method = str(server.requests.memory.method)
    if method != "do-not-configure":
        return method
    hashes = any(one.password_hash_sync for one in server.connectors.values())
    return "password-hash-sync" if hashes else method


def _catalogued(policy: DirectoryPolicy, connector: ConnectorConfiguration, server: SyncServer) -> DirectoryPolicy:
    """What the service manager may have changed: types, attributes, run profiles."""
    further: dict[str, Any] = {}
    wanted = attribute_inclusion(server.rules().values(), connector.identifier, connector.schema)
    missing = sorted(set(wanted) - set(connector.attributes)) if connector.attributes else []
    if missing:
        further["excludedAttributes"] = missing
    profiles = [one.name for one in connector.run_profiles if one.name not in _KNOWN_PROFILES]
    if profiles:
        further["customRunProfiles"] = profiles
    held = {one.dn: one for one in connector.partitions}
    partitions = []
    for one in policy.partitions:
        partition = held[one.dn]
        unknown: dict[str, Any] = {}
        if set(AD_OBJECT_TYPES) - set(partition.object_types):
            unknown["objectTypes"] = list(partition.object_types)
        if not partition.new_containers:
            unknown["newContainers"] = False
        partitions.append(replace(one, unknown={**one.unknown, **unknown}))
    return replace(policy, partitions=tuple(partitions), unknown={**policy.unknown, **further})


def write_applied(server: SyncServer, administrator: str = "") -> Path | None:
    """Leave a new file in the machine's folder when the settings are others than in the newest one there."""
    folder = server.folder / FOLDER
    text = settings_text(server, kind=APPLIED, administrator=administrator)
    newest = newest_applied(folder)
    if newest is not None and _contents(newest.read_text(encoding="utf-8")) == _contents(text):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    moment = server.clock.now().strftime("%Y%m%d-%H%M%S")
    path = folder / f"Applied-SynchronizationPolicy-{moment}.JSON"
    further = 1
    while path.exists():
        path = folder / f"Applied-SynchronizationPolicy-{moment}-{further}.JSON"
        further += 1
    path.write_text(text, encoding="utf-8")
    return path


def applied_files(folder: Path) -> list[Path]:
    """The files the wizard left, oldest first."""
    files = folder.glob("Applied-SynchronizationPolicy-*.JSON")
    return sorted(files, key=lambda one: [int(part) for part in one.stem.split("-")[2:]])


def newest_applied(folder: Path) -> Path | None:
    found = applied_files(folder)
    return found[-1] if found else None


def _administrator(folder: Path) -> str:
    newest = newest_applied(folder)
    metadata = json.loads(newest.read_text(encoding="utf-8"))["policyMetadata"] if newest is not None else {}
    return str(metadata.get("administrator", ""))


def _contents(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    document.pop("policyMetadata", None)
    return document


# ---- reading ---------------------------------------------------------------------------------------------------------
def _fingerprint(policy: SynchronizationPolicy) -> str:
    metadata = {name: value for name, value in policy.metadata.items() if name != "fingerprint"}
    return _digest(policy_document(replace(policy, metadata=metadata), any_precedence=True))


def _digest(document: Mapping[str, Any]) -> str:
    return blake2b(json.dumps(document).encode(), digest_size=16).hexdigest()


def edited(policy: SynchronizationPolicy) -> bool:
    """Whether a file says something else than when it was exported; one that never said can not be told."""
    told = policy.metadata.get("fingerprint")
    return told is not None and told != _fingerprint(policy)


def not_applied(policy: SynchronizationPolicy) -> Iterator[str]:
    """What the file catalogues and an import leaves to the administrator (CFG-04)."""
    for feature in policy.entra.features:
        if feature in _TO_DO:
            yield _TO_DO[feature]
        elif feature not in APPLIED_FEATURES:
            yield f"The feature {feature} was enabled; choose it on the new server."
    if policy.entra.unknown.get("directoryExtensions"):
        names = ", ".join(policy.entra.unknown["directoryExtensions"])
        yield f"Directory extensions were mapped ({names}); select them on the new server."
    for directory in policy.directories:
        yield from _not_applied_of(directory)


def _not_applied_of(directory: DirectoryPolicy) -> Iterator[str]:
    forest = directory.forest or directory.name
    for partition in directory.partitions:
        types = [name for name in partition.unknown.get("objectTypes", ()) if name not in HIERARCHY]
        if types:
            yield f"The object types of {partition.dn} were limited to {', '.join(types)}."
    if directory.unknown.get("excludedAttributes"):
        yield f"Attributes of {forest} were excluded: {', '.join(directory.unknown['excludedAttributes'])}."
    if directory.unknown.get("customRunProfiles"):
        yield f"{forest} had run profiles of its own: {', '.join(directory.unknown['customRunProfiles'])}."


def differences(policy: SynchronizationPolicy) -> Mapping[str, object]:
    """The list as a fact of the page."""
    return {"not_applied": list(not_applied(policy))}
