"""Password write-back in the tenant: one relay, whoever sets it up last has it."""

from __future__ import annotations

import pytest

from emulators.tenant.core import password_writeback as writeback


def test_the_last_server_has_the_relay_and_cuts_the_one_before(tenant) -> None:
    first = writeback.onboard(tenant, "SYNC1", "key-1")
    line = writeback.connect(tenant)
    assert writeback.listening(tenant) == (line, "key-1")
    second = writeback.onboard(tenant, "SYNC2", "key-2")
    assert not line.up
    assert (writeback.knows(tenant, first), writeback.knows(tenant, second)) == (False, True)
    assert writeback.listening(tenant) is None


def test_only_its_own_server_gives_the_relay_up(tenant) -> None:
    writeback.onboard(tenant, "SYNC1", "key")
    writeback.offboard(tenant, "SYNC2")
    assert tenant.sync.has("PasswordWriteBack")
    writeback.offboard(tenant, "SYNC1")
    assert not tenant.sync.has("PasswordWriteBack")
    assert tenant.sync.writeback is None


def test_a_line_that_was_replaced_does_not_take_the_new_one_along(tenant) -> None:
    writeback.onboard(tenant, "SYNC1", "key")
    old = writeback.connect(tenant)
    new = writeback.connect(tenant)
    writeback.disconnected(tenant, old)
    assert tenant.writeback_line is new


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"Outcome": "set"}, None),
        ({"Outcome": "policy"}, "OnPremisesPolicyViolation"),
        ({"Outcome": "denied"}, "SSPR_0029"),
        ({"Outcome": "privileged"}, "OnPremisesPrivilegedAccount"),
        ({"Outcome": "nonsense"}, "OnPremisesError"),
        ({}, "OnPremisesError"),
        (None, "OnPremisesServiceUnavailable"),
    ],
)
def test_what_the_servers_word_means(answer, code) -> None:
    refusal = writeback.refusal_of(answer)
    assert (refusal[0] if refusal else None) == code


def test_no_secret_is_told(bench) -> None:
    secret = writeback.onboard(bench.tenant, "SYNC1", "key")
    assert secret not in repr(bench.records)
    assert secret not in repr(bench.tenant.sync)
