"""The warning ANCHOR_LATE_SET: someone gives another source anchor to an object that a server has projected already.

Set it before the object is first imported, says the design document. What comes of a late one depends on how far the
object has come: a write-back that waits stands above what is imported, without one the rules take the new value, and
what was exported is refused. Source: seed002, the note on ms-DS-ConsistencyGuid; facts "install" 19, VAL-12, VAL-13.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.lab.forest import Forest
from harness.lab.server import Server

if TYPE_CHECKING:
    from engine.views import ConnectorSpaceView
    from harness.lab.lab import Lab

CODE = "ANCHOR_LATE_SET"
WARNING = "stage.warning"


def warn_of_late_anchor(lab: Lab, forest: Forest, dn: str, written: Mapping[str, Sequence[bytes]]) -> None:
    """Note the warning once for each server whose anchor attribute was written; attributes by name, no value = none."""
    folded = {name.lower(): values for name, values in written.items()}
    for server in lab.servers.values():
        attribute = _anchor_attribute(server)
        connected = {one.name.lower() for one in server.engine.connectors.values()}
        if attribute not in folded or forest.name.lower() not in connected:
            continue
        sentence = _complaint(server, forest, dn, attribute, folded[attribute])
        if sentence:
            lab.timeline.note(WARNING, code=CODE, server=server.name, object=dn, message=sentence)


def _anchor_attribute(server: Server) -> str:
    from engine.setup.global_settings import ANCHOR_SETTING

    return server.engine.global_settings.get(ANCHOR_SETTING, "").lower()


def _complaint(server: Server, forest: Forest, dn: str, attribute: str, values: Sequence[bytes]) -> str:
    from engine.setup.source_anchor import CONSISTENCY_GUID
    from engine.views import Windows

    windows = Windows(server.engine.database)
    found = windows.by_dn(forest.name, dn)
    held = windows.metaverse_object(found.metaverse) if found is not None and found.metaverse else None
    before = held.attributes.get("sourceAnchor") if held is not None else None
    if found is None or held is None or before is None or before in _anchors(values, found):
        return ""
    if not values and attribute != CONSISTENCY_GUID.lower():
        consequence = "without a value it has no anchor and is not synchronised any more"
    elif held.attributes.get("cloudSourceAnchor"):
        consequence = "it was exported with that anchor and takes no more changes until the value is back"
    elif attribute in {name.lower() for name in found.changes}:
        consequence = "the server waits to write that value to the directory and will put it back"
    else:
        consequence = "nothing was exported yet, so the new value is used"
    return f"{server.name} has projected the object with the source anchor {before}; {consequence}."


def _anchors(values: Sequence[bytes], found: ConnectorSpaceView) -> set[str]:
    """What the written value may become as an anchor: text or Base64; an emptied one leaves the objectGUID."""
    if values:
        return {values[0].decode(errors="replace"), b64encode(values[0]).decode()}
    return {b64encode(bytes.fromhex(found.anchor or "")).decode()}
