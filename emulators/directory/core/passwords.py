"""Setting and changing passwords through unicodePwd: form, protection, policy, and what is kept of them.

The NT hash is kept where nothing can read it but the password channel. Source: MS-ADTS 3.1.1.3.1.5; facts "directory"
sections 8 and 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, refusals, times
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.schema import AttributeType

if TYPE_CHECKING:
    from emulators.directory.core.draft import Draft
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.session import Session

COMPLEX = 0x1  # pwdProperties
_EMPTY_HASH = bytes.fromhex("31d6cfe0d16ae931b73c59d7e0c089c0")


def quoted(value: bytes) -> str | None:
    """The password inside a unicodePwd value: quotation marks round it, UTF-16LE; None when it is not that."""
    try:
        text = value.decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else None


def reset(
    forest: Forest,
    session: Session,
    draft: Draft,
    attribute: AttributeType,
    values: Values,
    *,
    policy_hints: bool = False,
) -> None:
    """An administrator's replace of unicodePwd, or the password of a new account. policy_hints: the history counts."""
    demand_protection(session)
    if draft.entry is not None and not access.has_control_right(session.token, draft.entry, access.RESET_PASSWORD):
        raise refusals.no_right()
    password = _single(attribute, values)
    if not meets_policy(draft, password) or (policy_hints and _in_history(draft, nt_hash(password))):
        raise refusals.password_policy_reset()
    store(forest, draft, password)


def change(forest: Forest, session: Session, draft: Draft, attribute: AttributeType, old: Values, new: Values) -> None:
    """A user's change: delete of the old value and add of the new one in one request."""
    demand_protection(session)
    if draft.entry is None or not access.has_control_right(session.token, draft.entry, access.CHANGE_PASSWORD):
        raise refusals.no_right()
    if draft.secrets.get("unicodepwd", (_EMPTY_HASH,))[0] != nt_hash(_single(attribute, old)):
        raise refusals.wrong_old_password(attribute)
    password = _single(attribute, new)
    if not meets_policy(draft, password) or _in_history(draft, nt_hash(password)) or _too_young(forest, draft):
        raise refusals.password_policy_change(attribute)
    store(forest, draft, password)


def demand_protection(session: Session) -> None:
    if not session.protected:
        raise refusals.password_in_clear()


def _single(attribute: AttributeType, values: Values) -> str:
    password = quoted(values[0]) if len(values) == 1 else None
    if password is None:
        raise refusals.password_in_clear()
    return password


def store(forest: Forest, draft: Draft, password: str) -> None:
    """Keep the hash, its history, and the moment."""
    digest = nt_hash(password)
    history = draft.secrets.get("unicodepwd", ()) + draft.secrets.get("ntpwdhistory", ())
    length = _policy(draft, "pwdhistorylength")
    draft.secrets["unicodepwd"] = (digest,)
    if history[:length]:
        draft.secrets["ntpwdhistory"] = history[:length]
    draft.touched.add("unicodepwd")
    draft.set("pwdlastset", str(times.to_ticks(forest.clock.now())).encode())
    if draft.number("badpwdcount"):
        draft.set("badpwdcount", b"0")


def matches(entry: Entry, password: bytes) -> bool:
    """Whether the octets of a simple bind are an account's password."""
    stored = (entry.secrets or {}).get("unicodepwd")
    if stored is None:
        return False
    try:
        return nt_hash(password.decode("utf-8")) == stored[0]
    except UnicodeDecodeError:
        return False


# ---- policy ----------------------------------------------------------------------------------------------------------
def _policy(draft: Draft, name: str) -> int:
    return draft.partition.controller.domain_partition.head.number(name)


def meets_policy(draft: Draft, password: str) -> bool:
    """The domain's minimum length and, when asked for, three of the character kinds and none of the names."""
    if len(password) < _policy(draft, "minpwdlength"):
        return False
    if not _policy(draft, "pwdproperties") & COMPLEX:
        return True
    kinds = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(char) for char in password) for kind in kinds) < 3:
        return False
    low = password.lower()
    account = (draft.first("samaccountname") or b"").decode("utf-8", "replace").lower()
    if len(account) >= 3 and account in low:
        return False
    display = (draft.first("displayname") or b"").decode("utf-8", "replace").lower()
    for mark in ",.-_#\t":
        display = display.replace(mark, " ")
    return not any(len(part) >= 3 and part in low for part in display.split())


def is_acceptable(draft: Draft) -> bool:
    """Whether an account may be enabled with the password it has."""
    if draft.secrets.get("unicodepwd"):
        return True
    return _policy(draft, "minpwdlength") == 0


def _in_history(draft: Draft, digest: bytes) -> bool:
    kept = draft.secrets.get("unicodepwd", ()) + draft.secrets.get("ntpwdhistory", ())
    return digest in kept[: _policy(draft, "pwdhistorylength")]


def _too_young(forest: Forest, draft: Draft) -> bool:
    """The domain's minimum password age (a negative interval)."""
    minimum = -_policy(draft, "minpwdage")
    last = draft.number("pwdlastset")
    return minimum > 0 and last > 0 and times.to_ticks(forest.clock.now()) - last < minimum
