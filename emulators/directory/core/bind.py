"""Simple bind: which account a name means, whether the password is right, and what else may stand in the way.

Fronts that verify a challenge themselves use find_account, admit and reject. Source: MS-ADTS 5.1.1.1 and 5.1.1.5;
facts "directory" sections 9 and 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import (
    access,
    constructed,
    defaults,
    identity,
    links,
    names,
    passwords,
    refusals,
    times,
)
from emulators.directory.core.draft import Draft
from emulators.directory.core.identity import sid
from emulators.directory.core.results import DirectoryError, Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Controller, Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Bind
    from emulators.directory.core.session import Session

NO_SUCH_ACCOUNT, WRONG_PASSWORD, PASSWORD_EXPIRED, DISABLED = "52e", "52e", "532", "533"
ACCOUNT_EXPIRED, MUST_CHANGE, LOCKED_OUT, HOURS = "701", "773", "775", "530"
_FORTNIGHT = 14 * 86400 * times.TICKS_A_SECOND
_ALWAYS = (access.EVERYONE, access.AUTHENTICATED_USERS, access.NETWORK, sid("S-1-5-15"))
_ENTERPRISE_CONTROLLERS = sid("S-1-5-9")


def bind(forest: Forest, session: Session, request: Bind) -> Result:
    """A simple bind. A failed one leaves the session anonymous."""
    session.forget()
    session.result_sets = None
    if request.mechanism != "simple" or request.password is None:
        raise DirectoryError(
            ResultCode.AUTH_METHOD_NOT_SUPPORTED,
            "00002027: LdapErr: DSID-0C0905FE, comment: Invalid Authentication method, data 0, " + refusals.BUILD,
        )
    if not request.password:
        return Result()  # anonymous, and the unauthenticated bind of a name without password
    account = find_account(forest, session, request.name)
    if account is None:
        raise refusals.bad_credentials(NO_SUCH_ACCOUNT)
    if not passwords.matches(account, request.password):
        reject(forest, session, account)
    admit(forest, session, account)
    return Result()


def find_account(forest: Forest, session: Session, name: str) -> Entry | None:
    """The account a bind name means, trying AD's forms in AD's order; an ambiguous name means none.

    The controller's own domain is asked first, then the others of the forest as the trusts between them allow.
    """
    for domain in session.controller.domain_partitions:
        for form in (_by_dn, _by_upn, _by_netbios, _by_canonical, _by_guid, _by_display, _by_spn, _by_sid):
            found = [entry for entry in form(forest, domain, name) if not entry.state and entry.has_class(b"user")]
            if len(found) == 1:
                return found[0]
            if found:
                return None
    return None


def _by_dn(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    if "=" not in name:
        return []
    try:
        entry = domain.find(names.key(name))
    except names.BadName:
        return []
    return [entry] if entry is not None else []


def _by_upn(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    """An explicit userPrincipalName, else the implicit one: sAMAccountName at the domain."""
    if "@" not in name:
        return []
    found = domain.indexes.find("userprincipalname", name.encode())
    if found:
        return found
    account, _, suffix = name.rpartition("@")
    known = domain.controller.domain
    if suffix.lower() in (known.dns, known.netbios.lower()):
        return domain.indexes.find("samaccountname", account.encode())
    return []


def _by_netbios(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    prefix, backslash, account = name.partition("\\")
    known = domain.controller.domain
    if not backslash or prefix.lower() not in (known.dns, known.netbios.lower()):
        return []
    return domain.indexes.find("samaccountname", account.encode())


def _by_canonical(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    dns, slash, path = name.replace("\n", "/").partition("/")
    if not slash or dns.lower() != domain.controller.domain.dns:
        return []
    nodes = [domain.head]
    for part in path.replace("\\/", "\0").split("/"):
        value = part.replace("\0", "/").lower()
        nodes = [
            child for node in nodes for child in (node.children or {}).values() if child.text("name").lower() == value
        ]
    return nodes


def _by_guid(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    octets = identity.guid_bytes(name) if name[:1] == "{" else None
    entry = domain.entries.get(octets) if octets is not None else None
    return [entry] if entry is not None else []


def _by_display(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    wanted = name.lower()
    return [
        entry
        for entry in domain.entries.values()
        if "displayname" in entry.attributes and entry.text("displayname").lower() == wanted
    ]


def _by_spn(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    return domain.indexes.find("serviceprincipalname", name.encode()) if "/" in name else []


def _by_sid(_forest: Forest, domain: Partition, name: str) -> list[Entry]:
    octets = identity.sid_bytes(name)
    return domain.indexes.find("objectsid", octets) if octets is not None else []


# ---- the account's state ---------------------------------------------------------------------------------------------
def reject(forest: Forest, session: Session, account: Entry) -> None:
    """A wrong password: counted, perhaps locking the account out; always raises."""
    if constructed.is_locked(forest, session, account):
        raise refusals.bad_credentials(LOCKED_OUT)
    partition = session.controller.home_of(account)
    now = times.to_ticks(forest.clock.now())
    draft = Draft.of(partition, account)
    window = -partition.head.number("lockoutobservationwindow")
    recent = now - account.number("badpasswordtime") < window
    count = account.number("badpwdcount") + 1 if recent else 1
    draft.set("badpwdcount", str(count).encode())
    draft.set("badpasswordtime", str(now).encode())
    threshold = partition.head.number("lockoutthreshold")
    if threshold and count >= threshold:
        draft.set("lockouttime", str(now).encode())
    partition.commit(draft)
    raise refusals.bad_credentials(WRONG_PASSWORD)


def admit(forest: Forest, session: Session, account: Entry) -> None:
    """Bind an account whose password is proven, unless its state forbids."""
    refusal = standing(forest, session, account)
    if refusal is not None:
        raise refusals.bad_credentials(refusal)
    _note_logon(forest, session, account)
    sign_in(forest, session, account)


def sign_in(forest: Forest, session: Session, account: Entry) -> None:
    """Give a session an account's token, whatever its state (the harness's own administrator)."""
    session.account = account
    session.token = token_for(forest, session.controller, account)


def standing(forest: Forest, session: Session, account: Entry) -> str | None:
    """The data code of what keeps an account with the right password out; None when nothing does."""
    now = times.to_ticks(forest.clock.now())
    control = account.number("useraccountcontrol")
    if constructed.is_locked(forest, session, account):
        return LOCKED_OUT
    if control & 0x2:
        return DISABLED
    if not _within_hours(forest, account):
        return HOURS
    expires = account.number("accountexpires")
    if 0 < expires < times.NEVER and expires <= now:
        return ACCOUNT_EXPIRED
    expiry = constructed.password_expiry(session, account)
    if expiry == 0:
        return MUST_CHANGE
    if forest.options.password_expiry and expiry is not None and expiry <= now:
        return PASSWORD_EXPIRED
    return None


def _within_hours(forest: Forest, account: Entry) -> bool:
    """logonHours: one bit an hour, from Sunday midnight UTC."""
    hours = account.first("logonhours")
    if hours is None or len(hours) != 21:
        return True
    now = forest.clock.now()
    place = (now.isoweekday() % 7) * 24 + now.hour
    return bool(hours[place // 8] >> (place % 8) & 1)


def _note_logon(forest: Forest, session: Session, account: Entry) -> None:
    partition = session.controller.home_of(account)
    now = times.to_ticks(forest.clock.now())
    draft = Draft.of(partition, account)
    draft.set("lastlogon", str(now).encode())
    draft.set("logoncount", str(min(account.number("logoncount") + 1, 65535)).encode())
    if account.number("badpwdcount"):
        draft.set("badpwdcount", b"0")
    if account.number("lockouttime"):
        draft.set("lockouttime", b"0")
    if now - account.number("lastlogontimestamp") > _FORTNIGHT:
        draft.set("lastlogontimestamp", str(now).encode())
    partition.commit(draft)


# ---- tokens ----------------------------------------------------------------------------------------------------------
def token_for(forest: Forest, controller: Controller, account: Entry) -> access.Token:
    """The SIDs of an account: itself, its groups through all nesting, and the well-known ones."""
    sids = set(group_sids(forest, controller, account))
    sids.update(_ALWAYS)
    if account.number("useraccountcontrol") & 0x2000:
        sids.add(_ENTERPRISE_CONTROLLERS)
    partition = controller.domain_partition
    for known in _ALWAYS:
        for principal in partition.indexes.find("objectsid", known):
            sids.update(group_sids(forest, controller, principal))
    own = account.sid or b""
    sids.add(own)
    sids.update(account.attributes.get("sidhistory", ()))  # what the accounts it came from may do
    key = frozenset((*sids, b"user" + own))
    found = forest.tokens.get(key)
    if found is None:
        found = forest.tokens[key] = access.Token(own, sids)
    return found


def group_sids(_forest: Forest, controller: Controller, account: Entry) -> set[bytes]:
    """The SIDs of all groups an account is in: its primary group and every nested one.

    A controller counts its own domain's local groups, and no other domain's.
    """
    partition, home = controller.domain_partition, controller.home_of(account)
    waiting: list[Entry] = [account]
    primary = account.number("primarygroupid")
    if primary:
        waiting += home.indexes.find("objectsid", identity.with_rid(home.controller.domain.sid, primary))
    found: set[bytes] = set()
    seen: set[bytes] = set()
    while waiting:
        current = waiting.pop()
        if current.guid in seen:
            continue
        seen.add(current.guid)
        if current is not account and current.sid is not None:
            if current.has_class(b"group") and current.number("grouptype") >= 0:
                continue  # a distribution group is in no token
            if controller.others and _is_local_elsewhere(controller, current):
                continue
            found.add(current.sid)
            found.update(current.attributes.get("sidhistory", ()))
        for value in current.attributes.get("memberof", ()):
            group = controller.find(names.key(value.decode()))
            if group is not None:
                waiting.append(group)
        if controller.others:
            waiting += [group for group, _name in links.hidden_sources(partition, current, "member")]
    return found


def _is_local_elsewhere(controller: Controller, group: Entry) -> bool:
    local = group.number("grouptype") & defaults.DOMAIN_LOCAL
    return bool(local) and controller.partition_holding(group) is not controller.domain_partition
