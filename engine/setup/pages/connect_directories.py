"""Connect your directories (express: Connect to AD DS): reach each forest and look at the account.

Source: facts "install" section 8. Checks run in the order of CYD-06: name, account, forest, domains, functional
level; the first failure stops the page.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.setup.answers import AccountOption, DirectoryAnswers, Mode, SetupAnswers
from engine.setup.page import OpenedForest, PageOutcome, Warned, WizardState, cannot_be_reached, refuse
from engine.setup.settings.fixed_directories import as_ordered, marks, not_as_given
from engine.setup.surroundings import ForestSession
from engine.versions import at_least

PAGE = "Connect your directories"
WINDOWS_2003 = 2
REFUSES_ADMINISTRATORS = "1.4.18.0"
ADMINISTRATOR_REFUSED = (
    "Using an Enterprise or Domain administrator account for your AD forest account is not allowed."
    " Let Microsoft Entra Connect create the account for you or specify a synchronization account with the correct"
    " permissions."
)


NOT_ORDINARY = "The connector account must be an ordinary user account."


def managed(directory: DirectoryAnswers) -> bool:
    """A virtual or managed service account is known by its name, and has no password to type (CYD-05)."""
    name = directory.credential.username
    return name.endswith("$") or name.lower().startswith("nt service\\")


def connect_directories(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Open a session for every forest."""
    names = [d.forest.lower() for d in answers.directories]
    if len(set(names)) < len(names):
        return refuse(PAGE, "DIRECTORY_TWICE", "A directory can be added once.")
    fixed = not_as_given(answers, state, PAGE)
    if fixed is not None:
        return fixed
    answers = as_ordered(answers, state)
    warnings: list[Warned] = []
    for directory in answers.directories:
        if answers.mode is Mode.CUSTOM and directory.account is AccountOption.EXISTING and managed(directory):
            return refuse(PAGE, "ACCOUNT_TYPE", NOT_ORDINARY)
        try:
            opened = state.surroundings.connect_forest(directory.forest, directory.credential)
        except EngineError as refusal:
            return _network_failure(refusal, directory, state)
        forest = OpenedForest(directory, opened)
        state.forests.append(forest)
        try:
            outcome = _check(forest, answers, state)
        except EngineError as refusal:
            return refuse(PAGE, refusal.code, refusal.message)
        if outcome is not None:
            return outcome
        warnings.extend(cannot_be_reached(domain.dns_name) for domain in forest.unreachable)
    facts: dict[str, object] = {"forests": [f.session.facts.name for f in state.forests]}
    if state.fixed_forests:
        facts["icons"] = marks(answers, state)
    return PageOutcome(PAGE, warnings=tuple(warnings), facts=facts)


def _check(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> PageOutcome | None:
    directory, session = forest.answers, forest.session
    if directory.account is AccountOption.CREATE or answers.mode is Mode.EXPRESS:
        outcome = _enterprise_admin(directory, session)
    else:
        outcome = _own_account(directory, session, state.host.product_version)
    if outcome is not None:
        return outcome
    facts = session.facts
    forest.unreachable = tuple(d for d in facts.domains if not session.reachable(d.dn))
    forest.selected = tuple(d for d in facts.domains if d not in forest.unreachable)
    if not forest.selected:
        return refuse(PAGE, "DIR_NET_NO_DOMAIN", f"No domain of the forest {facts.name} can be reached.")
    if facts.functional_level < WINDOWS_2003:
        text = f"The functional level of the forest {facts.name} is older than Windows Server 2003."
        return refuse(PAGE, "FOREST_FUNCTIONAL_LEVEL", text)
    dotted = [d.netbios for d in facts.domains if "." in d.netbios]
    if dotted:
        return refuse(PAGE, "DOTTED_NETBIOS", f"A NetBIOS domain name with a dot is not supported: {dotted[0]}.")
    forest.schema = session.schema()
    return None


def _enterprise_admin(directory: DirectoryAnswers, session: ForestSession) -> PageOutcome | None:
    account = session.account(directory.credential.username)
    if account is None or not account.enterprise_admin:
        text = (
            f"{directory.credential.username} is not a member of Enterprise Admins of {session.facts.name}."
            " Creating the connector account needs an Enterprise Admin."
        )
        return refuse(PAGE, "NOT_ENTERPRISE_ADMIN", text)
    return None


def _own_account(directory: DirectoryAnswers, session: ForestSession, version: str) -> PageOutcome | None:
    """A supplied account is bound with and not looked at further: its permissions are not verified (CYD-02)."""
    account = session.account(directory.credential.username)
    if account is not None and account.managed:
        return refuse(PAGE, "ACCOUNT_TYPE", NOT_ORDINARY)
    administrator = account is not None and (account.enterprise_admin or account.domain_admin)
    if administrator and at_least(version, REFUSES_ADMINISTRATORS):
        return refuse(PAGE, "ADMIN_ACCOUNT_REFUSED", ADMINISTRATOR_REFUSED)
    return None


def _network_failure(refusal: EngineError, directory: DirectoryAnswers, state: WizardState) -> PageOutcome:
    """Network failures also leave the log of the connectivity tool on the machine."""
    if not refusal.code.startswith("DIR_NET_"):
        return refuse(PAGE, refusal.code, refusal.message)
    moment = state.clock.now().strftime("%Y%m%d-%H%M%S")
    name = f"ADConnectivityTool-{moment}.log"
    state.host.folder.mkdir(parents=True, exist_ok=True)
    text = f"Forest: {directory.forest}\nResult: {refusal.code}\n{refusal.message}\n"
    (state.host.folder / name).write_text(text, encoding="utf-8")
    return refuse(PAGE, refusal.code, refusal.message, log=name)
