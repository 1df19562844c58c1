"""What every wizard page returns, and what the wizard has learnt so far. Credentials typed in are never part of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import Clock
from engine.connectors.active_directory.partitions import DomainFacts
from engine.model.schema import Schema
from engine.profile import Behaviour
from engine.setup.answers import DirectoryAnswers, HostMachine, OuSelection
from engine.setup.source_anchor import SourceAnchorDecision
from engine.setup.surroundings import CompanyFacts, ForestSession, Surroundings, TenantSession


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


@dataclass
class WizardState:
    """Filled page by page."""

    host: HostMachine
    surroundings: Surroundings
    clock: Clock
    random: random.Random
    behaviour: Behaviour
    database: Path | None = None
    tenant: TenantSession | None = None
    company: CompanyFacts | None = None
    forests: list[OpenedForest] = field(default_factory=list)
    anchor: SourceAnchorDecision | None = None

    def signed_in(self) -> tuple[TenantSession, CompanyFacts]:
        """The tenant; pages that come after the sign-in may rely on it."""
        assert self.tenant is not None
        assert self.company is not None
        return self.tenant, self.company

    def close(self) -> None:
        """Give up every session; idempotent."""
        for forest in self.forests:
            forest.session.close()
        if self.tenant is not None:
            self.tenant.close()


def cannot_be_reached(domain: str) -> Warned:
    """A domain that stays unselected because no controller of it answers."""
    return Warned("DOMAIN_UNREACHABLE", f"The domain {domain} cannot be reached and is not selected.")


def refuse(page: str, code: str, text: str, **facts: object) -> PageOutcome:
    """A page that stays."""
    return PageOutcome(page, code, (text,), facts=facts)
