"""Faults that can be asked for by name, counted, and off by default.

A FaultPlan is handed to every emulator front. The front asks ``take(name)`` at the place where the fault would strike;
the core never knows. Source: design document, section 3 "Faults".
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: name -> what happens when it is taken. The one list; an unknown name is refused.
FAULTS: dict[str, str] = {
    "directory.refuse_connection": "the listener closes a new connection at once",
    "directory.drop_connection": "the connection is closed in the middle of an answer",
    "directory.busy": "the operation is answered with busy (51)",
    "directory.dirsync_cookie_refused": "the DirSync cookie is refused as if its change history were gone",
    "tenant.throttle": "the request is answered with 429 and Retry-After",
    "tenant.unavailable": "the request is answered with 503 and Retry-After",
    "tenant.server_error": "the request is answered with 500 before anything is done",
    "tenant.lost_answer": "the request is carried out but the connection is closed instead of an answer",
    "tenant.organization_denied": "reading the organization is refused with 403",
    "tenant.domains_denied": "reading the domains is refused with 403",
    "tenant.busy": "the provisioning call faults with error code 81, server busy",
}


class UnknownFault(ValueError):
    """No fault of that name exists."""


@dataclass
class FaultPlan:
    """Which faults are armed and how many times each still strikes."""

    armed: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    def arm(self, name: str, times: int = 1) -> None:
        """Arm a fault for the next ``times`` occasions; 0 disarms it.

        Raises UnknownFault with the nearest right name when there is none of that name.
        """
        if name not in FAULTS:
            from difflib import get_close_matches

            near = get_close_matches(name, FAULTS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownFault(f"there is no fault called {name}{hint}")
        if times:
            self.armed[name] = times
        else:
            self.armed.pop(name, None)

    def take(self, name: str) -> bool:
        """Strike once if the fault is armed; True when it struck."""
        if not self.armed:
            return False
        left = self.armed.get(name, 0)
        if not left:
            return False
        if left == 1:
            del self.armed[name]
        else:
            self.armed[name] = left - 1
        self.taken[name] = self.taken.get(name, 0) + 1
        return True

    def snapshot(self) -> dict[str, dict[str, int]]:
        return {"armed": dict(self.armed), "taken": dict(self.taken)}

    def restore(self, state: dict[str, dict[str, int]]) -> None:
        self.armed = dict(state["armed"])
        self.taken = dict(state["taken"])
