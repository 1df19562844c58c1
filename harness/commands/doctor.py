"""``anchorage doctor``: what is wrong with this machine, and what mends it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from harness.exit_codes import ExitCode
from harness.lab.place import place as place_of_worlds

PYTHON_FLOOR = (3, 11)
_DISK_BYTES_FLOOR = 200_000_000
_TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_NAME = re.compile(r"[\w.-]+")
Finding = tuple[str, bool, str]  # what was looked at, whether it is well, what mends it


@click.command("doctor")
def command() -> int:
    """Look at this machine and say what would stop a world from running."""
    wrong = 0
    for examine in EXAMINATIONS:
        for what, well, remedy in examine():
            click.echo(f"{'ok   ' if well else 'WRONG'} {what}" + ("" if well else f": {remedy}"))
            wrong += not well
    click.echo("nothing is wrong" if not wrong else f"{wrong} things are wrong")
    return int(ExitCode.FAULT if wrong else ExitCode.PASS)


def python() -> Iterator[Finding]:
    shown = ".".join(str(part) for part in sys.version_info[:3])
    yield f"Python {shown}", sys.version_info >= PYTHON_FLOOR, "Python 3.11 or newer is needed"


def libraries() -> Iterator[Finding]:
    """Every library the package asks for is there."""
    try:
        needed = importlib.metadata.requires("anchorage-harness") or []
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        needed = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    for text in (text.split(";")[0] for text in needed if "extra ==" not in text):
        name = _NAME.match(text)[0]  # type: ignore[index]
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield f"library {name}", False, f"python -m pip install '{text.strip()}'"
        else:
            yield f"library {name} {version}", True, ""


def loopback() -> Iterator[Finding]:
    """A free port on loopback can be had and reached."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
            pass
    except OSError as error:
        yield "loopback 127.0.0.1", False, f"worlds listen there: {error.strerror or error}"
    else:
        yield "loopback 127.0.0.1", True, ""


def folder() -> Iterator[Finding]:
    """Worlds keep their databases in the temporary folder, or in memory where there is plenty."""
    place = place_of_worlds()
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(b"x")
    except OSError as error:
        yield f"temporary folder {place}", False, f"it cannot be written: {error.strerror or error}; set TMPDIR"
        return
    free = shutil.disk_usage(place).free
    enough = free >= _DISK_BYTES_FLOOR
    yield f"temporary folder {place}, {free // 1_000_000} MB free", enough, "make room or set TMPDIR"


def database() -> Iterator[Finding]:
    supported = sqlite3.sqlite_version_info >= (3, 35)
    yield f"SQLite {sqlite3.sqlite_version}", supported, "SQLite 3.35 or newer comes with a newer Python"


def trust() -> Iterator[Finding]:
    """Clients outside the harness follow these variables; a file that is gone breaks them all."""
    for name in _TRUST_VARIABLES:
        value = os.environ.get(name)
        if value:
            yield f"{name}={value}", Path(value).exists(), f"the file does not exist; unset {name}"


def tls() -> Iterator[Finding]:
    """A world's certificate authority can be made."""
    from harness.lab.certificates import make_certificates

    try:
        with tempfile.TemporaryDirectory() as place:
            make_certificates(Path(place)).client_context()
    except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear it
        yield "certificates", False, f"a certificate authority cannot be made: {error}"
    else:
        yield "certificates", True, ""


EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (python, libraries, loopback, folder, database, trust, tls)
