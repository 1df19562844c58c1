"""/domains: add, verify, change, federate, remove. Source: facts "tenant" 1.4, 3, 14."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok, text_key
from emulators.tenant.api.rendering import context, mixed
from emulators.tenant.core import domains
from emulators.tenant.core.domains import Domain
from emulators.tenant.core.refusals import bad_request, not_found
from emulators.tenant.core.signing_in.domain_federation import check_settings

READ = ("Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Domain.ReadWrite.All",)
FEDERATION = (
    "activeSignInUri", "displayName", "federatedIdpMfaBehavior", "isSignedAuthenticationRequestRequired", "issuerUri",
    "metadataExchangeUri", "nextSigningCertificate", "passiveSignInUri", "preferredAuthenticationProtocol",
    "promptLoginBehavior", "signOutUri", "signingCertificate",
)  # fmt: skip


def shown(domain: Domain) -> dict[str, Any]:
    return {
        "authenticationType": domain.authentication,
        "availabilityStatus": None,
        "id": domain.name,
        "isAdminManaged": True,
        "isDefault": domain.default,
        "isInitial": domain.initial,
        "isRoot": True,
        "isVerified": domain.verified,
        "supportedServices": list(domain.services) if domain.verified else [],
        "passwordValidityPeriodInDays": domain.password_validity_days,
        "passwordNotificationWindowInDays": domain.password_notification_days,
        "state": None,
    }


def list_domains(desk: Desk, call: Call) -> Answer:
    rows = [shown(domain) for domain in desk.tenant.domains.values()]
    return ok({"@odata.context": context(call, "domains"), "value": rows})


def create_domain(desk: Desk, call: Call) -> Answer:
    domain = domains.create(desk.tenant, text_key(call.json().get("id"), "id"))
    return ok({"@odata.context": context(call, "domains/$entity"), **shown(domain)}, 201)


def get_domain(desk: Desk, call: Call, key: str) -> Answer:
    return ok({"@odata.context": context(call, "domains/$entity"), **shown(domains.get(desk.tenant, key))})


def change_domain(desk: Desk, call: Call, key: str) -> Answer:
    domains.update(desk.tenant, key, call.json())
    return no_content()


def delete_domain(desk: Desk, call: Call, key: str) -> Answer:
    domains.remove(desk.tenant, key)
    return no_content()


def verify_domain(desk: Desk, call: Call, key: str) -> Answer:
    domain = domains.verify(desk.tenant, key)
    body = {"@odata.context": context(call, "domains/$entity"), **shown(domain)}
    return ok({**body, "availabilityStatus": "AvailableImmediately"})


def force_delete(desk: Desk, call: Call, key: str) -> Answer:
    domains.remove(desk.tenant, key, force=True)
    return no_content()


def references(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, domains.references(desk.tenant, key))


def verification_records(desk: Desk, call: Call, key: str) -> Answer:
    domain = domains.get(desk.tenant, key)
    record = {
        "@odata.type": "#microsoft.graph.domainDnsTxtRecord",
        "id": f"{domain.name}-txt",
        "isOptional": False,
        "label": domain.name,
        "recordType": "Txt",
        "supportedService": "Email",
        "ttl": 3600,
        "text": domains.verification_text(domain.name),
    }
    return ok({"@odata.context": context(call, f"domains('{domain.name}')/verificationDnsRecords"), "value": [record]})


def _federation(domain: Domain) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.internalDomainFederation", **(domain.federation or {})}


def list_federation(desk: Desk, call: Call, key: str) -> Answer:
    domain = domains.get(desk.tenant, key)
    rows = [_federation(domain)] if domain.federation is not None else []
    return ok({"@odata.context": context(call, f"domains('{domain.name}')/federationConfiguration"), "value": rows})


def create_federation(desk: Desk, call: Call, key: str) -> Answer:
    """Make a verified custom domain a federated one."""
    domain = domains.get(desk.tenant, key)
    if not domain.verified or domain.initial or domain.federation is not None:
        raise bad_request(f"The domain {domain.name} cannot be federated.")
    wanted = _read_federation(call.json())
    check_settings(desk.tenant, domain, wanted)
    domain.federation = {"id": desk.tenant.new_id(), **wanted}
    desk.tenant.record("tenant.domain.federated", domain=domain.name)
    return ok({"@odata.context": context(call, "federationConfiguration/$entity"), **_federation(domain)}, 201)


def change_federation(desk: Desk, call: Call, key: str, configuration: str) -> Answer:
    domain = _federated(desk, key, configuration)
    wanted = _read_federation(call.json())
    check_settings(desk.tenant, domain, wanted)
    domain.federation = {**(domain.federation or {}), **wanted}
    desk.tenant.record("tenant.domain.federation-changed", domain=domain.name, changed=sorted(wanted))
    return no_content()


def delete_federation(desk: Desk, call: Call, key: str, configuration: str) -> Answer:
    domain = _federated(desk, key, configuration)
    domain.federation = None
    desk.tenant.record("tenant.domain.managed", domain=domain.name)
    return no_content()


def _federated(desk: Desk, key: str, configuration: str) -> Domain:
    domain = domains.get(desk.tenant, key)
    if domain.federation is None or domain.federation["id"] != configuration:
        raise not_found(configuration)
    return domain


def _read_federation(body: dict[str, Any]) -> dict[str, Any]:
    wanted = {name: value for name, value in body.items() if not name.startswith("@") and name != "id"}
    for name, value in wanted.items():
        if name not in FEDERATION or not isinstance(value, str | bool | None):
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'internalDomainFederation'.")
    return wanted


ROUTES: tuple[Route, ...] = (
    Route("GET", "/domains", list_domains, READ),
    Route("POST", "/domains", create_domain, WRITE),
    Route("GET", "/domains/<key>", get_domain, READ),
    Route("PATCH", "/domains/<key>", change_domain, WRITE),
    Route("DELETE", "/domains/<key>", delete_domain, WRITE),
    Route("POST", "/domains/<key>/verify", verify_domain, WRITE),
    Route("POST", "/domains/<key>/forceDelete", force_delete, WRITE),
    Route("GET", "/domains/<key>/domainNameReferences", references, READ),
    Route("GET", "/domains/<key>/verificationDnsRecords", verification_records, READ),
    Route("GET", "/domains/<key>/federationConfiguration", list_federation, READ),
    Route("POST", "/domains/<key>/federationConfiguration", create_federation, WRITE),
    Route("PATCH", "/domains/<key>/federationConfiguration/<configuration>", change_federation, WRITE),
    Route("DELETE", "/domains/<key>/federationConfiguration/<configuration>", delete_federation, WRITE),
)
