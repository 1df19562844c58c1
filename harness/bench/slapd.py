"""OpenLDAP's server as a peer: found on the PATH, run over an empty database in a folder of ours.

The configuration has the schemas a packaged slapd starts with. Source: slapd.conf(5), slapd-mdb(5).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bench.first_bind import HOST

NAME = "slapd"
SUFFIX = "dc=peer,dc=test"
ADMINISTRATOR = f"cn=admin,{SUFFIX}"
PASSWORD = "measured-beside"  # noqa: S105 - of a server that lives for milliseconds
_MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap", "/usr/libexec/openldap")
_SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema")
_SCHEMA_FILES = ("core.schema", "cosine.schema", "inetorgperson.schema")
_STOP_SECONDS = 10


def executable() -> str | None:
    return shutil.which(NAME) or shutil.which(NAME, path="/usr/sbin:/usr/local/sbin:/usr/libexec")


def configure(folder: Path) -> Path:
    """Write the configuration of an empty database below the folder; returns the file."""
    data = folder / "data"
    data.mkdir(parents=True)
    lines = [f"include {path}" for path in _schemas()]
    modules = next((Path(one) for one in _MODULES if (Path(one) / "back_mdb.so").exists()), None)
    if modules is not None:
        lines += [f"modulepath {modules}", "moduleload back_mdb"]
    lines += [f"pidfile {folder / 'slapd.pid'}", "database mdb", f'suffix "{SUFFIX}"', f'rootdn "{ADMINISTRATOR}"']
    lines += [f"rootpw {PASSWORD}", f"directory {data}", "maxsize 67108864"]
    target = folder / "slapd.conf"
    target.write_text("\n".join(lines) + "\n")
    return target


def _schemas() -> list[Path]:
    folder = next((Path(one) for one in _SCHEMAS if Path(one).is_dir()), None)
    return [folder / name for name in _SCHEMA_FILES if (folder / name).exists()] if folder else []


@contextmanager
def running(program: str, configuration: Path, port: int) -> Iterator[None]:
    """Start the server in the foreground; it is stopped by its own handle."""
    command = [program, "-h", f"ldap://{HOST}:{port}", "-f", str(configuration), "-d", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
