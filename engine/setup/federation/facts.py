"""What the pages of AD FS and PingFederate found out and Configure needs. Plain values; nothing secret among them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.connectors.federation.metadata import FederationMetadata


@dataclass(frozen=True, slots=True)
class FederationFacts:
    """verified: whether the domain to be federated is. trusted: whether the farm has a trust already.

    key_store: whether a key store for managed accounts has to be made. files: back-ups of the trust, name to text.
    """

    certificate_names: tuple[str, ...] = ()
    verified: bool = True
    trusted: bool = False
    key_store: bool = False
    identifier: str = ""
    metadata: FederationMetadata | None = None
