"""The configuration slapd is measured with, and starting it where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench import slapd
from harness.bench.first_bind import await_bind, free_port


def test_the_configuration_is_an_empty_database_of_ours(tmp_path: Path) -> None:
    text = slapd.configure(tmp_path / "peer").read_text()
    lines = text.splitlines()
    assert f"directory {tmp_path / 'peer' / 'data'}" in lines
    assert lines.index("database mdb") < lines.index(f'suffix "{slapd.SUFFIX}"')
    assert (tmp_path / "peer" / "data").is_dir()


def test_it_answers_and_ends(tmp_path: Path) -> None:
    program = slapd.executable()
    if program is None:
        pytest.skip("slapd is not installed here")
    port = free_port()
    with slapd.running(program, slapd.configure(tmp_path / "peer"), port):
        await_bind(port, slapd.ADMINISTRATOR, slapd.PASSWORD)
    assert free_port()
    assert not (tmp_path / "peer" / "slapd.pid").exists()
