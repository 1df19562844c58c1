"""Imported settings: what the pages open with, which files are refused, how rules find their place."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace

import pytest

from engine.connectors.active_directory.partitions import Container
from engine.network import Network
from engine.server import SyncServer
from engine.setup.answers import Components, Feature, Identification, OuSelection, SignIn, Switches
from engine.setup.settings.settings_file import settings_text
from engine.setup.settings.settings_import import carried_over, chosen, read_settings
from engine.setup.wizard_run import WizardRun, run_wizard

STAFF = "OU=Staff,DC=contoso,DC=com"


@pytest.fixture
def first(stage, tmp_path):
    """A server whose settings are exported: identified by mail, one OU out."""
    state = stage.state()
    directory = replace(stage.answers().directories[0], ou_selection={"contoso.com": OuSelection(excluded=(STAFF,))})
    answers = stage.custom(
        directories=(directory,),
        identification=Identification.MAIL,
        sign_in=SignIn.DO_NOT_CONFIGURE,
        features=frozenset({Feature.PASSWORD_HASH_SYNC}),
    )
    _, blueprint = run_wizard(answers, state)
    opened = SyncServer.create(
        tmp_path / "ADSync.sqlite", name="SYNC0", blueprint=blueprint, network=Network(), clock=state.clock, seed="1"
    )
    yield opened
    opened.close()


@pytest.fixture
def settings(first, tmp_path):
    def export(change=lambda text: text):
        path = tmp_path / "today.JSON"
        path.write_text(change(settings_text(first)), encoding="utf-8")
        return path

    return export


def importing(stage, path, **changes):
    return stage.custom(components=Components(import_settings=str(path)), **changes)


def like(server, name, **changes):
    held = next(one for one in server.rules().values() if one.name == "In from AD - User Common")
    return replace(held, identifier=f"11111111-2222-4333-8444-{len(name):012d}", name=name, immutable_tag="", **changes)


def test_the_pages_open_with_what_the_file_says(stage, settings):
    answers = carried_over(importing(stage, settings()))
    assert answers.identification is Identification.MAIL
    assert answers.sign_in is SignIn.PASSWORD_HASH_SYNC
    assert answers.source_anchor.attribute == "mS-DS-ConsistencyGuid"
    assert answers.directories[0].ou_selection == {"contoso.com": OuSelection((), (STAFF,))}
    assert answers.directories[0].domains == ("contoso.com",)


def test_it_is_configured_like_the_other_one(stage, settings, first):
    first.save_rules(
        [
            *(replace(one, disabled=one.name == "In from AD - User Join") for one in first.rules().values()),
            like(first, "Within", precedence=50),
            like(first, "Outside it", precedence=400),
        ]
    )
    state = stage.state()
    state.random = random.Random("another machine")
    outcomes, blueprint = run_wizard(importing(stage, settings()), state)
    assert blueprint is not None, outcomes[-1].message
    rules = {rule.name: rule for rule in blueprint.rules}
    connector = blueprint.connectors[0].identifier
    assert connector != first.connector("contoso.com")[1].identifier
    assert (rules["Within"].precedence, rules["Within"].connector) == (50, connector)
    assert rules["Outside it"].precedence == max(rule.precedence for rule in blueprint.rules)
    assert rules["In from AD - User Join"].disabled
    assert blueprint.global_settings["Microsoft.SynchronizationOption.JoinCriteria"] == "Mail"
    assert blueprint.connectors[0].partitions[0].excluded == (STAFF,)
    assert [one.code for one in outcomes[-1].warnings] == ["CUSTOM_RULE_SHIFTED"]
    assert outcomes[-1].facts["not_applied"] == []
    assert len({rule.precedence for rule in blueprint.rules}) == len(blueprint.rules)


def test_a_modified_standard_rule_is_taken_in_its_place(stage, settings, first):
    def modified(one):
        return replace(one, description="changed by hand") if one.name == "In from AD - User Common" else one

    first.save_rules([modified(one) for one in first.rules().values()])
    _, blueprint = run_wizard(importing(stage, settings()), stage.state())
    (rule,) = [one for one in blueprint.rules if one.name == "In from AD - User Common"]
    assert rule.description == "changed by hand"
    assert rule.connector == blueprint.connectors[0].identifier


def test_a_container_made_since_the_export_stays_out_where_new_ones_were_to(stage, settings, first):
    sales, later = f"OU=Sales,{STAFF}", f"OU=Later,{STAFF}"
    for connector in list(first.connectors.values())[:1]:
        kept = replace(connector.partitions[0], included=(STAFF, sales), excluded=(), new_containers=False)
        first.save_connector(connector.with_(partitions=(kept,)))
    stage.forest.tree = tuple(Container(dn, dn, "organizationalUnit") for dn in (STAFF, sales, later))
    outcomes, blueprint = run_wizard(importing(stage, settings()), stage.state())
    assert blueprint is not None, outcomes[-1].message
    partition = blueprint.connectors[0].partitions[0]
    assert (partition.included, partition.new_containers) == ((STAFF, sales), False)


def test_a_feature_nobody_applies_is_named(stage, settings, first):
    first.save_setting("Microsoft.OptionalFeature.FilterAAD", "True")
    first.save_setting("Microsoft.OptionalFeature.Unheard", "True")
    outcomes, _ = run_wizard(importing(stage, settings()), stage.state())
    told = outcomes[-1].facts["not_applied"]
    assert [one.split(" was")[0] for one in told] == ["App and attribute filtering", "The feature Unheard"]


def test_nobody_stops_at_a_page_the_file_answers(stage, settings):
    run = WizardRun(importing(stage, settings()), stage.state())
    shown = []
    while run.page and run.page != "Configure":
        shown.append(run.page)
        assert not run.next().refused
    assert shown == [
        "Welcome",
        "Express settings",
        "Install required components",
        "User sign-in",
        "Connect to Microsoft Entra ID",
        "Connect your directories",
        "Ready to configure",
    ]


def broken(text):
    return text[:-20]


def no_directory(text):
    return json.dumps({**json.loads(text), "onpremisesDirectories": []})


def generic(text):
    return text.replace("Active Directory Domain Services", "Generic LDAP (Microsoft)")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (broken, "SETTINGS_UNREADABLE"),
        (no_directory, "SETTINGS_INCOMPLETE"),
        (generic, "IMPORT_GENERIC_CONNECTOR"),
    ],
)
def test_files_that_are_refused(stage, settings, change, code):
    state = stage.state()
    answers = importing(stage, settings(change))
    refused = chosen(answers, state)
    assert refused is not None
    assert refused.code == code
    written = len(stage.tenant.writes)
    outcomes, blueprint = run_wizard(answers, state)
    assert len(stage.tenant.writes) == written
    assert (outcomes[-1].page, outcomes[-1].code, blueprint) == ("Install required components", code, None)


def test_a_missing_file(stage, tmp_path):
    answers = importing(stage, tmp_path / "nowhere.JSON")
    assert chosen(answers, stage.state()).code == "SETTINGS_UNREADABLE"
    assert carried_over(answers) is answers


def test_a_rule_of_an_unknown_connector_stops_the_last_page(stage, settings, first):
    unknown = "99999999-2222-4333-8444-555555555555"
    first.save_rules([*first.rules().values(), like(first, "Lost", precedence=51, connector=unknown)])
    outcomes, _ = run_wizard(importing(stage, settings()), stage.state())
    assert outcomes[-1].code == "IMPORT_CONNECTOR_UNKNOWN"


def test_a_file_is_read_again_when_it_is_another_one(settings):
    path = settings()
    assert read_settings(path).entra.join_criteria == "Mail"
    settings(lambda text: text.replace('"joinCriteria": "Mail"', '"joinCriteria": "AlwaysProvision"'))
    os.utime(path, ns=(1, 1))
    assert read_settings(path).entra.join_criteria == "AlwaysProvision"


def test_an_existing_database_ends_in_staging_mode(stage):
    answers = stage.custom(switches=Switches(use_existing_database=True))
    assert carried_over(answers).staging
    assert not carried_over(stage.custom()).staging
