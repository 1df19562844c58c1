"""The rootDSE."""

from typing import Any

from emulators.directory.core import requests as r
from emulators.directory.core.session import open_session


def read(forest: Any, kit: Any, *attributes: str, filter_: r.Filter | None = None) -> dict[str, tuple[bytes, ...]]:
    hand = kit.hand(forest, open_session(forest))
    items = hand.search(filter_ or kit.any, attributes, base="", scope=r.Scope.BASE).items
    return dict(items[0].extra) if items else {}


def test_readable_without_a_bind(forest: Any, kit: Any) -> None:
    shown = read(forest, kit)
    assert shown["defaultNamingContext"] == (b"DC=contoso,DC=com",)
    assert shown["configurationNamingContext"] == (b"CN=Configuration,DC=contoso,DC=com",)
    assert shown["dnsHostName"] == (b"DC1.contoso.com",)
    assert shown["ldapServiceName"] == (b"contoso.com:dc1$@CONTOSO.COM",)
    assert shown["currentTime"] == (b"20250602080000.0Z",)
    assert shown["highestCommittedUSN"] == (str(forest.controllers[0].usn).encode(),)
    assert b"1.2.840.113556.1.4.841" in shown["supportedControl"]
    assert len(shown["supportedControl"]) == 40
    assert shown["supportedCapabilities"][0] == b"1.2.840.113556.1.4.800"
    assert "supportedExtension" not in shown


def test_attributes_by_name(forest: Any, kit: Any) -> None:
    assert set(read(forest, kit, "SUPPORTEDEXTENSION", "namingcontexts")) == {"supportedExtension", "namingContexts"}
    assert read(forest, kit, "msDS-PrincipalName") == {"msDS-PrincipalName": (b"NT AUTHORITY\\ANONYMOUS LOGON",)}


def test_a_filter_that_does_not_match(forest: Any, kit: Any) -> None:
    assert read(forest, kit, filter_=r.Equality("cn", b"x")) == {}


def test_whose_rootdse(admin: Any) -> None:
    answer = admin.search(attributes=["msDS-PrincipalName", "tokenGroups"], base="", scope=r.Scope.BASE)
    shown = dict(answer.items[0].extra)
    assert shown["msDS-PrincipalName"] == (b"CONTOSO\\Administrator",)
    assert len(shown["tokenGroups"]) > 5
    assert admin.send(r.WhoAmI()).value == b"u:CONTOSO\\Administrator"
