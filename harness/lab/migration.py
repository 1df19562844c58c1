"""A migration tool of the ADMT kind: reads accounts of one forest and writes copies of them in another, over LDAP.

A copy is a new object: new objectGUID and SID. What goes along is chosen: attributes, SID history, password, anchor.
Source: facts "directory" section 12, "install" section 25; migrate-groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from harness.lab.ldap_client import ADD, REPLACE, Entry
from harness.lab.ldap_filters import escape
from harness.lab.population import escape_rdn
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.seeds import Seeds

DISABLED = 0x2
GLOBAL = 0x2
CONSISTENCY_GUID = "mS-DS-ConsistencyGuid"
#: what the tool leaves out unless told otherwise
EXCLUDED = ("mail", "proxyAddresses")
#: written by the tool itself, by the directory, or on its own step
_OWN = frozenset(
    {
        "cn", "name", "objectclass", "objectcategory", "distinguishedname", "samaccountname", "userprincipalname",
        "useraccountcontrol", "grouptype", "unicodepwd", "pwdlastset", "sidhistory", "objectguid", "objectsid",
        "primarygroupid", "samaccounttype", "admincount", "accountexpires", "iscriticalsystemobject", "instancetype",
        "member", "ms-ds-consistencyguid", "badpwdcount", "logoncount", "codepage", "lockouttime", "lastlogon",
        "ntsecuritydescriptor", "badpasswordtime", "lastlogoff", "lastlogontimestamp", "whencreated", "whenchanged",
        "usncreated", "usnchanged", "dscorepropagationdata", "ms-ds-creatorsid",
    }
)  # fmt: skip
_DN_SYNTAXES = frozenset({b"2.5.5.1", b"2.5.5.7", b"2.5.5.14"})


@dataclass(frozen=True)
class MigrationOptions:
    """What goes along and what becomes of the two accounts.

    target, source: state of the copy (same, enabled, disabled) and of the original (keep, disable, delete).
    upn: keep the userPrincipalName, or take logon name and target domain. exclude: attributes left behind.
    """

    container: str
    anchor: bool = True
    sid_history: bool = True
    password: bool = True
    upn: str = "keep"
    target: str = "same"
    source: str = "keep"
    exclude: tuple[str, ...] = EXCLUDED


class Migration:
    """One run of the tool between two forests."""

    def __init__(self, source: Forest, target: Forest, seeds: Seeds, options: MigrationOptions) -> None:
        if source.service is target.service:
            raise ScenarioError("within a forest objects are moved: use directory.move_to_domain")
        self.source = source
        self.target = target
        self.seeds = seeds
        self.options = options
        self._takes = cache(self._attributes_of_target)
        self._hashes: dict[bytes, bytes] | None = None

    def run(self, entries: Iterable[Entry]) -> list[str]:
        """Copy users first, then groups, so that members find their copies. Returns the DNs of the copies."""
        chosen = sorted(entries, key=_is_group)
        copies = [self._copy(entry) for entry in chosen]
        for entry in chosen:
            self._leave(entry)
        return copies

    # ---- one account -------------------------------------------------------------------------------------------------
    def _copy(self, entry: Entry) -> str:
        group = _is_group(entry)
        dn = f"CN={escape_rdn(_text(entry, 'cn'))},{self.target.container(self.options.container)}"
        attributes = self._attributes(entry, group=group)
        wanted = attributes.pop("userAccountControl", None)
        if not group:
            login = _text(entry, "sAMAccountName")
            made = self.seeds.password(f"{self.target.name}/{login}")
            attributes["unicodePwd"] = [f'"{made}"'.encode("utf-16-le")]
            attributes["userAccountControl"] = [b"514"]
        ldap = self.target.ldap()
        ldap.add(dn, attributes)
        sid = entry.first("objectSid") if self.options.sid_history else None
        digest = self._hash_of(entry) if self.options.password and not group else None
        if sid or digest:
            ldap.migrate_account(dn, sid or b"", digest or b"")
        if wanted is not None:
            ldap.modify(dn, [(REPLACE, "userAccountControl", wanted)])
        if group:
            self._fill(dn, entry)
        return dn

    def _attributes(self, entry: Entry, *, group: bool) -> dict[str, list[bytes]]:
        left = _OWN | {name.lower() for name in self.options.exclude}
        takes = self._takes()
        copied = {
            name: values
            for name, values in entry.attributes.items()
            if name.lower() not in left and name.lower() in takes and values
        }
        copied["objectClass"] = [b"group"] if group else entry.values("objectClass")[-1:]
        copied["sAMAccountName"] = entry.values("sAMAccountName")
        if group:
            copied["groupType"] = entry.values("groupType")
        else:
            copied["userPrincipalName"] = self._upn(entry)
            copied["userAccountControl"] = [self._control(entry)]
        if self.options.anchor:
            copied[CONSISTENCY_GUID] = [anchor_of(entry)]
        return copied

    def _attributes_of_target(self) -> frozenset[str]:
        """Attributes the target's schema has and lets a tool write: no links, no names of objects of elsewhere."""
        base = f"CN=Schema,CN=Configuration,{self.target.base_dn}"
        found = self.target.search(
            "(&(objectClass=attributeSchema)(!(systemOnly=TRUE)))", ["lDAPDisplayName", "attributeSyntax"], base=base
        )
        return frozenset(
            _text(one, "lDAPDisplayName").lower() for one in found if one.first("attributeSyntax") not in _DN_SYNTAXES
        )

    def _upn(self, entry: Entry) -> list[bytes]:
        if self.options.upn == "keep":
            return entry.values("userPrincipalName")
        return [f"{_text(entry, 'sAMAccountName')}@{self.target.name}".encode()]

    def _control(self, entry: Entry) -> bytes:
        control = int(entry.first("userAccountControl") or b"512")
        match self.options.target:
            case "enabled":
                control &= ~DISABLED
            case "disabled":
                control |= DISABLED
        return str(control).encode()

    def _hash_of(self, entry: Entry) -> bytes | None:
        """The NT hash of the source account, read once for all."""
        if self._hashes is None:
            self._hashes = self.source.ldap().password_hashes(self.source.base_dn)
        return self._hashes.get(entry.first("objectSid") or b"")

    # ---- members and the original ------------------------------------------------------------------------------------
    def _fill(self, dn: str, group: Entry) -> None:
        """Members that were migrated are their copies; a domain local group names the others by SID."""
        members = []
        for name in group.values("member"):
            sid = self.source.find(name.decode(), ["objectSid"]).first("objectSid") or b""
            copy = self.target.search(f"(sIDHistory={escape(sid)})", ["1.1"])
            if copy:
                members.append(copy[0].dn.encode())
            elif int(group.first("groupType") or b"0") & 0x4:
                members.append(b"<SID=" + sid.hex().encode() + b">")
        if members:
            self.target.ldap().modify(dn, [(ADD, "member", members)])

    def _leave(self, entry: Entry) -> None:
        ldap = self.source.ldap()
        if self.options.source == "delete":
            ldap.delete(entry.dn)
        elif self.options.source == "disable" and not _is_group(entry):
            control = int(entry.first("userAccountControl") or b"512") | DISABLED
            ldap.modify(entry.dn, [(REPLACE, "userAccountControl", [str(control).encode()])])


def anchor_of(entry: Entry) -> bytes:
    """The value to carry along: mS-DS-ConsistencyGuid where it is set, else objectGUID."""
    value = entry.first(CONSISTENCY_GUID) or entry.first("objectGUID")
    if value is None:
        raise ScenarioError(f"{entry.dn} shows neither {CONSISTENCY_GUID} nor objectGUID")
    return value


def _is_group(entry: Entry) -> bool:
    return b"group" in entry.values("objectClass")


def _text(entry: Entry, name: str) -> str:
    return (entry.first(name) or b"").decode()
