"""Which verb, which file: the one door into the core, and the one place a refusal becomes a result.

A DirectoryError is an answer; any other exception is a bug of ours and passes through.
"""

from __future__ import annotations

from emulators.directory.core import (
    account_migration,
    add,
    bind,
    compare,
    delete,
    modify,
    password_hashes,
    rename,
    search,
    service_ticket,
)
from emulators.directory.core.forest import Forest
from emulators.directory.core.password_hashes import PasswordHashes
from emulators.directory.core.requests import (
    Add,
    AskTicket,
    Bind,
    Compare,
    Delete,
    MigrateAccount,
    Modify,
    ModifyDN,
    ReadPasswordHashes,
    Request,
    Search,
    WhoAmI,
)
from emulators.directory.core.results import DirectoryError, Result, SearchAnswer
from emulators.directory.core.session import Session

Answer = Result | SearchAnswer | PasswordHashes


def handle(forest: Forest, session: Session, request: Request) -> Answer:
    """Carry out one request.

    A Search gives a SearchAnswer (refused: without items), ReadPasswordHashes gives PasswordHashes, others a Result.
    """
    try:
        return _perform(forest, session, request)
    except DirectoryError as error:
        refusal = Result(error.code, error.text, error.matched_dn, error.referrals)
        match request:
            case Search():
                return SearchAnswer([], refusal)
            case ReadPasswordHashes():
                return PasswordHashes(refusal)
            case _:
                return refusal


def _perform(forest: Forest, session: Session, request: Request) -> Answer:
    match request:
        case Search():
            return search.search(forest, session, request)
        case Modify():
            return modify.modify(forest, session, request)
        case Add():
            return add.add(forest, session, request)
        case Delete():
            return delete.delete(forest, session, request)
        case ModifyDN():
            return rename.rename(forest, session, request)
        case Bind():
            return bind.bind(forest, session, request)
        case Compare():
            return compare.compare(forest, session, request)
        case ReadPasswordHashes():
            return password_hashes.read_password_hashes(forest, session, request)
        case MigrateAccount():
            return account_migration.migrate_account(forest, session, request)
        case AskTicket():
            return service_ticket.ask_ticket(forest, session, request)
        case WhoAmI():
            name = session.account_name()
            return Result(value=f"u:{name}".encode() if name else b"")
