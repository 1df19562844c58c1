"""The installation wizard: pages in order as a table, run over the answers until the first one refuses.

Source: custom installation ("seed001"), facts "install" sections 2-14. A page returns its outcome; nothing is written
before the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.setup.answers import Mode, SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState
from engine.setup.pages.configure import configure
from engine.setup.pages.connect_directories import connect_directories
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.pages.domain_and_ou_filtering import domain_and_ou_filtering
from engine.setup.pages.entra_sign_in_configuration import entra_sign_in_configuration
from engine.setup.pages.express_settings import express_settings
from engine.setup.pages.filtering_groups import filtering_groups
from engine.setup.pages.identifying_users import identifying_users
from engine.setup.pages.install_required_components import install_required_components
from engine.setup.pages.optional_features import optional_features
from engine.setup.pages.ready_to_configure import ready_to_configure
from engine.setup.pages.user_sign_in import user_sign_in
from engine.setup.plan import ServerBlueprint
from engine.setup.prerequisites import check_prerequisites

Page = Callable[[SetupAnswers, WizardState], PageOutcome]


def welcome(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Look at the machine before anything else."""
    del answers
    findings = check_prerequisites(state.host)
    warnings = tuple(Warned(f.code, f.text) for f in findings if not f.blocking)
    blocking = next((f for f in findings if f.blocking), None)
    if blocking is not None:
        return PageOutcome("Welcome", blocking.code, (blocking.text,), warnings)
    return PageOutcome("Welcome", warnings=warnings)


@dataclass(frozen=True, slots=True)
class WizardPage:
    """modes: in which of the two ways the page takes part (in express some only decide and show nothing).

    when: whether earlier choices bring the page up at all, such as the farm's pages only for AD FS.
    """

    page: Page
    modes: frozenset[Mode]
    when: Callable[[SetupAnswers], bool] = lambda answers: True


BOTH = frozenset(Mode)
CUSTOM = frozenset({Mode.CUSTOM})
PAGES: tuple[WizardPage, ...] = (
    WizardPage(welcome, BOTH),
    WizardPage(express_settings, BOTH),
    WizardPage(install_required_components, BOTH),
    WizardPage(user_sign_in, CUSTOM),
    WizardPage(connect_to_entra_id, BOTH),
    WizardPage(connect_directories, BOTH),
    WizardPage(entra_sign_in_configuration, BOTH),
    WizardPage(domain_and_ou_filtering, CUSTOM),
    WizardPage(identifying_users, BOTH),
    WizardPage(filtering_groups, CUSTOM),
    WizardPage(optional_features, CUSTOM),
    WizardPage(ready_to_configure, BOTH),
)


def run_wizard(answers: SetupAnswers, state: WizardState) -> tuple[list[PageOutcome], ServerBlueprint | None]:
    """Run the pages; the first refusal is the last outcome, and then there is no blueprint."""
    answers = as_offered(answers)
    outcomes: list[PageOutcome] = []
    for entry in PAGES:
        if answers.mode not in entry.modes or not entry.when(answers):
            continue
        outcome = entry.page(answers, state)
        outcomes.append(outcome)
        if outcome.refused:
            return outcomes, None
    outcome, blueprint = configure(answers, state)
    outcomes.append(outcome)
    return outcomes, blueprint


def as_offered(answers: SetupAnswers) -> SetupAnswers:
    """Express settings leave most choices at their defaults, whatever else the answers say (EXP-12)."""
    if answers.mode is Mode.CUSTOM:
        return answers
    return SetupAnswers(
        entra_admin=answers.entra_admin,
        directories=answers.directories,
        mode=Mode.EXPRESS,
        tenant=answers.tenant,
        continue_without_verified_domains=answers.continue_without_verified_domains,
        features=answers.features,
        start_sync=answers.start_sync,
        staging=answers.staging,
        switches=answers.switches,
    )
