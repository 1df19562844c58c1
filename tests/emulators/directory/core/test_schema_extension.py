"""Extending the schema over LDAP: what becomes of a new attribute, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode
from emulators.directory.core.schema import load_schema
from emulators.directory.store import snapshot

BADGE = {
    "objectClass": ("top", "attributeSchema"),
    "lDAPDisplayName": "contosoBadge",
    "attributeID": "1.3.6.1.4.1.55555.1.17",
    "attributeSyntax": "2.5.5.12",
    "oMSyntax": "64",
    "isSingleValued": "TRUE",
}


def extend(admin: Any, code: ResultCode = ResultCode.SUCCESS, **changes: Any) -> str:
    dn = f"CN=contoso-Badge,{admin.forest.schema_dn}"
    given = {name: value for name, value in {**BADGE, **changes}.items() if value is not None}
    admin.add(dn, code, **given)
    return dn


def allow(admin: Any, code: ResultCode = ResultCode.SUCCESS, value: str = "contosoBadge") -> None:
    admin.change(f"CN=User,{admin.forest.schema_dn}", ("ADD", "mayContain", value), code=code)


def test_users_hold_the_attribute_once_their_class_may(admin: Any) -> None:
    dn = extend(admin)
    ana = admin.user("Ana")
    admin.change(ana, ("ADD", "contosoBadge", "B-1"), code=ResultCode.OBJECT_CLASS_VIOLATION)
    allow(admin)
    admin.change(ana, ("ADD", "contosoBadge", "B-1"))
    assert admin.read(ana, "contosoBadge") == {"contosobadge": (b"B-1",)}
    assert len(admin.read(dn)["schemaidguid"][0]) == 16
    shown = admin.read(f"CN=Aggregate,{admin.forest.schema_dn}", "attributeTypes", "objectClasses")
    aggregate = {name.lower(): values for name, values in shown.items()}
    assert any(b"'contosoBadge'" in one for one in aggregate["attributetypes"])
    assert any(b"NAME 'user'" in one and b"contosoBadge" in one for one in aggregate["objectclasses"])


def test_other_forests_do_not_learn_of_it(admin: Any) -> None:
    extend(admin)
    assert load_schema(admin.forest.schema.exchange).attribute("contosoBadge") is None


def test_a_snapshot_carries_it(admin: Any) -> None:
    extend(admin)
    allow(admin)
    ana = admin.user("Ana")
    state = snapshot.freeze(admin.forest)
    admin.forest.schema = load_schema(admin.forest.schema.exchange)
    snapshot.thaw(admin.forest, state)
    admin.change(ana, ("ADD", "contosoBadge", "B-1"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lDAPDisplayName": "mail"}, ResultCode.UNWILLING_TO_PERFORM),
        ({"attributeSyntax": "2.5.5.99"}, ResultCode.UNWILLING_TO_PERFORM),
        ({"oMSyntax": None}, ResultCode.UNWILLING_TO_PERFORM),
        ({"linkID": "9000"}, ResultCode.UNWILLING_TO_PERFORM),
        ({"isSingleValued": None}, ResultCode.OBJECT_CLASS_VIOLATION),
        ({"objectClass": ("top", "classSchema")}, ResultCode.UNWILLING_TO_PERFORM),
    ],
)
def test_what_is_refused_leaves_nothing(admin: Any, changes: dict[str, Any], code: ResultCode) -> None:
    extend(admin, code, **changes)
    assert admin.forest.schema.attribute("contosoBadge") is None
    extend(admin)


def test_a_class_is_changed_in_nothing_else(admin: Any) -> None:
    user = f"CN=User,{admin.forest.schema_dn}"
    allow(admin, ResultCode.UNWILLING_TO_PERFORM, "noSuchThing")
    admin.change(user, ("REPLACE", "mayContain", "mail"), code=ResultCode.UNWILLING_TO_PERFORM)
    admin.change(user, ("ADD", "description", "x"), code=ResultCode.UNWILLING_TO_PERFORM)
    changed = r.Modification(r.ModifyOperation.ADD, "description", (b"x",))
    admin.expect(r.Modify(extend(admin), (changed,)), ResultCode.UNWILLING_TO_PERFORM)


def test_it_takes_a_schema_admin(low: Any) -> None:
    extend(low, ResultCode.INSUFFICIENT_ACCESS_RIGHTS)
    assert low.forest.schema.attribute("contosoBadge") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"lDAPDisplayName": "a\tb\tc"}, {"lDAPDisplayName": "a\nmail"}, {"lDAPDisplayName": "has space"},
        {"lDAPDisplayName": "1abc"}, {"lDAPDisplayName": "user"}, {"attributeID": "not-an-oid"},
        {"attributeID": "1..2"}, {"attributeID": "0.9.2342.19200300.100.1.3"}, {"attributeSyntax": "12"},
        {"oMSyntax": "65"}, {"rangeLower": "10", "rangeUpper": "5"},
    ],
    ids=str,
)  # fmt: skip
def test_an_unsound_definition_is_refused_and_the_next_one_is_learnt(admin: Any, changes: dict[str, str]) -> None:
    extend(admin, ResultCode.UNWILLING_TO_PERFORM, **changes)
    extend(admin)
    allow(admin)
    assert snapshot.freeze(admin.forest)


def test_an_identifier_is_given_once(admin: Any) -> None:
    extend(admin)
    again = {**BADGE, "lDAPDisplayName": "contosoOther"}
    admin.add(f"CN=contoso-Other,{admin.forest.schema_dn}", ResultCode.UNWILLING_TO_PERFORM, **again)


def test_a_name_with_control_characters_is_refused(admin: Any) -> None:
    admin.add(f"CN=a\tb,{admin.forest.schema_dn}", ResultCode.UNWILLING_TO_PERFORM, **BADGE)


def test_schema_update_now_is_taken_from_who_may_extend_the_schema(admin: Any) -> None:
    admin.change("", ("ADD", "schemaUpdateNow", "1"))
    admin.change("", ("ADD", "becomeSchemaMaster", "1"), code=ResultCode.UNWILLING_TO_PERFORM)


def test_a_definition_keeps_its_name(admin: Any) -> None:
    dn = extend(admin)
    admin.rename(dn, "CN=contoso-Other", code=ResultCode.UNWILLING_TO_PERFORM)
    assert admin.read(dn, "lDAPDisplayName")
