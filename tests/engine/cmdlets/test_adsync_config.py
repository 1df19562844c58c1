"""Get-ADSyncObjectsWithInheritanceDisabled: which place is meant, which class, what cannot be read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.cmdlets import CMDLETS, Session, adsync_config
from engine.connectors.active_directory.inheritance import ProtectedObject
from engine.errors import EngineError
from engine.setup.answers import Credential

HELD = ProtectedObject("CN=Ada,OU=Staff,DC=contoso,DC=com", "Ada", "user", "g1")
HIDDEN = ProtectedObject("CN=Bob,OU=Staff,DC=contoso,DC=com", "Bob", "user", "g2", readable=False)
COMMAND = "Get-ADSyncObjectsWithInheritanceDisabled"


class Forest:
    """A forest that tells what it was asked."""

    def __init__(self) -> None:
        self.found = [HELD]
        self.asked: list[tuple[str, str]] = []
        self.credentials: list[Credential] = []
        self.closed = 0

    def connect_forest(self, forest: str, credential: Credential) -> Forest:
        assert forest == "contoso.com"
        self.credentials.append(credential)
        return self

    def inheritance_disabled(self, base_dn: str, object_class: str) -> list[ProtectedObject]:
        self.asked.append((base_dn, object_class))
        return self.found

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def forest(server, monkeypatch) -> Forest:
    reached = Forest()
    monkeypatch.setattr(adsync_config, "reach_from", lambda server: reached)
    connector = server.connectors[0]
    parameters = {"forest-login-user": "MSOL_1", "forest-login-domain": "contoso.com",
                  "netbios:DC=contoso,DC=com": "CONTOSO"}  # fmt: skip
    server.connectors[0] = connector.with_(parameters={**connector.parameters, **parameters})
    server.configuration = SimpleNamespace(secret=lambda identifier: f"secret of {identifier}")
    return reached


@pytest.mark.parametrize(
    ("arguments", "base", "object_class"),
    [
        ("contoso.com", "DC=contoso,DC=com", "organizationalUnit"),
        ("-SearchBase Contoso -ObjectClass user", "DC=contoso,DC=com", "user"),
        ("'OU=Staff,DC=contoso,DC=com' '*'", "OU=Staff,DC=contoso,DC=com", "*"),
    ],
)
def test_place_and_class(server, forest, arguments, base, object_class) -> None:
    answer = server.type(f"{COMMAND} {arguments}")
    assert forest.asked == [(base, object_class)]
    assert answer.rows == ({"DistinguishedName": HELD.dn, "Name": "Ada", "ObjectClass": "user", "ObjectGUID": "g1"},)
    assert answer.warnings == ()
    assert forest.credentials[0].username == "MSOL_1@contoso.com"
    assert forest.closed == 1


def test_its_table_has_the_columns_by_their_names(server, forest) -> None:
    _, header, _, line, *_ = Session(server, CMDLETS).run(f"{COMMAND} contoso.com").lines()
    assert header.split() == ["DistinguishedName", "Name", "ObjectClass", "ObjectGUID"]
    assert line.split() == [HELD.dn, "Ada", "user", "g1"]


def test_what_cannot_be_read_is_told(server, forest) -> None:
    forest.found = [HELD, HIDDEN]
    answer = server.type(f"{COMMAND} contoso.com -ObjectClass '*'")
    assert [row["Name"] for row in answer.rows] == ["Ada"]
    assert answer.warnings == (f"The permissions of 1 object cannot be read, {HIDDEN.dn} among them.",)


@pytest.mark.parametrize("place", ["fabrikam.com", "OU=Staff,DC=fabrikam,DC=com", "xDC=contoso,DC=com"])
def test_a_place_that_is_not_connected(server, forest, place) -> None:
    with pytest.raises(EngineError, match="no domain") as raised:
        server.type(f"{COMMAND} '{place}'")
    assert raised.value.code == "SEARCH_BASE"
    assert forest.asked == []
