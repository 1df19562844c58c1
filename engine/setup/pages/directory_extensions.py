"""Directory extensions: further attributes of AD for the tenant. Facts "install" 13.4; seed001."""

from __future__ import annotations

from difflib import get_close_matches

from engine.rules.standard.options import DirectoryExtension
from engine.setup.answers import SetupAnswers
from engine.setup.features.directory_extensions import EXTENSIONS_MAX, candidates, named, wire_form
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Directory extensions"


def directory_extensions(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Choose from what the schemas read before offer; the box in which one looks for a name is case-sensitive."""
    never = {name for forest in state.forests for name in forest.session.unsynchronizable()}
    offered = candidates([forest.schema for forest in state.forests], never)
    chosen = tuple(dict.fromkeys(answers.extensions))
    for name in chosen:
        if name not in offered:
            near = get_close_matches(name, offered, 1, 0.8) or [one for one in offered if one.lower() == name.lower()]
            hint = f" There is {near[0]}; names are case sensitive." if near else ""
            text = f"The attribute {name} is not available.{hint}"
            return refuse(PAGE, "EXTENSION_NOT_AVAILABLE", text, available=len(offered))
    if len(chosen) > EXTENSIONS_MAX:
        text = f"An object holds at most {EXTENSIONS_MAX} directory extensions; {len(chosen)} are chosen."
        return refuse(PAGE, "EXTENSIONS_TOO_MANY", text)
    state.extensions = tuple(offered[name] for name in chosen)
    return PageOutcome(PAGE, facts={"extensions": list(chosen), "available": len(offered)})


def registered(state: WizardState) -> tuple[DirectoryExtension, ...]:
    """Register what was chosen with the tenant; gives it under the names it has there."""
    if not state.extensions:
        return ()
    session, _ = state.signed_in()
    return named(state.extensions, session.register_extensions(wire_form(state.extensions)))
