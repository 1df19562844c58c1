"""What the journal says of one LDAP conversation step: object and attribute names, never a secret.

Source: design document, section 1 "The world"; the kinds are ``ldap.`` and the verb.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from emulators.directory.core.requests import Add, Bind, Compare, Delete, Modify, ModifyDN, Request, Scope, Search
from emulators.directory.core.results import Result
from emulators.directory.front.filter_text import filter_text
from emulators.journal import Journal

#: Attributes whose values are never written down (lower case).
SECRET = frozenset(
    {
        "unicodepwd",
        "userpassword",
        "dbcspwd",
        "ntpwdhistory",
        "lmpwdhistory",
        "supplementalcredentials",
        "initialauthincoming",
        "initialauthoutgoing",
        "trustauthincoming",
        "trustauthoutgoing",
        "currentvalue",
        "priorvalue",
        "ms-mcs-admpwd",
        "mslaps-password",
        "msds-managedpassword",
    }
)

_SCOPE_NAMES = {Scope.BASE: "base", Scope.ONE_LEVEL: "one", Scope.SUBTREE: "subtree"}
_VALUES_MAX = 20
_VALUE_BYTES_MAX = 1024
_FILTER_MAX = 500


def _shown(attribute: str, values: tuple[bytes, ...]) -> Any:
    """Values as a report may show them: text where they are text, base64 otherwise, cut when there are many."""
    if attribute.split(";", 1)[0].lower() in SECRET:
        return None
    shown: list[Any] = []
    for value in values[:_VALUES_MAX]:
        try:
            shown.append(value[:_VALUE_BYTES_MAX].decode())
        except UnicodeDecodeError:
            shown.append({"base64": b64encode(value[:_VALUE_BYTES_MAX]).decode()})
    return shown


def record(journal: Journal, request: Request, result: Result, found: int = 0) -> None:
    """Write the record of one answered request."""
    code = int(result.code)
    match request:
        case Search():
            scope = _SCOPE_NAMES[request.scope]
            extra = {"dirsync": True} if request.controls.dirsync is not None else {}
            asked = filter_text(request.filter, SECRET)[:_FILTER_MAX]
            journal.record("ldap.search", base=request.base, scope=scope, filter=asked, count=found, code=code, **extra)
        case Bind():
            journal.record("ldap.bind", name=request.name, mechanism=request.mechanism, code=code)
        case Modify():
            changes = [
                {
                    "operation": change.operation.name.lower(),
                    "attribute": change.attribute,
                    "values": _shown(change.attribute, change.values),
                }
                for change in request.changes
            ]
            journal.record("ldap.modify", object=request.dn, changes=changes, code=code)
        case Add():
            attributes = [{"attribute": name, "values": _shown(name, values)} for name, values in request.attributes]
            journal.record("ldap.add", object=request.dn, attributes=attributes, code=code)
        case Delete():
            journal.record("ldap.delete", object=request.dn, code=code)
        case ModifyDN():
            journal.record(
                "ldap.modifyDN",
                object=request.dn,
                new_rdn=request.new_rdn,
                new_superior=request.new_superior,
                code=code,
            )
        case Compare():
            journal.record("ldap.compare", object=request.dn, attribute=request.attribute, code=code)
        case _:
            journal.record("ldap.extended", operation=type(request).__name__, code=code)
