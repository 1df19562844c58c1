"""What the tabulator key offers at the prompt: cmdlets at the beginning, then parameters, then values.

Pure: the line so far in, the words that fit out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.shell.place import Words

#: after these parameters stands the name of a connector, of a run profile, or one of fixed words
_CONNECTOR = ("name", "connectorname", "sourceconnector", "targetconnector")
_PROFILE = ("runprofilename",)
_SEPARATORS = re.compile(r"[|;({=]")
_WORDS = re.compile(r"'[^']*'?|\"[^\"]*\"?|[^\s'\"]+")


def completions(line: str, words: Words) -> list[str]:
    """The words that may stand where the line ends, each as it would be typed."""
    command = _SEPARATORS.split(line)[-1]
    typed = _WORDS.findall(command)
    fresh = not command or command[-1].isspace()
    current = "" if fresh or not typed else typed[-1]
    before = typed if fresh or not typed else typed[:-1]
    if not before:
        return _beginning(current, cmdlet_names())
    if current.startswith("-"):
        return _beginning(current, [f"-{name}" for name in parameter_names(before[0])])
    return [_quoted(one) for one in _beginning(current.lstrip("'\""), _values(before, words))]


def _values(before: Sequence[str], words: Words) -> Sequence[str]:
    last = before[-1].lower()
    if not last.startswith("-"):
        return ()
    if last[1:] in _CONNECTOR:
        return words.connectors
    if last[1:] in _PROFILE:
        return words.profiles
    return choices_of(before[0], last[1:])


def cmdlet_names() -> list[str]:
    """Every cmdlet of the prompt, without aliases."""
    from engine.cmdlets import CMDLETS, PIPELINE_CMDLETS

    return sorted({one.name for one in CMDLETS.values()} | {one.name for one in PIPELINE_CMDLETS.values()})


def parameter_names(cmdlet: str) -> list[str]:
    """The parameters of a cmdlet or alias; none for a name that is none."""
    from engine.cmdlets import CMDLETS, PIPELINE_CMDLETS

    found = CMDLETS.get(cmdlet.lower()) or PIPELINE_CMDLETS.get(cmdlet.lower())
    return [one.name for one in found.parameters] if found is not None else []


def choices_of(cmdlet: str, parameter: str) -> list[str]:
    """The only values a parameter takes, where there are such."""
    from engine.cmdlets import CMDLETS

    found = CMDLETS.get(cmdlet.lower())
    chosen = next((one for one in found.parameters if one.name.lower() == parameter), None) if found else None
    if chosen is None:
        return []
    return {"SynchronizationPolicyType": ["Delta", "Initial"], "Boolean": ["$true", "$false"]}.get(
        chosen.kind.value, list(chosen.choices)
    )


def _beginning(typed: str, names: Sequence[str]) -> list[str]:
    return [one for one in names if one.lower().startswith(typed.lower())]


def _quoted(text: str) -> str:
    return f"'{text}'" if re.search(r"[\s']", text) else text
