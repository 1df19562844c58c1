"""What the composed server decides itself: the policy of the cycle after an initial one. Facts "engine" 16."""

from __future__ import annotations

from engine.scheduler import PolicyType, SchedulerSettings


def test_the_cycle_after_an_initial_one_is_a_delta_again(deploy) -> None:
    world = deploy(anchor="objectGUID")
    world.contoso.add("Ana")
    world.cycle(initial=True)
    kept = [SchedulerSettings(next_sync_cycle_policy_type=PolicyType.INITIAL)]
    world.server.scheduler_settings = lambda: kept[-1]
    world.server.save_scheduler_settings = kept.append
    cycles = [world.server.start_sync_cycle(PolicyType.UNSPECIFIED) for _ in range(2)]
    assert [cycle.policy for cycle in cycles] == [PolicyType.INITIAL, PolicyType.DELTA]
    assert [cycle.result for cycle in cycles] == ["success", "success"]
    assert kept[1:] == [SchedulerSettings()]  # stored once, and nothing else changed


def kept_after(deploy, ask: PolicyType, *, stop: bool = False) -> list[SchedulerSettings]:
    """What a server that should run Initial next has stored after one cycle."""
    server = deploy().server
    kept = [SchedulerSettings(next_sync_cycle_policy_type=PolicyType.INITIAL)]
    server.scheduler_settings = lambda: kept[-1]
    server.save_scheduler_settings = kept.append
    if stop:
        run_profile = server.run_profile

        def run_and_stop(*given):
            server.run_profile = run_profile
            server.stop_sync_cycle()
            return run_profile(*given)

        server.run_profile = run_and_stop
    server.start_sync_cycle(ask)
    return kept


def test_a_delta_asked_for_does_not_take_the_initial_one_that_is_due(deploy) -> None:
    assert len(kept_after(deploy, PolicyType.DELTA)) == 1
    assert len(kept_after(deploy, PolicyType.INITIAL)) == 2


def test_an_initial_cycle_that_was_stopped_is_still_due(deploy) -> None:
    assert len(kept_after(deploy, PolicyType.UNSPECIFIED, stop=True)) == 1
