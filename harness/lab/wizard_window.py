"""The wizard's window on a machine of this world, driven page by page: on a new machine, or over a server that runs.

Facts "install" sections 1 and 14.4 (RTC-03): nothing is written before Configure; an open window holds the scheduler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.lab.installation import Choices, finish_wizard, merge_choices, read_answers, start_wizard
from harness.refusal import ScenarioError, StepRefusedError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

TASKS = "Additional tasks"
CLOSED = "closed"
END = "end"


class InstallationWindow:
    """A wizard that installs. What asks it for a server is told that there is none yet."""

    def __init__(self, lab: Lab, name: str, choices: Choices) -> None:
        self.lab = lab
        self.name = name
        self.choices = choices
        self.run = start_wizard(lab, name, choices)

    @property
    def open(self) -> bool:
        return bool(self.run.page)

    @property
    def engine(self) -> Any:
        raise ScenarioError(f"there is no server on {self.name} yet: its wizard stands at {self.run.page or CLOSED}")

    outcome = engine

    def next(self, answers: Mapping[str, Mapping[str, Any]], to: str | None) -> Server | None:
        """Press Next once, or until the page ``to`` is shown; returns the server when Configure has made it.

        answers: arguments of ``install`` by page. Raises StepRefusedError with the page that stays.
        """
        left = dict(answers)
        pressed = False
        while not pressed or (to is not None and self.run.page != to):
            if pressed and not self.open:
                break
            page = self.run.page
            boxes = left.pop(page, None)
            if boxes:
                self.choices = merge_choices(self.choices, boxes)
            outcome = self.run.next(read_answers(self.lab, self.choices))
            pressed = True
            if outcome.refused:
                raise StepRefusedError(outcome.code, outcome.message, outcome.page, outcome.facts)
        if left:
            where = self.run.page or CLOSED
            raise ScenarioError(f"the wizard did not come past {', '.join(left)}; it stands at {where}")
        if to not in (None, END, self.run.page):
            raise ScenarioError(f"the wizard went to its end and showed no page {to}")
        if self.open:
            return None
        return finish_wizard(self.lab, self.name, self.run, self.choices)

    def back(self) -> None:
        self.run.back()

    def cancel(self) -> None:
        self.run.cancel()

    def close(self) -> None:
        self.run.close()

    def shown(self) -> dict[str, Any]:
        """Where it stands and what its pages found."""
        run = self.run
        return {
            "open": self.open,
            "page": run.page,
            "standing": str(run.standing),
            "passed": [one.outcome.page for one in run.passed],
            "refused": run.refused,
            **found_by(run.outcomes),
        }


class TasksWindow:
    """The wizard opened over a running server: it stands at its list of tasks and holds the scheduler."""

    def __init__(self, server: Server) -> None:
        server.engine.suspend()
        self.name = server.name
        self.server = server
        self.open = True

    def next(self, answers: Mapping[str, Mapping[str, Any]], to: str | None) -> Server | None:
        raise ScenarioError("tasks of a configured server are verbs of their own, such as wizard.customize")

    def back(self) -> None:
        raise ScenarioError(f"{TASKS} is the first page")

    def cancel(self) -> None:
        if not self.open:
            raise ScenarioError(f"the wizard on {self.name} is closed")
        self.close()

    def close(self) -> None:
        if self.open:
            self.open = False
            self.server.engine.resume()

    def shown(self) -> dict[str, Any]:
        from harness.lab.wizard_tasks import listed_tasks

        tasks = list(listed_tasks(self.server))
        return {"open": self.open, "page": TASKS if self.open else "", "tasks": tasks, **found_by(())}


def found_by(outcomes: Any) -> dict[str, Any]:
    """Return pages with what they found, and everything found and warned of together."""
    found: dict[str, Any] = {}
    for one in outcomes:
        found |= one.facts
    warnings = [warned for one in outcomes for warned in one.warnings]
    messages = [text for one in outcomes for text in one.messages]
    return {"pages": list(outcomes), "found": found, "warnings": warnings, "messages": messages}


def sizing_of(server: Server) -> dict[str, Any]:
    """Return how many objects a server's directories hold, and what of its machine is too small for them."""
    from engine.setup.sizing import findings, recorded_size
    from engine.views import Windows

    engine = server.engine
    windows = Windows(engine.database)
    directories = [one.name for one in engine.connectors.values() if "forest-name" in one.parameters]
    objects = sum(len(list(windows.connector_space(name))) for name in directories)
    return {"objects": objects, "warnings": findings(recorded_size(engine.database.fact, objects))}
