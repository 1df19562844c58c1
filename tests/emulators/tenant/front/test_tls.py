"""Which TLS versions a tenant speaks."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def spoken(listener: Any, version: str) -> str:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    url = urllib3.util.parse_url(listener.base)
    with socket.create_connection((url.host, url.port), 5) as plain, context.wrap_socket(plain) as secured:
        return str(secured.version())


@pytest.mark.parametrize(
    ("minimum", "version", "works"),
    [
        ("1.2", "TLSv1_2", True),
        ("1.2", "TLSv1_1", False),
        ("1.2", "TLSv1", False),
        ("1.1", "TLSv1_1", True),
        ("1.1", "TLSv1", False),
        ("1.0", "TLSv1", True),
        ("1.0", "TLSv1_3", True),
    ],
)
def test_what_is_spoken(start_listener: Callable[..., Any], minimum: str, version: str, works: bool) -> None:
    listener = start_listener(minimum_tls=minimum)
    if works:
        assert spoken(listener, version)
    else:
        with pytest.raises(OSError, match=r"(?i)alert|reset|eof|protocol"):
            spoken(listener, version)
