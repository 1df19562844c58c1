"""Whether a password is right, asked of the directory itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.forest import HOST, Forest
from harness.lab.graph_client import TenantRefusedError
from harness.lab.ldap_client import LdapConversation, LdapRefusedError
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("forest")
check = CHECKS.check
#: the service a browser asks a ticket for
AUTOLOGON = "HOST/autologon.microsoftazuread-sso.com"
_DATA = re.compile(r"data ([0-9a-f]+)")


@check("bind", "contoso.com.bind(ana.lopez@contoso.com, password = Aa1-x): {outcome: success}", named=True, whole=True)
def bind(lab: Lab, place: Forest, query: Query) -> Any:
    """Try a simple bind over TLS: ``outcome`` is success, or refused with ``data``, the directory's reason (52e wrong
    password, 532 expired, 533 disabled, 773 must change, 775 locked out).
    """
    password = next((str(one.wanted) for one in query.conditions if one.name == "password"), "")
    conversation = LdapConversation(HOST, place.endpoints["ldaps"], tls=lab.certificates.client_context())
    try:
        conversation.bind(query.name() or "", password)
    except LdapRefusedError as refusal:
        found = _DATA.search(refusal.text)
        return {"outcome": "refused", "data": found[1] if found else None}
    finally:
        conversation.close()
    return {"outcome": "success", "data": None}


@check(
    "desktop_sign_in",
    "contoso.com.desktop_sign_in(ana.lopez@contoso.com, password = Aa1-x): {outcome: success}",
    named=True,
    whole=True,
)
def desktop_sign_in(lab: Lab, place: Forest, query: Query) -> Any:
    """Sign in to a device of the domain and from there to the cloud without typing a password (seamless single
    sign-on): ``outcome`` is success, or refused with the code and message of whoever refused. ``tenant``: which one.
    """
    given = {one.name: str(one.wanted) for one in query.conditions}
    conversation = LdapConversation(HOST, place.endpoints["ldaps"], tls=lab.certificates.client_context())
    try:
        conversation.bind(query.name() or "", given.get("password", ""))
        ticket = conversation.service_ticket(AUTOLOGON)
        lab.tenant(given.get("tenant")).graph().desktop_sign_in(ticket)
    except LdapRefusedError as refusal:
        return {"outcome": "refused", "code": refusal.code, "message": refusal.text}
    except TenantRefusedError as refusal:
        return {"outcome": "refused", "code": refusal.code, "message": refusal.text}
    finally:
        conversation.close()
    return {"outcome": "success", "code": None, "message": None}
