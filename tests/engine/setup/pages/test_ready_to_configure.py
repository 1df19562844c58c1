"""Ready to configure: the two boxes."""

from __future__ import annotations

from engine.setup.pages.ready_to_configure import ready_to_configure


def test_boxes_are_shown(stage) -> None:
    outcome = ready_to_configure(stage.custom(staging=True, start_sync=False), stage.state())
    assert (outcome.facts["staging"], outcome.facts["start_sync"]) == (True, False)


def test_express_offers_no_staging(stage) -> None:
    assert ready_to_configure(stage.answers(staging=True), stage.state()).code == "EXPRESS_NO_STAGING"
