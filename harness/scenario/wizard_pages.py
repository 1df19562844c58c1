"""Answers to the wizard by the titles of its pages: in a scenario step, or in a file of their own.

``PAGES`` says on which page each argument of the verb ``install`` stands; shapes and words are those of the verb, so
that step, file, ``anchorage check`` and ``anchorage schema`` cannot disagree. Source: custom installation (seed001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.scenario.reader import MissingFileError, read_mapping
from harness.scenario.scope import Scope
from harness.scenario.shapes import Json, Key, Record, Text, keys_of
from harness.scenario.source import Problem, suggestion
from harness.scenario.tree import Path
from harness.scenario.variables import uses_variables

#: title of a page: the arguments of ``install`` that are its boxes; ``a.b`` is the key b of the argument a, and ``a.*``
#: stands for all its keys
PAGES: Mapping[str, tuple[str, ...]] = {
    "Upgrade from DirSync": ("dirsync.*",),
    "Express settings": ("mode",),
    "Install required components": ("sql_instance", "database", "pages.components.*", "recovery.settings"),
    "User sign-in": ("sign_in", "single_sign_on"),
    "Connect to Microsoft Entra ID": ("entra_admin.*",),
    "Connect your directories": ("forests", "account", "enterprise_admin", "pages.directories", "recovery.credentials"),
    "Microsoft Entra sign-in configuration": ("upn_attribute", "pages.continue_unverified"),
    "Domain and OU filtering": ("domains", "ous"),
    "Uniquely identifying your users": ("identify", "identify_attribute", "anchor"),
    "Filter users and devices": ("group_filter",),
    "Optional features": ("features", "write_back"),
    "AD FS Farm": ("federation",),
    "Microsoft Entra apps": ("pages.apps.services",),
    "Microsoft Entra attributes": ("pages.apps.without",),
    "Directory extensions": ("pages.extensions",),
    "Ready to configure": ("start_sync", "staging"),
}
FILE = "file with answers, from the scenario file"
#: arguments that no page asks for: how the wizard was started, and on which machine
STARTED_WITH = (
    "server", "tenant", "version", "host", "use_existing_database", "skip_ldap_search", "interactive_auth",
    "configuration", "answers", "pages",
)  # fmt: skip


def boxes_of(page: str, arguments: Iterable[Key]) -> dict[str, tuple[tuple[str, ...], Key]]:
    """Return what stands on a page: by the name of a box its place among the arguments, and its key."""
    known = {key.name: key for key in arguments}
    found: dict[str, tuple[tuple[str, ...], Key]] = {}
    for row in PAGES[page]:
        place, _, last = row.rpartition(".")
        outer = place if last == "*" else row
        steps = tuple(outer.split("."))
        key = known.get(steps[0])
        for step in steps[1:]:
            key = keys_of(key.shape).get(step) if key is not None else None
        if key is None:
            continue  # an argument that this verb does not have
        inside = keys_of(key.shape).values() if last == "*" else (key,)
        for one in inside:
            found[one.name] = ((*steps, one.name) if last == "*" else steps, one)
    return found


def arguments_of(answers: Mapping[str, Mapping[str, Any] | None], arguments: Iterable[Key]) -> dict[str, Any]:
    """Return the arguments of ``install`` that answers by page stand for."""
    keys = tuple(arguments)
    result: dict[str, Any] = {}
    for page, answered in answers.items():
        boxes = boxes_of(page, keys)
        for name, value in (answered or {}).items():
            *outer, last = boxes[name][0]
            inside = result
            for step in outer:
                inside = inside.setdefault(step, {})
            inside[last] = value
    return result


def read_answers(
    file: str, text: str, record: Record, names: dict[str, list[str]]
) -> tuple[list[Problem], dict[str, dict[str, Any] | None]]:
    """Return what is wrong with a file of answers, each with its place in the file, and the answers."""
    return read_mapping(file, text, record, "answers by page", names)


@dataclass(frozen=True)
class ByPage:
    """Answers by page. arguments: gives those of the verb ``install``, which is declared after this shape is made.

    files: whether the name of a file may stand for them, from the scenario file on; it is looked into at once.
    """

    arguments: Callable[[], Iterable[Key]]
    files: bool = False

    @property
    def record(self) -> Record:
        keys = tuple(self.arguments())
        pages = [
            Key(title, Record(tuple(key for _, key in boxes_of(title, keys).values()), what=f"the page {title}"))
            for title in PAGES
        ]
        return Record(tuple(pages), what="the wizard")

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if not self.files or isinstance(value, dict):
            self.record.check(value, path, scope)
            return
        before = scope.count
        Text(FILE).check(value, path, scope)
        if scope.count > before or scope.read is None or uses_variables(str(value)):
            return
        try:
            text = scope.read(str(value))
        except MissingFileError as error:
            scope.complain(path, str(error), suggestion(str(value), scope.alike(str(value))))
            return
        for problem in read_answers(str(value), text, self.record, scope.names)[0]:
            scope.complain(path, f"{problem.place}: {problem.message}", problem.hint)

    def convert(self, value: Any) -> Any:
        return self.record.convert(value) if isinstance(value, dict) else value

    def schema(self) -> Json:
        written = self.record.schema()
        return {"anyOf": [Text(FILE).schema(), written]} if self.files else written

    def text(self) -> str:
        return f"answers by page{f', or a {FILE}' if self.files else ''}"
