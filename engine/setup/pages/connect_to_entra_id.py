"""Connect to Microsoft Entra ID: sign in as administrator, see whether the role is enough, read the company.

Source: seed001; facts "install" section 7 (CTE-01 to CTE-16), PRE-11 to PRE-13. What the product shows as a picture has
a code and a sentence of ours, under the heading the documents name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.connectors.entra.administrator_sign_in import SUFFICIENT, AdministratorFacts, SignInWindow
from engine.errors import EngineError
from engine.setup.answers import SetupAnswers, SignIn
from engine.setup.database.existing_database import wrong_tenant
from engine.setup.page import PageOutcome, Warned, WizardState, refuse

PAGE = "Connect to Microsoft Entra ID"
#: the documents' names of what can happen here
HEADINGS: Mapping[str, str] = {
    "AUTHORIZATION_FAILURE": "Authorization failure",
    "INVALID_GRANT": "Invalid grant",
    "PASSWORD_EXPIRED": "User password expired",
    "PIM_NOT_ACTIVATED": "Privileged Identity Management enabled",
    "REALM_DISCOVERY_FAILED": "User realm discovery failed",
    "ROLE_MISSING": "Microsoft Entra Global Administrator role needed",
}
HEALTH_AGENT = "health-agent"  # fact of the database
FEDERATED = (SignIn.AD_FS, SignIn.PING_FEDERATE)


def connect_to_entra_id(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Keep the session for the pages that follow; the credential itself is not kept."""
    window = SignInWindow(answers.challenge, answers.switches.interactive_auth)
    try:
        session = state.surroundings.sign_in(answers.tenant_name, answers.entra_admin, window)
        state.tenant = session
        administrator = session.administrator()
        problem = insufficient(administrator, answers.entra_admin.username)
        if problem is not None:
            return problem
        organization, _ = session.organization(), session.domains()
        state.company = company = session.company()
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, _headed(refusal.code, refusal.message))
    other = wrong_tenant(state, PAGE)
    if other is not None:
        return other
    return PageOutcome(
        PAGE,
        warnings=_warnings(answers, administrator),
        facts={
            "tenant": company.initial_domain,
            "organization": organization,
            "verified_domains": company.verified_domains,
            "anchor_policy": company.anchor_attribute,
            # a Hybrid Identity Administrator gets the agent, but may not register it (PRE-13)
            "health_agent": "enabled" if administrator.global_administrator else "disabled",
        },
    )


def health_agent(pages: Iterable[PageOutcome]) -> str:
    """The state of the Connect Health agent that an installation ends with; empty when nobody signed in."""
    return str(next((page.facts["health_agent"] for page in pages if "health_agent" in page.facts), ""))


def insufficient(administrator: AdministratorFacts, name: str) -> PageOutcome | None:
    """The role has to be held directly and now (CTE-08, CTE-09, PRE-12)."""
    if administrator.sufficient:
        return None
    needed = "Hybrid Identity Administrator or Global Administrator"
    if administrator.eligible & SUFFICIENT:
        text = f"{name} is eligible for a role that is not activated. Activate {needed} and sign in again."
        return refuse(PAGE, "PIM_NOT_ACTIVATED", _headed("PIM_NOT_ACTIVATED", text))
    if administrator.through_groups & SUFFICIENT:
        text = f"{name} holds the role through a group; it has to be assigned directly."
        return refuse(PAGE, "ROLE_NOT_DIRECT", text)
    return refuse(PAGE, "ROLE_MISSING", _headed("ROLE_MISSING", f"{name} is not a {needed}."))


def _headed(code: str, text: str) -> str:
    heading = HEADINGS.get(code, "")
    return text if not heading or text.startswith(heading) else f"{heading}: {text}"


def _warnings(answers: SetupAnswers, administrator: AdministratorFacts) -> tuple[Warned, ...]:
    name = answers.entra_admin.username
    found = []
    if administrator.synced:
        text = f"{name} is synchronized from on-premises. Avoid synchronized accounts for Microsoft Entra roles."
        found.append(Warned("SYNCED_ADMIN", text))
    domain = name.rpartition("@")[2].lower()
    chosen = [one.lower() for one in answers.federation.domains] if answers.federation is not None else [domain]
    if answers.sign_in in FEDERATED and domain in chosen and not domain.endswith(".onmicrosoft.com"):
        text = f"{name} is in {domain}; do not sign in with an account of a domain that will be federated."
        found.append(Warned("ADMIN_IN_FEDERATED_DOMAIN", text))
    return tuple(found)
