"""One run of the installation wizard, page by page: Next with answers, Back, Cancel, and where it stands.

Nothing is written before Configure, so going back or cancelling only forgets. A page that refuses stays and can be
answered again. Source: custom installation ("seed001"), facts "install" sections 1, 5 (IRC-04), 14.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from engine.errors import EngineError
from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse
from engine.setup.pages.configure import PAGE as CONFIGURE
from engine.setup.pages.configure import configure
from engine.setup.plan import ServerBlueprint
from engine.setup.predecessor.dirsync_upgrade import with_predecessor
from engine.setup.sign_in.method import with_password_hash_sync
from engine.setup.wizard import PAGES, as_offered

#: parts of a directory's answers that stand on pages after it is connected
_LATER = ("domains", "ou_selection", "group_filter")


class Standing(StrEnum):
    """How far a run has come."""

    OPEN = "open"
    CONFIGURED = "configured"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PassedPage:
    """position: in ``PAGES``. before: what was known when the page opened. answers: those it was passed with."""

    position: int
    outcome: PageOutcome
    before: Mapping[str, Any]
    answers: SetupAnswers


class WizardRun:
    """``answers``: what the boxes of all pages hold now; each page reads its own. ``refused``: the outcome of the last
    Next, if the page stayed.
    """

    def __init__(self, answers: SetupAnswers, state: WizardState) -> None:
        self.answers = with_predecessor(answers, state.host)
        self.state = state
        self.passed: list[PassedPage] = []
        self.refused: PageOutcome | None = None
        self.configured: PageOutcome | None = None
        self.blueprint: ServerBlueprint | None = None
        self.standing = Standing.OPEN
        self._position: int | None = self._following(-1)

    # ---- where it stands ---------------------------------------------------------------------------------------------
    @property
    def page(self) -> str:
        """The title of the page that is shown; empty when the wizard is closed."""
        if self.standing is not Standing.OPEN:
            return ""
        return CONFIGURE if self._position is None else PAGES[self._position].title

    @property
    def outcomes(self) -> list[PageOutcome]:
        """What every page found, in the order in which they were passed; the last one may have refused."""
        last = [one for one in (self.refused, self.configured) if one is not None]
        return [one.outcome for one in self.passed] + last

    def _following(self, position: int) -> int | None:
        """The next page that takes part, None for Configure."""
        offered = as_offered(self.answers)
        return next((n for n in range(position + 1, len(PAGES)) if PAGES[n].takes_part(offered)), None)

    def _silent(self, position: int) -> bool:
        """Whether nobody stops at the page: it shows nothing in this way of installing, or nothing this time."""
        entry = PAGES[position]
        return self.answers.mode in entry.silent or entry.empty(as_offered(self.answers), self.state)

    # ---- the buttons -------------------------------------------------------------------------------------------------
    def next(self, answers: SetupAnswers | None = None) -> PageOutcome:
        """Press Next, on the last page Configure. Pages that show nothing are gone through on the way; the outcome is
        that of the page where it was pressed, or of the one that refused.
        """
        self._must_be_open()
        if answers is not None:
            before, self.answers = self.answers, with_predecessor(answers, self.state.host)
            self._hand_on(before)
        outcome = self._press()
        while not outcome.refused and self._position is not None and self._silent(self._position):
            decided = self._press()
            if decided.refused:
                return decided
        return outcome

    def _hand_on(self, before: SetupAnswers) -> None:
        """What was answered anew about a directory goes to the forest that is connected; its account stays."""
        was = {directory.forest.lower(): directory for directory in before.directories}
        now = {directory.forest.lower(): directory for directory in self.answers.directories}
        for forest in self.state.forests:
            name = forest.answers.forest.lower()
            if name in was and name in now:
                anew = {part: new for part in _LATER if (new := getattr(now[name], part)) != getattr(was[name], part)}
                forest.answers = replace(forest.answers, **anew)

    def _press(self) -> PageOutcome:
        if self._position is None:
            return self._configure()
        before = self.state.learnt()
        try:
            outcome = PAGES[self._position].page(as_offered(self.answers), self.state)
        except EngineError as refusal:
            outcome = refuse(self.page, refusal.code, refusal.message)
        except BaseException:
            self.state.forget_since(before)
            raise
        if outcome.refused:
            self.state.forget_since(before)
            self.refused = outcome
            return outcome
        self.refused = None
        self.passed.append(PassedPage(self._position, outcome, before, self.answers))
        self._position = self._following(self._position)
        return outcome

    def _configure(self) -> PageOutcome:
        try:
            chosen = with_password_hash_sync(as_offered(self.answers), self.state.host.product_version)
            outcome, self.blueprint = configure(chosen, self.state)
        except EngineError as refusal:
            outcome = refuse(CONFIGURE, refusal.code, refusal.message)
        if outcome.refused:
            self.refused = outcome
            return outcome
        self.refused, self.configured = None, outcome
        self.standing = Standing.CONFIGURED
        self.state.close()
        return outcome

    def back(self) -> None:
        """Press Previous: the page before opens with the answers it had, and what was learnt since is forgotten."""
        self._must_be_open()
        if not self.passed:
            raise EngineError("WIZARD_FIRST_PAGE", f"{self.page} is the first page; there is none before it.")
        while True:
            reopened = self.passed.pop()
            self.state.forget_since(reopened.before)
            self._position, self.answers = reopened.position, reopened.answers
            if not self.passed or not self._silent(reopened.position):
                break
        self.refused = None

    def cancel(self) -> None:
        """Close the window: sessions are given up, and nothing was written unless Configure had been pressed."""
        self._must_be_open()
        self.standing = Standing.CANCELLED
        self.state.close()

    def through(self) -> ServerBlueprint | None:
        """Press Next until the wizard is done or a page refuses."""
        while self.standing is Standing.OPEN:
            if self.next().refused:
                return None
        return self.blueprint

    def close(self) -> None:
        """Give up every session, whatever happened; idempotent."""
        self.state.close()

    def _must_be_open(self) -> None:
        if self.standing is not Standing.OPEN:
            raise EngineError("WIZARD_CLOSED", f"The wizard is closed: {self.standing}.")


def run_wizard(answers: SetupAnswers, state: WizardState) -> tuple[list[PageOutcome], ServerBlueprint | None]:
    """All pages with one set of answers; the first refusal is the last outcome, and then there is no blueprint."""
    run = WizardRun(answers, state)
    blueprint = run.through()
    return run.outcomes, blueprint
