"""What every wizard page returns, and what the wizard has learnt so far. Credentials typed in are never part of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock import Clock
from engine.connectors.active_directory.partitions import DomainFacts
from engine.model.schema import Schema
from engine.pass_through.sign_in_memory import SignInMemory
from engine.profile import Behaviour
from engine.rules.standard.options import DirectoryExtension
from engine.setup.answers import DirectoryAnswers, HostMachine, OuSelection
from engine.setup.federation.facts import FederationFacts
from engine.setup.source_anchor import SourceAnchorDecision
from engine.setup.surroundings import CompanyFacts, ForestSession, Surroundings, TenantSession

if TYPE_CHECKING:
    from engine.setup.database.database_takeover import Takeover
    from engine.setup.database.existing_database import ExistingDatabase
    from engine.setup.settings.synchronization_policy import SynchronizationPolicy


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning of a page; the wizard can go on."""

    code: str
    text: str


@dataclass(frozen=True)
class PageOutcome:
    """code empty = passed; otherwise the page refuses and stays, with the reason in ``messages``."""

    page: str
    code: str = ""
    messages: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return bool(self.code)

    @property
    def message(self) -> str:
        return "\n".join(self.messages)


@dataclass
class OpenedForest:
    """One connected directory. selected: the domains that are in; ou_selection: of each domain, as it will be stored;
    group_dn: of the group filter, if any.
    """

    answers: DirectoryAnswers
    session: ForestSession
    schema: Schema = field(default_factory=Schema)
    selected: tuple[DomainFacts, ...] = ()
    unreachable: tuple[DomainFacts, ...] = ()
    ou_selection: dict[str, OuSelection] = field(default_factory=dict)
    group_dn: str | None = None


@dataclass(frozen=True, slots=True)
class InstalledComponents:
    """What the page "Install required components" put on the machine. service_account empty: still to be made."""

    location: str
    service_account: str
    service_account_kind: str
    groups: tuple[str, ...]
    sql: str
    database: str


@dataclass
class WizardState:
    """Filled page by page."""

    host: HostMachine
    surroundings: Surroundings
    clock: Clock
    random: random.Random
    behaviour: Behaviour
    database: Path | None = None
    components: InstalledComponents | None = None
    extensions: tuple[DirectoryExtension, ...] = ()
    tenant: TenantSession | None = None
    company: CompanyFacts | None = None
    forests: list[OpenedForest] = field(default_factory=list)
    anchor: SourceAnchorDecision | None = None
    federation: FederationFacts = field(default_factory=FederationFacts)
    sign_in: SignInMemory | None = None  # what Configure set up, for the machine to keep
    existing: ExistingDatabase | None = None  # /UseExistingDatabase
    takeover: Takeover | None = None  # what Configure decided about it
    imported: SynchronizationPolicy | None = None  # settings of another server
    fixed_forests: tuple[str, ...] = ()  # given by either of them; neither more nor fewer can be connected

    def signed_in(self) -> tuple[TenantSession, CompanyFacts]:
        """The tenant; pages that come after the sign-in may rely on it."""
        assert self.tenant is not None
        assert self.company is not None
        return self.tenant, self.company

    def close(self) -> None:
        """Give up every session; idempotent."""
        for session in self._sessions():
            session.close()

    def _sessions(self) -> Iterator[ForestSession | TenantSession]:
        yield from (forest.session for forest in self.forests)
        if self.tenant is not None:
            yield self.tenant

    def learnt(self) -> dict[str, Any]:
        """What the pages found so far, to go back to."""
        return {one.name: _kept(getattr(self, one.name)) for one in fields(self) if one.name not in _GIVEN}

    def forget_since(self, learnt: Mapping[str, Any]) -> None:
        """Know only what was known then; sessions opened since are given up."""
        later = list(self._sessions())
        for name, value in learnt.items():
            setattr(self, name, _kept(value))
        still = {id(session) for session in self._sessions()}
        for session in later:
            if id(session) not in still:
                session.close()


#: what the wizard starts with and no page changes
_GIVEN = frozenset({"host", "surroundings", "clock", "random", "behaviour"})


def _kept(value: Any) -> Any:
    """A copy that later pages do not write to; other values than these are never changed."""
    match value:
        case list():
            return [_kept(one) for one in value]
        case dict():
            return {name: _kept(one) for name, one in value.items()}
        case OpenedForest():
            forest = copy(value)
            forest.ou_selection = dict(value.ou_selection)
            return forest
    return value


def cannot_be_reached(domain: str) -> Warned:
    """A domain that stays unselected because no controller of it answers."""
    return Warned("DOMAIN_UNREACHABLE", f"The domain {domain} cannot be reached and is not selected.")


def refuse(page: str, code: str, text: str, **facts: object) -> PageOutcome:
    """A page that stays."""
    return PageOutcome(page, code, (text,), facts=facts)
