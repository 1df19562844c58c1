"""Optional features: which boxes the page offers here, and what ticking one asks of the surroundings.

Each box has a check of its own in ``CHECKS``; what a feature then does is decided where it is built.
Source: seed001 (Optional features); facts "install" 13.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.setup.answers import Feature, SetupAnswers
from engine.setup.features import group_writeback
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.versions import at_least

PAGE = "Optional features"
#: The release that came with the box Exchange Mail Public Folders (Exchange team, May 2017).
MAIL_PUBLIC_FOLDERS_SINCE = "1.1.524.0"
#: The first release that does not depend on the Access Control Service, which was shut down in November 2018 (OPT-05).
PASSWORD_WRITEBACK_SINCE = "1.0.8641.1"  # noqa: S105 - a release, no secret


@dataclass(frozen=True, slots=True)
class Refusal:
    """A box that cannot be ticked."""

    code: str
    text: str


#: What ticking a box is answered with: nothing, a refusal, or a warning with which the wizard goes on.
Check = Callable[[SetupAnswers, WizardState], Refusal | Warned | None]


def _exchange_schema(box: str) -> Check:
    """The box is listed when a forest has the Exchange schema (OPT-01)."""

    def check(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
        del answers
        without = [f.session.facts.name for f in state.forests if not f.session.facts.exchange_schema]
        if len(without) < len(state.forests):
            return None
        return Refusal("FEATURE_NOT_OFFERED", f"{box} is not offered: {', '.join(without)} has no Exchange schema.")

    return check


def _mail_public_folders(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
    if not at_least(state.host.product_version, MAIL_PUBLIC_FOLDERS_SINCE):
        text = f"Exchange mail public folders is not offered: it came with version {MAIL_PUBLIC_FOLDERS_SINCE}."
        return Refusal("FEATURE_NOT_OFFERED", text)
    return _exchange_schema("Exchange mail public folders")(answers, state)


def _group_writeback(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
    reason = group_writeback.refused(answers, state)
    return Refusal(*reason) if reason is not None else None


def _device_writeback(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
    del answers, state
    return Refusal("FEATURE_NOT_OFFERED", "Device writeback is set up by the task Configure device options.")


def _free(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
    """The box asks nothing of the surroundings; password hash synchronization beside another sign-in (OPT-04)."""
    del answers, state
    return None


def _password_writeback(answers: SetupAnswers, state: WizardState) -> Refusal | Warned | None:
    """The service that releases of old spoke with was shut down (OPT-05)."""
    del answers
    if not at_least(state.host.product_version, PASSWORD_WRITEBACK_SINCE):
        text = f"Password writeback needs version {PASSWORD_WRITEBACK_SINCE} or newer: its older service was shut down."
        return Refusal("FEATURE_NOT_OFFERED", text)
    return None


#: By box of the page.
CHECKS: Mapping[Feature, Check] = {
    Feature.EXCHANGE_HYBRID: _exchange_schema("Exchange hybrid deployment"),
    Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS: _mail_public_folders,
    Feature.APP_AND_ATTRIBUTE_FILTERING: _free,
    Feature.DIRECTORY_EXTENSIONS: _free,
    Feature.PASSWORD_HASH_SYNC: _free,
    Feature.PASSWORD_WRITEBACK: _password_writeback,
    Feature.GROUP_WRITEBACK: _group_writeback,
    Feature.DEVICE_WRITEBACK: _device_writeback,
}


#: Boxes by which the server writes to the directory at the tenant's word.
WRITES_BACK = frozenset({Feature.PASSWORD_WRITEBACK, Feature.GROUP_WRITEBACK, Feature.DEVICE_WRITEBACK})
BESIDE_DIRSYNC = Warned(
    "WRITEBACK_BESIDE_DIRSYNC", "Do not activate a writeback feature while DirSync or Azure AD Sync is still active."
)


def optional_features(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Ask every ticked box in the order of the page; the first that cannot be ticked stops it."""
    warnings = []
    for feature in Feature:
        found = CHECKS[feature](answers, state) if feature in answers.features else None
        if isinstance(found, Refusal):
            return refuse(PAGE, found.code, found.text)
        if found is not None:
            warnings.append(found)
    if answers.switches.migrate and WRITES_BACK & answers.features:
        warnings.append(BESIDE_DIRSYNC)
    offered = sorted(f for f, check in CHECKS.items() if not isinstance(check(answers, state), Refusal))
    return PageOutcome(PAGE, warnings=tuple(warnings), facts={"features": sorted(answers.features), "offered": offered})
