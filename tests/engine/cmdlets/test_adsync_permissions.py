"""Set-ADSync...Permissions: whose account, on which objects, as whom; refusals before anything is written."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.cmdlets import CMDLETS, Session, adsync_permissions
from engine.connectors.active_directory.feature_rights import BY_CMDLET, sid_of
from engine.connectors.active_directory.ldap_client import Entry
from engine.connectors.active_directory.partitions import DomainFacts
from engine.errors import EngineError
from engine.setup.answers import Credential

BASE = "DC=contoso,DC=com"
ACCOUNT = f"CN=svc,CN=Users,{BASE}"
SID = sid_of("S-1-5-21-1-2-3-1105")


class Forest:
    """A forest of one domain that tells what was granted where."""

    def __init__(self, known: bool = True) -> None:
        domain = DomainFacts(BASE, "contoso.com", "CONTOSO")
        self.facts = SimpleNamespace(
            name="contoso.com",
            root_dn=BASE,
            domains=(domain,),
            domain=lambda name: domain if name.lower() in ("contoso", "contoso.com") else None,
        )
        self.known = known
        self.credentials: list[Credential] = []
        self.granted: list[tuple[str, int]] = []
        self.closed = 0

    def connect_forest(self, forest: str, credential: Credential) -> Forest:
        self.credentials.append(credential)
        return self

    def at(self, dn: str, act):
        return act(self)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def forest(server, monkeypatch) -> Forest:
    reached = Forest()
    monkeypatch.setattr(adsync_permissions, "reach_from", lambda server: reached)
    monkeypatch.setattr(
        adsync_permissions,
        "find_account",
        lambda client, base, name: Entry(ACCOUNT, {"objectSid": [SID]}) if client.known else None,
    )
    monkeypatch.setattr(
        adsync_permissions, "grant_rights", lambda client, dn, aces: client.granted.append((dn, len(aces)))
    )
    connector = server.connectors[0]
    parameters = {"forest-name": "contoso.com", "forest-login-user": "svc", "forest-login-domain": "contoso.com",
                  f"netbios:{BASE}": "CONTOSO"}  # fmt: skip
    server.connectors[0] = connector.with_(parameters={**connector.parameters, **parameters})
    return reached


def type_in(server, line: str):
    transcript = Session(server, CMDLETS, prompt=lambda user: f"password of {user}").run(line)
    if transcript.failure is not None:
        raise transcript.failure.refusal
    return transcript.output


@pytest.mark.parametrize("noun", sorted(BY_CMDLET))
def test_every_domain_is_granted_by_the_forests_administrator(server, forest, noun) -> None:
    type_in(server, f"Set-ADSync{noun}Permissions -ADConnectorAccountName svc -ADConnectorAccountDomain contoso")
    assert forest.granted == [(BASE, len(BY_CMDLET[noun](SID)))]
    assert forest.credentials == [Credential("CONTOSO\\Administrator", "password of CONTOSO\\Administrator")]
    assert forest.closed == 1


@pytest.mark.parametrize(
    ("more", "places"),
    [
        (f"-ADobjectDN 'OU=Staff,{BASE}'", [f"OU=Staff,{BASE}"]),
        ("-IncludeAdminSdHolders", [BASE, f"CN=AdminSDHolder,CN=System,{BASE}"]),
    ],
)
def test_where(server, forest, more, places) -> None:
    type_in(server, f"Set-ADSyncExchangeHybridPermissions -ADConnectorAccountDN '{ACCOUNT}' {more}")
    assert [place for place, _ in forest.granted] == places


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Set-ADSyncExchangeHybridPermissions", "PARAMETER_MISSING"),
        ("Set-ADSyncExchangeHybridPermissions -ADConnectorAccountDN 'CN=x,DC=other'", "ACCOUNT_UNKNOWN"),
        (
            "Set-ADSyncExchangeHybridPermissions -ADConnectorAccountName x -ADConnectorAccountDomain other",
            "FOREST_UNKNOWN",
        ),
    ],
)
def test_refused_before_the_forest_is_reached(server, forest, line, code) -> None:
    with pytest.raises(EngineError) as refused:
        type_in(server, line)
    assert refused.value.code == code
    assert forest.credentials == []


def test_an_account_that_is_not_there(server, forest) -> None:
    forest.known = False
    with pytest.raises(EngineError) as refused:
        type_in(server, f"Set-ADSyncBasicReadPermissions -ADConnectorAccountDN '{ACCOUNT}'")
    assert refused.value.code == "ACCOUNT_UNKNOWN"
    assert (forest.granted, forest.closed) == ([], 1)


def test_password_hash_rights_have_no_other_place_than_the_head(server, forest) -> None:
    with pytest.raises(EngineError):
        type_in(server, f"Set-ADSyncPasswordHashSyncPermissions -ADConnectorAccountDN '{ACCOUNT}' -ADobjectDN 'x'")


def test_the_account_is_shown(server, forest) -> None:
    (row,) = type_in(server, "Get-ADSyncADConnectorAccount")
    assert (row["ADConnectorAccountName"], row["ADConnectorAccountDomain"]) == ("svc", "contoso.com")


def test_restricting_the_account_asks_for_the_credential_given(server, forest, monkeypatch) -> None:
    done = []
    monkeypatch.setattr(adsync_permissions, "_read", lambda client, dn: Entry(dn, {"objectSid": [SID]}))
    monkeypatch.setattr(adsync_permissions.feature_rights, "restrict", lambda client, dn, *sids: done.append(dn))
    line = f"Set-ADSyncRestrictedPermissions -ADConnectorAccountDN '{ACCOUNT}' -Credential (Get-Credential CONTOSO\\ea)"
    type_in(server, line)
    assert done == [ACCOUNT]
    assert forest.credentials[0].username == "CONTOSO\\ea"
