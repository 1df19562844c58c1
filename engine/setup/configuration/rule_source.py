"""Rules from wherever they are kept: an exported server configuration, single rule files, the editor's scripts, the
wizard's policy file; and what they can be checked against. Source: facts "engine" 18.2, 19.1, 19.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.connectors.entra.entra_schema import ENTRA_SCHEMA
from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.checking import SUPPLIED_PARAMETERS, Surroundings
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.place import ReadRule
from engine.rules.rule import SyncRule
from engine.rules.rule_script import examine_script
from engine.rules.rule_xml import examine_rule
from engine.setup.configuration.server_configuration import (
    CONNECTORS,
    RULES,
    ServerConfiguration,
    examine_server_configuration,
)
from engine.setup.settings.policy_writing import policy_of, policy_of_rules
from engine.setup.settings.synchronization_policy import SynchronizationPolicy, examine_policy

XML, SCRIPT, POLICY = ".xml", ".ps1", ".json"


def new_installation() -> Surroundings:
    """What rules without a server around them are checked against: the schemas every server is installed with."""
    return Surroundings(
        {ENTRA_CONNECTOR_ID: ENTRA_SCHEMA}, METAVERSE_SCHEMA, SUPPLIED_PARAMETERS, new_installation=True
    )


@dataclass
class RuleSource:
    """What a path holds. complaints: what of it cannot be read, a line each, with its place.

    configuration, policy: the server's settings that lie beside the rules, where the source has them. complete: these
    are all rules of a server; a script or a single file holds some. connectors_whole: every connector could be read.
    """

    read: list[ReadRule] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    configuration: ServerConfiguration | None = None
    policy: SynchronizationPolicy | None = None
    complete: bool = True
    connectors_whole: bool = True

    @property
    def rules(self) -> list[SyncRule]:
        return [one.rule for one in self.read if one.whole]

    def surroundings(self) -> Surroundings:
        """What the rules are checked against: their own server's schemas where they are there, else a new server's."""
        if self.configuration is None or not self.configuration.connectors:
            return new_installation()
        found = self.configuration.surroundings()
        metaverse = found.metaverse if found.metaverse is not None and found.metaverse.attributes else None
        rules = frozenset(rule.identifier for rule in self.configuration.rules)
        return replace(found, metaverse=metaverse, new_installation=not self.connectors_whole, rules=rules)

    def as_policy(self) -> SynchronizationPolicy:
        """The source as the wizard would export it."""
        if self.policy is not None:
            return self.policy
        return policy_of(self.configuration) if self.configuration is not None else policy_of_rules(self.rules)


def examine_source(path: Path, *, settings: bool = False, any_precedence: bool = False) -> RuleSource:
    """Read everything below the path that holds rules. settings: an exported server's connectors and metaverse too.
    any_precedence: custom rules of a policy file may stand outside 0 to 99."""
    if path.is_dir() and (path / CONNECTORS).is_dir() and settings:
        configuration, read, complaints = examine_server_configuration(path, str)
        connectors = str(path / CONNECTORS)
        whole = not any(complaint.startswith(connectors) for complaint in complaints)
        return RuleSource(read, complaints, configuration, connectors_whole=whole)
    files = rule_files(path) if path.is_dir() else [path]
    kinds = {file.suffix.lower() for file in files}
    source = RuleSource(complete=POLICY in kinds or (path.is_dir() and SCRIPT not in kinds))
    for file in files:
        try:
            _examine_file(file, source, any_precedence=any_precedence)
        except ConfigurationError as error:
            source.complaints += error.message.splitlines()
    migrated = source.policy is not None and source.policy.metadata.get("type") == "migration"
    if migrated and not source.read and not source.complaints and (path.parent / RULES).is_dir():
        return examine_source(path.parent, settings=settings)  # such a policy only introduces the folder it lies in
    source.read.sort(key=lambda one: one.rule.precedence)
    return source


def _examine_file(file: Path, source: RuleSource, *, any_precedence: bool) -> None:
    kind = file.suffix.lower()
    if kind == SCRIPT:
        read, complaints = examine_script(file, str(file))
    elif kind == POLICY:
        source.policy, read, complaints = examine_policy(file, str(file), any_precedence=any_precedence)
    else:
        one, complaints = examine_rule(file, str(file))
        read = [one]
    source.read += read
    source.complaints += complaints


def rule_files(folder: Path) -> list[Path]:
    """The rule files of an exported configuration, or of a folder of rules and scripts."""
    inside = folder / RULES
    files = (inside if inside.is_dir() else folder).iterdir()
    return sorted(file for file in files if file.suffix.lower() in (XML, SCRIPT, POLICY))
