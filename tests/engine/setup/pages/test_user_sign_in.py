"""User sign-in, facts "install" section 6: what goes together with what."""

from __future__ import annotations

import pytest

from engine.setup.answers import SignIn
from engine.setup.pages.user_sign_in import user_sign_in


@pytest.mark.parametrize(
    ("sign_in", "single", "code"),
    [
        (SignIn.PASSWORD_HASH_SYNC, False, ""),
        (SignIn.DO_NOT_CONFIGURE, False, ""),
        (SignIn.PASS_THROUGH, False, ""),
        (SignIn.AD_FS, False, ""),
        (SignIn.PING_FEDERATE, False, ""),
        (SignIn.AD_FS, True, "SINGLE_SIGN_ON_NOT_OFFERED"),
        (SignIn.DO_NOT_CONFIGURE, True, "SINGLE_SIGN_ON_NOT_OFFERED"),
        (SignIn.PASSWORD_HASH_SYNC, True, ""),
        (SignIn.PASS_THROUGH, True, ""),
    ],
)
def test_choice(stage, sign_in, single, code) -> None:
    assert user_sign_in(stage.custom(sign_in=sign_in, single_sign_on=single), stage.state()).code == code
