"""Compare."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("mail", b"ANA@contoso.com", ResultCode.COMPARE_TRUE),
        ("mail", b"x", ResultCode.COMPARE_FALSE),
        ("objectClass", b"person", ResultCode.COMPARE_TRUE),
        ("title", b"x", ResultCode.NO_SUCH_ATTRIBUTE),
        ("nope", b"x", ResultCode.NO_SUCH_ATTRIBUTE),
        ("unicodePwd", b"x", ResultCode.NO_SUCH_ATTRIBUTE),
    ],
)
def test_compare(admin: Any, attribute: str, value: bytes, code: ResultCode) -> None:
    dn = admin.user("Ana", mail="ana@contoso.com")
    admin.expect(r.Compare(dn, attribute, value), code)
