"""The certificate authority of one world: trusted by its servers, known to nobody else, gone with the world."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

HOST_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """ca_bundle: the file clients trust; chain_pem and key_pem: what listeners present."""

    ca_bundle: Path
    ca_pem: bytes
    chain_pem: bytes
    key_pem: bytes

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.ca_pem.decode())


def make_certificates(folder: Path, names: tuple[str, ...] = ()) -> Certificates:
    """Make a CA and one leaf for loopback and the given names; only the CA's certificate reaches the disk."""
    authority = trustme.CA(organization_name="Anchorage", organization_unit_name="one world")
    leaf = authority.issue_cert(*HOST_NAMES, *names, common_name="127.0.0.1")  # the LDAP tools insist on one
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    ca_pem = authority.cert_pem.bytes()
    bundle = folder / "ca.pem"
    bundle.write_bytes(ca_pem)
    os.chmod(bundle, 0o600)
    return Certificates(bundle, ca_pem, chain, leaf.private_key_pem.bytes())
