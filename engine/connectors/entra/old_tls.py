"""TLS as a product before version 2 speaks it on a machine without TLS 1.2: 1.1 where it can be had, else 1.0.

Source: facts "install" PRE-01, PRE-02. A tenant of today refuses both.
"""

from __future__ import annotations

import ssl
import warnings

CURRENT = "1.2"
_VERSIONS = {"1.1": "TLSv1_1", "1.0": "TLSv1"}


def context_for(version: str, ca_bundle: str) -> ssl.SSLContext | None:
    """A context that goes no higher than the version; None where the library's own will do."""
    if version not in _VERSIONS:
        return None
    context = ssl.create_default_context(cafile=ca_bundle)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # the old versions need what today's level leaves out
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion[_VERSIONS[version]]
    return context
