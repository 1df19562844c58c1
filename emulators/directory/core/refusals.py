"""Active Directory's refusals: which result code and which extended text each kind of mistake earns.

The number before the first colon is the Win32 code. Source: recorded answers and MS-ADTS 3.1.1.3.1.9; facts "directory"
section 9. DSID digits vary by build in the real product; here they are the recorded ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import names
from emulators.directory.core.results import DirectoryError, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.session import Session

BUILD = "v4f7c"


def _ldap(code: ResultCode, win32: int, dsid: str, comment: str, data: str = "0") -> DirectoryError:
    return DirectoryError(code, f"{win32:08X}: LdapErr: DSID-{dsid}, comment: {comment}, data {data}, {BUILD}")


def _update(code: ResultCode, win32: int, dsid: str, problem: str, data: int = 0) -> DirectoryError:
    return DirectoryError(code, f"{win32:08X}: UpdErr: DSID-{dsid}, problem {problem}, data {data}\n")


def _service(code: ResultCode, win32: int, dsid: str, problem: str = "5003 (WILL_NOT_PERFORM)") -> DirectoryError:
    return DirectoryError(code, f"{win32:08X}: SvcErr: DSID-{dsid}, problem {problem}, data 0\n")


def _attribute(
    code: ResultCode, win32: int, dsid: str, problem: str, attribute: AttributeType, length: int | None = None
) -> DirectoryError:
    tail = f":len {length}" if length is not None else ""
    text = (
        f"{win32:08X}: AtrErr: DSID-{dsid}, #1:\n\t0: {win32:08X}: DSID-{dsid}, problem {problem}, data 0, "
        f"Att {attribute.attid:x} ({attribute.name}){tail}\n"
    )
    return DirectoryError(code, text)


def _security(win32: int, dsid: str) -> DirectoryError:
    text = f"{win32:08X}: SecErr: DSID-{dsid}, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n"
    return DirectoryError(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, text)


# ---- binding ---------------------------------------------------------------------------------------------------------
def bad_credentials(data: str) -> DirectoryError:
    """Data codes: 52e wrong password, 533 disabled, 701 expired account, 773 must change, 775 locked out..."""
    return _ldap(ResultCode.INVALID_CREDENTIALS, 0x80090308, "0C09044E", "AcceptSecurityContext error", data)


def not_bound() -> DirectoryError:
    comment = "In order to perform this operation a successful bind must be completed on the connection."
    return _ldap(ResultCode.OPERATIONS_ERROR, 0x4DC, "0C090DA9", comment)


def demand_bind(session: Session) -> None:
    """Everything but the rootDSE needs a bind."""
    if session.account is None and not session.token.system:
        raise not_bound()


# ---- names -----------------------------------------------------------------------------------------------------------
def no_such_object(best: str) -> DirectoryError:
    text = f"0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'{best}'\n"
    return DirectoryError(ResultCode.NO_SUCH_OBJECT, text, matched_dn=best)


def bad_name(dn: str) -> DirectoryError:
    text = f"0000208F: NameErr: DSID-03100231, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'{dn}'\n"
    return DirectoryError(ResultCode.INVALID_DN_SYNTAX, text)


def naming_violation() -> DirectoryError:
    return _update(ResultCode.NAMING_VIOLATION, 0x2099, "03050F78", "6001 (NAMING_VIOLATION)")


def parse_name(dn: str) -> names.Name:
    """A client's DN in normal form, or AD's complaint about it."""
    try:
        return names.key(dn)
    except names.BadName as error:
        raise bad_name(dn) from error


def missing(session: Session, name: names.Name) -> DirectoryError:
    """What to say of a name nothing answers to: a referral outside what is held here, else the nearest ancestor."""
    partition = session.controller.partition_of(name)
    if partition is None or not session.holds(partition):
        return referral(name)
    for length in range(1, len(name) - len(partition.name) + 1):
        entry = partition.find(name[length:])
        if entry is not None:
            return no_such_object(entry.dn)
    return no_such_object(partition.head.dn)


def referral(name: names.Name) -> DirectoryError:
    """A base no naming context here covers: the host is made of its DC parts."""
    labels = [part[3:] for part in name if part.startswith("dc=")]
    if not labels:
        return no_such_object("")
    host = ".".join(labels)
    dn = ",".join(f"{k}={names.escape(v)}" for k, _, v in (part.partition("=") for part in name))
    dn = ",".join("DC=" + part[3:] if part.startswith("dc=") else part for part in names.split(dn))
    text = f"0000202B: RefErr: DSID-0310084B, data 0, 1 access points\n\tref 1: '{host}'\n"
    return DirectoryError(ResultCode.REFERRAL, text, referrals=(f"ldap://{host}/{dn}",))


def naming_context(session: Session, dn: str) -> Partition:
    """The partition whose head a DN names."""
    name = parse_name(dn)
    for partition in session.controller.partitions:
        if partition.name == name:
            return partition
    raise missing(session, name)


# ---- writing ---------------------------------------------------------------------------------------------------------
def exists() -> DirectoryError:
    return _update(ResultCode.ENTRY_ALREADY_EXISTS, 0x2071, "030503CF", "6005 (ENTRY_EXISTS)")


def account_name_taken() -> DirectoryError:
    return _update(ResultCode.ENTRY_ALREADY_EXISTS, 0x524, "031A11FA", "6005 (ENTRY_EXISTS)")


def principal_name_taken(attribute: AttributeType) -> DirectoryError:
    win32 = 0x21C7 if attribute.lower == "serviceprincipalname" else 0x21C8
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, win32, "03200BBA", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def already_member() -> DirectoryError:
    return _update(ResultCode.ENTRY_ALREADY_EXISTS, 0x562, "031A11DA", "6005 (ENTRY_EXISTS)")


def not_a_member() -> DirectoryError:
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x561, "031A1254")


def value_exists(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.ATTRIBUTE_OR_VALUE_EXISTS, 0x2083, "03151904", "1006 (ATT_OR_VALUE_EXISTS)", attribute)


def value_absent(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.NO_SUCH_ATTRIBUTE, 0x2085, "03152AA0", "1001 (NO_ATTRIBUTE_OR_VAL)", attribute)


def out_of_range(attribute: AttributeType, length: int) -> DirectoryError:
    return _attribute(
        ResultCode.CONSTRAINT_VIOLATION, 0x2082, "03151D2D", "1005 (CONSTRAINT_ATT_TYPE)", attribute, length
    )


def constraint(attribute: AttributeType, win32: int = 0x20B5, dsid: str = "03152392") -> DirectoryError:
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, win32, dsid, "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def too_many_values(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, 0x2081, "03151A6C", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def bad_syntax(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.INVALID_ATTRIBUTE_SYNTAX, 0x57, "03151BF6", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def unknown_attribute() -> DirectoryError:
    return _ldap(ResultCode.NO_SUCH_ATTRIBUTE, 0x57, "0C090D8A", "Error in attribute conversion operation")


def not_in_class(attribute: AttributeType) -> DirectoryError:
    signed = attribute.attid - (1 << 32) if attribute.attid & 0x80000000 else attribute.attid
    return _update(ResultCode.OBJECT_CLASS_VIOLATION, 0x207D, "0315119D", "6002 (OBJ_CLASS_VIOLATION)", signed)


def must_missing() -> DirectoryError:
    return _update(ResultCode.OBJECT_CLASS_VIOLATION, 0x207C, "03151CEB", "6002 (OBJ_CLASS_VIOLATION)")


def class_violation() -> DirectoryError:
    return _update(ResultCode.OBJECT_CLASS_VIOLATION, 0x2040, "03151D39", "6002 (OBJ_CLASS_VIOLATION)")


def cannot_modify_class() -> DirectoryError:
    return _update(ResultCode.OBJECT_CLASS_VIOLATION, 0x2070, "03152A0E", "6002 (OBJ_CLASS_VIOLATION)")


def system_owned(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, 0x209A, "03152D2D", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def not_on_rdn() -> DirectoryError:
    return _update(ResultCode.NOT_ALLOWED_ON_RDN, 0x20B1, "030F0BE5", "6004 (CANT_ON_RDN)")


def children_exist() -> DirectoryError:
    return _update(ResultCode.NOT_ALLOWED_ON_NON_LEAF, 0x208C, "030A0493", "6003 (CANT_ON_NON_LEAF)")


def unwilling(_reason: str, win32: int = 0x2077) -> DirectoryError:
    """A refusal on principle. The reason is for the reader of the code: AD does not say it."""
    return _service(ResultCode.UNWILLING_TO_PERFORM, win32, "031A1254")


def elsewhere() -> DirectoryError:
    """A change that concerns two domains, without the control that says so."""
    return _service(ResultCode.AFFECTS_MULTIPLE_DSAS, 0x2039, "031A1254")


def not_emulated(what: str) -> DirectoryError:
    """What this directory does not do, said openly."""
    return DirectoryError(
        ResultCode.UNWILLING_TO_PERFORM, f"00002077: SvcErr: not emulated: {what}, problem 5003 (WILL_NOT_PERFORM)"
    )


def read_only_catalog() -> DirectoryError:
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x20AF, "03152D14")


# ---- passwords -------------------------------------------------------------------------------------------------------
def password_in_clear() -> DirectoryError:
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x1F, "031A1254")


def password_policy_reset() -> DirectoryError:
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x52D, "031A120C")


def password_policy_change(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, 0x52D, "03191083", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


def wrong_old_password(attribute: AttributeType) -> DirectoryError:
    return _attribute(ResultCode.CONSTRAINT_VIOLATION, 0x56, "03190F00", "1005 (CONSTRAINT_ATT_TYPE)", attribute)


# ---- accounts of another forest --------------------------------------------------------------------------------------
def not_an_account() -> DirectoryError:
    """ERROR_DS_SRC_OBJ_NOT_GROUP_OR_USER."""
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x215A, "0C030140")


def bad_sid() -> DirectoryError:
    """ERROR_INVALID_SID."""
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x539, "0C030141")


def source_domain_in_forest() -> DirectoryError:
    """ERROR_DS_SOURCE_DOMAIN_IN_FOREST: within a forest objects are moved, they get no history this way."""
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x2156, "0C030142")


def sid_exists_in_forest() -> DirectoryError:
    """ERROR_DS_SRC_SID_EXISTS_IN_FOREST: an account was migrated twice."""
    return _service(ResultCode.UNWILLING_TO_PERFORM, 0x215B, "0C030143")


# ---- rights ----------------------------------------------------------------------------------------------------------
def no_write_right() -> DirectoryError:
    return _security(0x2098, "03150F94")


def no_right() -> DirectoryError:
    return _security(0x5, "03152612")


def replication_denied() -> DirectoryError:
    return _ldap(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, 0x2105, "0C090B60", "Error processing control")


# ---- controls --------------------------------------------------------------------------------------------------------
def bad_control(code: ResultCode = ResultCode.UNAVAILABLE_CRITICAL_EXTENSION) -> DirectoryError:
    return _ldap(code, 0x57, "0C090753", "Error processing control")


def order_not_supported() -> DirectoryError:
    """A critical sort control that asks for what the directory cannot sort by; recorded from Windows Server 2019."""
    return _service(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, 0x217A, "03140452", "5010 (UNAVAIL_EXTENSION)")


def bad_cookie() -> DirectoryError:
    """A DirSync cookie that is not one: the sign for a full import."""
    return _ldap(ResultCode.PROTOCOL_ERROR, 0x203D, "0C090B60", "Error processing control")


def bad_range() -> DirectoryError:
    return _ldap(ResultCode.OPERATIONS_ERROR, 0x57, "0C090C3C", "Error in attribute conversion operation")
