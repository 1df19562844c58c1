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
