"""The answers to the wizard's pages about AD FS and PingFederate, with the credentials of this world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab

WRONG = "Wr0ng-password!"


def federation_answers(lab: Lab, given: Mapping[str, Any]) -> Any:
    """Return the answers that ``install: {federation: ...}`` or a task stands for; None when nothing is said."""
    from engine.setup.federation.answers import FederationAnswers

    if not given:
        return None
    certificate = None
    if given.get("certificate"):
        certificate = place(lab).pfx(given["certificate"], given.get("certificate_password"))
    servers = tuple(given.get("servers") or ())
    proxies = tuple(given.get("proxies") or ())
    domains = tuple(given.get("domains") or ()) or ((given["domain"],) if given.get("domain") else ())
    return FederationAnswers(
        domains=domains,
        farm=given.get("farm", ""),
        new_farm=not given.get("existing", False),
        certificate=certificate,
        servers=servers,
        proxies=proxies,
        domain_admin=_who(lab, given.get("admin", "domain"), servers),
        proxy_admin=_who(lab, given.get("proxy_admin", "local"), proxies) if proxies else None,
        proxy_trust=_who(lab, given["proxy_trust"], servers) if given.get("proxy_trust") else None,
        service_account=_service_account(lab, given.get("service_account") or {}),
        server_url=given.get("server", ""),
        port=given.get("port", 9031),
    )


def place(lab: Lab) -> Any:
    """The federation servers of the world; a world without them has nothing to answer about."""
    if lab.federation is None:
        raise ScenarioError("this world has no federation: say so under world.federation")
    return lab.federation


def _who(lab: Lab, who: str, machines: tuple[str, ...]) -> Any:
    from engine.setup.answers import Credential

    forest = next(iter(lab.forests.values()))
    match who:
        case "none":
            return None
        case "local":
            name = machines[0] if machines else ""
            return Credential(f"{name}\\Administrator", lab.seeds.password(f"machine/{name}/local"))
        case "wrong":
            return Credential(f"{forest.document.netbios}\\Administrator", WRONG)
    return Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)


def _service_account(lab: Lab, given: Mapping[str, Any]) -> Any:
    from engine.setup.answers import Credential
    from engine.setup.federation.answers import ServiceAccountAnswers, ServiceAccountKind

    forest = next(iter(lab.forests.values()))
    kind = ServiceAccountKind(given.get("kind", "create-managed"))
    name = given.get("name", "aadcsvc")
    credential = None
    if kind is ServiceAccountKind.DOMAIN_USER:
        password = given.get("password") or lab.seeds.password(f"{forest.name}/{name}")
        credential = Credential(f"{forest.document.netbios}\\{name}", password)
    elif given.get("key_store", "enterprise-admin") == "enterprise-admin":
        credential = Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
    return ServiceAccountAnswers(kind, name, credential)
