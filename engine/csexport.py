"""A connector space as csexport writes it: every object with its five holograms and the deltas between them.

Source: facts "engine" section 20; the paths of the CSAnalyzer script hold. What the engine does
not keep is left out, never made up: times of deltas, disconnection details, sequencers.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from engine.errors import ConfigurationError
from engine.model.change import Operation
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.cs_object import CSObject, Kind, LinkedBy
from engine.model.hologram_xml import Anchor, Subject, write_delta, write_entry
from engine.model.identity import cs_identifier, mv_identifier
from engine.model.layers import SYNCHRONIZED, UNAPPLIED_EXPORT, layers
from engine.model.values import Scalar, Value, as_list
from engine.model.xml_document import XmlWriter, attribute_text
from engine.store.objects import chunks, marks
from engine.views import StandingError, Windows

#: Letters of /f: and the states they keep; several letters keep what any of them keeps.
FILTERS: Mapping[str, tuple[str, str]] = {
    "x": ("pending-export", "objects with a pending export"),
    "p": ("pending-import", "objects with a pending import"),
    "c": ("connector", "connectors"),
    "d": ("disconnector", "disconnectors"),
    "i": ("import-error", "objects with an import error"),
    "e": ("export-error", "objects with an export error"),
}
_LINEAGE = {
    LinkedBy.INBOUND_JOIN: "join-rules",
    LinkedBy.INBOUND_PROVISION: "projection-rules",
    LinkedBy.OUTBOUND_JOIN: "join-rules",
    LinkedBy.OUTBOUND_PROVISION: "provisioning-rules",
}


def filter_states(letters: str) -> tuple[str, ...]:
    """The states that the letters of /f: keep; raises ConfigurationError for a letter that is none."""
    found = []
    for letter in letters.removeprefix("/f:").lower():
        if letter not in FILTERS:
            known = ", ".join(f"{one} ({text})" for one, (_, text) in FILTERS.items())
            raise ConfigurationError("csexport-filter", f"csexport has no filter {letter!r}; there are {known}.")
        found.append(FILTERS[letter][0])
    return tuple(found)


def connector_space_pieces(windows: Windows, connector: str, letters: str = "", **scope: str | None) -> Iterator[str]:
    """The document in pieces, of the objects that a filter and a scope (of Windows.objects) keep.

    Raises LookupError for an unknown connector, ConfigurationError for an unknown filter.
    """
    states = filter_states(letters) or None
    windows.ordinal(connector)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<cs-objects>\n'
    for part in windows.objects(connector, states, **scope):
        yield _portion(windows, part)
    yield "</cs-objects>\n"


def object_xml(windows: Windows, cs: CSObject) -> str:
    """One object: what Get-ADSyncCSObject gives as SerializedXml."""
    return f"<cs-objects>\n{_portion(windows, [cs])}</cs-objects>"


def _portion(windows: Windows, part: list[CSObject]) -> str:
    referred = _referred(windows, part)
    errors = windows.standing_errors(part)
    xml = XmlWriter()
    for cs in part:
        _write_object(xml, windows, cs, referred, errors.get(cs.number, ()))
    return xml.text() + "\n"


def _referred(windows: Windows, part: Iterable[CSObject]) -> dict[int, tuple[str, Anchor]]:
    """DN and anchor of everything the objects refer to."""
    connectors = windows.by_ordinal
    wanted: set[int] = set()
    for cs in part:
        names = connectors[cs.connector].schema.reference_attributes()
        for layer in (cs.base, cs.pending, cs.unconfirmed, cs.unapplied):
            for name in names & layer.keys() if layer else ():
                wanted.update(n for n in as_list(layer[name]) if isinstance(n, int))
    found: dict[int, tuple[str, Anchor]] = {}
    for numbers in chunks(sorted(wanted)):
        rows = windows.connection.execute(
            f"SELECT number, dn, anchor FROM cs WHERE number IN ({marks(len(numbers))})",  # noqa: S608
            numbers,
        )
        found.update({number: (dn, anchor) for number, dn, anchor in rows})
    return found


def _write_object(
    xml: XmlWriter,
    windows: Windows,
    cs: CSObject,
    referred: Mapping[int, tuple[str, Anchor]],
    errors: tuple[StandingError, ...],
) -> None:
    configuration = windows.by_ordinal[cs.connector]
    subject = Subject(cs.dn, cs.object_type, configuration.schema, referred.get, cs.anchor)
    identifier = cs_identifier(windows.identity, cs.number).upper()
    typed = f" object-type={attribute_text(cs.object_type)}" if cs.kind is not Kind.PLACEHOLDER else ""
    xml.open(
        "cs-object",
        f' cs-dn={attribute_text(cs.dn)} id="{{{identifier}}}"{typed}'
        f' transient="{str(cs.kind is Kind.TRANSIENT).lower()}"',
    )
    _write_layers(xml, subject, cs)
    xml.element("connector", "1" if cs.mv else "0")
    xml.element("connector-state", "normal")
    _write_errors(xml, subject, errors)
    if cs.mv:
        xml.open("cs-mv-links")
        lineage = _LINEAGE.get(cs.linked_by, "join-rules")
        guid = mv_identifier(windows.identity, cs.mv).upper()
        xml.element("mv-link", f"{{{guid}}}", f' lineage-type="{lineage}"')
        xml.close()
    if cs.pending_export is not Operation.NONE:
        xml.element("export-delta-operation", cs.pending_export.label)
    _write_account(xml, cs, configuration)
    xml.close()


def _write_layers(xml: XmlWriter, subject: Subject, cs: CSObject) -> None:
    """Deltas from the newest to the oldest, then the holograms, in the order of the tool."""
    found = layers(cs)
    for below, layer in reversed(list(pairwise(found))):
        if layer.operation is not Operation.NONE:
            xml.open(layer.name)
            write_delta(xml, subject, layer.operation, layer.changes, below.image, layer.new_dn)
            xml.close()
    newest_first = [found[0], *reversed(found[1:])]
    assert (newest_first[0].name, newest_first[1].name) == (SYNCHRONIZED, UNAPPLIED_EXPORT)
    for layer in newest_first:
        if layer.image is None:
            xml.element(f"{layer.name}-hologram")
        else:
            xml.open(f"{layer.name}-hologram")
            write_entry(xml, subject, layer.image)
            xml.close()


def _write_errors(xml: XmlWriter, subject: Subject, errors: tuple[StandingError, ...]) -> None:
    for error in errors:
        if error.phase not in ("import", "export"):
            continue
        xml.open(f"{error.phase}-errordetail")
        xml.element("date-occurred", error.last_occurred)
        xml.element("first-occurred", error.first_occurred)
        xml.element("retry-count", str(error.retry_count))
        xml.element("error-type", error.error_type)
        delta = error.detail.get("delta")
        if isinstance(delta, dict):
            changes = {name: _value(pair.get("exported")) for name, pair in delta.items()}
            held = {n: v for n, v in ((n, _value(p.get("imported"))) for n, p in delta.items()) if v is not None}
            xml.open("change-not-reimported")
            write_delta(xml, subject, Operation.UPDATE, changes, held)
            xml.close()
        elif error.text:
            xml.open("cd-error")
            code = error.detail.get("code")
            if isinstance(code, str) and code:
                xml.element("error-code", code)
            xml.element("error-literal", error.text)
            xml.close()
        xml.close()


def _value(plain: object) -> Value | None:
    """A value as it stands in an error's detail: binary as {"base64": ...}."""
    if isinstance(plain, list):
        return [_scalar(one) for one in plain]
    return None if plain is None else _scalar(plain)


def _scalar(plain: object) -> Scalar:
    if isinstance(plain, dict) and isinstance(plain.get("base64"), str):
        try:
            return base64.b64decode(plain["base64"], validate=True)
        except ValueError:
            return plain["base64"]
    return plain if isinstance(plain, str | int | bool) else str(plain)


def _write_account(xml: XmlWriter, cs: CSObject, configuration: ConnectorConfiguration) -> None:
    newest = cs.newest()
    partition = (
        configuration.partitions[cs.partition - 1] if 0 < cs.partition <= len(configuration.partitions) else None
    )
    if configuration.type is ConnectorType.ACTIVE_DIRECTORY and partition is not None:
        xml.element("fully-qualified-domain-name", partition.name)
        account = newest.get("sAMAccountName")
        if isinstance(account, str):
            xml.element("domain-name", partition.name.partition(".")[0].upper())
            xml.element("account-name", account)
    principal = newest.get("userPrincipalName")
    if isinstance(principal, str):
        xml.element("user-principal-name", principal)
    if partition is not None:
        xml.element("partition-name", partition.dn)
