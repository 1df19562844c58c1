"""A tenant on the stage: its service, the harness's own application in it, and what exists in it before the first
step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.lab.certificates import Certificates
from harness.lab.clock import VirtualClock
from harness.lab.cloud_administrators import establish
from harness.lab.graph_client import GraphClient
from harness.lab.seeds import Seeds
from harness.refusal import ScenarioError
from harness.scenario.document import CloudUser, TenantDocument

if TYPE_CHECKING:
    from emulators.tenant.service import TenantService

HOST = "127.0.0.1"
SYNCHRONIZATION = "directory/onPremisesSynchronization"
#: a plan that exists in every tenant of a world
LICENCE = "ENTERPRISEPACK"


class Tenant:
    """What actions and checks see of a tenant."""

    def __init__(
        self,
        document: TenantDocument,
        service: TenantService,
        seeds: Seeds,
        certificates: Certificates,
        clock: VirtualClock,
        password: str,
    ) -> None:
        self.document = document
        self.service = service
        self.seeds = seeds
        self.admin_password = password
        self._certificates = certificates
        self._clock = clock
        self._graph: GraphClient | None = None
        self.on_demand: dict[str, Any] | None = None  # what provisioning on demand showed last

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def base_url(self) -> str:
        return f"https://{HOST}:{self.service.endpoints['https']}"

    def graph(self) -> GraphClient:
        """Return the harness's Graph client; it signs in when first used."""
        if self._graph is None:
            self._graph = GraphClient(
                self.base_url,
                self.service.tenant_id,
                self.service.client_id,
                self.service.client_secret,
                ca_bundle=str(self._certificates.ca_bundle),
                clock=self._clock,
            )
        return self._graph

    def provisioning(self, operation: str, body: dict[str, Any]) -> Any:
        """Call the sync service as the tenant's administrator; only for what Graph cannot do."""
        return self.graph().provisioning(operation, body, self.service.admin_upn, self.admin_password)

    def registration(self, operation: str, body: dict[str, Any]) -> Any:
        """Call the registration service of agents and single sign-on as the tenant's administrator."""
        upn, password = self.service.admin_upn, self.admin_password
        return self.graph().provisioning(operation, body, upn, password, "register")

    def hang_up(self) -> None:
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def prepare(self) -> None:
        """Make what the tenant's description asks for, by the doors an administrator has."""
        document = self.document
        if document.anchor_policy:
            self.provisioning("SetDirSyncConfiguration", {"AnchorAttribute": document.anchor_policy})
        if document.features:
            self.set_features(dict(document.features))
        for user in document.users:
            self.add_user(user)
        for number in range(1, document.sync_accounts + 1):
            self.provisioning("GetServiceAccount", {"identifier": f"OLD{number:02d}_{number:012x}"})

    # ---- what several verbs share ----------------------------------------------------------------------------------
    def set_features(self, features: dict[str, Any]) -> None:
        self.graph().patch(f"{SYNCHRONIZATION}/{self.service.tenant_id}", {"features": features})

    def add_user(self, user: CloudUser) -> dict[str, Any]:
        """Create a cloud-only user."""
        login = user.upn.split("@")[0]
        body: dict[str, Any] = {
            "accountEnabled": True,
            "displayName": user.display_name or login,
            "mailNickname": user.mail_nickname or login,
            "userPrincipalName": user.upn,
            "passwordProfile": {
                "password": self.password_of(user.upn),
                "forceChangePasswordNextSignIn": user.administrator.get("temporary_password", False),
            },
            **user.attributes,
        }
        if user.immutable_id:
            body["onPremisesImmutableId"] = user.immutable_id
        made: dict[str, Any] = self.graph().post("users", body)
        if user.licence:
            self.assign_licence(made["id"], user.licence)
        if user.role:
            self.assign_role(made["id"], user.role)
        if user.administrator:
            establish(self, made, user)
        return made

    def password_of(self, upn: str) -> str:
        """The password this world made for a cloud user."""
        if upn.lower() == self.service.admin_upn.lower():
            return self.admin_password
        return self.seeds.password(f"{self.name}/{upn}")

    def assign_licence(self, identifier: str, licence: str) -> None:
        """Give a user a licence; a usage location is set first, as Graph demands it."""
        sku = self._sku(licence)
        user = self.graph().get(f"users/{identifier}", {"$select": "usageLocation"})
        if not user.get("usageLocation"):
            self.graph().patch(f"users/{identifier}", {"usageLocation": "US"})
        body = {"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []}
        self.graph().post(f"users/{identifier}/assignLicense", body)

    def _sku(self, licence: str) -> str:
        plans = self.graph().pages("subscribedSkus", {})
        found = [plan["skuId"] for plan in plans if plan.get("skuPartNumber", "").lower() == licence.lower()]
        if not found:
            names = ", ".join(sorted(plan.get("skuPartNumber", "") for plan in plans))
            raise ScenarioError(f"the tenant has no licence plan {licence}; it has {names or 'none'}")
        return str(found[0])

    def role(self, name: str) -> str:
        """Return the definition of a directory role by its name."""
        definitions = self.graph().pages("roleManagement/directory/roleDefinitions", {})
        found = [one["id"] for one in definitions if one.get("displayName", "").lower() == name.lower()]
        if not found:
            names = ", ".join(sorted(one.get("displayName", "") for one in definitions))
            raise ScenarioError(f"the tenant has no role {name}; it has {names or 'none'}")
        return str(found[0])

    def assign_role(self, identifier: str, role: str) -> None:
        """Give a user a directory role by its name."""
        body = {"principalId": identifier, "roleDefinitionId": self.role(role), "directoryScopeId": "/"}
        self.graph().post("roleManagement/directory/roleAssignments", body)

    def remove_role(self, identifier: str, role: str) -> None:
        """Take a directory role from a user."""
        wanted = (identifier, self.role(role))
        assignments = self.graph().pages("roleManagement/directory/roleAssignments", {})
        found = [one["id"] for one in assignments if (one["principalId"], one["roleDefinitionId"]) == wanted]
        if not found:
            raise ScenarioError(f"the user does not hold the role {role}")
        self.graph().delete(f"roleManagement/directory/roleAssignments/{found[0]}")

    def find_user(self, name: str, select: str = "id,userPrincipalName,displayName") -> dict[str, Any]:
        """Return the one user of that id, UPN or display name."""
        users = self.graph().collection("users", select.split(","))
        folded = name.lower()
        for key in ("id", "userPrincipalName", "displayName"):
            found = [user for user in users if str(user.get(key, "")).lower() == folded]
            if len(found) > 1:
                raise ScenarioError(f"{len(found)} users of {self.name} have the {key} {name}")
            if found:
                return found[0]
        raise ScenarioError(f"{self.name} has no user called {name}")
