"""The conversation at the prompt: lines in, whole statements to the server, what they brought out.

At a terminal: prompt, history and completion of the standard library, colours, passwords asked for. Otherwise plain
text, lines from standard input, and nobody to ask.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import sys
from collections.abc import Iterator

import click

from harness.shell.completion import cmdlet_names, completions
from harness.shell.place import Answer, Line, Place, Told, Words

LEAVING = ("exit", "quit")
_MORE = ">> "


class Typist:
    """``failed``: whether any line was refused so far. as_json: records instead of what a console shows."""

    def __init__(self, place: Place, *, as_json: bool = False) -> None:
        self.place = place
        self.failed = False
        self._as_json = as_json
        self._at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._coloured = self._at_terminal and "NO_COLOR" not in os.environ
        self._passwords: dict[str, str] = {}

    # ---- ways to type ------------------------------------------------------------------------------------------------
    def one(self, text: str) -> None:
        """Type one input."""
        self._show(self._send(text))

    def lines(self, source: Iterator[str]) -> None:
        """Type line after line; a statement that goes on waits for the rest of it."""
        held = ""
        for line in source:
            text = f"{held}{line.rstrip(chr(10))}"
            if not held and text.strip().lower() in LEAVING:
                return
            held = "" if self._whole(text) else f"{text}\n"
        if held.strip():
            self._show(self._send(held))

    def converse(self) -> None:
        """Sit at a terminal until Ctrl-D or exit."""
        with _line_editing(self.place.words()):
            held, first = "", f"[{self.place.name}]: PS C:\\> "
            while True:
                try:
                    text = held + input(_MORE if held else first)
                except KeyboardInterrupt:
                    click.echo()
                    held = ""
                    continue
                except EOFError:
                    click.echo()
                    return
                if not held and text.strip().lower() in LEAVING:
                    return
                finished = held and text.endswith("\n")  # an empty line ends what was going on
                try:
                    whole = self._whole(text, force=bool(finished))
                except KeyboardInterrupt:
                    click.echo("\nthe line is left; what the server began it goes on with")
                    whole = True
                held = "" if whole else f"{text}\n"

    # ---- sending and showing -----------------------------------------------------------------------------------------
    def _whole(self, text: str, *, force: bool = False) -> bool:
        """Type a text unless more of it must follow."""
        if not text.strip():
            return True
        answer = self._send(text)
        if answer.incomplete and not force:
            return False
        self._show(answer)
        return True

    def _send(self, text: str) -> Answer:
        """Type a text; ask for the passwords that it needs."""
        told = Told()
        width = shutil.get_terminal_size().columns if self._at_terminal else None
        skip = 0
        while True:
            passwords = dict(self._passwords) if self._at_terminal else None
            answer = self.place.type(Line(text, width, passwords, skip))
            told.add(answer)
            if not (answer.asks and self._at_terminal):
                return Answer(
                    tuple(told.lines), tuple(told.records), tuple(told.warnings), answer.error, answer.incomplete
                )
            self._passwords[answer.asks] = getpass.getpass(f"Password of {answer.asks}: ")
            skip += answer.done

    def _show(self, answer: Answer) -> None:
        for warning in answer.warnings:
            self._echo(f"WARNING: {warning}", "yellow", err=not self._at_terminal)
        if self._as_json:
            click.echo(json.dumps(list(answer.records), indent=2, ensure_ascii=False))
        else:
            for line in answer.lines:
                click.echo(line)
        if answer.error is None:
            self._passwords.clear()
            return
        self.failed = True
        self._passwords.clear()
        error = answer.error
        head = f"{error['cmdlet']} : " if error["cmdlet"] else ""
        owner = f",{error['cmdlet']}" if error["cmdlet"] else ""
        self._echo(f"{head}{error['message']}", "red", err=True)
        self._echo(f"    + FullyQualifiedErrorId : {error['code']}{owner}", "red", err=True)

    def _echo(self, text: str, colour: str, *, err: bool) -> None:
        click.echo(click.style(text, fg=colour) if self._coloured else text, err=err)


@contextlib.contextmanager
def _line_editing(words: Words) -> Iterator[None]:
    """History and the tabulator key, where this Python has them; what was set before comes back."""
    try:
        import readline
    except ImportError:  # Python for Windows has none
        yield
        return
    cmdlet_names()  # loads them now, not at the first tabulator
    completer, delimiters = readline.get_completer(), readline.get_completer_delims()

    def complete(text: str, state: int) -> str | None:
        found = completions(readline.get_line_buffer()[: readline.get_endidx()], words)
        if len(found) == 1:
            return f"{found[0]} " if state == 0 else None
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n|;({=")
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(completer)
        readline.set_completer_delims(delimiters)
        readline.clear_history()
