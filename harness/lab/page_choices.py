"""What a scenario types and ticks on single pages (``install: {pages: ...}``), as answers to the wizard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.lab import Lab

_ADMINISTRATOR = "administrator"


def with_pages(lab: Lab, answers: Any, pages: Mapping[str, Any] | None) -> Any:
    """The answers with what the pages say instead; directories are those of ``directory_with_pages``."""
    del lab
    if not pages:
        return answers
    components = pages.get("components") or {}
    apps = pages.get("apps") or {}
    services = apps.get("services")
    return replace(
        answers,
        components=replace(
            answers.components,
            location=components.get("location"),
            service_account=components.get("service_account"),
            sync_groups=tuple(components.get("sync_groups") or ()),
        ),
        continue_without_verified_domains=pages.get("continue_unverified", True),
        applications=None if services is None else tuple(services),
        excluded_attributes=tuple(apps.get("without") or ()),
        extensions=tuple(pages.get("extensions") or ()),
    )


def directory_with_pages(lab: Lab, forest: Forest, directory: Any, pages: Mapping[str, Any] | None) -> Any:
    """The answers of one directory with what the page "Connect your directories" says instead."""
    from engine.setup.answers import AccountOption, Credential

    given = ((pages or {}).get("directories") or {}).get(forest.name)
    if not given:
        return directory
    typed = given.get("account", directory.credential.username)
    password = given.get("password") or _password(lab, forest, typed)
    return replace(
        directory,
        forest=given.get("name", directory.forest),
        credential=Credential(typed, password),
        account=AccountOption(given.get("use", str(directory.account))),
    )


def _password(lab: Lab, forest: Forest, typed: str) -> str:
    """The password of an account of this world, however its domain is written."""
    login = typed.rpartition("\\")[2].partition("@")[0]
    if login.lower() == _ADMINISTRATOR:
        return forest.admin_password
    return lab.seeds.password(f"{forest.name}/{login}")
