"""The stand-in for a Kerberos service ticket: who is signed in here, said with the key of the service's account.

The real one comes from the key distribution centre on port 88; this one is JSON with an HMAC-SHA256 keyed with the NT
hash, which is the account's RC4 key. Source: facts "tenant" 10 (seamless single sign-on, tickets); MS-KILE 3.3.5.7.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from emulators.directory.core import passwords, refusals
from emulators.directory.core.results import DirectoryError, Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import AskTicket
    from emulators.directory.core.session import Session

NO_SUCH_SERVICE = "00000007: KdcErr: KDC_ERR_S_PRINCIPAL_UNKNOWN, the service is not known in this domain"


def ask_ticket(forest: Forest, session: Session, request: AskTicket) -> Result:
    """A ticket for one service, for whoever is bound; raises DirectoryError when no one account has the service."""
    passwords.demand_protection(session)
    refusals.demand_bind(session)
    controller, account = session.controller, session.account
    found = controller.domain_partition.indexes.find("serviceprincipalname", request.service.encode())
    key = (found[0].secrets or {}).get("unicodepwd") if len(found) == 1 else None
    if account is None or key is None or found[0].number("useraccountcontrol") & 0x2:
        raise DirectoryError(ResultCode.UNWILLING_TO_PERFORM, NO_SUCH_SERVICE)
    said = {
        "realm": controller.domain.dns,
        "service": request.service,
        "sid": base64.b64encode(account.sid or b"").decode(),
        "name": account.text("userprincipalname") or account.text("samaccountname"),
        "issued": forest.clock.now().isoformat(),
    }
    body = json.dumps(said, sort_keys=True).encode()
    proof = hmac.new(key[0], body, hashlib.sha256).digest()
    ticket = base64.b64encode(body) + b"." + base64.b64encode(proof)
    return Result(value=ticket)
