"""A forest on the stage, or a further domain of one: its directory service, its administrator's LDAP connection, and
how objects are found by name.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.certificates import Certificates
from harness.lab.ldap_client import BASE, SUBTREE, Entry, LdapConversation, LdapUnreachableError
from harness.lab.ldap_filters import escape
from harness.lab.named_files import load_ldif
from harness.lab.population import container_dn, domain_dn, forest_contents
from harness.lab.seeds import Seeds
from harness.refusal import ScenarioError
from harness.scenario.document import ForestDocument

if TYPE_CHECKING:
    from emulators.directory.service import DirectoryService

HOST = "127.0.0.1"
USER_FILTER = "(&(objectCategory=person)(objectClass=user))"


class Forest:
    """What actions and checks see of a forest: its root domain. A further domain is one of its own, with the forest's
    service and administrator.
    """

    def __init__(
        self,
        document: ForestDocument,
        service: DirectoryService,
        seeds: Seeds,
        certificates: Certificates,
        password: str,
    ) -> None:
        self.document = document
        self.service = service
        self.seeds = seeds
        self.admin_password = password
        self._certificates = certificates
        self._conversation: LdapConversation | None = None

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def base_dn(self) -> str:
        return domain_dn(self.name)

    @property
    def endpoints(self) -> dict[str, int]:
        """The ports of the domain's controller."""
        return self.service.domain_endpoints[self.name.lower()]

    @property
    def controller_dns(self) -> str:
        return f"{self.document.controllers[0]}.{self.name}"

    def populate(self, folder: Path) -> None:
        """Fill the forest below the protocol, in the reactor thread; raises ScenarioError for what it cannot hold."""
        if self.document.ldif:
            load_ldif(self.service, folder, self.document.ldif)
        contents = forest_contents(self.document, self.base_dn, self.seeds)
        try:
            self.service.populate(contents.entries)
            if contents.dangling:
                self.service.populate(contents.dangling, keep_references=True)
        except ValueError as error:
            raise ScenarioError(f"the forest {self.name} cannot hold {error}") from None

    # ---- the administrator's connection ----------------------------------------------------------------------------
    def ldap(self) -> LdapConversation:
        """Return the forest administrator's connection;
        made when first needed, over TLS as password changes need it.
        """
        if self._conversation is None:
            port = self.endpoints["ldaps"]
            conversation = LdapConversation(HOST, port, tls=self._certificates.client_context())
            conversation.bind(self.service.admin_dn, self.admin_password)
            self._conversation = conversation
        return self._conversation

    def hang_up(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def search(self, filter_text: str, attributes: Sequence[str] = (), **options: Any) -> list[Entry]:
        """Search the domain, connecting again when the directory dropped the connection."""
        base = options.pop("base", None) or self.base_dn
        try:
            return self.ldap().search(base, filter_text, attributes, **options)
        except LdapUnreachableError:
            self.hang_up()
            return self.ldap().search(base, filter_text, attributes, **options)

    # ---- finding objects -------------------------------------------------------------------------------------------
    def container(self, path: str) -> str:
        return container_dn(path, self.base_dn) if path else self.base_dn

    def find(self, name: str, attributes: Sequence[str] = (), *, deleted: bool = False) -> Entry:
        """Return the one object of that name: DN, logon name, UPN or common name."""
        found = self.find_all(name, attributes, deleted=deleted)
        if not found:
            raise ScenarioError(f"{self.name} has no {'deleted ' if deleted else ''}object called {name}")
        if len(found) > 1:
            places = "; ".join(entry.dn for entry in found[:4])
            raise ScenarioError(f"{len(found)} objects of {self.name} are called {name}: {places}")
        return found[0]

    def find_all(self, name: str, attributes: Sequence[str] = (), *, deleted: bool = False) -> list[Entry]:
        if "=" in name and not deleted:
            dn = name if name.lower().endswith(self.base_dn.lower()) else f"{name},{self.base_dn}"
            return self.search("(objectClass=*)", attributes, base=dn, scope=BASE)
        value = escape(name)
        if deleted:
            last = f"(|(sAMAccountName={value})(msDS-LastKnownRDN={value})(cn={value}\\0aDEL:*))"
            return self.search(f"(&(isDeleted=TRUE){last})", attributes, deleted=True)
        for key in ("sAMAccountName", "userPrincipalName", "cn", "ou", "displayName"):
            found = self.search(f"({key}={value})", attributes)
            if found:
                return found
        return []

    def find_in(
        self, container: str, filter_text: str, attributes: Sequence[str] = (), first: int | None = None
    ) -> list[Entry]:
        """Return the objects below a container, ordered by name, at most so many."""
        found = self.search(filter_text or USER_FILTER, attributes, base=self.container(container), scope=SUBTREE)
        found.sort(key=lambda entry: entry.dn.lower())
        return found if first is None else found[:first]


def readable(entry: Entry, binary: Iterable[str] = ()) -> dict[str, Any]:
    """Return an entry as a scenario sees it: text, lists for several values, Base64 for octets that are no text."""
    shown: dict[str, Any] = {"dn": entry.dn}
    always_binary = {name.lower() for name in (*BINARY, *binary)}
    for name, values in entry.attributes.items():
        items = [_readable_value(value, binary=name.lower() in always_binary) for value in values]
        multiple = len(items) != 1 or name in MULTI_VALUED
        shown[name] = items if multiple else items[0]
    return shown


BINARY = (
    "objectGUID", "objectSid", "mS-DS-ConsistencyGuid", "nTSecurityDescriptor", "sIDHistory", "thumbnailPhoto",
    "userCertificate", "msExchMasterAccountSid", "msExchMailboxGuid",
)  # fmt: skip
MULTI_VALUED = frozenset(
    {"member", "memberOf", "proxyAddresses", "objectClass", "otherMailbox", "servicePrincipalName"}
)


def _readable_value(value: bytes, *, binary: bool) -> str:
    if binary:
        return base64.b64encode(value).decode()
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
