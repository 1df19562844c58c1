"""What is sealed with the public key is opened with the private one, and with nothing else."""

from __future__ import annotations

import base64

import pytest

from emulators.tenant.sealing import readable_key, seal
from engine.connectors.entra.sealed_password import PasswordKey, SealBroken

KEY = PasswordKey(bytes(range(32)))


@pytest.mark.parametrize("password", ["Aa1-harbour-2026", "Pässwörd-Ünïque", "🔑" * 40, ""])
def test_the_other_side_seals_and_this_one_opens(password: str) -> None:
    assert KEY.open(seal(KEY.public, password)) == password


def test_each_sealing_looks_different_and_shows_nothing() -> None:
    sealed = {seal(KEY.public, "Aa1-harbour-2026") for _ in range(3)}
    assert len(sealed) == 3
    assert all(b"harbour" not in base64.b64decode(one) for one in sealed)


def test_another_key_a_changed_text_and_rubbish_do_not_open() -> None:
    sealed = seal(KEY.public, "Aa1-harbour-2026")
    octets = bytearray(base64.b64decode(sealed))
    octets[-1] ^= 1
    with pytest.raises(SealBroken):
        PasswordKey(bytes(range(1, 33))).open(sealed)
    for broken in (base64.b64encode(octets).decode(), "", "no base64!", sealed[:20]):
        with pytest.raises(SealBroken):
            KEY.open(broken)


def test_a_stored_key_comes_back_and_shows_itself_nowhere() -> None:
    assert PasswordKey.of(KEY.stored).public == KEY.public
    assert KEY.stored not in repr(KEY)
    assert readable_key(KEY.public)
    assert not readable_key("short")


def test_a_point_of_small_order_is_no_key() -> None:
    assert not readable_key(base64.b64encode(bytes(32)).decode())
