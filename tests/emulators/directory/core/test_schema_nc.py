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
