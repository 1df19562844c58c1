"""Copies of sync databases that outlive their machine, sizes as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab.database_copies import attach, kept_copy, octets_of
from harness.lab.databases import database_file
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError, StepRefusedError


@pytest.mark.parametrize(
    ("text", "octets"),
    [("10GB", 10 * 1024**3), ("9.5 GB", int(9.5 * 1024**3)), ("800mb", 800 * 1024**2), ("64KB", 65536)],
)
def test_sizes(text, octets):
    assert octets_of(text) == octets


@pytest.mark.parametrize("text", ["10", "GB", "-1GB", "10TB", ""])
def test_no_sizes(text):
    with pytest.raises(ScenarioError):
        octets_of(text)


def test_a_copy_outlives_the_machine_and_is_attached():
    described = {"contoso.com": {"users": ["Ana Lopez"]}}
    with Lab(make_world(forests=described, tenants={"contoso.onmicrosoft.com": {}}, sql={"SQL1": {}})) as lab:
        server = install_server(lab, "SYNC1", Choices(mode="custom", sql_instance="SQL1"))
        server.keep_database("monday")
        with pytest.raises(StepRefusedError, match="DATABASE_IN_USE"):
            attach(lab, "monday", "SQL1", "ADSync")
        with pytest.raises(StepRefusedError, match="FILE_IN_USE"):
            server.copy_files("files")
        log = Path(server.paths()["events"])
        server.destroy()
        del lab.servers["SYNC1"]
        attach(lab, "monday", "SQL1", "ADSync")
        assert database_file(lab.sql.folder("SQL1"), "ADSync").read_bytes() == kept_copy(lab, "monday")
        assert not log.exists()
        with pytest.raises(ScenarioError, match="kept are: monday"):
            kept_copy(lab, "tuesday")
