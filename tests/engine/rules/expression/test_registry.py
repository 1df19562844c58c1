"""The 89 functions: all there, all documented, arity and signature from the declaration."""

import pytest
import yaml

from engine.rules.expression.functions import BY_NAME, FUNCTIONS

WRITTEN = """
CertExtensionOids CertFormat CertFriendlyName CertHashString CertIssuer CertIssuerDN CertIssuerOid CertKeyAlgorithm
CertKeyAlgorithmParams CertNameInfo CertNotAfter CertNotBefore CertPublicKeyOid CertPublicKeyParametersOid
CertSerialNumber CertSignatureAlgorithmOid CertSubject CertSubjectNameDN CertSubjectNameOid CertThumbprint CertVersion
IsCert CBool CDate CGuid ConvertFromBase64 ConvertToBase64 ConvertFromUTF8Hex ConvertToUTF8Hex CNum CRef CStr
StringFromGuid StringFromSid DateAdd DateFromNum FormatDateTime Now NumFromDate DNComponent DNComponentRev
EscapeDNComponent IsBitSet IsDate IsEmpty IsGuid IsNull IsNullOrEmpty IsNumeric IsPresent IsString BitAnd BitOr
RandomNum Contains Count Item ItemOrNull Join RemoveDuplicates Split Error IIF Select Switch Where With GUID InStr
InStrRev LCase Left Len LTrim Mid PadLeft PadRight PCase Replace ReplaceChars Right RTrim Trim UCase Word
ImportedValue ValueCount CBin Thumbprint
"""
NAMES = WRITTEN.split()


def test_every_documented_function_exists():
    assert len(NAMES) == len(set(NAMES)) == len(FUNCTIONS) == 89
    assert set(NAMES) <= set(BY_NAME)


def test_every_function_is_documented_with_its_source():
    for each in FUNCTIONS:
        assert "Source: " in each.summary, each.name
        assert (each.body is None) != (each.build is None), each.name


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("InStr", "num InStr(str, str, [num], [enum])"),
        ("Switch", "var Switch(exp, var, ...)"),
        ("Now", "dt Now()"),
        ("Join", "str Join(mvstr, [str])"),
    ],
)
def test_signature(name, signature):
    assert BY_NAME[name].signature == signature


def test_every_function_has_a_row_in_a_table(pytestconfig):
    cases = pytestconfig.rootpath / "tests" / "cases" / "expressions"
    written = " ".join(
        row["expr"]
        for table in cases.glob("*.yaml")
        for row in yaml.safe_load(table.read_text(encoding="utf-8"))
        if "expr" in row
    )
    assert [name for name in NAMES if f"{name}(" not in written] == []
