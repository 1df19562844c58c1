"""Installing the provisioning agent: what the machine must be, the two administrators, the gMSA, registration.

Refusals carry codes of ours where the product shows pictures (decision D16). Source: cloud-sync how-to-prerequisites,
how-to-install; facts "tenant" 13.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from engine.clock import Clock
from engine.cloud_sync.agent import Observer, ProvisioningAgent, Registered
from engine.cloud_sync.managed_account import create_managed_account
from engine.cloud_sync.provisioning_service import register
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.partitions import ForestFacts, account_facts, read_forest
from engine.connectors.entra.service_refusal import ServiceFault
from engine.connectors.entra.tenant_client import WIZARD_CLIENT_ID, TenantAccount, TenantAddress, TenantClient
from engine.errors import EngineError
from engine.network import Network
from engine.setup.answers import Credential
from engine.setup.reached_systems import bind_name, directory_refusal, tenant_refusal
from engine.versions import version

VERSION = "1.1.1586.0"
#: version of the schema that knows group managed service accounts: forest level Windows Server 2012
GMSA_LEVEL = 5
_YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class AgentHost:
    """The machine: what of it the installer looks at."""

    name: str
    folder: Path
    operating_system: str = "Windows Server 2022"
    server_core: bool = False
    domain: str = "joined"
    tls12: bool = True
    dotnet: str = "4.8"
    execution_policy: str = "RemoteSigned"


@dataclass(frozen=True, slots=True)
class AgentAnswers:
    """What the installer is told. tenant: any domain name of it; domain: the AD domain the agent serves."""

    tenant: str
    entra_admin: Credential
    domain: str
    domain_admin: Credential
    account: str = "provAgentgMSA"


def check_host(host: AgentHost) -> None:
    """Raise for the first thing the machine lacks."""
    year = _YEAR.search(host.operating_system)
    if host.server_core or year is None or int(year[0]) < 2016:
        raise EngineError("AGENT_OS_UNSUPPORTED", "The provisioning agent needs Windows Server 2016 or later, no Core.")
    if not host.domain:
        raise EngineError("AGENT_NOT_DOMAIN_JOINED", "The server that hosts the provisioning agent must be joined.")
    if not host.tls12:
        raise EngineError("AGENT_TLS12_REQUIRED", "TLS 1.2 must be enabled before the provisioning agent is installed.")
    if version(host.dotnet) < version("4.7.1"):
        raise EngineError("AGENT_DOTNET_TOO_OLD", "The provisioning agent needs .NET Framework 4.7.1 or later.")
    if host.execution_policy not in ("Undefined", "RemoteSigned"):
        raise EngineError(
            "AGENT_EXECUTION_POLICY", "The PowerShell execution policy must be Undefined or RemoteSigned to register."
        )


def install_agent(
    answers: AgentAnswers,
    host: AgentHost,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    observer: Observer | None = None,
    wait: Callable[[float], None] | None = None,
) -> ProvisioningAgent:
    """Install, and start the service. What refuses leaves no agent behind; the account is made once and found again."""
    check_host(host)
    client = TenantClient(
        _tenant(network, answers.tenant),
        TenantAccount(answers.entra_admin.username, answers.entra_admin.password),
        clock=clock,
        ca_bundle=network.ca_bundle,
        server_name=host.name,
        wait=wait or (lambda seconds: None),
        identifiers=Random(f"{seed}/setup-requests"),
        client_id=WIZARD_CLIENT_ID,
        product_version=VERSION,
    )
    try:
        try:
            client.sign_in()
        except EngineError as refusal:
            raise tenant_refusal(refusal) from refusal
        facts, user, password = _prepare_directory(answers, network, seed)
        domain = facts.domain(answers.domain)
        assert domain is not None
        try:
            registration = register(client, host.name, domain.dns_name, VERSION)
        except EngineError as refusal:
            raise _registration_refusal(refusal) from refusal
    finally:
        client.close()
    registered = Registered(
        agent_id=registration.agent_id,
        machine=host.name,
        version=VERSION,
        tenant=answers.tenant,
        forest=facts.name,
        domain=domain.dns_name,
        domain_dn=domain.dn,
        netbios=domain.netbios,
        service_user=registration.user_name,
        service_password=registration.password,
        directory_user=user,
        directory_password=password,
    )
    path = host.folder / "AADConnectProvisioningAgent.dat"
    return ProvisioningAgent(registered, path, network=network, clock=clock, seed=seed, observer=observer, wait=wait)


def _tenant(network: Network, name: str) -> TenantAddress:
    try:
        return network.tenant(name)
    except EngineError as refusal:
        raise tenant_refusal(refusal) from refusal


def _registration_refusal(refusal: EngineError) -> EngineError:
    if isinstance(refusal, ServiceFault) and refusal.error_code in ("Authorization_RequestDenied", "403"):
        return EngineError("ROLE_MISSING", refusal.message)
    return tenant_refusal(refusal)


def _prepare_directory(answers: AgentAnswers, network: Network, seed: str) -> tuple[ForestFacts, str, str]:
    """Prove the domain administrator and make the gMSA; (forest, account name, its password)."""
    try:
        address = network.forest(answers.domain)
    except EngineError as refusal:
        raise EngineError("DIR_NET_FOREST_NAME", refusal.message) from refusal
    try:
        client = LdapClient.connect(address, ca_bundle=network.ca_bundle)
    except EngineError as refusal:
        raise directory_refusal(refusal, answers.domain) from refusal
    try:
        client.bind(bind_name(answers.domain_admin.username), answers.domain_admin.password)
        facts = read_forest(client)
        domain = facts.domain(answers.domain)
        if domain is None:
            raise EngineError("DIR_NET_FOREST_NAME", f"{answers.domain} is no domain of the forest {facts.name}.")
        if facts.functional_level < GMSA_LEVEL:
            raise EngineError("AGENT_GMSA_SCHEMA", "The schema of the forest must be of Windows Server 2012 or later.")
        who = account_facts(client, facts, answers.domain_admin.username)
        if who is None or not (who.domain_admin or who.enterprise_admin):
            text = "Domain or Enterprise Administrator credentials are needed to create the managed service account."
            raise EngineError("AGENT_NOT_DOMAIN_ADMIN", text)
        user, password = create_managed_account(client, domain, answers.account, seed)
        return facts, user, password
    except EngineError as refusal:
        raise directory_refusal(refusal, answers.domain) from refusal
    finally:
        client.close()
