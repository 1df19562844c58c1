"""A new forest: its root domain, its first controller, and the naming contexts an installation leaves behind.

One domain with one controller is emulated; asking for more is refused. Source: MS-ADTS 6.1.1; facts "directory" section 6.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from emulators.directory.core import built_in, configuration_nc, identity, names, schema_nc
from emulators.directory.core.forest import Clock, Controller, Domain, Forest, Options
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.partition import Partition
from emulators.directory.core.populate import populate
from emulators.directory.core.schema import load_schema
from emulators.directory.core.security_descriptor import from_sddl
from emulators.directory.core.times import to_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

SITE = "Default-First-Site-Name"


def new_forest(
    name: str,
    *,
    clock: Clock,
    seed: int | str,
    admin_password: str,
    netbios: str | None = None,
    controllers: Sequence[str] = ("DC1",),
    options: Options | None = None,
) -> Forest:
    """Create a forest with one domain. Everything random comes from ``seed``; the same seed gives the same octets."""
    if len(controllers) != 1:
        raise ValueError(f"not emulated yet: {len(controllers)} domain controllers (one is)")
    options = options or Options()
    random = Random(f"{seed}/directory/{name}")
    dns = name.lower()
    domain = Domain(
        dns,
        (netbios or dns.split(".", maxsplit=1)[0]).upper()[:15],
        names.domain_dn(name),
        identity.new_domain_sid(random),
    )
    controller = Controller(controllers[0].upper(), domain, SITE, identity.new_guid(random))
    forest = Forest(load_schema(options.exchange), clock, random, [domain], [controller], options)
    configuration = forest.configuration_dn
    controller.partitions = [Partition(forest, controller, dn) for dn in (domain.dn, configuration, forest.schema_dn)]

    def octets(sddl: str) -> bytes:
        return forest.descriptors.intern(from_sddl(sddl, domain.sid, domain.sid)).octets

    gone = octets(built_in.DELETED_SDDL)
    dsa = configuration_nc.dsa_dn(configuration, controller)
    rows = [
        *built_in.domain_rows(
            domain,
            controller,
            dsa,
            options.functional_level,
            gone,
            octets(built_in.ADMIN_HOLDER_SDDL),
            octets(built_in.DOMAIN_SDDL),
        ),
        *configuration_nc.configuration_rows(
            domain, controller, options, configuration, octets(configuration_nc.CONFIGURATION_SDDL), gone
        ),
        *schema_nc.schema_rows(forest, octets(configuration_nc.SCHEMA_SDDL), dsa),
    ]
    populate(forest, rows)
    controller.partitions[2].fill = schema_nc.fill
    set_administrator_password(forest, admin_password)
    return forest


def set_administrator_password(forest: Forest, password: str) -> None:
    """Give the built-in Administrator a password, whatever the policy."""
    controller = forest.controllers[0]
    found = controller.domain_partition.indexes.find("objectsid", identity.with_rid(forest.root.sid, 500))
    administrator = found[0]
    administrator.secrets = {"unicodepwd": (nt_hash(password),)}
    administrator.attributes["pwdlastset"] = (str(to_ticks(forest.clock.now())).encode(),)
