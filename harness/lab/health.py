"""Connect Health over the servers of this world: the alerts of one, and when its service account's password expires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.lab.forest import Forest
from harness.lab.server import Server

if TYPE_CHECKING:
    from harness.lab.lab import Lab

DONT_EXPIRE_PASSWORD = 0x10000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 0x7FFFFFFFFFFFFFFF


def alerts_of(lab: Lab, server: Server) -> tuple[Any, ...]:
    """Every alert that stands for the server now."""
    from engine.connect_health import alerts

    return alerts(server.engine, lab.clock.now(), password_expires=account_expires(lab, server))


def account_expires(lab: Lab, server: Server) -> datetime | None:
    """When the password of the service account expires, as its domain says; None where none does."""
    account = server.engine.service.account
    if not account.has_password:
        return None
    forest = lab.forest(account.forest)
    login = account.name.rpartition("\\")[2].partition("@")[0]
    found = forest.find(login, ["pwdLastSet", "userAccountControl"])
    if int(found.first("userAccountControl") or 0) & DONT_EXPIRE_PASSWORD:
        return None
    age = _longest_age(forest)
    set_at = int(found.first("pwdLastSet") or 0)
    return _EPOCH + timedelta(microseconds=set_at // 10) + age if age is not None and set_at else None


def _longest_age(forest: Forest) -> timedelta | None:
    """maxPwdAge of the domain: a negative number of 100-nanosecond units, or one that means never."""
    held = forest.find(forest.base_dn, ["maxPwdAge"]).first("maxPwdAge")
    units = abs(int(held or 0))
    return timedelta(microseconds=units // 10) if 0 < units < _NEVER else None
