"""Reading what a federation server publishes; anything else is refused with one code."""

from __future__ import annotations

import pytest

from emulators.federation.core.documents import PING_FEDERATE, exchange, metadata
from engine.connectors.federation.metadata import active_endpoint, read_metadata
from engine.errors import EngineError

BASE = "https://ping.contoso.com:9031"


def test_metadata_names_who_signs_with_what_and_where() -> None:
    found = read_metadata(metadata("ping:entity", BASE, PING_FEDERATE, "QUJD").encode())
    assert (found.entity, found.certificate) == ("ping:entity", "QUJD")
    assert (found.active, found.passive) == (f"{BASE}/idp/sts.wst", f"{BASE}/idp/prp.wsf")
    assert found.hosts == ("ping.contoso.com",)


def test_the_newer_endpoint_is_taken() -> None:
    text = exchange(BASE, PING_FEDERATE)
    assert active_endpoint(text.encode()) == (f"{BASE}/idp/sts.wst", True)
    older = text.replace("http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue", "urn:nothing")
    assert active_endpoint(older.encode()) == (f"{BASE}/idp/sts.wst", False)


@pytest.mark.parametrize("content", [b"", b"<a", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_what_is_no_metadata(content: bytes) -> None:
    for read in (read_metadata, active_endpoint):
        with pytest.raises(EngineError) as refused:
            read(content)
        assert refused.value.code == "FEDERATION_METADATA_UNREADABLE"
