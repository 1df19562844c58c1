"""USNs, versions and what msDS-ReplAttributeMetaData says."""

from typing import Any


def test_versions_grow_attribute_by_attribute(admin: Any) -> None:
    dn = admin.user("Ana", title="Lead")
    entry = admin.entry(dn)
    assert entry.stamp_of("title").version == 1
    admin.change(dn, ("REPLACE", "title", "Chief"))
    admin.change(dn, ("REPLACE", "title", None))
    admin.change(dn, ("ADD", "mail", "a@contoso.com"))
    assert entry.stamp_of("title").version == 3
    assert entry.stamp_of("mail").version == 1
    assert entry.stamp_of("samaccountname") is entry.born
    assert entry.stamp_of("department") is None
    assert entry.usn == admin.forest.controllers[0].usn == entry.stamp_of("mail").local_usn


def test_metadata_as_text(admin: Any) -> None:
    dn = admin.user("Ana", title="Lead")
    admin.change(dn, ("REPLACE", "title", "Chief"))
    fragments = admin.read(dn, "msDS-ReplAttributeMetaData")["msDS-ReplAttributeMetaData"]
    title = next(f.decode() for f in fragments if b"<pszAttributeName>title<" in f)
    assert "<dwVersion>2</dwVersion>" in title
    assert "<ftimeLastOriginatingChange>2025-06-02T08:00:00Z<" in title
    assert "CN=NTDS Settings,CN=DC1," in title
    assert not any(b"badPwdCount" in f or b"memberOf" in f for f in fragments)


def test_link_metadata_as_text(admin: Any) -> None:
    ana = admin.user("Ana")
    crew = admin.group("Crew", ana)
    admin.change(crew, ("DELETE", "member", ana))
    (fragment,) = admin.read(crew, "msDS-ReplValueMetaData")["msDS-ReplValueMetaData"]
    assert f"<pszObjectDn>{ana}</pszObjectDn>".encode() in fragment
    assert b"<ftimeDeleted>2025-06-02T08:00:00Z<" in fragment
