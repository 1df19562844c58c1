"""Domain and OU filtering, facts "install" section 10."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.setup.answers import OuSelection
from engine.setup.pages.domain_and_ou_filtering import domain_and_ou_filtering

STAFF = "ou=staff,dc=contoso,dc=com"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"domains": ("contoso.com",)}, ""),
        ({"domains": ("emea.contoso.com",)}, "DOMAIN_UNKNOWN"),
        ({"domains": ()}, "NO_DOMAIN_SELECTED"),
        ({"ou_selection": {"contoso.com": OuSelection(included=(STAFF,))}}, ""),
        ({"ou_selection": {"contoso.com": OuSelection(excluded=("OU=Gone,DC=contoso,DC=com",))}}, "CONTAINER_UNKNOWN"),
        ({"ou_selection": {"fabrikam.com": OuSelection(included=(STAFF,))}}, "DOMAIN_UNKNOWN"),
    ],
)
def test_page(stage, walk, changes, code) -> None:
    directory = replace(stage.answers().directories[0], **changes)
    answers = stage.custom(directories=(directory,))
    assert domain_and_ou_filtering(answers, walk(answers)).code == code


@pytest.mark.parametrize(
    ("version", "selection", "code", "stored"),
    [
        ("1.1.524.0", OuSelection((STAFF,), new_containers=False), "", ("OU=Staff,DC=contoso,DC=com",)),
        ("1.1.524.0", OuSelection(new_containers=False), "", ("DC=contoso,DC=com", "OU=Staff,DC=contoso,DC=com")),
        ("1.1.524.0", OuSelection((STAFF,)), "", (STAFF,)),
        ("1.1.523.0", OuSelection((STAFF,)), "", (STAFF,)),
        ("1.1.523.0", OuSelection((STAFF,), new_containers=False), "NEW_OUS_NOT_ASKED", None),
    ],
)
def test_new_ous(stage, walk, version, selection, code, stored) -> None:
    stage.host_changes["product_version"] = version
    directory = replace(stage.answers().directories[0], ou_selection={"contoso.com": selection})
    answers = stage.custom(directories=(directory,))
    state = walk(answers)
    assert domain_and_ou_filtering(answers, state).code == code
    kept = state.forests[0].ou_selection.get("contoso.com")
    assert (kept.included if kept else None) == stored
