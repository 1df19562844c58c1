"""What DirSync was configured to do, as its successor reads it: from the machine, or from the file of Export settings.

Source: how-to-dirsync-upgrade-get-started; facts "install" DSU-05 to DSU-07. The file's form is ours: the product's is
not documented.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError
from engine.rules.rule import AttributeFlow, Direction, FlowType, LinkType, ScopeClause, SyncRule
from engine.setup.answers import OuSelection, SetupAnswers

DEFAULT_VERSION = "1.0.7020.0"
#: From this number on the wizard expects more than three hours and recommends a second server (DSU-02, DSU-03).
PARALLEL_FROM = 50_000
#: Reason why a server that was upgraded in place on a full SQL Server does not upgrade itself (automatic upgrade page).
IN_PLACE_ON_SQL = "DirSyncInPlaceUpgradeNonLocalDb"
_FORM = "dirsync-settings/1"
_FILTER_PRECEDENCE = 50


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """An object of this type whose attribute has this value is not synchronized."""

    object_type: str
    attribute: str
    value: str


@dataclass(frozen=True)
class DirSyncForest:
    """domains: the selected ones by DNS name. ous: by domain DNS name, included and excluded containers."""

    name: str
    domains: tuple[str, ...] = ()
    ous: Mapping[str, OuSelection] = field(default_factory=dict)


@dataclass(frozen=True)
class DirSyncSettings:
    """sql_instance "" = SQL Server Express. removed_attributes, extension_dll: changes that were never supported."""

    tenant: str
    forests: tuple[DirSyncForest, ...]
    version: str = DEFAULT_VERSION
    sql_instance: str = ""
    objects: int = 0
    password_sync: bool = True
    exchange_hybrid: bool = False
    upn_attribute: str = "userPrincipalName"
    filters: tuple[AttributeFilter, ...] = ()
    removed_attributes: tuple[str, ...] = ()
    extension_dll: str = ""

    @property
    def parallel_recommended(self) -> bool:
        return self.objects >= PARALLEL_FROM

    @property
    def customisations(self) -> tuple[str, ...]:
        """What stands against an upgrade (DSU-07)."""
        found = [f"the attribute {name} was removed" for name in self.removed_attributes]
        if self.extension_dll:
            found.append(f"the rules extension {self.extension_dll} is not the shipped one")
        return tuple(found)


def write_settings(settings: DirSyncSettings, path: Path) -> None:
    """Write the file of the button Export settings; it holds no password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"form": _FORM, **asdict(settings)}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_settings(path: Path) -> DirSyncSettings:
    """Read the file that /migrate asks for. Raises ConfigurationError for anything else than such a file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _settings(document)
    except OSError as error:
        raise ConfigurationError(
            "DIRSYNC_SETTINGS_MISSING", f"The settings file cannot be read: {error.strerror or error}."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        text = f"{path.name} is no settings file of DirSync; export the settings again on the DirSync server."
        raise ConfigurationError("DIRSYNC_SETTINGS_INVALID", text) from None


def _settings(document: Any) -> DirSyncSettings:
    plain = dict(document)
    if plain.pop("form") != _FORM:
        raise ValueError
    plain["forests"] = tuple(
        DirSyncForest(str(one["name"]), tuple(map(str, one["domains"])), _selections(one["ous"]))
        for one in plain["forests"]
    )
    plain["filters"] = tuple(AttributeFilter(**one) for one in plain["filters"])
    plain["removed_attributes"] = tuple(map(str, plain["removed_attributes"]))
    made = DirSyncSettings(**plain)
    expected = (
        (made.tenant, str), (made.version, str), (made.sql_instance, str), (made.objects, int),
        (made.password_sync, bool), (made.exchange_hybrid, bool), (made.upn_attribute, str), (made.extension_dll, str),
    )  # fmt: skip
    if not all(isinstance(value, kind) for value, kind in expected) or not made.forests:
        raise TypeError
    return made


def _selections(plain: Mapping[str, Any]) -> dict[str, OuSelection]:
    return {
        str(name): OuSelection(tuple(one["included"]), tuple(one["excluded"]), bool(one["new_containers"]))
        for name, one in plain.items()
    }


def filter_rules(filters: tuple[AttributeFilter, ...], connector: str, identifiers: tuple[str, ...]) -> list[SyncRule]:
    """User-attribute filters as custom inbound rules that let an object go no further; one for each filter."""
    return [
        SyncRule(
            identifier=identifier,
            name=f"In from AD - {one.object_type.capitalize()} DirSync filter {one.attribute}",
            direction=Direction.INBOUND,
            connector=connector,
            source_object_type=one.object_type,
            target_object_type="person" if one.object_type in ("user", "inetOrgPerson", "contact") else "group",
            link_type=LinkType.JOIN,
            precedence=_FILTER_PRECEDENCE + place,
            flows=(AttributeFlow("cloudFiltered", FlowType.CONSTANT, constant="True"),),
            scope=((ScopeClause(one.attribute, "EQUAL", one.value),),),
            description="Carried over from DirSync",
            internal_identifier=identifier,
        )
        for place, (one, identifier) in enumerate(zip(filters, identifiers, strict=True))
    ]


@dataclass(frozen=True)
class DirSyncInstallation:
    """DirSync as the analysis finds it on a machine. accounts: forest (folded) to the logon name of its account."""

    settings: DirSyncSettings
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DirSyncUpgrade:
    """The administrator's part: the box "Continue upgrading DirSync on this computer", the file for /migrate.

    settings: what is carried over, once the wizard has read it; problem: code and text of a file it could not read.
    """

    continue_here: bool = False
    settings_file: Path | None = None
    settings: DirSyncSettings | None = None
    problem: tuple[str, str] | None = None


def automatic_upgrade(answers: SetupAnswers) -> tuple[str, str] | None:
    """State and suspension reason of automatic upgrade after an upgrade from DirSync; None where there was none."""
    if answers.dirsync is None or answers.dirsync.settings is None:
        return None
    if answers.components.sql_instance is None:
        return "Enabled", ""
    return ("Disabled", "") if answers.switches.migrate else ("Suspended", IN_PLACE_ON_SQL)


def persisted_state(answers: SetupAnswers) -> str:
    """How a server was set up, as automatic upgrade asks for it: express, dirsync or custom."""
    return "dirsync" if answers.dirsync is not None else str(answers.mode)
