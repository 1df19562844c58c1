"""A refusal by the product or by a system it speaks to: a value a scenario can expect, never a traceback.

Directory, tenant and engine word their refusals each in their own way; here they become code, message and, for the
wizard, the page with what it showed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.lab.graph_client import TenantRefusedError
from harness.lab.ldap_client import LdapRefusedError


@dataclass(frozen=True)
class Refusal:
    code: str
    message: str
    page: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"code": self.code, "message": self.message}
        shown |= {"page": self.page} if self.page else {}
        return shown | {"facts": dict(self.facts)} if self.facts else shown


class StepRefusedError(Exception):
    """Raised by an action whose request was refused."""

    def __init__(self, code: str, message: str, page: str = "", facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.refusal = Refusal(code, message, page, facts or {})


class TaskPages(Protocol):
    """How a task of a wizard went: the pages it showed, the last one refused if the task was."""

    @property
    def refused(self) -> bool: ...

    @property
    def pages(self) -> Sequence[Any]: ...


def demand_completed(task: TaskPages) -> None:
    """End the step with the words of the last page where a wizard's task was refused."""
    if task.refused:
        page = task.pages[-1]
        raise StepRefusedError(page.code, page.message, page.page, page.facts)


class ScenarioError(Exception):
    """The scenario asks for something that this world cannot do; the message is for its author."""


def refusal_of(error: BaseException) -> Refusal | None:
    """Return the refusal an exception carries, or None when it is a fault of the stage."""
    match error:
        case StepRefusedError():
            return error.refusal
        case LdapRefusedError() | TenantRefusedError():
            return Refusal(error.code, error.text)
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    if isinstance(code, str) and isinstance(message, str) and type(error).__module__.split(".")[0] == "engine":
        return Refusal(code, message)
    return None
