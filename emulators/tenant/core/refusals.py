"""What the tenant refuses, as values: a refusal of the sync service for one object, a fault of a whole call, a Graph
error.

Source: facts "tenant" sections 11 and 16, "graph_clients" section 3. Only ``problems`` turns them into HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DUPLICATE_VALUES = (
    "Unable to update this object because the following attributes associated with this object "
    "have values that may already "
    "be associated with another object in your local directory services: [{values}]."
)
HARD_MATCH_BLOCKED = (
    "Hard match operation blocked due to security hardening. Review OnPremisesObjectIdentifier mapping."
)
DELETE_NOT_VALID = (
    "This synchronization operation, Delete, is not valid. Contact Technical Support. Tracking Id: {tracking}"
)
USER_NOT_FOUND = "Unable to update this object because the user ID is not found."
CLOUD_ONLY_CREDENTIAL = (
    "Unable to process this update because one or more cloud-only users' credential update "
    "is included in the current request."
)
PASSWORD_SYNC_OFF = "Password Synchronization has not been activated for this company."  # noqa: S105 - a message
SERVER_BUSY = "Windows Azure Active Directory is currently busy. This operation will be retried automatically."
OBJECT_TOO_LARGE = (
    "The provisioned object is too large. Trim the number of attribute values on this object. "
    "The operation will be retried in the next synchronization cycle."
)
MASTERED_ON_PREMISES = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently "
    "undergoing migration."
)
ALREADY_MEMBER = "One or more added object references already exist for the following modified properties: 'members'."
INVALID_USAGE_LOCATION = "License assignment cannot be done for user with invalid usage location."


@dataclass(frozen=True, slots=True)
class ObjectRefusal:
    """Why one exported object was not accepted: the code of facts "tenant" section 11 and its text."""

    code: str
    text: str
    conflict_name: str | None = None
    conflict_values: tuple[str, ...] = ()
    error_type: int | None = None


class ServiceFault(Exception):
    """The whole call of the sync service fails and nothing of it was done."""

    def __init__(self, code: int | str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(eq=False)
class GraphError(Exception):
    """A Graph request is refused. ``status`` is the HTTP status Graph answers with."""

    status: int
    code: str
    message: str
    details: tuple[dict[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def bad_request(message: str, code: str = "Request_BadRequest", **more: Any) -> GraphError:
    return GraphError(400, code, message, **more)


def not_found(key: str) -> GraphError:
    text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", text)


def read_only(name: str) -> GraphError:
    return bad_request(f"Property '{name}' is read-only and cannot be set.")


def not_emulated(what: str) -> GraphError:
    """Say loudly that the emulator lacks something the service has."""
    return GraphError(501, "NotEmulated", f"{what} is not emulated by this tenant.")
