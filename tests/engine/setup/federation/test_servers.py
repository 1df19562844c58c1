"""Which operating systems AD FS can be installed on by the wizard, and which sign-in methods bring up which pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.setup.answers import Credential, Mode, SetupAnswers, SignIn
from engine.setup.federation.answers import FederationAnswers
from engine.setup.federation.servers import federation_answers, manager, too_old
from engine.setup.wizard import PAGES

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
OF_AD_FS = {"AD FS Farm", "Federation Servers", "AD FS service account", "Microsoft Entra Domain"}
OF_PROXIES = {"Web Application Proxy servers", "Credentials"}
OF_PING = {"Microsoft Entra Domain", "PingFederate settings", "Verify Connectivity"}


@pytest.mark.parametrize(
    ("system", "old"),
    [
        ("Windows Server 2008 R2", True),
        ("Windows Server 2012", True),
        ("Windows Server 2012 R2", False),
        ("Windows Server 2025", False),
    ],
)
def test_systems(system: str, old: bool) -> None:
    assert too_old(system) is old


@pytest.mark.parametrize(
    ("sign_in", "federation", "titles"),
    [
        (SignIn.PASSWORD_HASH_SYNC, FederationAnswers(), set()),
        (SignIn.DO_NOT_CONFIGURE, FederationAnswers(), set()),
        (SignIn.AD_FS, FederationAnswers(), OF_AD_FS),
        (SignIn.AD_FS, FederationAnswers(proxies=("WAP1",)), OF_AD_FS | OF_PROXIES),
        (SignIn.AD_FS, FederationAnswers(new_farm=False), {"AD FS Farm", "Microsoft Entra Domain"}),
        (SignIn.AD_FS, None, {"AD FS Farm", "Microsoft Entra Domain"}),
        (SignIn.PING_FEDERATE, FederationAnswers(), OF_PING),
    ],
)
def test_pages(sign_in: SignIn, federation: FederationAnswers | None, titles: set[str]) -> None:
    answers = SetupAnswers(ADMIN, (), mode=Mode.CUSTOM, sign_in=sign_in, federation=federation)
    shown = {page.title for page in PAGES if page.takes_part(answers)}
    assert shown & (OF_AD_FS | OF_PROXIES | OF_PING) == titles


def test_nothing_said_and_nobody_named() -> None:
    answers = SetupAnswers(ADMIN, ())
    with pytest.raises(EngineError) as refused:
        federation_answers(answers)
    assert refused.value.code == "FEDERATION_ANSWERS_MISSING"
    with pytest.raises(EngineError) as refused:
        manager(replace(answers, federation=FederationAnswers()))
    assert refused.value.code == "REMOTE_ACCESS_DENIED"
