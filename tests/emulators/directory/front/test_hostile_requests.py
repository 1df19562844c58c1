"""Any filter and any write, sound in its BER and wild in its content, is answered by the whole directory."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulators.directory.front import ber

BASE = "DC=contoso,DC=com"

# ---- hostile filters against the real core ---------------------------------------------------------------------------
NAMES = st.sampled_from(["cn", "objectClass", "member", "uSNChanged", "objectSid", "objectGUID", "anr", "nonsense", ""])
VALUES = st.one_of(
    st.binary(max_size=30), st.sampled_from([b"user", b"5", b"TRUE", BASE.encode(), b"20260101000000.0Z"])
)
RULES = st.sampled_from(["1.2.840.113556.1.4.803", "1.2.840.113556.1.4.804", "1.2.840.113556.1.4.1941", "1.2.3"])


def item(tag: int, name: str, value: bytes) -> bytes:
    return ber.sequence(ber.octets(name.encode()), ber.octets(value), tag=tag)


ITEMS = st.one_of(
    st.builds(item, st.sampled_from([0xA3, 0xA5, 0xA6, 0xA8]), NAMES, VALUES),
    st.builds(lambda name: ber.octets(name.encode(), 0x87), NAMES),
    st.builds(
        lambda name, start, middle: ber.sequence(
            ber.octets(name.encode()), ber.sequence(ber.octets(start, 0x80), ber.octets(middle, 0x81)), tag=0xA4
        ),
        NAMES,
        VALUES,
        VALUES,
    ),
    st.builds(
        lambda rule, name, value: ber.sequence(
            ber.octets(rule.encode(), 0x81), ber.octets(name.encode(), 0x82), ber.octets(value, 0x83), tag=0xA9
        ),
        RULES,
        NAMES,
        VALUES,
    ),
)
FILTERS = st.recursive(
    ITEMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: ber.sequence(*items, tag=0xA0)),
        st.lists(inner, max_size=3).map(lambda items: ber.sequence(*items, tag=0xA1)),
        inner.map(lambda one: ber.sequence(one, tag=0xA2)),
    ),
    max_leaves=6,
)
BASES = st.sampled_from([BASE, "", "CN=x", "nonsense", f"<GUID=zz>,{BASE}", "<SID=S-1>", f"CN=Configuration,{BASE}"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=FILTERS, base=BASES, scope=st.integers(0, 2), names=st.lists(st.text(max_size=12), max_size=3))
def test_any_filter_is_answered(
    world: Any, conversation_class: Any, condition: bytes, base: str, scope: int, names: list[str]
) -> None:
    conversation = conversation_class(world.service.endpoints["ldap"])
    name = world.service.admin_dn.encode()
    bind = ber.sequence(ber.integer(3), ber.octets(name), ber.octets(world.password.encode(), 0x80), tag=0x60)
    assert conversation.ask(ber.sequence(ber.integer(1), bind))[7:10] == b"\x0a\x01\x00"
    head = ber.octets(base.encode()) + bytes((0x0A, 1, scope)) + bytes.fromhex("0a0100 020100 020100 010100")
    listed = ber.sequence(*(ber.octets(one.encode()) for one in names))
    conversation.send(ber.sequence(ber.integer(2), ber.tlv(0x63, head + condition + listed)))
    while True:
        message = conversation.message()
        assert message, "the server closed"
        _, start, _ = ber.read(message, 0, len(message))
        if message[start + 3] == 0x65:
            break
    conversation.close()
    assert world.thread.failures == []


# ---- hostile writes against the real core ----------------------------------------------------------------------------
DNS = st.one_of(
    st.sampled_from(
        [
            BASE,
            "",
            f"CN=x,{BASE}",
            f"OU=x,{BASE}",
            f"CN=Administrator,CN=Users,{BASE}",
            f"CN=Schema,CN=Configuration,{BASE}",
            f"<GUID=zz>,{BASE}",
            f'CN="q\\,x,{BASE}',
        ]
    ),
    st.text(max_size=20),
)
FIELDS = st.one_of(
    st.sampled_from(
        [
            "objectClass",
            "cn",
            "sAMAccountName",
            "member",
            "unicodePwd",
            "nTSecurityDescriptor",
            "objectSid",
            "objectGUID",
            "userAccountControl",
            "groupType",
            "isDeleted",
            "distinguishedName",
            "servicePrincipalName",
            "sIDHistory",
            "whenCreated",
            "pwdLastSet",
        ]
    ),
    st.text(max_size=8),
)
CONTENTS = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([b"user", b"group", b"organizationalUnit", b"5", b"-1", b"TRUE", f"CN=x,{BASE}".encode()]),
    ),
    max_size=3,
)
FLAGS = ["1.2.840.113556.1.4.417", "1.2.840.113556.1.4.805", "1.2.840.113556.1.4.1413", "1.2.840.113556.1.4.1339"]


def attribute(name: str, values: list[bytes]) -> bytes:
    return ber.sequence(ber.octets(name.encode()), ber.tlv(0x31, b"".join(ber.octets(v) for v in values)))


ATTRIBUTES = st.builds(attribute, FIELDS, CONTENTS)
WRITES = st.one_of(
    st.builds(
        lambda dn, items: ber.sequence(ber.octets(dn.encode()), ber.sequence(*items), tag=0x68),
        DNS,
        st.lists(ATTRIBUTES, max_size=4),
    ),
    st.builds(
        lambda dn, items: ber.sequence(
            ber.octets(dn.encode()),
            ber.sequence(*(ber.sequence(ber.integer(verb, ber.ENUMERATED), one) for verb, one in items)),
            tag=0x66,
        ),
        DNS,
        st.lists(st.tuples(st.integers(0, 2), ATTRIBUTES), max_size=3),
    ),
    st.builds(
        lambda dn, rdn, old, above: ber.sequence(
            ber.octets(dn.encode()),
            ber.octets(rdn.encode()),
            ber.boolean(old),
            *([] if above is None else [ber.octets(above.encode(), 0x80)]),
            tag=0x6C,
        ),
        DNS,
        st.one_of(st.just("CN=y"), st.text(max_size=10)),
        st.booleans(),
        st.one_of(st.none(), DNS),
    ),
    st.builds(lambda dn: ber.octets(dn.encode(), 0x4A), DNS),
    st.builds(
        lambda dn, name, value: ber.sequence(
            ber.octets(dn.encode()), ber.sequence(ber.octets(name.encode()), ber.octets(value)), tag=0x6E
        ),
        DNS,
        FIELDS,
        st.binary(max_size=20),
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(st.tuples(WRITES, st.lists(st.sampled_from(FLAGS), max_size=2)), min_size=1, max_size=4))
def test_any_write_is_answered(world: Any, conversation_class: Any, operations: list[tuple[bytes, list[str]]]) -> None:
    conversation = conversation_class(world.service.endpoints["ldap"])
    name = world.service.admin_dn.encode()
    bind = ber.sequence(ber.integer(3), ber.octets(name), ber.octets(world.password.encode(), 0x80), tag=0x60)
    conversation.ask(ber.sequence(ber.integer(1), bind))
    for operation, flags in operations:
        controls = b"".join(ber.sequence(ber.octets(flag.encode()), ber.boolean(True)) for flag in flags)
        message = ber.sequence(ber.integer(2), operation, ber.tlv(0xA0, controls) if flags else b"")
        answer = conversation.ask(message)
        assert answer, "the server closed"
    conversation.close()
    assert world.thread.failures == []
