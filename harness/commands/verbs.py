"""``anchorage verbs``: every step and every thing an expectation can look at, documented from the words themselves."""

from __future__ import annotations

import textwrap

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.scenario.language import INVARIANTS, Language, Verb, View
from harness.scenario.source import suggestion


@click.command("verbs")
@click.argument("words", nargs=-1)
def command(words: tuple[str, ...]) -> int:
    """List verbs, views, matchers and modifiers; with WORDS only those whose name has one of them."""
    from harness.vocabulary import the_language

    language = the_language()
    lines = list(describe(language, words))
    if not lines:
        names = [*language.verbs, *(name for _, name in language.views)]
        told = f"nothing is called {' '.join(words)}; {suggestion(words[0], names)}"
        raise CommandFailedError(ExitCode.USAGE, told.rstrip("; "))
    click.echo("\n".join(lines))
    return 0


def describe(language: Language, words: tuple[str, ...] = ()) -> list[str]:
    """Return the text of the whole language, or of what fits the words."""
    lines: list[str] = []
    verbs = [verb for verb in language.verbs.values() if _fits(verb.name, words)]
    views = [(owner, view) for (owner, _), view in language.views.items() if _fits(f"{owner}.{view.name}", words)]
    if verbs:
        lines.append("STEPS")
        for verb in verbs:
            lines += describe_verb(verb)
    if views:
        lines.append("WHAT AN EXPECTATION CAN LOOK AT")
        for owner, view in views:
            lines += describe_view(owner, view)
    if not words:
        lines += _rest(language)
    return lines


def _fits(name: str, words: tuple[str, ...]) -> bool:
    return not words or any(word.lower() in name.lower() for word in words)


def _wrapped(text: str, indent: int = 6) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 112, initial_indent=" " * indent, subsequent_indent=" " * indent)


def describe_verb(verb: Verb) -> list[str]:
    lines = [f"  {verb.name}", *_wrapped(verb.doc)]
    for key in verb.arguments.keys:
        need = "required" if key.required else "optional"
        doc = f"; {key.doc}" if key.doc else ""
        lines.append(f"        {key.name}: {key.shape.text()} ({need}){doc}")
    return [*lines, f"      example: - {verb.example}", ""]


def describe_view(owner: str, view: View) -> list[str]:
    shown = {"tenant": "TENANT", "forest": "FOREST", "server": "SERVER", "world": "world"}[owner]
    lines = [f"  {shown}.{view.name}", *_wrapped(view.doc)]
    if view.fields:
        lines += _wrapped("fields: " + ", ".join(view.fields), 8)
    return [*lines, f"      example: {view.example}", ""]


def _rest(language: Language) -> list[str]:
    from harness.scenario.file_shape import FILE_KEYS, MODIFIERS
    from harness.scenario.matching import MATCHERS

    lines = ["MATCHERS"]
    lines += [f"  {one.name:<12} {one.doc}: {one.example}" for one in MATCHERS.values()]
    lines += ["", "KEYS BESIDE A VERB"]
    lines += [f"  {key.name:<18} {key.doc}" for key in MODIFIERS.values()]
    lines += ["", "KEYS OF A FILE"]
    lines += [f"  {key.name:<18} {key.doc}" for key in FILE_KEYS.values()]
    lines += ["", "FAULTS"]
    lines += [f"  {name:<36} {doc}" for name, doc in language.faults.items()]
    lines += ["", "INVARIANTS, checked after every step"]
    return [*lines, *(f"  {name:<24} {doc}" for name, doc in INVARIANTS.items())]
