"""What the tenant refuses, typed: a sign-in with its AADSTS number, a service fault, throttling without end.

Source: facts "tenant" sections 11, 15, 16, 17; run results by facts "engine" 5.2 (an Entra connector that is
unreachable or unauthorised usually ends with the extension's exception).
"""

from __future__ import annotations

import re

from engine.errors import ConnectorError

_RUN_RESULT = "stopped-extension-dll-exception"
_AADSTS = re.compile(r"AADSTS(\d+)")


class SignInRefused(ConnectorError):
    """The tenant gives no token. ``aadsts``: the number of the AADSTS code, 0 when there is none; ``suberror`` tells
    cases of one number apart."""

    def __init__(self, error: str, description: str, suberror: str = "") -> None:
        super().__init__("failed-authentication", description or error, _RUN_RESULT)
        self.error = error
        self.suberror = suberror
        found = _AADSTS.search(description)
        self.aadsts = int(found[1]) if found else 0


class ServiceFault(ConnectorError):
    """The sync service refused the whole call. ``error_code``: its ErrorCode (81 busy, 90, 115 ...) as text."""

    def __init__(self, error_code: str, description: str, tracking_id: str = "", server: str = "") -> None:
        super().__init__("failed-permission" if error_code == "115" else "service-fault", description, _RUN_RESULT)
        self.error_code = error_code
        self.tracking_id = tracking_id
        self.server = server


class Throttled(ConnectorError):
    """The tenant kept answering 429 or 503."""

    def __init__(self, operation: str, status: int, times: int) -> None:
        message = f"{operation} was answered with {status} {times} times in a row."
        super().__init__("server-busy", message, _RUN_RESULT)
        self.status = status


def failed_connection(message: str) -> ConnectorError:
    """The tenant could not be reached: nothing was sent."""
    return ConnectorError("failed-connection", message, _RUN_RESULT)


def dropped_connection(message: str) -> ConnectorError:
    """The answer never came: whether the tenant acted is unknown."""
    return ConnectorError("dropped-connection", message, _RUN_RESULT)
