"""Name service and firewalls between servers and controllers: real ports that answer or refuse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world

FORESTS = {"contoso.com": {"domains": {"emea.contoso.com": {"netbios": "EMEA"}}}}


@pytest.fixture
def one() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS)) as made:
        yield made


def names(one: Any) -> Any:
    from harness.lab.addresses import network

    return network(one).forests


def dials(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_world_that_says_nothing_is_open_and_asked_for_nothing_else(one: Any) -> None:
    address = names(one)["contoso.com"]
    assert dials(address.ldap_port)
    assert dials(address.ldaps_port)
    assert not address.services
    assert address.domains["emea.contoso.com"] == names(one)["emea.contoso.com"]


def test_a_closed_port_refuses_and_the_others_answer(one: Any) -> None:
    one.network.close_ports("contoso.com", ["tcp/389", "tcp/88"])
    address = names(one)["contoso.com"]
    assert not dials(address.ldap_port)
    assert not dials(address.ldaps_port)
    assert not dials(address.services["tcp/88"])
    assert dials(address.services["tcp/53"])
    assert dials(names(one)["emea.contoso.com"].ldap_port)
    assert one.forest("contoso.com").search("(cn=Users)")  # the harness goes round the firewall


def test_opened_again_one_by_one_or_all(one: Any) -> None:
    one.network.close_ports("contoso.com", ["tcp/389", "tcp/88", "tcp/53"])
    one.network.open_ports("contoso.com", ["tcp/389"])
    address = names(one)["contoso.com"]
    assert dials(address.ldap_port)
    assert not dials(address.services["tcp/88"])
    one.network.open_ports("contoso.com", None)
    assert dials(names(one)["contoso.com"].services["tcp/88"])


@pytest.mark.parametrize(("answer", "error"), [("missing", KeyError), ("servfail", Exception), ("refused", Exception)])
def test_answers_of_the_name_service(one: Any, answer: str, error: type[Exception]) -> None:
    from engine.network import NameServiceError

    one.network.set_answer("Contoso.com", answer)
    with pytest.raises(error) as raised:
        names(one)["contoso.com"]
    assert isinstance(raised.value, NameServiceError) is (answer != "missing")
    one.network.set_answer("contoso.com", "ok")
    assert names(one)["contoso.com"]


def test_a_domain_whose_name_fails_is_left_out_of_its_forest(one: Any) -> None:
    one.network.set_answer("emea.contoso.com", "servfail")
    assert names(one)["contoso.com"].domains == {}


def test_a_snapshot_carries_it(one: Any) -> None:
    before = one.snapshot()
    one.network.close_ports("contoso.com", ["tcp/389"])
    one.network.set_answer("emea.contoso.com", "servfail")
    one.restore(before)
    assert dials(names(one)["contoso.com"].ldap_port)
    assert one.network.answer("emea.contoso.com") == "ok"


def test_the_ports_are_given_up(one: Any) -> None:
    one.network.close_ports("contoso.com", ["tcp/88"])
    port = names(one)["contoso.com"].services["tcp/53"]
    assert dials(port)
    one.close()
    assert not dials(port)
