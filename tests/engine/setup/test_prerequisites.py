"""The machine before the first page, facts "install" PRE rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.setup.answers import HostMachine
from engine.setup.prerequisites import check_prerequisites, negotiated_tls

ROWS = [
    ({}, []),
    ({"tls12": False}, [("TLS12_REQUIRED", True)]),
    ({"tls12": False, "product_version": "2.0.3.0"}, [("TLS12_REQUIRED", True)]),
    ({"tls12": False, "product_version": "1.1.614.0"}, [("TLS12_ABSENT", False)]),
    ({"server_core": True}, [("OS_UNSUPPORTED", True)]),
    ({"domain_joined": False}, [("OS_UNSUPPORTED", True)]),
    ({"operating_system": "Windows Small Business Server 2011"}, [("OS_UNSUPPORTED", True)]),
    ({"operating_system": "Windows Server 2016 Essentials"}, [("OS_UNSUPPORTED", True)]),
    ({"operating_system": "Windows Server 2019 Essentials"}, []),
    ({"operating_system": "Windows Server 2025"}, [("OS_UNSUPPORTED", False)]),
    ({"dotnet": "4.6.2"}, [("DOTNET_TOO_OLD", True)]),
    ({"dotnet": "4.6.2", "product_version": "2.4.18.0"}, []),
    ({"powershell": "4.0"}, [("POWERSHELL_TOO_OLD", True)]),
    ({"dcom_registry_intact": False}, [("DCOM_PREREQ", True)]),
]


@pytest.mark.parametrize(("machine", "findings"), ROWS)
def test_machine(machine: dict, findings: list) -> None:
    host = HostMachine("SYNC1", Path("unused"), **machine)
    assert [(f.code, f.blocking) for f in check_prerequisites(host)] == findings


@pytest.mark.parametrize(
    ("machine", "spoken"),
    [
        ({}, "1.2"),
        ({"product_version": "1.1.614.0"}, "1.2"),
        ({"tls12": False, "product_version": "1.1.614.0"}, "1.1"),
        ({"tls12": False, "product_version": "1.1.553.0"}, "1.0"),
    ],
)
def test_negotiated_tls(machine: dict, spoken: str) -> None:
    """PRE-02."""
    assert negotiated_tls(HostMachine("SYNC1", Path("unused"), **machine)) == spoken
