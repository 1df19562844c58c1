"""``anchorage support bundle`` where there is nothing to collect from."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from harness.cli import run


def test_a_world_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers
        taken.bind(("127.0.0.1", 0))
        ready = tmp_path / "ready.json"
        door = {"url": f"http://127.0.0.1:{taken.getsockname()[1]}", "token": "t"}
        ready.write_text(json.dumps({"control": door, "servers": {"SYNC1": {"database": "x"}}}))
        code = run(["support", "bundle", "SYNC1", "--world", str(ready), "--to", str(tmp_path / "b.zip")])
    assert code == 4
    assert "the world does not answer" in capsys.readouterr().err
    assert not (tmp_path / "b.zip").exists()
