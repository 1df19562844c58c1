"""Everything random of a world: one stream per purpose, all from the world's seed. No bare random, no uuid4."""

from __future__ import annotations

import base64
import random
import string
import uuid


class Seeds:
    """Hands out one random.Random per purpose and remembers where each stands."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def stream(self, purpose: str) -> random.Random:
        """Return the stream of a purpose; the same one each time."""
        if purpose not in self._streams:
            self._streams[purpose] = random.Random(f"{self.seed}/{purpose}")
        return self._streams[purpose]

    def fresh(self, purpose: str) -> random.Random:
        """Return a stream that starts from the beginning."""
        return random.Random(f"{self.seed}/{purpose}")

    def password(self, purpose: str) -> str:
        """Return the password of a purpose: the same one each time, strong enough for every policy."""
        stream = self.fresh(f"password/{purpose}")
        signs = string.ascii_letters + string.digits
        return "Aa1-" + "".join(stream.choice(signs) for _ in range(16))

    def guid(self, purpose: str) -> uuid.UUID:
        """Return a new GUID from the stream of a purpose."""
        return uuid.UUID(int=self.stream(purpose).getrandbits(128), version=4)

    def snapshot(self) -> dict[str, object]:
        return {purpose: stream.getstate() for purpose, stream in sorted(self._streams.items())}

    def restore(self, state: dict[str, object]) -> None:
        self._streams = {}
        for purpose, one in state.items():
            self.stream(purpose).setstate(one)  # type: ignore[arg-type]


def guid_octets(text: str) -> bytes:
    """Return the sixteen octets in which Active Directory stores a GUID (little-endian)."""
    return uuid.UUID(text).bytes_le


def guid_base64(text: str) -> str:
    """Return a GUID as the tenant shows it in onPremisesImmutableId."""
    return base64.b64encode(guid_octets(text)).decode()
