"""Connect your directories, facts "install" section 8: CYD-01 to CYD-07, INST-06, CUST-06, CUST-09."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.active_directory.partitions import AccountFacts, DomainFacts
from engine.errors import EngineError
from engine.setup.answers import AccountOption, Credential, DirectoryAnswers
from engine.setup.pages.connect_directories import connect_directories

ADMIN_TEXT = (
    "Using an Enterprise or Domain administrator account for your AD forest account is not allowed. Let Microsoft Entra"
    " Connect create the account for you or specify a synchronization account with the correct permissions."
)
PLAIN = AccountFacts("CN=svc", "S-2", False, False)


def existing(stage, **changes):
    directory = DirectoryAnswers("contoso.com", Credential("CONTOSO\\svc", "p"), AccountOption.EXISTING)
    return stage.custom(directories=(directory,), **changes)


def test_domain_admin_alone_may_not_create(stage) -> None:
    stage.forest.administrator = AccountFacts("CN=da", "S-3", False, True)
    outcome = connect_directories(stage.answers(), stage.state())
    assert outcome.code == "NOT_ENTERPRISE_ADMIN"
    assert stage.forest.writes == []


@pytest.mark.parametrize(
    ("version", "enterprise", "domain", "code"),
    [
        ("1.4.18.0", True, False, "ADMIN_ACCOUNT_REFUSED"),
        ("1.4.18.0", False, True, "ADMIN_ACCOUNT_REFUSED"),
        ("1.4.17.0", True, True, ""),
        ("1.4.18.0", False, False, ""),
    ],
)
def test_administrator_as_connector_account(stage, version, enterprise, domain, code) -> None:
    stage.host_changes = {"product_version": version}
    stage.forest.administrator = AccountFacts("CN=x", "S-4", enterprise, domain)
    outcome = connect_directories(existing(stage), stage.state())
    assert outcome.code == code
    if code:
        assert outcome.message == ADMIN_TEXT


def test_managed_account(stage) -> None:
    stage.forest.administrator = replace(PLAIN, managed=True)
    assert connect_directories(existing(stage), stage.state()).code == "ACCOUNT_TYPE"


def test_network_failure_leaves_a_log(stage) -> None:
    stage.connect_refusal = EngineError("DIR_NET_CONNECTION", "no answer")
    outcome = connect_directories(stage.answers(), stage.state())
    assert outcome.code == "DIR_NET_CONNECTION"
    log = stage.folder / "ADConnectivityTool-20260105-080000.log"
    assert outcome.facts["log"] == log.name
    assert "DIR_NET_CONNECTION" in log.read_text(encoding="utf-8")
    assert "forest secret" not in log.read_text(encoding="utf-8")


def test_wrong_password_leaves_none(stage) -> None:
    stage.connect_refusal = EngineError("DIR_CREDENTIALS", "data 52e")
    assert connect_directories(stage.answers(), stage.state()).code == "DIR_CREDENTIALS"
    assert not stage.folder.exists()


def test_functional_level(stage) -> None:
    stage.change_forest(functional_level=1)
    assert connect_directories(stage.answers(), stage.state()).code == "FOREST_FUNCTIONAL_LEVEL"


def test_dotted_netbios(stage) -> None:
    domain = replace(stage.forest.facts.domains[0], netbios="CON.TOSO")
    stage.change_forest(domains=(domain,))
    assert connect_directories(stage.answers(), stage.state()).code == "DOTTED_NETBIOS"


def test_unreachable_child_is_warned_of(stage) -> None:
    """CUST-11."""
    child = DomainFacts("DC=emea,DC=contoso,DC=com", "emea.contoso.com", "EMEA")
    stage.change_forest(domains=(*stage.forest.facts.domains, child))
    stage.forest.unreachable = {child.dn}
    state = stage.state()
    outcome = connect_directories(stage.answers(), state)
    assert [w.code for w in outcome.warnings] == ["DOMAIN_UNREACHABLE"]
    assert [d.dns_name for d in state.forests[0].selected] == ["contoso.com"]


def test_no_domain_reachable(stage) -> None:
    stage.forest.unreachable = {d.dn for d in stage.forest.facts.domains}
    assert connect_directories(stage.answers(), stage.state()).code == "DIR_NET_NO_DOMAIN"


def test_a_directory_once(stage) -> None:
    twice = (stage.answers().directories[0], stage.answers().directories[0])
    assert connect_directories(stage.custom(directories=twice), stage.state()).code == "DIRECTORY_TWICE"


@pytest.mark.parametrize("name", ["CONTOSO\\gmsa$", "NT SERVICE\\ADSync", "nt service\\adsync"])
def test_a_managed_account_is_known_by_its_name(stage, name) -> None:
    directory = DirectoryAnswers("contoso.com", Credential(name, "p"), AccountOption.EXISTING)
    stage.connect_refusal = EngineError("DIR_CREDENTIALS", "nobody asked the directory")
    assert connect_directories(stage.custom(directories=(directory,)), stage.state()).code == "ACCOUNT_TYPE"
