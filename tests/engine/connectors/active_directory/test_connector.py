"""Whole reads and exports of a forest, as conversations with a scripted domain controller."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.connector import ActiveDirectoryConnector
from engine.connectors.active_directory.controls import DIRSYNC, PERMISSIVE_MODIFY
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.session import DirectoryAccount
from engine.connectors.connector import ExportChange, ExportOperation, ImportKind, ValueChanges
from engine.errors import ConnectorError
from engine.model.configuration import Partition
from engine.model.schema import AttributeDefinition, AttributeType, Schema

T = AttributeType
SCHEMA = Schema(
    {
        name: AttributeDefinition(name, kind, many)
        for name, kind, many in (
            ("cn", T.STRING, False),
            ("title", T.STRING, False),
            ("mail", T.STRING, False),
            ("objectGUID", T.BINARY, False),
            ("member", T.REFERENCE, True),
        )
    },
    {"user": frozenset({"cn", "title"}), "group": frozenset({"member"})},
)
DN = "DC=contoso,DC=com"
PARTITION = Partition("p1", DN, "contoso.com", object_types=("user", "group", "inetOrgPerson", "computer"))
ATTRIBUTES = ("cn", "title", "member", "notInThisForest")
GUID, OTHER = bytes(range(16)), bytes(range(16, 32))
USER = ["top", "person", "organizationalPerson", "user"]
DENIED = "00002105: LdapErr: DSID-0C090753, comment: Error processing control, data 0, v1db1"


@pytest.fixture
def connector(directory: Any) -> Any:
    made = ActiveDirectoryConnector(
        ForestAddress("127.0.0.1", directory.port, directory.secure_port, base_dn=DN),
        DirectoryAccount("MSOL_1@contoso.com", "secret"),
        ca_bundle=directory.ca_bundle,
        schema=SCHEMA,
        security=Security.CLEAR,
        timeout_seconds=5,
    )
    yield made
    made.close()


def full(connector: ActiveDirectoryConnector) -> Any:
    return list(connector.read_full(PARTITION, ATTRIBUTES, 2))


def delta(connector: ActiveDirectoryConnector, cookie: bytes = b"k1") -> Any:
    return list(connector.read_delta(PARTITION, ATTRIBUTES, cookie, 2))


# ---- full import -----------------------------------------------------------------------------------------------------
def test_full_import_takes_the_cookie_first_and_reads_by_pages(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect("search", lambda r: r.dirsync(b"k1"))
    directory.expect(
        "search",
        lambda r: [
            r.entry(f"CN=a,{DN}", {"objectClass": USER, "objectGUID": [GUID], "cn": ["a"]}),
            r.reference("ldap://child.contoso.com/DC=child,DC=contoso,DC=com"),
            r.page(b"p2"),
        ],
    )
    directory.expect(
        "search",
        lambda r: [
            r.entry(f"CN=b,{DN}", {"objectClass": ["top", "group"], "objectGUID": [OTHER], "member": [f"CN=a,{DN}"]}),
            r.page(b""),
        ],
    )
    first, second = full(connector)
    assert (first.watermark, second.watermark) == (None, b"k1")
    (user,), (group,) = first.objects, second.objects
    assert (user.kind, user.dn, user.anchor, user.object_type) == (ImportKind.FULL, f"CN=a,{DN}", GUID, "user")
    assert user.attributes == {"cn": "a"}
    assert group.attributes == {"member": [f"CN=a,{DN}"]}
    cookie, search = directory.requests[1:3]
    assert cookie.asked == ["objectGUID"]
    assert cookie.critical == {DIRSYNC}
    assert search.asked == ["objectClass", "objectGUID", "cn", "title", "member"]
    assert search.base == DN


def test_full_import_reads_long_groups_to_their_end(directory: Any, connector: Any) -> None:
    directory.bound().expect("search", lambda r: r.dirsync(b"k1"))
    directory.expect(
        "search",
        lambda r: [
            r.entry(
                f"CN=g,{DN}",
                {"objectClass": ["group"], "objectGUID": [GUID], "member": [], "member;range=0-1": ["CN=0", "CN=1"]},
            ),
            r.page(b""),
        ],
    )
    directory.expect("search", lambda r: [r.entry(f"CN=g,{DN}", {"member;range=2-3": ["CN=2", "CN=3"]}), r.done()])
    directory.expect("search", lambda r: [r.entry(f"CN=g,{DN}", {"member;range=4-*": ["CN=4"]}), r.done()])
    (page,) = full(connector)
    assert page.objects[0].attributes == {"member": [f"CN={n}" for n in range(5)]}
    assert [r.asked for r in directory.requests[3:]] == [["member;range=2-*"], ["member;range=4-*"]]
    assert directory.requests[3].base == "<GUID=03020100-0504-0706-0809-0a0b0c0d0e0f>"


def test_without_any_right_to_replicate_a_full_import_still_reads(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect("search", lambda r: r.done(50, DENIED)).expect("search", lambda r: r.done(50, DENIED))
    directory.expect("search", lambda r: r.page(b""))
    assert full(connector)[-1].watermark == b""


def test_a_partition_that_is_gone(directory: Any, connector: Any) -> None:
    directory.bound().expect("search", lambda r: r.done(32, "0000208D: NameErr: DSID-03100241, problem 2001"))
    with pytest.raises(ConnectorError) as caught:
        full(connector)
    assert (caught.value.code, caught.value.run_result) == ("failed-search", "no-start-partition-delete")


# ---- delta import ----------------------------------------------------------------------------------------------------
def test_delta_import_tells_new_changed_and_deleted_objects_apart(directory: Any, connector: Any) -> None:
    directory.bound()
    mangled = f"CN=c\nDEL:x,CN=Deleted Objects,{DN}"
    directory.expect(
        "search",
        lambda r: [
            r.entry(
                f"CN=a,{DN}",
                {
                    "objectClass": USER,
                    "objectGUID": [GUID],
                    "cn": ["a"],
                    "name": ["a"],
                    "parentGUID": [OTHER],
                    "instanceType": ["4"],
                },
            ),
            r.dirsync(b"k2", more=True),
        ],
    )
    directory.expect(
        "search",
        lambda r: [
            r.entry(
                f"CN=b,{DN}",
                {
                    "objectGUID": [OTHER],
                    "title": [],
                    "instanceType": ["4"],
                    "member;range=1-1": ["CN=x"],
                    "member;range=0-0": ["CN=y"],
                },
            ),
            r.entry(mangled, {"objectGUID": [bytes(16)], "isDeleted": ["TRUE"], "name": ["c\nDEL:x"]}),
            r.entry("", {"objectGUID": [b"\1" * 16], "isDeleted": ["TRUE"]}),
            r.dirsync(b"k3"),
        ],
    )
    first, second = delta(connector)
    assert (first.watermark, second.watermark) == (b"k2", b"k3")
    (new,) = first.objects
    assert (new.kind, new.object_type, new.attributes) == (ImportKind.FULL, "user", {"cn": "a"})
    changed, deleted, hidden = second.objects
    assert (changed.kind, changed.object_type) == (ImportKind.CHANGE, None)
    assert changed.attributes == {"title": None, "member": ValueChanges(("CN=x",), ("CN=y",))}
    assert (deleted.kind, deleted.dn, deleted.anchor) == (ImportKind.DELETE, mangled, bytes(16))
    assert (hidden.kind, hidden.dn, hidden.anchor) == (ImportKind.DELETE, "", b"\1" * 16)
    assert directory.requests[1].asked[-3:] == ["isDeleted", "name", "parentGUID"]
    assert b"k1" in directory.requests[1].controls[DIRSYNC]


@pytest.mark.parametrize(
    "marks", [{"name": ["b"], "parentGUID": [OTHER]}, {"isDeleted": []}], ids=["moved", "brought back"]
)
def test_a_moved_object_is_read_whole(directory: Any, connector: Any, marks: Any) -> None:
    directory.bound()
    directory.expect("search", lambda r: [r.entry(f"CN=b,{DN}", {"objectGUID": [GUID], **marks}), r.dirsync(b"k2")])
    directory.expect(
        "search",
        lambda r: [
            r.entry(f"CN=b,OU=new,{DN}", {"objectClass": USER, "objectGUID": [GUID], "title": ["t"]}),
            r.page(b""),
        ],
    )
    (page,) = delta(connector)
    (moved,) = page.objects
    assert (moved.kind, moved.dn, moved.attributes) == (ImportKind.FULL, f"CN=b,OU=new,{DN}", {"title": "t"})
    assert directory.requests[2].base.startswith("<GUID=")


def test_an_object_that_is_gone_again_is_left_to_the_next_delta(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect(
        "search", lambda r: [r.entry(f"CN=b,{DN}", {"objectGUID": [GUID], "name": ["b"]}), r.dirsync(b"k2")]
    )
    directory.expect("search", lambda r: r.done(32))
    (page,) = delta(connector)
    assert page.objects == []


def test_the_replication_right_is_tried_first_and_the_answer_remembered(directory: Any, connector: Any) -> None:
    flags = []

    def answer(code: int) -> Any:
        def take(request: Any) -> bytes:
            flags.append(request.controls[DIRSYNC][2:8])
            return request.done(50, DENIED) if code else request.dirsync(b"k")

        return take

    directory.bound().expect("search", answer(50)).expect("search", answer(0))
    directory.bound().expect("search", answer(0))
    delta(connector)
    delta(connector)
    incremental, secured = bytes.fromhex("020480000800"), bytes.fromhex("020480000801")
    assert flags == [incremental, secured, secured]


def test_without_the_fallback_the_first_refusal_ends_the_delta_import(directory: Any) -> None:
    strict = ActiveDirectoryConnector(
        ForestAddress("127.0.0.1", directory.port, directory.secure_port),
        DirectoryAccount("MSOL_1@contoso.com", "secret"),
        ca_bundle="",
        schema=SCHEMA,
        security=Security.CLEAR,
        object_security_fallback=False,
    )
    directory.bound().expect("search", lambda r: r.done(50, DENIED))
    with pytest.raises(ConnectorError, match="8453"):
        delta(strict)
    strict.close()


def test_no_right_to_replicate_ends_the_delta_import(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect("search", lambda r: r.done(50, DENIED)).expect("search", lambda r: r.done(50, DENIED))
    with pytest.raises(ConnectorError) as caught:
        delta(connector)
    assert (caught.value.code, caught.value.run_result) == ("failed-search", "stopped-connectivity")
    assert str(caught.value) == "8453 Replication access was denied."


@pytest.mark.parametrize(
    ("code", "text"), [(2, ""), (53, "0000203D: LdapErr: DSID-0C090753, comment: Error processing control, data 0")]
)
def test_a_cookie_the_directory_refuses_asks_for_a_full_import(
    directory: Any, connector: Any, code: int, text: str
) -> None:
    directory.bound().expect("search", lambda r: r.done(code, text))
    with pytest.raises(ConnectorError) as caught:
        delta(connector)
    assert caught.value.run_result == "no-start-full-import-required"


def test_read_object(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect("search", lambda r: [r.entry("CN=b", {"objectClass": USER, "objectGUID": [GUID]}), r.page(b"")])
    found = connector.read_object(PARTITION, ATTRIBUTES, GUID)
    assert (found.dn, found.object_type) == ("CN=b", "user")
    directory.expect("search", lambda r: r.done(32))
    assert connector.read_object(PARTITION, ATTRIBUTES, GUID) is None


# ---- credentials -----------------------------------------------------------------------------------------------------
def test_every_step_proves_the_credentials_again(directory: Any, connector: Any) -> None:
    directory.bound().expect("search", lambda r: r.dirsync(b"k2"))
    delta(connector)
    directory.expect("bind", lambda r: r.done(49, "80090308: LdapErr: DSID-0C09044E, data 52e, v4563"))
    with pytest.raises(ConnectorError) as caught:
        delta(connector)
    assert caught.value.run_result == "no-start-credentials"


def test_a_connection_lost_between_steps_is_made_anew(directory: Any, connector: Any) -> None:
    directory.bound().expect("search", lambda r: r.dirsync(b"k2"))
    delta(connector)
    directory.expect("bind", lambda _: None)
    directory.bound().expect("search", lambda r: r.dirsync(b"k3"))
    assert delta(connector)[-1].watermark == b"k3"


def test_a_connection_lost_within_a_step_ends_it(directory: Any, connector: Any) -> None:
    directory.bound().expect("search", lambda _: None)
    with pytest.raises(ConnectorError) as caught:
        delta(connector)
    assert (caught.value.code, caught.value.run_result) == ("dropped-connection", "stopped-connectivity")


# ---- export ----------------------------------------------------------------------------------------------------------
def change(operation: ExportOperation, **settings: Any) -> ExportChange:
    return ExportChange(
        **{"number": 1, "operation": operation, "object_type": "user", "dn": f"CN=a,{DN}", "anchor": GUID, **settings}
    )


def test_export_sends_only_changes_and_goes_on_after_a_refusal(directory: Any, connector: Any) -> None:
    directory.bound()
    directory.expect("modify", lambda r: r.done(50, "00002098: SecErr: DSID-03150F94, problem 4003"))
    directory.expect("modify", lambda r: r.done())
    refused, done = connector.export(
        [
            change(ExportOperation.UPDATE, attributes={"title": "Lead"}),
            change(ExportOperation.UPDATE, number=2, attributes={"mail": None}),
        ]
    )
    assert (refused.error_type, refused.error_code) == ("permission-issue", "8344")
    assert refused.error_text == "Insufficient access rights to perform the operation."
    assert (done.number, done.error_type) == (2, None)
    assert set(directory.requests[1].controls) == {PERMISSIVE_MODIFY}


def test_export_binds_once_for_all_batches(directory: Any, connector: Any) -> None:
    directory.bound().expect("delete", lambda r: r.done()).expect("delete", lambda r: r.done())
    connector.export([change(ExportOperation.DELETE)])
    connector.export([change(ExportOperation.DELETE)])
    connector.finish_export(2, 2)
    directory.bound().expect("delete", lambda r: r.done())
    connector.export([change(ExportOperation.DELETE)])


def test_export_of_a_new_object_brings_back_its_anchor(directory: Any, connector: Any) -> None:
    directory.bound().expect("add", lambda r: r.done())
    directory.expect("search", lambda r: [r.entry(f"CN=a,{DN}", {"objectGUID": [OTHER]}), r.done()])
    (result,) = connector.export([change(ExportOperation.ADD, anchor=None, attributes={"title": "Lead"})])
    assert (result.anchor, result.error_type) == (OTHER, None)


def test_export_finds_an_object_that_moved_since_the_import(directory: Any, connector: Any) -> None:
    directory.bound().expect("modify", lambda r: r.done(32, "0000208D: NameErr: DSID-03100241, problem 2001"))
    directory.expect("search", lambda r: [r.entry(f"CN=a,OU=new,{DN}", {"objectGUID": [GUID]}), r.done()])
    directory.expect("modify", lambda r: r.done())
    (result,) = connector.export([change(ExportOperation.UPDATE, attributes={"title": "Lead"})])
    assert result.error_type is None
    assert directory.requests[-1].base == f"CN=a,OU=new,{DN}"


def test_export_of_an_object_that_is_gone(directory: Any, connector: Any) -> None:
    directory.bound().expect("delete", lambda r: r.done(32, "0000208D: NameErr: DSID-03100241, problem 2001"))
    directory.expect("search", lambda r: r.done(32))
    (result,) = connector.export([change(ExportOperation.DELETE)])
    assert (result.error_type, result.error_code) == ("cd-missing-object", "8333")


def test_export_renames_then_modifies_under_the_new_name(directory: Any, connector: Any) -> None:
    directory.bound().expect("modifyDN", lambda r: r.done()).expect("modify", lambda r: r.done())
    (result,) = connector.export(
        [change(ExportOperation.UPDATE, new_dn=f"CN=b,OU=new,{DN}", attributes={"title": "Lead"})]
    )
    assert result.error_type is None
    rename, modify = directory.requests[1:]
    assert [content for _, content in rename.parts] == [
        f"CN=a,{DN}".encode(),
        b"CN=b",
        b"\xff",
        f"OU=new,{DN}".encode(),
    ]
    assert modify.base == f"CN=b,OU=new,{DN}"


def test_export_into_a_container_that_does_not_exist(directory: Any, connector: Any) -> None:
    directory.bound().expect("modifyDN", lambda r: r.done(32, "0000208D: NameErr: DSID-03100241, problem 2001"))
    for _ in range(2):
        directory.expect("search", lambda r: [r.entry(f"CN=a,{DN}", {"objectGUID": [GUID]}), r.done()])
    (result,) = connector.export([change(ExportOperation.UPDATE, new_dn=f"CN=a,OU=none,{DN}")])
    assert result.error_type == "non-existent-parent"


# ---- several domains -------------------------------------------------------------------------------------------------
def test_each_domain_is_read_and_written_at_its_own_controller(directory: Any, child: Any) -> None:
    below = f"DC=emea,{DN}"
    address = ForestAddress("127.0.0.1", child.port, child.secure_port, base_dn=below)
    root = ForestAddress("127.0.0.1", directory.port, directory.secure_port, domains={"emea.contoso.com": address})
    account = DirectoryAccount("MSOL_1@contoso.com", "secret")
    options: dict[str, Any] = {"schema": SCHEMA, "security": Security.CLEAR, "timeout_seconds": 5}
    both = ActiveDirectoryConnector(root, account, ca_bundle=directory.ca_bundle, **options)
    partition = Partition("p2", below, "emea.contoso.com", object_types=PARTITION.object_types)
    child.bound().expect("search", lambda r: r.dirsync(b"k9"))
    child.expect(
        "search",
        lambda r: [
            r.entry(f"CN=b,{below}", {"objectClass": USER, "objectGUID": [OTHER], "cn": ["b"]}),
            r.page(b""),
        ],
    )
    (page,) = both.read_full(partition, ATTRIBUTES, 2)
    assert [found.dn for found in page.objects] == [f"CN=b,{below}"]
    for controller in (directory, child):
        controller.bound().expect("modify", lambda r: r.done())
    results = both.export(
        [
            ExportChange(1, ExportOperation.UPDATE, "user", f"CN=a,{DN}", GUID, attributes={"title": "x"}),
            ExportChange(2, ExportOperation.UPDATE, "user", f"CN=b,{below}", OTHER, attributes={"title": "y"}),
        ]
    )
    assert [result.error_type for result in results] == [None, None]
    assert directory.requests[-1].base == f"CN=a,{DN}"
    assert child.requests[-1].base == f"CN=b,{below}"
    both.close()
