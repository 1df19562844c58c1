"""LDIF: reading strictly, and loading a whole domain."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from emulators.directory.core import built_in, dispatch, names
from emulators.directory.core import requests as r
from emulators.directory.core.identity import sid_text
from emulators.directory.core.results import Found
from emulators.directory.core.session import open_session
from emulators.directory.core.topology import new_forest
from emulators.directory.store.ldif import LdifError, load_domain, read_ldif

REAL = Path(__file__).parents[5] / "shared" / "real" / "samba-domain.ldif"
PASSWORD = "Harbour.Light-7"


class Still:
    def now(self) -> datetime:
        return datetime(2026, 12, 1, tzinfo=UTC)


def read(text: str | bytes) -> list[Any]:
    return list(read_ldif(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def test_reading() -> None:
    entries = read(
        "version: 1\n\n# a comment\n#  that goes on\ndn: CN=Ana,DC=x\nobjectClass: user\ndescription: two\n  lines\n"
        "photo:: AAEC\nurl:no blank\nempty:\nobjectClass: top\n\n\ndn:: Q049WsO2LERDPXg=\ncn:  lead\n"
    )
    assert [(e.line, e.dn) for e in entries] == [(5, "CN=Ana,DC=x"), (15, "CN=Zö,DC=x")]
    assert entries[0].attributes == {
        "objectClass": [b"user", b"top"],
        "description": [b"two lines"],
        "photo": [b"\0\1\2"],
        "url": [b"no blank"],
        "empty": [b""],
    }
    assert entries[1].attributes == {"cn": [b"lead"]}


def test_windows_line_ends() -> None:
    assert read(b"dn: CN=a,DC=x\r\ncn: a\r\n b\r\n\r\ndn: CN=c,DC=x\r\n")[0].attributes == {"cn": [b"ab"]}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("dn: CN=a,DC=x\ncn a\n", 2, "no colon"),
        ("cn: a\n", 1, "begins with dn"),
        ("dn: nonsense\n", 1, "not a distinguished name"),
        ("dn: CN=a,DC=x\n\n\ndn: CN=b,DC=x\ncn:: ***\n", 5, "not base64"),
        ("dn: CN=a,DC=x\nphoto:< file:///x\n", 2, "by URL"),
        ("dn: CN=a,DC=x\nchangetype: add\n", 2, "changes are not read"),
        ("dn: CN=a,DC=x\ndescription: x\n y\n z\ndn: CN=b,DC=x\n", 5, "second dn"),
        ("version: 2\ndn: CN=a,DC=x\n", 1, "version 1"),
        ("dn: CN=a,DC=x\nb@d: x\n", 2, "not an attribute name"),
        ("dn: CN=a,DC=x\ncn;lang-de: x\n", 2, "not an attribute name"),
    ],
)
def test_mistakes_name_their_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(LdifError, match=reason) as caught:
        read(text)
    assert caught.value.line == line


def test_records_across_reading_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulators.directory.store.ldif._CHUNK", 7)
    text = "".join(f"dn: CN=p{i},DC=x\r\ndescription: some\r\n  folded\r\n\r\n" for i in range(20))
    entries = read(text)
    assert len(entries) == 20
    assert entries[19].attributes == {"description": [b"some folded"]}
    assert entries[19].line == 77


# ---- loading
HEAD = (
    "dn: DC=small,DC=test\nobjectClass: domainDNS\nobjectSid:: AQQAAAAAAAUVAAAAlsanrbFpTqMNj5hp\n"
    "objectGUID:: YG0ccnZbzUCohuavjjC3ag==\n\n"
)


def load(tmp_path: Path, text: str, name: str = "small.test") -> Any:
    path = tmp_path / "domain.ldif"
    path.write_text(text)
    forest = new_forest(name, clock=Still(), seed=1, admin_password=PASSWORD)
    return forest, load_domain(forest, path, PASSWORD)


def test_a_small_domain_gets_what_it_lacks(tmp_path: Path) -> None:
    forest, count = load(
        tmp_path,
        HEAD + "dn: CN=Ana,OU=S,DC=small,DC=test\nobjectClass: user\n\n"
        "dn: OU=S,DC=small,DC=test\nobjectClass: organizationalUnit\n",
    )
    assert count == 3
    partition = forest.controllers[0].domain_partition
    added = {entry.dn.removesuffix(",DC=small,DC=test") for entry in partition.entries.values()}
    assert added - {"DC=small,DC=test", "OU=S", "CN=Ana,OU=S"} == built_in.SERVING
    session = open_session(forest)
    answer = dispatch.handle(forest, session, r.Bind("Administrator@small.test", PASSWORD.encode()))
    assert answer.code == 0
    head = forest.controllers[0].domain_partition.head
    assert head.guid.hex() == "606d1c72765bcd40a886e6af8e30b76a"
    assert sid_text(session.account.sid).startswith(sid_text(head.sid))
    assert forest.root.sid == head.sid
    ana = partition.find(names.key("CN=Ana,OU=S,DC=small,DC=test"))
    assert dispatch.handle(forest, session, r.Delete("CN=Ana,OU=S,DC=small,DC=test")).code == 0
    assert ana.parent.dn == "CN=Deleted Objects,DC=small,DC=test"


@pytest.mark.parametrize("known", [False, True])
def test_the_server_object_names_the_controllers_account_where_the_file_has_it(tmp_path: Path, known: bool) -> None:
    account = "CN=DC1,OU=Domain Controllers,DC=small,DC=test"
    text = (
        "dn: OU=Domain Controllers,DC=small,DC=test\nobjectClass: organizationalUnit\n\n"
        f"dn: {account}\nobjectClass: computer\nuserAccountControl: 532480\n"
    )
    forest, _count = load(tmp_path, HEAD + text if known else HEAD)
    sites = f"CN=Sites,{forest.configuration_dn}"
    server = forest.controllers[0].find(names.key(f"CN=DC1,CN=Servers,CN=Default-First-Site-Name,{sites}"))
    assert server.attributes.get("serverreference") == ((account.encode(),) if known else None)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "no entry"),
        (HEAD.replace("small", "other"), 1, "the forest is DC=small,DC=test"),
        (HEAD + "dn: CN=a,OU=no,DC=small,DC=test\nobjectClass: user\n", 6, "parent is not there"),
        (HEAD + "\ndn: CN=a,DC=small,DC=test\nobjectClass: user\nnope: 1\n", 7, "nope is not in the schema"),
    ],
)
def test_a_load_that_fails_names_the_line_and_leaves_the_forest_as_it_was(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = tmp_path / "domain.ldif"
    path.write_text(text)
    forest = new_forest("small.test", clock=Still(), seed=1, admin_password=PASSWORD)
    before = [len(p.entries) for p in forest.controllers[0].partitions]
    with pytest.raises(LdifError, match=reason) as caught:
        load_domain(forest, path, PASSWORD)
    assert caught.value.line == line
    assert [len(p.entries) for p in forest.controllers[0].partitions] == before
    session = open_session(forest)
    assert dispatch.handle(forest, session, r.Bind("Administrator@small.test", PASSWORD.encode())).code == 0


@pytest.mark.real_input
@pytest.mark.skipif(not REAL.exists(), reason="the exported directory beside the checkout is absent")
def test_a_real_domain() -> None:
    forest = new_forest("bench.test", clock=Still(), seed=1, admin_password=PASSWORD)
    assert load_domain(forest, REAL, PASSWORD) == 1205
    session = open_session(forest, protected=True)
    assert dispatch.handle(forest, session, r.Bind("BENCH\\Administrator", PASSWORD.encode())).code == 0
    search = r.Search(
        "DC=bench,DC=test",
        r.Scope.SUBTREE,
        r.Present("objectClass"),
        controls=r.Controls(dirsync=r.DirSyncControl(0x80000800, 0, b"")),
    )
    answer = dispatch.handle(forest, session, search)
    synced = {item.entry.guid for item in answer.items if isinstance(item, Found)}
    with REAL.open("rb") as stream:
        records = list(read_ldif(stream))
    partition = forest.controllers[0].domain_partition
    added = {entry.dn for entry in partition.entries.values()} - {record.dn for record in records}
    assert added == {"CN=Deleted Objects,DC=bench,DC=test"}  # an export without control 417 leaves it out
    for record in records:
        guid = record.attributes["objectGUID"][0]
        assert guid in synced
        entry = partition.entries[guid]
        assert entry.dn == record.dn
        stored = {name.lower(): set(values) for name, values in record.attributes.items()}
        for name in (
            "objectsid",
            "whencreated",
            "usncreated",
            "usnchanged",
            "proxyaddresses",
            "mail",
            "memberof",
            "member",
        ):
            if name == "memberof" and "memberof" not in stored:
                continue
            assert set(entry.attributes.get(name, ())) == stored.get(name, set()), (record.dn, name)
    assert forest.controllers[0].usn >= max(int(x.attributes["uSNChanged"][0]) for x in records)
