"""Names that nobody has: leftovers of an attempt that broke off do not stand in the way."""

from __future__ import annotations

from engine.setup.fresh_names import connector_account, server_identifier


def test_an_identifier_that_is_taken_is_not_used_again(stage, walk) -> None:
    first = server_identifier(walk(stage.custom()))
    stage.change_company(service_accounts=(f"SYNC_{first.upper()}@contoso.onmicrosoft.com",))
    again = server_identifier(walk(stage.custom()))  # the same seed, so the same first draw
    assert again != first
    assert again.startswith("SYNC1_")


def test_an_account_that_is_there_is_not_made_again(stage, walk) -> None:
    state = walk(stage.custom())
    first = connector_account(state.forests[0], state)
    stage.forest.create_account(first, "secret", "left behind")
    state = walk(stage.custom())
    assert connector_account(state.forests[0], state) != first
