"""Connect your directories where they are given: by an existing database or by imported settings.

Each forest stands there with a red cross until its credentials are changed; none can be added or removed, and nobody
goes on while one is red. Source: facts "install" CYD-11, CYD-12.
"""

from __future__ import annotations

from dataclasses import replace

from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

RED, GREEN = "red", "green"


def directories_given(answers: SetupAnswers) -> bool:
    """Whether a database or a settings file says which forests are connected."""
    return answers.switches.use_existing_database or answers.components.import_settings is not None


def marks(answers: SetupAnswers, state: WizardState) -> dict[str, str]:
    """The given forests with the icon beside each."""
    typed = {one.forest.lower() for one in answers.directories}
    return {forest: GREEN if forest.lower() in typed else RED for forest in state.fixed_forests}


def not_as_given(answers: SetupAnswers, state: WizardState, page: str) -> PageOutcome | None:
    """Refuse a directory too many, then one without credentials."""
    if not state.fixed_forests:
        return None
    shown = marks(answers, state)
    given = {forest.lower() for forest in shown}
    further = [one.forest for one in answers.directories if one.forest.lower() not in given]
    if further:
        text = f"The directories are given: {', '.join(shown)}; {', '.join(further)} cannot be added here."
        return refuse(page, "DIRECTORIES_FIXED", text, icons=shown)
    red = [forest for forest, mark in shown.items() if mark == RED]
    if red:
        text = f"Credentials are needed for {', '.join(red)}: choose Change Credentials."
        return refuse(page, "FOREST_CREDENTIALS_MISSING", text, icons=shown)
    return None


def as_ordered(answers: SetupAnswers, state: WizardState) -> SetupAnswers:
    """The directories in the order in which they were connected first (CYD-10)."""
    order = {forest.lower(): place for place, forest in enumerate(state.fixed_forests)}
    if not order:
        return answers
    return replace(answers, directories=tuple(sorted(answers.directories, key=lambda one: order[one.forest.lower()])))
