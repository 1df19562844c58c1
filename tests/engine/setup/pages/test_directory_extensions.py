"""Directory extensions: what is available, and how many go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.schema import AttributeDefinition, Schema
from engine.setup.pages.directory_extensions import directory_extensions, registered

NAMES = ("employeeID", "mail", "otherMailbox", "manager", "badPwdCount", *(f"extra{n}" for n in range(101)))


@pytest.fixture
def wizard(stage, walk):
    known = stage.forest.schema_found
    more = {name: AttributeDefinition(name) for name in NAMES if name not in known.attributes}
    of_users = {"user": frozenset(NAMES)}
    stage.forest.schema_found = Schema({**known.attributes, **more}, of_users)
    stage.forest.never = ("badPwdCount",)

    def go(*extensions):
        answers = stage.custom(extensions=extensions)
        state = walk(answers)
        return directory_extensions(answers, state), state

    return go


@pytest.mark.parametrize(
    ("chosen", "code", "hint"),
    [
        (("employeeID", "otherMailbox"), "", ""),
        ((), "", ""),
        (("employeeid",), "EXTENSION_NOT_AVAILABLE", "There is employeeID; names are case sensitive."),
        (("manager",), "EXTENSION_NOT_AVAILABLE", "not available."),
        (("badPwdCount",), "EXTENSION_NOT_AVAILABLE", "not available."),
        (("objectGUID",), "EXTENSION_NOT_AVAILABLE", "not available."),
        (tuple(f"extra{n}" for n in range(100)), "", ""),
        (tuple(f"extra{n}" for n in range(101)), "EXTENSIONS_TOO_MANY", "at most 100"),
    ],
)
def test_choice(wizard, chosen, code, hint) -> None:
    outcome, state = wizard(*chosen)
    assert outcome.code == code
    assert hint in outcome.message
    assert len(state.extensions) == (0 if code else len(chosen))


def test_registered_under_the_names_of_the_tenant(wizard, stage) -> None:
    _, state = wizard("employeeID", "employeeID")
    assert [one.target for one in registered(state)] == ["extension_11112222333344445555666677778888_employeeID"]
    assert stage.tenant.writes == [("extensions", ["employeeID"])]


def test_nothing_chosen_registers_nothing(wizard, stage) -> None:
    _, state = wizard()
    assert registered(replace(state)) == ()
    assert stage.tenant.writes == []
