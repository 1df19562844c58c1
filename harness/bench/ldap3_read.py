"""The peer of row 7: ldap3 reads all people, paged, with all attributes, in a process of its own.

Reads where from its input (JSON), writes how long it took (JSON). Run as ``python -m harness.bench.ldap3_read``.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time
from typing import Any

PAGE = 1000
PEOPLE = "(&(objectCategory=person)(objectClass=user))"


def read(where: dict[str, Any], *, with_schema: bool) -> dict[str, float]:
    """Return entries, wall and CPU seconds of one read; connecting and binding are not counted."""
    import ldap3

    server = ldap3.Server(where["host"], where["port"], get_info=ldap3.SCHEMA if with_schema else ldap3.NONE)
    connection = ldap3.Connection(server, where["user"], where["password"], auto_bind=True)
    wall, busy, entries = perf_counter(), process_time(), 0
    for _ in connection.extend.standard.paged_search(
        where["base"], PEOPLE, attributes=[ldap3.ALL_ATTRIBUTES], paged_size=PAGE, generator=True
    ):
        entries += 1
    taken = {"entries": float(entries), "wall": perf_counter() - wall, "cpu": process_time() - busy}
    connection.unbind()
    return taken


def main() -> None:
    where = json.load(sys.stdin)
    plain, typed = read(where, with_schema=False), read(where, with_schema=True)
    json.dump({"plain": plain, "with-schema": typed}, sys.stdout)


if __name__ == "__main__":
    main()
