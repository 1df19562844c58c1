"""Every choice an administrator makes in the wizard, and the machine the wizard runs on. Plain values.

Source: custom installation ("seed001"), facts "install" sections 3-14. Credentials live here while the wizard runs
and nowhere after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.setup.database.sql_instance import SqlInstance as SqlInstance

if TYPE_CHECKING:
    from engine.setup.federation.answers import FederationAnswers
    from engine.setup.predecessor.dirsync_settings import DirSyncInstallation, DirSyncUpgrade

DEFAULT_VERSION = "2.5.79.0"
DEFAULT_DATABASE = "ADSync"


class Mode(StrEnum):
    EXPRESS = "express"
    CUSTOM = "custom"


class SignIn(StrEnum):
    """The choices of the page "User sign-in"."""

    PASSWORD_HASH_SYNC = "password-hash-sync"  # noqa: S105 - a sign-in method, no secret
    PASS_THROUGH = "pass-through"  # noqa: S105
    AD_FS = "ad-fs"
    PING_FEDERATE = "ping-federate"
    DO_NOT_CONFIGURE = "do-not-configure"


class Identification(StrEnum):
    """How persons are found again across forests, page "Uniquely identifying your users"."""

    ONCE = "once"
    MAIL = "mail"
    OBJECT_SID = "object-sid"
    SAM_ACCOUNT_NAME_AND_MAIL_NICKNAME = "sam-account-name-and-mail-nickname"
    ATTRIBUTE = "attribute"


class Feature(StrEnum):
    """The boxes of the page "Optional features"."""

    EXCHANGE_HYBRID = "exchange-hybrid"
    EXCHANGE_MAIL_PUBLIC_FOLDERS = "exchange-mail-public-folders"
    APP_AND_ATTRIBUTE_FILTERING = "app-and-attribute-filtering"
    PASSWORD_HASH_SYNC = "password-hash-sync"  # noqa: S105
    PASSWORD_WRITEBACK = "password-writeback"  # noqa: S105
    GROUP_WRITEBACK = "group-writeback"
    DEVICE_WRITEBACK = "device-writeback"
    DIRECTORY_EXTENSIONS = "directory-extensions"


@dataclass(frozen=True, slots=True)
class Credential:
    """username: UPN, ``NETBIOS\\name`` or ``fqdn\\name`` as typed in; the password never appears in a text form."""

    username: str
    password: str = field(repr=False)


class AccountOption(StrEnum):
    """The two choices of the window "AD forest account"."""

    CREATE = "create"  # the credential is an Enterprise Admin, used once
    EXISTING = "existing"  # the credential is the connector account itself


@dataclass(frozen=True, slots=True)
class OuSelection:
    """What is ticked below one domain: container DNs; both empty is the whole domain.

    new_containers: whether a container made later is synchronized when the one above it is (DOF-03, DOF-04).
    """

    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    new_containers: bool = True


@dataclass(frozen=True)
class DirectoryAnswers:
    """One forest of the page "Connect your directories" with its part of the filtering pages.

    domains: selected ones by DNS name, None = all. ou_selection: by domain DNS name. group_filter: a group.
    """

    forest: str
    credential: Credential
    account: AccountOption = AccountOption.CREATE
    domains: tuple[str, ...] | None = None
    ou_selection: Mapping[str, OuSelection] = field(default_factory=dict)
    group_filter: str | None = None


@dataclass(frozen=True, slots=True)
class Components:
    """The page "Install required components". sql_instance None = LocalDB."""

    sql_instance: str | None = None
    database: str = DEFAULT_DATABASE
    location: str | None = None
    service_account: str | None = None
    service_password: str = field(default="", repr=False)  # of an account with a password of its own
    sync_groups: tuple[str, ...] = ()
    import_settings: str | None = None


@dataclass(frozen=True, slots=True)
class GroupWriteBackChoice:
    """The page "Writeback": DN of the container, its forest (the only one without it), and the box below."""

    container: str = ""
    forest: str = ""
    display_names: bool = False  # "Writeback group Distinguished Name with cloud Display Name"


@dataclass(frozen=True, slots=True)
class SourceAnchorChoice:
    """attribute None = "Let Azure manage the source anchor for me"."""

    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Switches:
    """What AzureADConnect.exe was started with."""

    skip_ldap_search: bool = False  # /SkipLdapSearch
    use_existing_database: bool = False  # /UseExistingDatabase
    force_export: bool = False  # /ForceExport (DirSync)
    migrate: bool = False  # /migrate (DirSync)
    interactive_auth: bool = False  # /InteractiveAuth


def closed_window(phone: str) -> str | None:
    """The person who closes the window when a second factor is asked, because nobody told of another."""
    del phone
    return None


@dataclass(frozen=True)
class SetupAnswers:
    """One run of the wizard. Express reads only: entra_admin, directories[0], start_sync, Exchange hybrid, switches."""

    entra_admin: Credential
    directories: tuple[DirectoryAnswers, ...]
    mode: Mode = Mode.EXPRESS
    tenant: str = ""  # any domain name of the tenant; empty = the suffix of the Entra administrator's name
    components: Components = field(default_factory=Components)
    sign_in: SignIn = SignIn.PASSWORD_HASH_SYNC
    single_sign_on: bool = False
    #: by forest; one left out is skipped
    single_sign_on_accounts: Mapping[str, Credential] = field(default_factory=dict)
    upn_attribute: str = "userPrincipalName"
    continue_without_verified_domains: bool = True
    identification: Identification = Identification.ONCE
    identification_attribute: str | None = None
    source_anchor: SourceAnchorChoice = field(default_factory=SourceAnchorChoice)
    features: frozenset[Feature] = frozenset()
    applications: tuple[str, ...] | None = None  # app filtering: the services used; None = all
    excluded_attributes: tuple[str, ...] = ()  # attribute filtering: by their names in Microsoft Entra ID
    extensions: tuple[str, ...] = ()  # directory extensions: attributes of the directory's schema
    group_writeback: GroupWriteBackChoice | None = None
    start_sync: bool = True
    staging: bool = False
    switches: Switches = field(default_factory=Switches)
    challenge: Callable[[str], str | None] = field(default=closed_window, compare=False, repr=False)
    federation: FederationAnswers | None = None
    dirsync: DirSyncUpgrade | None = None  # the upgrade from DirSync, where one was found or exported

    @property
    def tenant_name(self) -> str:
        """The name by which the tenant is looked up."""
        return (self.tenant or self.entra_admin.username.rpartition("@")[2]).lower()

    @property
    def password_hash_sync(self) -> bool:
        """PHS is on as the sign-in method or as an extra (USI-01, OPT-04)."""
        return self.sign_in is SignIn.PASSWORD_HASH_SYNC or Feature.PASSWORD_HASH_SYNC in self.features


@dataclass(frozen=True)
class HostMachine:
    """The server the wizard runs on. folder: of LocalDB's files; domain: the one it is joined to ("" = none)."""

    name: str
    folder: Path
    product_version: str = DEFAULT_VERSION
    domain: str = ""
    sql_instances: Mapping[str, SqlInstance] = field(default_factory=dict)
    tls12: bool = True
    operating_system: str = "Windows Server 2022"
    server_core: bool = False
    domain_controller: bool = False
    dotnet: str = "4.8"
    powershell: str = "5.1"
    dcom_registry_intact: bool = True
    domain_joined: bool = True
    memory_gb: int | None = None
    disk_gb: int | None = None
    signed_in_user: str = ""  # who runs the wizard's pages, DOMAIN\\name
    proxy_configured: bool = True  # whether machine.config names the proxy, where the network has one
    domain_groups: frozenset[str] = frozenset()  # group names known to be domain groups (IRC-11)
    managed_accounts: Mapping[str, str] = field(default_factory=dict)  # installed here: name to gMSA or sMSA
    dirsync: DirSyncInstallation | None = None  # the predecessor, where it is installed
