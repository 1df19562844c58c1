"""The shape of a folder name from which an exported server configuration is read: the folder is looked at when the file
is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.scenario.scope import Scope
from harness.scenario.shapes import Json, Text
from harness.scenario.tree import Path
from harness.scenario.variables import uses_variables


@dataclass(frozen=True)
class ExportFolder:
    """A folder, named from the scenario file on."""

    words: str = "folder, from the scenario file"

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        before = scope.count
        Text(self.words).check(value, path, scope)
        if scope.count == before and not uses_variables(str(value)):
            for message, hint in scope.export(str(value)):
                scope.complain(path, message, hint)

    def convert(self, value: Any) -> Any:
        return str(value)

    def schema(self) -> Json:
        return Text(self.words).schema()

    def text(self) -> str:
        return self.words
