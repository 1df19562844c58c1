"""Whether device write-back can be chosen, and why not; where its container stands."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.connectors.active_directory.device_registration import RegistrationFacts
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.setup.answers import Credential
from engine.setup.features import device_options
from engine.setup.features.device_options import DeviceChoice, Operation, configure_device_options, unavailable

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
LOCATION = "CN=RegisteredDevices,DC=contoso,DC=com"
READY = RegistrationFacts(88, ("CN=DeviceRegistrationService",), LOCATION, True, True)


def server(forests=("contoso.com",), version="2.5.79.0"):
    connectors = {
        n: ConnectorConfiguration(f"c{n}", name, ConnectorType.ACTIVE_DIRECTORY, parameters={"forest-name": name})
        for n, name in enumerate(forests)
    }
    return SimpleNamespace(
        connectors=connectors, version=version, global_settings={}, suspend=lambda: None, resume=lambda: None
    )


@pytest.mark.parametrize(
    ("found", "forests", "code"),
    [
        (READY, ("contoso.com",), ""),
        (RegistrationFacts(69), ("contoso.com",), ""),
        (RegistrationFacts(56), ("contoso.com",), "DEVICE_WRITEBACK_SCHEMA"),
        (RegistrationFacts(88, ("a", "b")), ("contoso.com",), "DEVICE_REGISTRATION_DUPLICATE"),
        (RegistrationFacts(88, ("a",)), ("contoso.com",), "DEVICE_REGISTRATION_LOCATION"),
        (READY, ("contoso.com", "fabrikam.com"), "DEVICE_WRITEBACK_FORESTS"),
    ],
)
def test_why_it_cannot_be_chosen(found, forests, code) -> None:
    reason = unavailable(server(forests), found)
    assert (reason[0] if reason else "") == code


def test_an_old_version_has_no_such_task() -> None:
    def nobody(*_args):
        raise AssertionError("nothing is reached")

    surroundings = SimpleNamespace(sign_in=nobody, connect_forest=nobody)
    wanted = DeviceChoice(Operation.ENABLE_WRITEBACK)
    outcome = configure_device_options(server(version="1.1.818.0"), ADMIN, wanted, surroundings)
    assert outcome.pages[-1].code == "TASK_UNKNOWN"


def test_of_several_forests_one_has_to_be_named() -> None:
    session = SimpleNamespace(close=lambda: None)
    surroundings = SimpleNamespace(sign_in=lambda *_: session)
    wanted = DeviceChoice(Operation.HYBRID_JOIN)
    outcome = configure_device_options(server(("contoso.com", "fabrikam.com")), ADMIN, wanted, surroundings)
    assert outcome.pages[-1].code == "DEVICE_FOREST"


@pytest.mark.parametrize(
    ("partition", "included"),
    [
        (Partition("p", "DC=contoso,DC=com", "contoso.com"), ()),
        (
            Partition(
                "p", "DC=contoso,DC=com", "contoso.com", True, ("OU=S,DC=contoso,DC=com",), ("DC=contoso,DC=com",)
            ),
            ("OU=S,DC=contoso,DC=com", LOCATION),
        ),
        (Partition("p", "DC=b,DC=a", "b.a", True, ("OU=S,DC=b,DC=a",), ("DC=b,DC=a",)), ("OU=S,DC=b,DC=a",)),
    ],
)
def test_the_container_is_selected_where_it_was_not(partition, included) -> None:
    assert device_options._with_container(partition, LOCATION).included == included
