"""Domain and OU filtering, facts "install" section 10."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.active_directory.partitions import DomainFacts
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


def test_a_domain_nobody_reaches_is_shown_unselected_with_a_warning(stage, walk) -> None:
    child = DomainFacts("DC=emea,DC=contoso,DC=com", "emea.contoso.com", "EMEA")
    stage.forest.facts = replace(stage.forest.facts, domains=(*stage.forest.facts.domains, child))
    stage.forest.unreachable = {child.dn}
    answers = stage.custom()
    page = domain_and_ou_filtering(answers, walk(answers))
    assert (page.code, page.facts) == ("", {"domains": ["contoso.com"], "unreachable": ["emea.contoso.com"]})
    assert [one.code for one in page.warnings] == ["DOMAIN_UNREACHABLE"]
    directory = replace(stage.answers().directories[0], domains=("emea.contoso.com",))
    answers = stage.custom(directories=(directory,))
    assert domain_and_ou_filtering(answers, walk(answers)).code == "DOMAIN_UNREACHABLE"
