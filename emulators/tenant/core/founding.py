"""A new tenant: its domains, its first administrator and the application the harness signs in with. Ids come from the
seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulators.tenant.core import cloud_users, domains, roles
from emulators.tenant.core.applications import GRAPH_PERMISSIONS, Application, hash_secret
from emulators.tenant.core.background import SWEEP
from emulators.tenant.core.moments import graph_time
from emulators.tenant.core.settings import read_settings
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.core.tenant import Recorder, Tenant

ADMIN_NAME = "admin"
HARNESS_APPLICATION = "Anchorage harness"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the founder learns and nobody else: the application's secret and the names that go with it."""

    client_id: str
    client_secret: str
    admin_upn: str


class WrongDescription(ValueError):
    """A tenant cannot be founded as described."""


def found(
    *,
    initial_domain: str,
    verified_domains: tuple[str, ...],
    display_name: str,
    settings: Mapping[str, object],
    seed: int | str,
    admin_password: str,
    now: Callable[[], datetime],
    recorder: Recorder | None = None,
) -> tuple[Tenant, Keys]:
    """Make a tenant with one Global Administrator and one application that holds every Graph permission."""
    initial = initial_domain.lower()
    if not initial.endswith(".onmicrosoft.com") or not domains.NAME.fullmatch(initial):
        raise WrongDescription(f"the initial domain of a tenant ends in .onmicrosoft.com, {initial_domain} does not")
    names = tuple(name.lower() for name in verified_domains if name.lower() != initial)
    for name in names:
        if not domains.NAME.fullmatch(name):
            raise WrongDescription(f"{name} is no domain name")
    draw = random.Random(f"{seed}/tenant/{initial}")
    tenant = Tenant(
        tenant_id="",
        initial_domain=initial,
        display_name=display_name or initial.partition(".")[0].capitalize(),
        settings=read_settings(settings),
        now=now,
        draw=draw,
        recorder=None,
    )
    tenant.tenant_id = tenant.new_id()
    domains.plant(tenant, initial, names)
    for wire_name, on in tenant.settings.features.items():
        if wire_name not in BITS:
            raise WrongDescription(f"there is no feature {wire_name}; known are {', '.join(BITS)}")
        tenant.sync.features = tenant.sync.features | BITS[wire_name] if on else tenant.sync.features & ~BITS[wire_name]
    admin = cloud_users.create_account(tenant, f"{ADMIN_NAME}@{initial}", admin_password, "Tenant Administrator")
    roles.assign(tenant, roles.GLOBAL_ADMINISTRATOR, admin)
    secret = f"{draw.getrandbits(240):060x}"
    application = Application(
        tenant.new_id(), tenant.new_id(), HARNESS_APPLICATION, hash_secret(secret), GRAPH_PERMISSIONS
    )
    tenant.applications[application.client_id] = application
    tenant.next_sweep = graph_time(now() + timedelta(0) + SWEEP)
    tenant.recorder = recorder
    return tenant, Keys(application.client_id, secret, f"{ADMIN_NAME}@{initial}")
