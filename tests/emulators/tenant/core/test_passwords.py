"""The hash chain, the wire text, and the policy flags of password hash synchronisation."""

from __future__ import annotations

import random
from typing import Any

import pytest

from emulators.tenant.core import passwords
from emulators.tenant.core.refusals import PASSWORD_SYNC_OFF, ServiceFault

SALT = bytes.fromhex("0102030405060708090a")
VECTORS = {
    "password": "86a8194e60929aca01ac903df82e30afaea0279741d442d98e01f9600912f005",
    "P@ssw0rd1": "74ab560266a9881a95a5ede2464ce96f7fa1633093707800077c33b22bf87c7e",
}


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("message digest", "d9130a8164549fe818874806e1c7014b"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "e33b4ddc9c38f2199c3e7b164fcc0536",
        ),
    ],
)
def test_md4_of_the_rfc(text: str, digest: str) -> None:
    assert passwords.md4(text.encode()).hex() == digest


def test_nt_hash() -> None:
    assert passwords.nt_hash("password").hex().upper() == "8846F7EAEE8FB117AD06BDD830B7586C"


@pytest.mark.parametrize(("password", "digest"), VECTORS.items())
def test_stretched_hash(password: str, digest: str) -> None:
    assert passwords.stretch(passwords.nt_hash(password), SALT, 1000).hex() == digest
    credential = passwords.read_credential(f"v1;PPH1_MD4,{SALT.hex()},1000,{digest};", "t", force_change=False)
    assert credential is not None
    assert passwords.matches(credential, password)
    assert not passwords.matches(credential, password + "x")


@pytest.mark.parametrize(
    "text",
    ["", "v1;PPH1_MD4,0102,1000,aa;", "v2;" + "x" * 40, "v1;PPH1_MD4,010,1000," + "a" * 64 + ";",
     "v1;PPH1_MD4,0102,999999," + "a" * 64 + ";", "v1;PPH1_MD4,0102,0," + "a" * 64 + ";"],
)  # fmt: skip
def test_unreadable_credential(text: str) -> None:
    assert passwords.read_credential(text, "t", force_change=False) is None


@pytest.mark.parametrize(
    ("before", "cloud_policy", "after"),
    [
        (None, False, "DisablePasswordExpiration"),
        ("None", False, "DisablePasswordExpiration"),
        ("DisableStrongPassword", False, "DisableStrongPassword, DisablePasswordExpiration"),
        (None, True, None),
        ("DisablePasswordExpiration", True, None),
        ("DisablePasswordExpiration, DisableStrongPassword", True, "DisableStrongPassword"),
    ],
)
def test_policies(before: str | None, cloud_policy: bool, after: str | None) -> None:
    assert passwords.policies_after_hash_sync(before, cloud_policy=cloud_policy) == after


def test_cloud_password_is_never_kept() -> None:
    credential = passwords.make_credential("Sommer-2026", "t", random.Random(1))
    assert "Sommer" not in repr(credential)
    assert passwords.matches(credential, "Sommer-2026")


def item(anchor: str | None, password: str = "password", **more: Any) -> dict[str, Any]:
    digest = VECTORS[password]
    data = f"v1;PPH1_MD4,{SALT.hex()},1000,{digest};"
    return {"SourceAnchor": anchor, "CloudAnchor": None, "ChangeDate": "x", "CredentialData": data, **more}


def send(bench: Any, *items: Any) -> list[dict[str, Any]]:
    return bench.call("ProvisionCredentials", {"RequestItems": list(items)})["Results"]


def test_feature_off_faults_with_90(bench: Any) -> None:
    with pytest.raises(ServiceFault) as fault:
        send(bench)
    assert (fault.value.code, fault.value.text) == (90, PASSWORD_SYNC_OFF)


def test_hash_arrives_by_anchor(bench: Any) -> None:
    bench.call("SetCompanyDirsyncFeatures", {"dirsyncFeatures": bench.tenant.sync.features | 1})
    bench.add("A", userPrincipalName="a@contoso.com")
    results = send(bench, item("A"), item("nobody"), item(None), 5, {"SourceAnchor": "A", "CredentialData": "junk"})
    assert [r["Result"] for r in results] == [0, 1, 1, 1, 1]
    user = bench.by_anchor("A")
    assert passwords.matches(user.credential, "password")
    assert user.password_policies == "DisablePasswordExpiration"
    assert bench.tenant.sync.last_password_sync == "2026-01-05T08:00:00Z"
    assert send(bench) == []


def test_cloud_only_user_is_refused(bench: Any) -> None:
    bench.tenant.sync.features |= 1
    bench.add("A", userPrincipalName="a@contoso.com")
    bench.tenant.commit(bench.by_anchor("A"), {"dirsync": False})
    assert "cloud-only users' credential update" in send(bench, item("A"))[0]["ExtendedErrorInformation"]


@pytest.mark.parametrize(("feature", "existing", "forced"), [(0, False, True), (0, True, False), (16384, True, True)])
def test_must_change_at_next_logon(bench: Any, feature: int, existing: bool, forced: bool) -> None:
    bench.tenant.sync.features |= 1 | feature
    bench.add("A", userPrincipalName="a@contoso.com")
    if existing:
        send(bench, item("A"))
    send(bench, item("A", "P@ssw0rd1", ForcePasswordChangeOnLogon=True))
    assert bench.by_anchor("A").credential.force_change is forced


def test_more_than_fifty_at_once(bench: Any) -> None:
    bench.tenant.sync.features |= 1
    with pytest.raises(ServiceFault):
        send(bench, *[item("A")] * 51)


def test_no_hash_in_the_journal(bench: Any) -> None:
    bench.tenant.sync.features |= 1
    bench.add("A", userPrincipalName="a@contoso.com")
    send(bench, item("A"))
    assert VECTORS["password"] not in repr(bench.records)
