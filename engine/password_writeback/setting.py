"""Set or change one password in the directory, with the connector's own account and the domain's policy.

Source: install 20 (Reset Password, lockoutTime, pwdLastSet), facts "directory" 4 (policy hints: the history counts for
a reset too); write-back pages (policy, rights, protected groups; since 1.1.553 no reset of a privileged account by an
administrator who does not own it).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.connectors.active_directory import controls
from engine.connectors.active_directory.ldap_channel import ForestAddress
from engine.connectors.active_directory.ldap_client import LdapClient, Modification, ModifyOperation, Scope
from engine.connectors.active_directory.ldap_refusal import (
    ERROR_ACCESS_DENIED,
    ERROR_PASSWORD_RESTRICTION,
    INSUFFICIENT_ACCESS_RIGHTS,
    NO_SUCH_OBJECT,
    LdapRefused,
)
from engine.connectors.active_directory.session import DirectoryAccount
from engine.errors import ConnectorError
from engine.versions import at_least

#: From this release on an administrator cannot reset a privileged account over the cloud (version history).
PRIVILEGED_REFUSED_SINCE = "1.1.553.0"
ERROR_INVALID_PASSWORD = 0x56
_DONT_EXPIRE = 0x10000
RESTRICTION = "A restriction prevents the password from being changed to the current one specified."


@dataclass(frozen=True, slots=True)
class NewPassword:
    """old: given by a person who changes it; an administrator who resets one knows none."""

    new: str = field(repr=False)
    old: str = field(default="", repr=False)
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the word the tenant is told, and the text of the log."""

    word: str
    text: str = ""

    @property
    def set(self) -> bool:
        return self.word == "set"


def set_password(
    address: ForestAddress, account: DirectoryAccount, dn: str, password: NewPassword, *, version: str, ca_bundle: str
) -> Written:
    """One password, over a protected connection; every refusal is an outcome."""
    try:
        with LdapClient.connect(address, ca_bundle=ca_bundle) as client:
            client.bind(account.user_name, account.password)
            return _set(client, dn, password, version)
    except LdapRefused as refusal:
        return _refused(refusal)
    except ConnectorError as refusal:
        return Written("unavailable", refusal.message)


def _set(client: LdapClient, dn: str, password: NewPassword, version: str) -> Written:
    entry = client.search(dn, Scope.BASE, "(objectClass=*)", ("adminCount", "userAccountControl", "lockoutTime"))
    if not entry:
        return Written("not-found", "Object could not be found.")
    if not password.old and entry[0].text("adminCount") == "1" and at_least(version, PRIVILEGED_REFUSED_SINCE):
        return Written("privileged", "The account is privileged on-premises.")
    if password.old:
        changes = [
            Modification(ModifyOperation.DELETE, "unicodePwd", (_quoted(password.old),)),
            Modification(ModifyOperation.ADD, "unicodePwd", (_quoted(password.new),)),
        ]
        client.modify(dn, changes)
        return Written("set")
    changes = [Modification(ModifyOperation.REPLACE, "unicodePwd", (_quoted(password.new),))]
    if entry[0].text("lockoutTime", "0") != "0":
        changes.append(Modification(ModifyOperation.REPLACE, "lockoutTime", (b"0",)))
    if password.must_change and not int(entry[0].text("userAccountControl", "0")) & _DONT_EXPIRE:
        changes.append(Modification(ModifyOperation.REPLACE, "pwdLastSet", (b"0",)))
    client.modify(dn, changes, (controls.policy_hints(),))
    return Written("set")


def _quoted(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le")


def _refused(refusal: LdapRefused) -> Written:
    if refusal.win32 == ERROR_PASSWORD_RESTRICTION:
        return Written("policy", RESTRICTION)
    if refusal.win32 == ERROR_INVALID_PASSWORD:
        return Written("wrong-password", "The current password is not right.")
    if refusal.result == NO_SUCH_OBJECT:
        return Written("not-found", "Object could not be found.")
    if refusal.result == INSUFFICIENT_ACCESS_RIGHTS or refusal.win32 == ERROR_ACCESS_DENIED:
        return Written("denied", "The management agent was denied access.")
    return Written("error", refusal.message)
