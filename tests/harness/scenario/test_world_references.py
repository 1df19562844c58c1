"""Names in a world that mean something else of it: said with their place before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.scenario_files import read_file
from harness.vocabulary import the_language

WORLD = """\
scenario: names
world:
  forests: {contoso.com: {domains: {emea.contoso.com: {}}}}
  tenants: {contoso.onmicrosoft.com: {verified_domains: [contoso.com]}}
  REST
steps:
  - wait: 1m
"""
FARM = "federation: {machines: {ADFS1: {domain: contoso.com}}, farms: {sts.contoso.com: {servers: [ADFS1]%s}}}"


def complaints(folder: Path, rest: str) -> list[str]:
    file = folder / "one.yaml"
    file.write_text(WORLD.replace("REST", rest), encoding="utf-8")
    return [problem.render() for problem in read_file(file, the_language(), "one.yaml").problems]


@pytest.mark.parametrize(
    "rest",
    [
        FARM % "",
        FARM % ", forests: [emea.contoso.com], trust: {domains: [Contoso.com]}",
        "network: {firewall: {emea.contoso.com: [tcp/88]}}",
        "federation: {machines: {ADFS1.contoso.com: {}}, farms: {sts.contoso.com: {servers: [adfs1]}}}",
    ],
)
def test_what_is_there(tmp_path: Path, rest: str) -> None:
    assert complaints(tmp_path, rest) == []


@pytest.mark.parametrize(
    ("rest", "place", "told"),
    [
        ("federation: {machines: {ADFS1: {domain: contosso.com}}}", "5:43", "no domain contosso.com"),
        (FARM % ", forests: [nope.com]", "5:112", "no domain nope.com"),
        (FARM % ", trust: {domains: [fabrikam.com]}", "5:120", "no verified domain fabrikam.com"),
        (
            "federation: {machines: {ADFS1: {}}, farms: {sts.contoso.com: {servers: [ADFS9]}}}",
            "5:75",
            "no machine ADFS9",
        ),
        ("network: {firewall: {nope.com: [tcp/88]}}", "5:24", "no domain nope.com"),
    ],
)
def test_what_is_not(tmp_path: Path, rest: str, place: str, told: str) -> None:
    [found] = complaints(tmp_path, rest)
    assert found.startswith(f"one.yaml:{place}: the world has {told}")


def test_the_nearest_name_is_given(tmp_path: Path) -> None:
    [found] = complaints(tmp_path, "network: {firewall: {contosso.com: [tcp/88]}}")
    assert "did you mean contoso.com?" in found
