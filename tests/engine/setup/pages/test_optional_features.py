"""Optional features: what each box asks of the surroundings, and what it is answered with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.setup.answers import Feature, Switches
from engine.setup.pages.optional_features import CHECKS, optional_features


def outcome_of(stage, walk, *features, **changes):
    answers = stage.custom(features=frozenset(features), **changes)
    return optional_features(answers, walk(answers))


def test_every_box_of_the_page_has_a_check() -> None:
    assert CHECKS.keys() == set(Feature)


@pytest.mark.parametrize("feature", [Feature.EXCHANGE_HYBRID, Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS])
@pytest.mark.parametrize(("exchange", "code"), [(True, ""), (False, "FEATURE_NOT_OFFERED")])
def test_exchange_needs_its_schema(stage, walk, feature, exchange, code) -> None:
    stage.change_forest(exchange_schema=exchange)
    outcome = outcome_of(stage, walk, feature)
    assert outcome.code == code
    if not code:
        assert feature in outcome.facts["offered"]


def test_one_forest_with_exchange_is_enough(stage, walk) -> None:
    other = stage.forests["fabrikam.com"] = replace(stage.forest)
    other.facts = replace(other.facts, name="fabrikam.com", exchange_schema=True)
    second = replace(stage.answers().directories[0], forest="fabrikam.com")
    directories = (stage.answers().directories[0], second)
    assert outcome_of(stage, walk, Feature.EXCHANGE_HYBRID, directories=directories).code == ""


@pytest.mark.parametrize(
    ("feature", "version", "code"),
    [
        (Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS, "1.1.486.0", "FEATURE_NOT_OFFERED"),
        (Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS, "1.1.524.0", ""),
        (Feature.DEVICE_WRITEBACK, "2.5.79.0", "FEATURE_NOT_OFFERED"),
        (Feature.APP_AND_ATTRIBUTE_FILTERING, "1.1.486.0", ""),
        (Feature.DIRECTORY_EXTENSIONS, "1.1.486.0", ""),
        (Feature.PASSWORD_HASH_SYNC, "1.1.486.0", ""),
    ],
)
def test_releases(stage, walk, feature, version, code) -> None:
    stage.host_changes = {"product_version": version}
    stage.change_forest(exchange_schema=True)
    assert outcome_of(stage, walk, feature).code == code


@pytest.mark.parametrize(
    ("version", "code"), [("1.0.8641.0", "FEATURE_NOT_OFFERED"), ("1.1.486.0", ""), ("2.5.79.0", "")]
)
def test_password_writeback_needs_its_service(stage, walk, version, code) -> None:
    stage.host_changes = {"product_version": version}
    assert outcome_of(stage, walk, Feature.PASSWORD_WRITEBACK).code == code


def test_no_writeback_beside_an_active_predecessor(stage, walk) -> None:
    """OPT-10: a parallel deployment leaves DirSync running."""
    beside = {"switches": Switches(migrate=True)}
    warned = outcome_of(stage, walk, Feature.PASSWORD_WRITEBACK, **beside)
    assert [one.code for one in warned.warnings] == ["WRITEBACK_BESIDE_DIRSYNC"]
    assert outcome_of(stage, walk, Feature.PASSWORD_HASH_SYNC, **beside).warnings == ()
    assert outcome_of(stage, walk, Feature.PASSWORD_WRITEBACK).warnings == ()
