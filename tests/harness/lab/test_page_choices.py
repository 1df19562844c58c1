"""What is typed and ticked on single pages, as the wizard's answers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.setup.answers import AccountOption, Credential, DirectoryAnswers, SetupAnswers
from harness.lab.page_choices import directory_with_pages, with_pages
from harness.lab.seeds import Seeds

LAB = SimpleNamespace(seeds=Seeds("1"))
FOREST = SimpleNamespace(name="contoso.com", admin_password="the administrator's")
DIRECTORY = DirectoryAnswers("contoso.com", Credential("CONTOSO\\Administrator", "the administrator's"))
ANSWERS = SetupAnswers(Credential("admin@contoso.onmicrosoft.com", "x"), (DIRECTORY,))


@pytest.mark.parametrize("pages", [None, {}, {"directories": {"fabrikam.com": {"use": "existing"}}}])
def test_nothing_said_changes_nothing(pages) -> None:
    assert directory_with_pages(LAB, FOREST, DIRECTORY, pages) == DIRECTORY
    assert with_pages(LAB, ANSWERS, pages) == ANSWERS


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"account": "contoso.com\\ADMINISTRATOR"}, "the administrator's"),
        ({"account": "svc@contoso.com"}, LAB.seeds.password("contoso.com/svc")),
        ({"account": "CONTOSO\\svc", "password": "wrong"}, "wrong"),
    ],
)
def test_the_password_is_the_accounts_own(given, found) -> None:
    directory = directory_with_pages(LAB, FOREST, DIRECTORY, {"directories": {"contoso.com": given}})
    assert (directory.credential.username, directory.credential.password) == (given["account"], found)


def test_pages() -> None:
    pages = {
        "components": {"location": "D:", "sync_groups": ["A", "B"]},
        "directories": {"contoso.com": {"name": "typed.test", "use": "existing"}},
        "continue_unverified": False,
        "apps": {"services": ["Intune"], "without": ["title"]},
        "extensions": ["badge"],
    }
    answers = with_pages(LAB, ANSWERS, pages)
    assert (answers.components.location, answers.components.sync_groups) == ("D:", ("A", "B"))
    assert (answers.applications, answers.excluded_attributes, answers.extensions) == (
        ("Intune",),
        ("title",),
        ("badge",),
    )
    assert answers.continue_without_verified_domains is False
    directory = directory_with_pages(LAB, FOREST, DIRECTORY, pages)
    assert (directory.forest, directory.account) == ("typed.test", AccountOption.EXISTING)
