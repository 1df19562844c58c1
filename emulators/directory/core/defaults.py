"""What the directory gives an object by itself: class chain, category, identity, account numbers.

Source: MS-ADTS 3.1.1.5.2 and MS-SAMR 3.1.1.8; facts "directory" section 8.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.directory.core.entry import Attributes, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.schema import ObjectClass

# userAccountControl
DISABLED, PASSWORD_NOT_REQUIRED, NORMAL = 0x2, 0x20, 0x200
INTERDOMAIN, WORKSTATION, SERVER = 0x800, 0x1000, 0x2000
DONT_EXPIRE, SMARTCARD = 0x10000, 0x40000
# groupType
GLOBAL, DOMAIN_LOCAL, UNIVERSAL, SECURITY, SYSTEM_GROUP = 0x2, 0x4, 0x8, 0x80000000, 0x1

_ZERO: Values = (b"0",)
_USER: Attributes = {
    "badpwdcount": _ZERO,
    "codepage": _ZERO,
    "countrycode": _ZERO,
    "badpasswordtime": _ZERO,
    "lastlogoff": _ZERO,
    "lastlogon": _ZERO,
    "pwdlastset": _ZERO,
    "primarygroupid": (b"513",),
    "accountexpires": (b"9223372036854775807",),
    "logoncount": _ZERO,
}
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def chain_values(forest: Forest, kind: ObjectClass) -> Values:
    """objectClass completed to the whole chain, top first."""
    return forest.share(tuple(name.encode() for name in forest.schema.chain(kind.name)))


def category(forest: Forest, kind: ObjectClass) -> bytes:
    return f"CN={kind.default_category},{forest.schema_dn}".encode()


def class_defaults(kind_chain: Values, account_control: int, group_type: int) -> Attributes:
    """Attributes an instance gets when its creator does not give them."""
    if b"user" in kind_chain:
        given = dict(_USER)
        given["useraccountcontrol"] = (str(account_control).encode(),)
        given["samaccounttype"] = (str(account_type(account_control)).encode(),)
        if account_control & WORKSTATION:
            given["primarygroupid"] = (b"515",)
        elif account_control & SERVER:
            given["primarygroupid"] = (b"516",)
        elif b"computer" in kind_chain:
            given["primarygroupid"] = (b"515",)
        if b"computer" in kind_chain:
            given["iscriticalsystemobject"] = (b"TRUE",) if account_control & SERVER else (b"FALSE",)
            given["localpolicyflags"] = _ZERO
        return given
    if b"group" in kind_chain:
        return {
            "grouptype": (str(signed(group_type)).encode(),),
            "samaccounttype": (str(group_account_type(group_type)).encode(),),
        }
    return {}


def signed(number: int) -> int:
    return number - (1 << 32) if number & 0x80000000 and number > 0 else number


def account_type(account_control: int) -> int:
    """sAMAccountType of a user or computer."""
    if account_control & (WORKSTATION | SERVER):
        return 805306369
    return 805306370 if account_control & INTERDOMAIN else 805306368


def group_account_type(group_type: int) -> int:
    security = group_type & SECURITY
    if group_type & DOMAIN_LOCAL:
        return 536870912 if security else 536870913
    return 268435456 if security else 268435457


def made_account_name(random: Random) -> bytes:
    """The sAMAccountName of an object created without one: ``$`` + 6 + ``-`` + 12 characters."""
    text = "".join(random.choices(_BASE32, k=18))
    return f"${text[:6]}-{text[6:]}".encode()


def needs_sid(kind_chain: Values) -> bool:
    """Whether a class is a security principal of the domain."""
    return b"user" in kind_chain or b"group" in kind_chain
