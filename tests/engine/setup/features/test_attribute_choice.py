"""From answers to settings to rules: services, attributes, extensions, public folders."""

from __future__ import annotations

import pytest

from engine.rules.standard import APPLICATIONS
from engine.setup.answers import Feature
from engine.setup.features.attribute_choice import filter_settings, listed_attributes, rule_choices, with_public_folders

FILTERED = frozenset({Feature.APP_AND_ATTRIBUTE_FILTERING})


def test_without_the_box_everything_goes(stage) -> None:
    settings = filter_settings(stage.custom(applications=("Intune",), excluded_attributes=("title",)))
    assert rule_choices(settings)["applications"] is None
    assert rule_choices(settings)["excluded_attributes"] == frozenset()


@pytest.mark.parametrize(("chosen", "kept"), [(None, APPLICATIONS), (("Intune",), ("Intune",)), ((), ())])
def test_the_services_of_today_are_kept_by_name(stage, chosen, kept) -> None:
    """A service of a later release is not among them."""
    answers = stage.custom(features=FILTERED, applications=chosen, excluded_attributes=("title", "mobile"))
    found = rule_choices(filter_settings(answers))
    assert (found["applications"], found["excluded_attributes"]) == (kept, {"title", "mobile"})


def test_nothing_is_known_of_an_old_server() -> None:
    found = rule_choices({})
    assert (found["applications"], found["extensions"], found["mail_public_folders"]) == (None, (), False)


def test_one_list_for_all_types() -> None:
    assert {"member", "givenName", "proxyAddresses"} <= set(listed_attributes(()))
    assert "department" not in listed_attributes(("Intune",))
    assert set(listed_attributes(("Intune",))) < set(listed_attributes(APPLICATIONS))


@pytest.mark.parametrize(
    ("features", "types"), [((), ("user",)), ([Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS], ("user", "publicFolder"))]
)
def test_public_folders_are_selected_with_their_box(stage, features, types) -> None:
    assert with_public_folders(("user",), stage.custom(features=frozenset(features))) == types
