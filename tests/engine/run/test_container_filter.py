"""Which containers are in: the longest match decides; where new ones are left out, only named containers count."""

from __future__ import annotations

import pytest

from engine.model.configuration import Partition
from engine.run.container_filter import container_filter, parent_of

BASE = "DC=contoso,DC=com"


@pytest.mark.parametrize(
    ("included", "excluded", "dn", "inside"),
    [
        ((f"OU=Staff,{BASE}",), (BASE,), f"CN=Ana,OU=Staff,{BASE}", True),
        ((f"OU=Staff,{BASE}",), (BASE,), f"CN=Ana,OU=New,OU=Staff,{BASE}", True),
        ((f"OU=Staff,{BASE}",), (BASE,), f"CN=Ana,OU=Other,{BASE}", False),
        ((f"ou=staff,{BASE.lower()}",), (BASE,), f"OU=Staff,{BASE}", True),
        ((), (f"OU=Service,{BASE}",), f"CN=Svc,OU=Service,{BASE}", False),
        ((), (f"OU=Service,{BASE}",), f"CN=Ana,CN=Users,{BASE}", True),
        ((f"OU=In,OU=Out,{BASE}",), (f"OU=Out,{BASE}",), f"CN=Ana,OU=In,OU=Out,{BASE}", True),
        ((f"OU=Staff,{BASE}",), (BASE,), f"CN=Ana,OU=XStaff,{BASE}", False),
        ((f"OU=Staff,{BASE}",), (BASE, f"OU=Staff,{BASE}"), f"CN=Ana,OU=Staff,{BASE}", True),
    ],
)
def test_longest_match(included, excluded, dn, inside) -> None:
    decide = container_filter(Partition("p", BASE, "contoso.com", True, included, excluded))
    assert decide is not None
    assert decide(dn) is inside


@pytest.mark.parametrize(
    ("dn", "inside"),
    [
        (f"CN=Ana,OU=Staff,{BASE}", True),
        (f"OU=Staff,{BASE}", True),
        (f"CN=Ana,OU=New,OU=Staff,{BASE}", False),
        (f"OU=New,OU=Staff,{BASE}", True),  # the container is seen, what stands in it is not
        (f"CN=Lopez\\, Ana,ou=staff,{BASE}", True),
    ],
)
def test_named_containers_only(dn, inside) -> None:
    partition = Partition("p", BASE, "contoso.com", True, (f"OU=Staff,{BASE}",), (BASE,), new_containers=False)
    decide = container_filter(partition)
    assert decide is not None
    assert decide(dn) is inside


def test_a_whole_partition_needs_no_question() -> None:
    assert container_filter(Partition("p", BASE, "contoso.com")) is None


@pytest.mark.parametrize(("dn", "parent"), [("CN=A,OU=B", "OU=B"), ("CN=A\\,B,OU=C", "OU=C"), ("DC=com", "")])
def test_parent(dn, parent) -> None:
    assert parent_of(dn) == parent
