"""AdminSDHolder."""

from typing import Any

from emulators.directory.core import admin_holder, lifecycle
from emulators.directory.core.results import ResultCode


def test_members_of_protected_groups_are_taken_over_within_the_hour(admin: Any, kit: Any, clock: Any) -> None:
    ana = admin.user("Ana")
    inner = admin.group("Inner", ana)
    admin.change(f"CN=Domain Admins,CN=Users,{kit.base}", ("ADD", "member", inner))
    assert lifecycle.tick(admin.forest, clock.advance(minutes=59)) == 0
    assert lifecycle.next_due(admin.forest) is not None
    assert lifecycle.tick(admin.forest, clock.advance(minutes=1)) == 2
    entry = admin.entry(ana)
    assert entry.attributes["admincount"] == (b"1",)
    assert entry.sd.protected
    assert entry.sd is admin.entry(f"CN=AdminSDHolder,CN=System,{kit.base}").sd
    assert lifecycle.next_due(admin.forest) is None
    admin.change(f"CN=Domain Admins,CN=Users,{kit.base}", ("DELETE", "member", inner))
    lifecycle.tick(admin.forest, clock.advance(hours=2))
    assert entry.attributes["admincount"] == (b"1",)


def test_a_grant_on_the_ou_no_longer_reaches_an_administrator(admin: Any, low: Any, kit: Any) -> None:
    from emulators.directory.core.identity import sid_text
    from emulators.directory.core.security_descriptor import SecurityDescriptor, from_sddl

    ana = admin.user("Ana")
    root = admin.forest.root.sid
    guid, kind = "23773dc2-b63a-11d2-90e1-00c04fd91ab1", "bf967aba-0de6-11d0-a285-00aa003049e2"
    grant = from_sddl(f"D:(OA;CIIO;RPWP;{guid};{kind};{sid_text(low.session.account.sid)})", root, root).dacl
    old = admin.entry(kit.staff).sd
    assert grant is not None
    new = SecurityDescriptor(old.owner, old.group, (*grant, *old.dacl), None, old.control)
    admin.change(kit.staff, ("REPLACE", "nTSecurityDescriptor", new.octets), sd_flags=4)
    low.change(ana, ("REPLACE", "mS-DS-ConsistencyGuid", b"0123456789abcdef"))
    admin.change(f"CN=Domain Admins,CN=Users,{kit.base}", ("ADD", "member", ana))
    assert admin_holder.protect(admin.forest) == 1
    answer = low.change(
        ana, ("REPLACE", "mS-DS-ConsistencyGuid", b"x" * 16), code=ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    )
    assert answer.text.startswith("00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS)")
