"""A world that is kept: the ready file when all answers, the control door, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from harness.commands.up import announce, fixed_ports, write_atomically
from harness.exit_codes import CommandFailedError
from harness.lab.ldap_client import LdapConversation
from harness.pytest_plugin import make_world

ROOT = Path(__file__).parents[3]
WORLD = (
    "seed: 7\nforests:\n  contoso.com: {users: [{name: Ana Lopez, in: Staff}]}\n"
    "tenants:\n  contoso.onmicrosoft.com: {verified_domains: [contoso.com]}\n"
)


@contextmanager
def world_up(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    (folder / "w.yaml").write_text(WORLD)
    ready = folder / "ready.json"
    command = [sys.executable, "-W", "ignore", "-m", "harness", "up", "w.yaml", "--ready-file", str(ready), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir(exist_ok=True)
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process, ready
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], ready: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while not ready.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return dict(json.loads(ready.read_text()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everything_answers_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    with world_up(tmp_path) as (process, ready_file):
        ready = wait_for(process, ready_file)
        assert stat.S_IMODE(ready_file.stat().st_mode) == 0o600
        assert ready["pid"] == process.pid
        forest = ready["forests"]["contoso.com"]
        host, port = forest["ldap"].removeprefix("ldap://").split(":")
        conversation = LdapConversation(host, int(port))
        conversation.bind(forest["admin"]["dn"], forest["admin"]["password"])
        assert [one.dn for one in conversation.search(forest["base_dn"], "(cn=Ana Lopez)", ["cn"])]
        conversation.close()
        tenant = ready["tenants"]["contoso.onmicrosoft.com"]
        with urllib3.PoolManager(ca_certs=ready["ca_bundle"], retries=False) as pool:
            form = {
                "grant_type": "client_credentials", "client_id": tenant["client_id"],
                "client_secret": tenant["client_secret"], "scope": "https://graph.microsoft.com/.default",
            }  # fmt: skip
            url = f"{tenant['login']}/{tenant['tenant_id']}/oauth2/v2.0/token"
            token = pool.request("POST", url, fields=form, encode_multipart=False).json()["access_token"]
            users = pool.request("GET", f"{tenant['graph']}/v1.0/users", headers={"Authorization": f"Bearer {token}"})
            assert users.status == 200
            control = ready["control"]
            answer = pool.request(
                "POST", f"{control['url']}/clock/advance", body=b'{"by": "30d"}',
                headers={"Authorization": f"Bearer {control['token']}"},
            )  # fmt: skip
            assert answer.status == 200
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 0, out
        assert forest["admin"]["password"] not in out
        assert not ready_file.exists()
        assert list((tmp_path / "tmp").iterdir()) == []


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = taken.getsockname()[1]
        with world_up(tmp_path, "--ports", str(base)) as (process, ready):
            out, _ = process.communicate(timeout=60)
        assert process.returncode == 4
        assert f"port {base} of 127.0.0.1 is in use" in out
        assert "Traceback" not in out
        assert not ready.exists()
        assert list((tmp_path / "tmp").iterdir()) == []


def test_ports_follow_from_the_base() -> None:
    world = make_world(forests={"a.com": {}, "b.com": {}}, tenants={"t.onmicrosoft.com": {}})
    assert fixed_ports(world, 5000) == {
        "a.com/ldap": 5000, "a.com/ldaps": 5001, "a.com/gc": 5002, "b.com/ldap": 5003, "b.com/ldaps": 5004,
        "b.com/gc": 5005, "t.onmicrosoft.com/https": 5006, "control": 5007,
    }  # fmt: skip


def test_a_ready_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError):
        write_atomically(tmp_path / "no" / "folder.json", {})
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_announced_with_the_way_to_its_prompt(capsys: pytest.CaptureFixture[str]) -> None:
    ready = {
        "forests": {}, "tenants": {}, "control": {"url": "http://127.0.0.1:1"},
        "servers": {"SYNC1": {"database": "/somewhere/ADSync.sqlite"}},
    }  # fmt: skip
    announce(ready, "w.json")
    line = capsys.readouterr().out.splitlines()[0]
    assert line == "server SYNC1: /somewhere/ADSync.sqlite; anchorage shell SYNC1 --world w.json"
    announce(ready, None)
    assert capsys.readouterr().out.splitlines()[0] == "server SYNC1: /somewhere/ADSync.sqlite"
