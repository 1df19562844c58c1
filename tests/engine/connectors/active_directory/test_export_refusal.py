"""Which of the product's names a refusal gets (facts "engine" 17.3, facts "directory" 9)."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.export_refusal import export_refusal
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.connector import ExportOperation

ADD, UPDATE, DELETE = ExportOperation.ADD, ExportOperation.UPDATE, ExportOperation.DELETE

CASES = [
    (UPDATE, 19, "000020B5: AtrErr: DSID-03152392, #1:\n", "dn-attributes-failure", "8373", None),
    (
        UPDATE,
        50,
        "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0",
        "permission-issue",
        "8344",
        "Insufficient access rights to perform the operation.",
    ),
    (
        ADD,
        50,
        "00000005: SecErr: DSID-03152612, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0",
        "permission-issue",
        "5",
        "Access is denied.",
    ),
    (UPDATE, 50, "", "permission-issue", "8344", "Insufficient access rights to perform the operation."),
    (
        UPDATE,
        32,
        "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'DC=x'\n",
        "cd-missing-object",
        "8333",
        "Directory object not found.",
    ),
    (
        DELETE,
        32,
        "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0",
        "cd-missing-object",
        "8333",
        "Directory object not found.",
    ),
    (
        ADD,
        32,
        "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0",
        "non-existent-parent",
        "8333",
        "Directory object not found.",
    ),
    (UPDATE, 32, "00002030: AtrErr: DSID-03152392, #1: problem 1005", "dn-attributes-failure", "8240", None),
    (
        ADD,
        68,
        "00002071: UpdErr: DSID-030503CF, problem 6005 (ENTRY_EXISTS), data 0",
        "cd-existing-object",
        "8305",
        "An attempt was made to add an object to the directory with a name that is already in use.",
    ),
    (UPDATE, 19, "000021C8: AtrErr: DSID-03200BBA, #1:\n", "constraint-violation", "8648", None),
    (
        UPDATE,
        53,
        "00002146: SvcErr: DSID-03200BA6, problem 5003 (WILL_NOT_PERFORM), data 0",
        "cd-error",
        "8518",
        "A universal group cannot have a local group as a member.",
    ),
    (
        UPDATE,
        53,
        "0000052D: SvcErr: DSID-031A120C, problem 5003 (WILL_NOT_PERFORM), data 0",
        "password-policy-violation",
        "1325",
        None,
    ),
    (
        UPDATE,
        65,
        "0000207D: UpdErr: DSID-0315119D, problem 6002 (OBJ_CLASS_VIOLATION)",
        "schema-violation",
        "8317",
        None,
    ),
    (
        UPDATE,
        16,
        "00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation",
        "schema-violation",
        "87",
        None,
    ),
    (UPDATE, 21, "", "syntax-violation", "ldap-21", None),
    (ADD, 34, "0000208F: NameErr: DSID-03100231, problem 2006 (BAD_NAME), data 8350", "invalid-dn", "8335", None),
    (UPDATE, 67, "", "modify-naming-attribute", "ldap-67", None),
    (UPDATE, 53, "0000001F: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0", "cd-error", "31", None),
    (UPDATE, 51, "", "cd-error", "ldap-51", None),
]


@pytest.mark.parametrize(("operation", "code", "text", "kind", "win32", "sentence"), CASES)
def test_names(operation: ExportOperation, code: int, text: str, kind: str, win32: str, sentence: str | None) -> None:
    result = export_refusal(7, operation, LdapRefused(code, text))
    assert (result.number, result.error_type, result.error_code) == (7, kind, win32)
    assert result.error_text == (sentence or text.strip("\n") or f"LDAP result {code}")
    assert result.error_detail == {"server-error-detail": text.rstrip("\n")}


def test_a_missing_parent_of_a_rename() -> None:
    refusal = LdapRefused(32, "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0")
    assert export_refusal(1, UPDATE, refusal, parent_missing=True).error_type == "non-existent-parent"
