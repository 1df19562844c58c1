"""Which account may run the service where (the matrix of facts "install" 5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.setup.answers import HostMachine
from engine.setup.service_account import Kind, Refused, ServiceAccount, choose, kind_of

MANAGED = {"CONTOSO\\gmsa$": "gMSA", "CONTOSO\\smsa$": "sMSA"}


def host(**facts):
    return HostMachine("SYNC1", Path(), managed_accounts=MANAGED, **facts)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NT SERVICE\\ADSync", Kind.VIRTUAL),
        ("nt service\\adsync", Kind.VIRTUAL),
        ("contoso\\GMSA$", Kind.GROUP_MANAGED),
        ("CONTOSO\\smsa$", Kind.STANDALONE_MANAGED),
        ("CONTOSO\\gone$", None),
        ("CONTOSO\\svc", Kind.DOMAIN),
        ("svc@contoso.com", Kind.DOMAIN),
        (".\\svc", Kind.LOCAL),
        ("sync1\\svc", Kind.LOCAL),
        ("svc", Kind.LOCAL),
    ],
)
def test_what_a_name_stands_for(name, kind) -> None:
    assert kind_of(name, host()) is kind


@pytest.mark.parametrize(
    ("controller", "remote", "allowed"),
    [
        (False, False, "vlgsd"),
        (False, True, "gd"),
        (True, False, "gsd"),
        (True, True, "gd"),
    ],
)
def test_the_matrix(controller, remote, allowed) -> None:
    named = {
        "v": "NT SERVICE\\ADSync", "l": ".\\svc", "g": "CONTOSO\\gmsa$", "s": "CONTOSO\\smsa$", "d": "CONTOSO\\svc",
    }  # fmt: skip
    for letter, name in named.items():
        found = choose(name, host(domain_controller=controller), remote_sql=remote)
        if letter in allowed:
            assert isinstance(found, ServiceAccount)
        else:
            assert isinstance(found, Refused)
            assert found.code == "SERVICE_ACCOUNT_KIND"


@pytest.mark.parametrize(
    ("controller", "remote", "found"),
    [
        (False, False, ServiceAccount("NT SERVICE\\ADSync", Kind.VIRTUAL)),
        (True, False, ServiceAccount("", Kind.DOMAIN)),
        (False, True, "SERVICE_ACCOUNT_NEEDED"),
        (True, True, "SERVICE_ACCOUNT_NEEDED"),
    ],
)
def test_what_is_taken_without_a_name(controller, remote, found) -> None:
    chosen = choose(None, host(domain_controller=controller), remote_sql=remote)
    assert (chosen.code if isinstance(chosen, Refused) else chosen) == found


@pytest.mark.parametrize(("version", "taken"), [("1.1.380.0", False), ("1.1.484.0", True)])
def test_managed_accounts_came_in_2017(version, taken) -> None:
    found = choose("CONTOSO\\gmsa$", host(product_version=version), remote_sql=False)
    assert isinstance(found, ServiceAccount) is taken


def test_one_that_is_not_installed_here() -> None:
    found = choose("CONTOSO\\gone$", host(), remote_sql=False)
    assert isinstance(found, Refused)
    assert found.code == "SERVICE_ACCOUNT_UNKNOWN"
