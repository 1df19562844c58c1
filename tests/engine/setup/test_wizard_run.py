"""The wizard page by page: Next, Back, Cancel, a page answered again, and Configure that broke off at any write."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.setup.answers import Components, DirectoryAnswers, Identification, SourceAnchorChoice, SqlInstance
from engine.setup.pages.install_required_components import database_path
from engine.setup.wizard import PAGES
from engine.setup.wizard_run import Standing, WizardRun

CUSTOM = [
    "Welcome", "Express settings", "Install required components", "User sign-in", "Connect to Microsoft Entra ID",
    "Connect your directories", "Microsoft Entra sign-in configuration", "Domain and OU filtering",
    "Uniquely identifying your users", "Filter users and devices", "Optional features", "Ready to configure",
    "Configure",
]  # fmt: skip
EXPRESS = [
    "Welcome", "Express settings", "Connect to Microsoft Entra ID", "Connect your directories", "Ready to configure",
    "Configure",
]  # fmt: skip


class PowerLost(BaseException):
    """Nobody catches it: the machine is off."""


def stand_at(run: WizardRun, page: str) -> WizardRun:
    while run.page != page:
        outcome = run.next()
        assert not outcome.refused, outcome
    return run


@pytest.mark.parametrize(("custom", "pages"), [(True, CUSTOM), (False, EXPRESS)])
def test_pages_shown_in_order(stage, custom: bool, pages: list[str]) -> None:
    run = WizardRun(stage.custom() if custom else stage.answers(), stage.state())
    seen = []
    while run.page:
        seen.append(run.page)
        run.next()
    assert seen == pages
    assert run.standing is Standing.CONFIGURED
    assert run.blueprint is not None
    assert all(entry.title for entry in PAGES)


def test_straight_through_is_the_same_machinery(stage) -> None:
    slow, fast = WizardRun(stage.custom(), stage.state()), WizardRun(stage.custom(), stage.state())
    while slow.page:
        slow.next()
    stage.forest.writes.clear()
    fast.through()
    assert [one.page for one in slow.outcomes] == [one.page for one in fast.outcomes]
    assert slow.blueprint == fast.blueprint


def test_express_stops_at_the_sign_in_names_only_where_one_is_not_verified(stage) -> None:
    """EXP-03."""
    stage.change_forest(upn_suffixes=("contoso.com", "contoso.local"))
    run = stand_at(WizardRun(stage.answers(), stage.state()), "Connect your directories")
    run.next()
    assert run.page == "Microsoft Entra sign-in configuration"
    run.next()
    assert run.page == "Ready to configure"
    run.back()
    assert run.page == "Microsoft Entra sign-in configuration"


def test_back_opens_the_page_before_with_its_answers_and_closes_what_came_later(stage) -> None:
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Connect your directories")
    run.next(stage.custom(identification=Identification.MAIL))
    assert len(run.state.forests) == 1
    run.back()
    assert (run.page, run.state.forests, stage.forest.closed) == ("Connect your directories", [], True)
    assert run.state.tenant is stage.tenant  # an earlier page's session stays
    assert run.answers.identification is Identification.MAIL
    assert [one.page for one in run.outcomes][-1] == "Connect to Microsoft Entra ID"
    stand_at(run, "Ready to configure")
    assert len(run.state.forests) == 1


def test_what_a_later_page_wrote_into_a_forest_is_forgotten(stage) -> None:
    directory = DirectoryAnswers("contoso.com", stage.answers().directories[0].credential, group_filter="Pilot")
    stage.forest.groups["Pilot"] = "CN=Pilot,DC=contoso,DC=com"
    run = stand_at(WizardRun(stage.custom(directories=(directory,)), stage.state()), "Optional features")
    assert run.state.forests[0].group_dn == "CN=Pilot,DC=contoso,DC=com"
    run.back()
    assert run.state.forests[0].group_dn is None


def test_answers_about_a_connected_forest_may_come_after_it_is_connected(stage) -> None:
    stage.forest.groups["Pilot"] = "CN=Pilot,DC=contoso,DC=com"
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Filter users and devices")
    directory = stage.answers().directories[0]
    run.next(stage.custom(directories=(DirectoryAnswers("contoso.com", directory.credential, group_filter="Pilot"),)))
    assert run.state.forests[0].group_dn == "CN=Pilot,DC=contoso,DC=com"


def test_the_first_page_has_none_before_it(stage) -> None:
    with pytest.raises(EngineError) as refused:
        WizardRun(stage.custom(), stage.state()).back()
    assert refused.value.code == "WIZARD_FIRST_PAGE"


def test_a_refused_page_stays_and_is_answered_again(stage, tmp_path) -> None:
    """IRC-04: the database is deleted, Next again."""
    path = database_path(tmp_path, "ADSync")
    path.write_bytes(b"precious" * 100)
    stage.host_changes = {"sql_instances": {"SQL1": SqlInstance(tmp_path)}}
    answers = stage.custom(components=Components(sql_instance="SQL1"))
    run = stand_at(WizardRun(answers, stage.state()), "Install required components")
    assert run.next().code == "DATABASE_NOT_EMPTY"
    assert (run.page, run.refused.code) == ("Install required components", "DATABASE_NOT_EMPTY")
    path.unlink()
    assert not run.next().refused
    assert run.refused is None


def test_a_refusal_half_way_through_a_page_keeps_nothing_of_it(stage) -> None:
    stage.change_forest(functional_level=0)
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Connect your directories")
    assert run.next().refused
    assert (run.state.forests, stage.forest.closed) == ([], True)


def test_cancel_writes_nothing_and_gives_every_session_up(stage) -> None:
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Configure")
    run.cancel()
    assert (run.page, run.standing, stage.forest.closed) == ("", Standing.CANCELLED, True)
    assert (stage.tenant.writes, stage.forest.writes) == ([], [])
    with pytest.raises(EngineError) as refused:
        run.next()
    assert refused.value.code == "WIZARD_CLOSED"


def test_a_wrong_choice_is_answered_again_without_starting_over(stage) -> None:
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Uniquely identifying your users")
    assert run.next(stage.custom(source_anchor=SourceAnchorChoice("mail"))).code == "ANCHOR_ATTRIBUTE_NOT_OFFERED"
    assert not run.next(stage.custom(source_anchor=SourceAnchorChoice("employeeID"))).refused
    assert run.state.anchor.attribute == "employeeID"


def dying(stage, at: int) -> None:
    """Let the machine lose its power at the n-th write of Configure, to the tenant or to the forest."""
    count = {"left": at}

    def watch(system, name: str) -> None:
        act = getattr(system, name)

        def once(*args: object, **kwargs: object) -> object:
            count["left"] -= 1
            if count["left"] == 0:
                raise PowerLost
            return act(*args, **kwargs)

        setattr(system, name, once)

    for name in ("service_account", "enable_dirsync", "set_features", "set_configuration"):
        watch(stage.tenant, name)
    for name in ("create_account", "grant_rights"):
        watch(stage.forest, name)


@pytest.mark.parametrize("at", range(1, 7))
def test_power_lost_at_any_write_does_not_trip_the_second_attempt(stage, at: int) -> None:
    """What the first attempt made stays where it is; the second makes accounts of its own."""
    dying(stage, at)
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Configure")
    with pytest.raises(PowerLost):
        run.next()
    run.close()
    left = [value for name, value in stage.tenant.writes if name == "service_account"]
    stage.change_company(service_accounts=tuple(f"Sync_{one}@contoso.onmicrosoft.com" for one in left))
    second = WizardRun(stage.custom(), stage.state())
    assert second.through() is not None
    made = [value for name, value in stage.tenant.writes if name == "service_account"]
    accounts = [value[0] for name, value in stage.forest.writes if name == "account"]
    assert len(set(made)) == len(made) == len(left) + 1
    assert len(set(accounts)) == len(accounts)


def test_configure_that_was_refused_can_be_pressed_again(stage) -> None:
    stage.tenant.refuses["service_account"] = EngineError("server-busy", "503 ten times")
    run = stand_at(WizardRun(stage.custom(), stage.state()), "Configure")
    assert run.next().code == "server-busy"
    assert (run.page, run.blueprint) == ("Configure", None)
    del stage.tenant.refuses["service_account"]
    assert not run.next().refused
    assert run.blueprint is not None
