"""Reading ``steps:``: one verb each, its arguments, its modifiers; names and variables as they stand at that step."""

from __future__ import annotations

from typing import Any

from harness.scenario.document import Expectation, Retry, Step
from harness.scenario.durations import read_duration
from harness.scenario.expectations import build_expectations, check_expectations, check_query
from harness.scenario.file_shape import MODIFIERS, REFUSED, RETRY
from harness.scenario.language import Language, Verb
from harness.scenario.scope import Scope
from harness.scenario.shapes import Name, kind_of
from harness.scenario.source import Position
from harness.scenario.tree import Node
from harness.scenario.variables import NAME

EXPECT = "expect"
REMEMBER = "remember"


def check_steps(plain: Any, scope: Scope, language: Language, cases: tuple[str, ...]) -> None:
    """Complain about everything that is wrong with the steps of a scenario."""
    if not isinstance(plain, list):
        scope.complain(("steps",), f"steps is a list, each item one verb, not {kind_of(plain)}")
        return
    if not plain:
        scope.complain(("steps",), "a scenario needs at least one step")
    _foresee(plain, scope, language)
    for index, step in enumerate(plain):
        with scope.under("steps", index):
            _check_step(step, scope, language, cases)


def verb_of(step: dict[str, Any], language: Language) -> list[str]:
    """Return the verbs a step names; ``expect`` beside another verb is its modifier."""
    verbs = [name for name in step if name in language.verbs]
    return [name for name in verbs if name != EXPECT] if len(verbs) > 1 else verbs


def _foresee(plain: list[Any], scope: Scope, language: Language) -> None:
    """Note what later steps make, so that a name used too early is told from a name that is wrong."""
    for step in plain:
        for name, value in step.items() if isinstance(step, dict) else ():
            verb = language.verbs.get(name)
            for key in verb.arguments.keys if verb is not None else ():
                declares = key.shape
                if not isinstance(declares, Name) or not declares.declares:
                    continue
                made = value.get(key.name) if isinstance(value, dict) else value
                if isinstance(made, str) and made not in scope.later.setdefault(declares.kind, []):
                    scope.later[declares.kind].append(made)


def _check_step(step: Any, scope: Scope, language: Language, cases: tuple[str, ...]) -> None:
    if isinstance(step, str) and step in language.verbs:
        step = {step: None}
    if not isinstance(step, dict):
        scope.complain((), f"a step is a verb with its arguments, not {kind_of(step)}")
        return
    verbs = verb_of(step, language)
    known = [*language.verbs, *MODIFIERS]
    for name in step:
        if name not in language.verbs and name not in MODIFIERS:
            scope.complain_name((name,), f"there is no verb {name}", name, known, key=True)
    if len(verbs) > 1:
        scope.complain((verbs[1],), f"a step has one verb; this one has {verbs[0]} and {verbs[1]}", key=True)
    elif not verbs and all(name in MODIFIERS for name in step):
        scope.complain((), "this step has no verb")
    for name in verbs[:1]:
        _check_arguments(language.verbs[name], step[name], scope, language)
    _check_modifiers(step, scope, language, cases)
    if verbs == [REMEMBER] and isinstance(step[REMEMBER], dict):
        scope.variables.update(name for name in step[REMEMBER] if NAME.match(name))


def _check_arguments(verb: Verb, value: Any, scope: Scope, language: Language) -> None:
    path = (verb.name,)
    if verb.name == EXPECT:
        check_expectations(value, path, scope, language)
    elif verb.name == REMEMBER:
        if not isinstance(value, dict):
            scope.complain(path, f"remember takes names, each with something to look at, not {kind_of(value)}")
            return
        for name, query in value.items():
            if not NAME.match(name):
                scope.complain((*path, name), f"{name} cannot be the name of a variable", key=True)
            check_query(query, (*path, name), scope, language)
    else:
        verb.arguments.check(value, path, scope)
    scope.check_variables(value, path)


def _check_modifiers(step: dict[str, Any], scope: Scope, language: Language, cases: tuple[str, ...]) -> None:
    for name, key in MODIFIERS.items():
        if name in step:
            key.shape.check(step[name], (name,), scope)
            scope.check_variables(step[name], (name,))
    retry = step.get("retry")
    if isinstance(retry, dict) and "until" in retry:
        check_expectations(retry["until"], ("retry", "until"), scope, language)
    only = step.get("only")
    for index, case in enumerate(only if isinstance(only, list) else [only] if only is not None else []):
        if case not in cases:
            path = ("only", index) if isinstance(only, list) else ("only",)
            scope.complain_name(path, f"there is no case {case}", str(case), cases)
    if EXPECT in step and len([name for name in step if name in language.verbs]) > 1:
        check_expectations(step[EXPECT], (EXPECT,), scope, language)
        scope.check_variables(step[EXPECT], (EXPECT,))


def build_steps(root: Node, lines: list[str], language: Language) -> tuple[Step, ...]:
    """Return the steps of a checked file."""
    steps = root.entries["steps"][1]
    return tuple(_build_step(node, lines, language) for node in steps.items)


def _build_step(node: Node, lines: list[str], language: Language) -> Step:
    plain = node.plain()
    if isinstance(plain, str):
        return Step(plain, {}, node.position, line_text=_line(lines, node.position))
    verb = verb_of(plain, language)[0]
    place = node.entries[verb][0]
    value = plain[verb]
    own = verb in (EXPECT, REMEMBER)
    refused = plain.get("refused")
    only = plain.get("only") or ()
    violations = plain.get("expects_violation") or []
    return Step(
        verb=verb,
        arguments=value if own else language.verbs[verb].arguments.convert_names(value),
        position=place,
        name=str(plain.get("name") or ""),
        line_text=_line(lines, place),
        refused=REFUSED.convert(refused) if refused is not None else None,
        retry=_build_retry(node, plain.get("retry"), lines),
        expectations=_expectations(node, EXPECT, plain.get(EXPECT), lines),
        violations=tuple(violations if isinstance(violations, list) else [violations]),
        cases=tuple(only if isinstance(only, list) else [only]) if only else (),
    )


def _build_retry(node: Node, plain: Any, lines: list[str]) -> Retry | None:
    if plain is None:
        return None
    one = RETRY.convert(plain)
    until = one.get("until")
    inside = node.entries["retry"][1]
    return Retry(
        times=one.get("times", 10),
        every=one["every"] if "every" in one else read_duration("30m"),
        until=_expectations(inside, "until", until, lines) if until else (),
    )


def _expectations(node: Node, key: str, plain: Any, lines: list[str]) -> tuple[Expectation, ...]:
    if plain is None:
        return ()
    inside = node.entries[key][1]
    places: dict[str, tuple[Position, str]] = {}
    for subject in plain:
        place = inside.entries[subject][0]
        places[subject] = (place, _line(lines, place))
    return build_expectations(plain, places)


def _line(lines: list[str], place: Position) -> str:
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""
