"""What is known at a point of a scenario file while it is checked: names, variables, and where complaints go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.scenario.source import suggestion
from harness.scenario.tree import Path
from harness.scenario.variables import names_in

Report = Callable[[Path, bool, str, str, int], None]  # path, at the key, message, hint, offset inside the text


@dataclass
class Scope:
    """names: what exists, by kind; later: what a later step makes; variables: what is remembered so far."""

    report: Report
    names: dict[str, list[str]] = field(default_factory=dict)
    later: dict[str, list[str]] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    count: int = 0
    export: Callable[[str], list[tuple[str, str]]] = field(default=lambda name: [])  # complaints about a folder
    read: Callable[[str], str] | None = None  # the text of another file; None where files are not looked into
    alike: Callable[[str], list[str]] = field(default=lambda name: [])
    _prefix: Path = ()
    _keys: bool = False

    def complain(self, path: Path, message: str, hint: str = "", *, key: bool = False, offset: int = 0) -> None:
        self.count += 1
        self.report((*self._prefix, *path), key or self._keys, message, hint, offset)

    def complain_name(
        self, path: Path, message: str, word: str, names: Iterable[str], *, key: bool = False, offset: int = 0
    ) -> None:
        """Complain about a word that is none of the known names, with the nearest right one."""
        self.complain(path, message, suggestion(word, names), key=key, offset=offset)

    def declare(self, kind: str, name: str) -> None:
        if name not in self.names.setdefault(kind, []):
            self.names[kind].append(name)

    def known(self, kind: str) -> Collection[str]:
        return self.names.get(kind, [])

    def use(self, kind: str, name: str, path: Path, *, key: bool = False, offset: int = 0) -> None:
        """Complain when nothing of that kind has this name."""
        if name.lower() in (one.lower() for one in self.known(kind)):
            return
        if name in self.later.get(kind, []):
            self.complain(path, f"the {kind} {name} does not exist yet at this step", key=key, offset=offset)
            return
        message = f"there is no {kind} {name}"
        self.complain_name(path, message, name, self.known(kind), key=key, offset=offset)

    def check_variables(self, value: object, path: Path) -> None:
        """Complain about every variable in the value that nothing has set before this point."""
        if isinstance(value, str):
            self._check_text(value, path, key=False)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.check_variables(item, (*path, index))
        elif isinstance(value, dict):
            for name, item in value.items():
                self._check_text(name, (*path, name), key=True)
                self.check_variables(item, (*path, name))

    def _check_text(self, text: str, path: Path, *, key: bool) -> None:
        if "$" not in text:
            return
        for name, offset in names_in(text):
            if name not in self.variables:
                message = f"nothing before this step sets the variable ${name}"
                self.complain_name(path, message, name, self.variables, key=key, offset=offset)

    @contextmanager
    def at_keys(self) -> Iterator[None]:
        """Place all complaints made inside at keys instead of values."""
        before, self._keys = self._keys, True
        try:
            yield
        finally:
            self._keys = before

    @contextmanager
    def under(self, *path: str | int) -> Iterator[None]:
        """Prefix the paths of all complaints made inside."""
        before = self._prefix
        self._prefix = (*before, *path)
        try:
            yield
        finally:
            self._prefix = before
