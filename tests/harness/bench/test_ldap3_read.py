"""The peer of row 7 reads what a forest holds."""

from __future__ import annotations

import io
import json

import pytest

from harness.bench import ldap3_read
from harness.bench.cold_forest import PASSWORD, start_forest
from harness.bench.first_bind import HOST
from harness.bench.people import directory_entries
from harness.lab.reactor import in_reactor, the_reactor

#: attributes that a forest has once Exchange has extended its schema
EXCHANGE = ("mailNickname", "legacyExchangeDN", "mS-DS-ConsistencyGuid")


def test_all_people_are_read_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ldap3", reason="ldap3 is not installed here")
    service = in_reactor(start_forest, the_reactor())
    try:
        made = [(dn, attributes) for dn, attributes in directory_entries(3, service.base_dn)]
        for _, attributes in made:
            for name in EXCHANGE:
                attributes.pop(name, None)
        in_reactor(service.populate, made)
        where = {
            "host": HOST,
            "port": service.endpoints["ldap"],
            "base": service.base_dn,
            "user": service.admin_dn,
            "password": PASSWORD,
        }
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(where)))
        monkeypatch.setattr("sys.stdout", out)
        ldap3_read.main()
    finally:
        in_reactor(service.stop)
    answer = json.loads(out.getvalue())
    assert answer["plain"]["entries"] == answer["with-schema"]["entries"] >= 3
    assert answer["plain"]["wall"] > 0
