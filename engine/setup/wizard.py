"""The installation wizard: its pages in order as a table. wizard_run.py goes through them page by page.

Source: custom installation ("seed001"), facts "install" sections 2-14. A page returns its outcome; nothing is written
before the last one, Configure, which stands apart because it makes the blueprint.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from engine.setup.answers import Feature, Mode, SetupAnswers
from engine.setup.federation.servers import any_federation, federates, has_proxies, makes_farm, pings
from engine.setup.page import PageOutcome, Warned, WizardState
from engine.setup.pages.ad_fs_credentials import ad_fs_credentials
from engine.setup.pages.ad_fs_domain import ad_fs_domain
from engine.setup.pages.ad_fs_farm import ad_fs_farm
from engine.setup.pages.ad_fs_proxies import ad_fs_proxies
from engine.setup.pages.ad_fs_servers import ad_fs_servers
from engine.setup.pages.ad_fs_service_account import ad_fs_service_account
from engine.setup.pages.app_filtering import app_filtering
from engine.setup.pages.attribute_filtering import attribute_filtering
from engine.setup.pages.connect_directories import connect_directories
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.pages.directory_extensions import directory_extensions
from engine.setup.pages.domain_and_ou_filtering import domain_and_ou_filtering
from engine.setup.pages.entra_sign_in_configuration import entra_sign_in_configuration, nothing_to_verify
from engine.setup.pages.express_settings import express_settings
from engine.setup.pages.filtering_groups import filtering_groups
from engine.setup.pages.identifying_users import identifying_users
from engine.setup.pages.install_required_components import install_required_components
from engine.setup.pages.optional_features import optional_features
from engine.setup.pages.ping_federate_connectivity import ping_federate_connectivity
from engine.setup.pages.ping_federate_settings import ping_federate_settings
from engine.setup.pages.ready_to_configure import ready_to_configure
from engine.setup.pages.single_sign_on import single_sign_on
from engine.setup.pages.upgrade_from_dirsync import upgrade_from_dirsync
from engine.setup.pages.user_sign_in import user_sign_in
from engine.setup.predecessor.dirsync_upgrade import takes_part
from engine.setup.prerequisites import check_prerequisites, negotiated_tls
from engine.setup.settings.settings_import import carried_over

Page = Callable[[SetupAnswers, WizardState], PageOutcome]
PAGE = "Welcome"


def welcome(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Look at the machine before anything else."""
    del answers
    findings = check_prerequisites(state.host)
    warnings = tuple(Warned(f.code, f.text) for f in findings if not f.blocking)
    blocking = next((f for f in findings if f.blocking), None)
    if blocking is not None:
        return PageOutcome(PAGE, blocking.code, (blocking.text,), warnings)
    return PageOutcome(PAGE, warnings=warnings, facts={"tls": negotiated_tls(state.host)})


@dataclass(frozen=True, slots=True)
class WizardPage:
    """modes: in which of the two ways the page takes part.

    when: whether earlier choices bring the page up at all, such as the farm's pages only for AD FS. silent: where it
    decides and shows nothing, so that nobody stops at it. empty: whether it has nothing to show this time.
    """

    page: Page
    modes: frozenset[Mode]
    when: Callable[[SetupAnswers], bool] = lambda answers: True
    silent: frozenset[Mode] = frozenset()
    empty: Callable[[SetupAnswers, WizardState], bool] = lambda answers, state: False

    @property
    def title(self) -> str:
        """What stands at the head of the page: its module's ``PAGE``."""
        return str(vars(sys.modules[self.page.__module__])["PAGE"])

    def takes_part(self, answers: SetupAnswers) -> bool:
        return answers.mode in self.modes and self.when(answers)


def from_file(answers: SetupAnswers, state: WizardState) -> bool:
    """Imported settings answer the page; nothing of it is asked again."""
    del state
    return answers.components.import_settings is not None


def no_names_to_show(answers: SetupAnswers, state: WizardState) -> bool:
    """The page of sign-in names is passed over where all are verified, and with imported settings."""
    return from_file(answers, state) or nothing_to_verify(answers, state)


def chosen_anew(answers: SetupAnswers) -> bool:
    """An existing database answers every page that is about the configuration itself."""
    return not answers.switches.use_existing_database


def ticked(feature: Feature) -> Callable[[SetupAnswers], bool]:
    """The pages of an optional feature come up when its box is ticked."""
    return lambda answers: chosen_anew(answers) and feature in answers.features


BOTH = frozenset(Mode)
CUSTOM = frozenset({Mode.CUSTOM})
EXPRESS = frozenset({Mode.EXPRESS})
PAGES: tuple[WizardPage, ...] = (
    WizardPage(welcome, BOTH),
    WizardPage(upgrade_from_dirsync, BOTH, when=takes_part),
    WizardPage(express_settings, BOTH, when=lambda answers: answers.dirsync is None),
    WizardPage(install_required_components, BOTH, silent=EXPRESS),
    WizardPage(user_sign_in, CUSTOM, when=chosen_anew),
    WizardPage(connect_to_entra_id, BOTH),
    WizardPage(connect_directories, BOTH),
    WizardPage(entra_sign_in_configuration, BOTH, when=chosen_anew, empty=no_names_to_show),
    WizardPage(domain_and_ou_filtering, CUSTOM, when=chosen_anew, empty=from_file),
    WizardPage(identifying_users, BOTH, when=chosen_anew, silent=EXPRESS, empty=from_file),
    WizardPage(filtering_groups, CUSTOM, when=chosen_anew, empty=from_file),
    WizardPage(optional_features, CUSTOM, when=chosen_anew, empty=from_file),
    WizardPage(app_filtering, CUSTOM, when=ticked(Feature.APP_AND_ATTRIBUTE_FILTERING)),
    WizardPage(attribute_filtering, CUSTOM, when=ticked(Feature.APP_AND_ATTRIBUTE_FILTERING)),
    WizardPage(directory_extensions, CUSTOM, when=ticked(Feature.DIRECTORY_EXTENSIONS)),
    WizardPage(single_sign_on, CUSTOM, when=lambda answers: answers.single_sign_on),
    WizardPage(ad_fs_farm, CUSTOM, when=federates),
    WizardPage(ad_fs_servers, CUSTOM, when=makes_farm),
    WizardPage(ad_fs_proxies, CUSTOM, when=has_proxies),
    WizardPage(ad_fs_credentials, CUSTOM, when=has_proxies),
    WizardPage(ad_fs_service_account, CUSTOM, when=makes_farm),
    WizardPage(ad_fs_domain, CUSTOM, when=any_federation),
    WizardPage(ping_federate_settings, CUSTOM, when=pings),
    WizardPage(ping_federate_connectivity, CUSTOM, when=pings),
    WizardPage(ready_to_configure, BOTH),
)


def as_offered(answers: SetupAnswers) -> SetupAnswers:
    """Express settings leave most choices at their defaults, whatever else the answers say (EXP-12)."""
    if answers.mode is Mode.CUSTOM:
        return carried_over(answers)
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
        dirsync=answers.dirsync,
        challenge=answers.challenge,
    )
