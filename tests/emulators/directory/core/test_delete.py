"""Delete: what stands in its way."""

from typing import Any

import pytest

from emulators.directory.core.results import ResultCode

CODE = ResultCode


def test_children_stand_in_the_way(admin: Any, kit: Any) -> None:
    admin.user("Ana")
    answer = admin.delete(kit.staff, CODE.NOT_ALLOWED_ON_NON_LEAF)
    assert answer.text.startswith("0000208C: UpdErr: DSID-030A0493")
    admin.delete(f"CN=Ana,{kit.staff}")
    admin.delete(kit.staff)


def test_tree_delete(admin: Any, kit: Any) -> None:
    admin.add(f"OU=Inner,{kit.staff}", objectClass="organizationalUnit")
    admin.add(f"CN=A,OU=Inner,{kit.staff}", objectClass="contact")
    admin.user("Ana")
    admin.delete(kit.staff, tree_delete=True)
    assert not {dn for dn in admin.names() if "Staff" in dn}
    gone = {dn for dn in admin.names(show_deleted=True) if "\\0ADEL:" in dn}
    assert len(gone) == 4


@pytest.mark.parametrize(
    "dn", ["CN=Users,{base}", "{base}", "CN=Administrator,CN=Users,{base}", "CN=Domain Admins,CN=Users,{base}"]
)
def test_fixed_and_critical_objects_stay(admin: Any, kit: Any, dn: str) -> None:
    admin.delete(dn.format(base=kit.base), CODE.UNWILLING_TO_PERFORM)


def test_rights(admin: Any, low: Any, kit: Any) -> None:
    dn = admin.user("Ana")
    assert low.delete(dn, CODE.INSUFFICIENT_ACCESS_RIGHTS).text.startswith("00000005: SecErr")
    low.delete(kit.staff, CODE.INSUFFICIENT_ACCESS_RIGHTS, tree_delete=True)
    low.delete(f"CN=No,{kit.staff}", CODE.NO_SUCH_OBJECT)


def test_a_deleted_name_is_free_again(admin: Any) -> None:
    dn = admin.user("Ana", userPrincipalName="ana@contoso.com")
    admin.delete(dn)
    admin.add(dn, objectClass="user", sAMAccountName="ana2", userPrincipalName="ana@contoso.com")
