"""Optional features: emulated, not offered, not emulated."""

from __future__ import annotations

import pytest

from engine.setup.answers import Feature
from engine.setup.pages.optional_features import EMULATED, optional_features


@pytest.mark.parametrize("feature", sorted(set(Feature) - EMULATED))
def test_what_is_not_emulated_refuses(stage, walk, feature) -> None:
    answers = stage.custom(features=frozenset({feature}))
    outcome = optional_features(answers, walk(answers))
    assert outcome.code == "FEATURE_NOT_EMULATED"
    assert feature in outcome.message


@pytest.mark.parametrize(("exchange", "code"), [(True, ""), (False, "FEATURE_NOT_OFFERED")])
def test_exchange_hybrid_needs_the_schema(stage, walk, exchange, code) -> None:
    stage.change_forest(exchange_schema=exchange)
    answers = stage.custom(features=frozenset({Feature.EXCHANGE_HYBRID}))
    assert optional_features(answers, walk(answers)).code == code
