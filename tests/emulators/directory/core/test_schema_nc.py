"""The schema naming context is made when somebody looks into it, not when somebody asks for what it will not hold."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.directory.core import requests as r


@pytest.mark.parametrize("attribute", ["cn", "name"])
def test_asking_for_an_absent_definition_makes_nothing(admin: Any, attribute: str) -> None:
    partition = admin.forest.controllers[0].partitions[2]
    wanted = r.Equality(attribute, b"ms-Exch-Schema-Version-Pt")
    assert admin.names(wanted, base=partition.dn, scope=r.Scope.ONE_LEVEL) == set()
    assert partition.fill is not None


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (r.Equality("cn", b"surname"), "Surname"),
        (r.Equality("CN", b"SURNAME"), "Surname"),
        (r.Equality("cn", b"User"), "User"),
        (r.Equality("cn", b"Aggregate"), "Aggregate"),
        (r.Equality("lDAPDisplayName", b"sn"), "Surname"),
    ],
)
def test_what_is_there_is_found_at_once(admin: Any, wanted: r.Filter, name: str) -> None:
    partition = admin.forest.controllers[0].partitions[2]
    assert admin.names(wanted, base=partition.dn, scope=r.Scope.ONE_LEVEL) == {f"CN={name},{partition.dn}"}


def test_exchange_leaves_its_schema_version(make_forest: Any, make_hand: Any) -> None:
    """What installers look for to learn whether Exchange has prepared the forest."""
    hand = make_hand(make_forest(exchange=True))
    wanted = r.Equality("cn", b"ms-Exch-Schema-Version-Pt")
    dn = f"CN=ms-Exch-Schema-Version-Pt,{hand.forest.schema_dn}"
    assert hand.names(wanted, base=hand.forest.schema_dn, scope=r.Scope.ONE_LEVEL) == {dn}
    assert hand.read(dn, "rangeUpper")["rangeupper"] == (b"17003",)
