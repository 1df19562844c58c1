"""The product's names for what a directory refuses during export.

Source: facts "engine" 17.3 (names), facts "directory" section 9 (codes and kinds of texts).
"""

from __future__ import annotations

from engine.connectors.active_directory import ldap_refusal as ldap
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.connector import ExportOperation, ExportResult

#: Win32 texts the administrator sees instead of the diagnostic message
WIN32_TEXTS = {
    5: "Access is denied.",
    8305: "An attempt was made to add an object to the directory with a name that is already in use.",
    8333: "Directory object not found.",
    8344: "Insufficient access rights to perform the operation.",
    8453: "Replication access was denied.",
    8518: "A universal group cannot have a local group as a member.",
}
_INSUFFICIENT_RIGHTS = 8344

_BY_RESULT = {
    ldap.INSUFFICIENT_ACCESS_RIGHTS: "permission-issue",
    ldap.ENTRY_ALREADY_EXISTS: "cd-existing-object",
    ldap.CONSTRAINT_VIOLATION: "constraint-violation",
    ldap.ATTRIBUTE_OR_VALUE_EXISTS: "constraint-violation",
    ldap.INVALID_ATTRIBUTE_SYNTAX: "syntax-violation",
    ldap.NO_SUCH_ATTRIBUTE: "schema-violation",
    ldap.UNDEFINED_ATTRIBUTE_TYPE: "schema-violation",
    ldap.OBJECT_CLASS_VIOLATION: "schema-violation",
    ldap.INVALID_DN_SYNTAX: "invalid-dn",
    ldap.NAMING_VIOLATION: "invalid-dn",
    ldap.NOT_ALLOWED_ON_RDN: "modify-naming-attribute",
}


def export_refusal(
    number: int, operation: ExportOperation, refusal: LdapRefused, *, parent_missing: bool = False
) -> ExportResult:
    """One refused change as a result: type, decimal Win32 code, text."""
    kind = _kind(operation, refusal, parent_missing)
    code = refusal.win32
    if kind == "permission-issue" and code not in (5, 8453):
        code = _INSUFFICIENT_RIGHTS
    return ExportResult(
        number,
        error_type=kind,
        error_code=str(code or f"ldap-{refusal.result}"),
        error_text=WIN32_TEXTS.get(code, refusal.message),
        error_detail={"server-error-detail": refusal.text},
    )


def _kind(operation: ExportOperation, refusal: LdapRefused, parent_missing: bool) -> str:
    if refusal.win32 == ldap.ERROR_PASSWORD_RESTRICTION:
        return "password-policy-violation"
    if refusal.win32 == ldap.ERROR_DS_NAME_REFERENCE_INVALID:
        return "dn-attributes-failure"
    if refusal.result == ldap.NO_SUCH_OBJECT:
        if "AtrErr" in refusal.text:
            return "dn-attributes-failure"
        return "non-existent-parent" if operation is ExportOperation.ADD or parent_missing else "cd-missing-object"
    return _BY_RESULT.get(refusal.result, "cd-error")
