"""A directory's refusal: the LDAP result code, Active Directory's diagnostic text and the Win32 code inside it.

Source: RFC 4511 4.1.9; facts "directory" section 9 (the number before the first colon is the Win32 code).
"""

from __future__ import annotations

import re

from engine.errors import ConnectorError, EngineError

OPERATIONS_ERROR = 1
PROTOCOL_ERROR = 2
SIZE_LIMIT_EXCEEDED = 4
UNAVAILABLE_CRITICAL_EXTENSION = 12
NO_SUCH_ATTRIBUTE = 16
UNDEFINED_ATTRIBUTE_TYPE = 17
CONSTRAINT_VIOLATION = 19
ATTRIBUTE_OR_VALUE_EXISTS = 20
INVALID_ATTRIBUTE_SYNTAX = 21
NO_SUCH_OBJECT = 32
INVALID_DN_SYNTAX = 34
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS_RIGHTS = 50
UNWILLING_TO_PERFORM = 53
NAMING_VIOLATION = 64
OBJECT_CLASS_VIOLATION = 65
NOT_ALLOWED_ON_RDN = 67
ENTRY_ALREADY_EXISTS = 68

#: Win32 codes the engine tells apart
ERROR_ACCESS_DENIED = 0x5
ERROR_PASSWORD_RESTRICTION = 0x52D
ERROR_INVALID_COOKIE = 0x203D
ERROR_DS_NAME_REFERENCE_INVALID = 0x20B5
ERROR_DS_DRA_ACCESS_DENIED = 0x2105

_WIN32 = re.compile(r"\s*([0-9A-Fa-f]{8}):")


class LdapRefused(EngineError):
    """One request was refused. ``result`` is the LDAP result code, ``win32`` the code of the diagnostic text or 0."""

    def __init__(self, result: int, text: str, matched_dn: str = "") -> None:
        text = text.rstrip("\0\n")
        super().__init__(f"ldap-{result}", text or f"LDAP result {result}")
        self.result = result
        self.text = text
        self.matched_dn = matched_dn
        found = _WIN32.match(text)
        self.win32 = int(found[1], 16) if found else 0


def failed_connection(message: str) -> ConnectorError:
    """The directory could not be reached at all."""
    return ConnectorError("failed-connection", message, "no-start-connection")


def failed_authentication(message: str) -> ConnectorError:
    """The directory was reached and does not accept the name and password."""
    return ConnectorError("failed-authentication", message, "no-start-credentials")


def dropped_connection(message: str) -> ConnectorError:
    """The conversation broke off: closed, timed out, or no longer LDAP."""
    return ConnectorError("dropped-connection", message, "stopped-connectivity")


def failed_search(message: str, run_result: str = "stopped-connectivity") -> ConnectorError:
    """A read the whole step depends on was refused."""
    return ConnectorError("failed-search", message, run_result)


class ReplicationDenied(ConnectorError):
    """The account may not replicate changes: DirSync is refused whichever way it is asked."""

    def __init__(self) -> None:
        super().__init__("failed-search", "8453 Replication access was denied.", "stopped-connectivity")
