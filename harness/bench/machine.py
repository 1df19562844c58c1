"""What the figures were taken on: processor count, interpreter, versions of ours and of the peers."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess

from harness.bench import slapd

PACKAGES = ("twisted", "ldaptor", "flask", "pytest", "pytest-xdist", "ldap3")
ABSENT = "absent"


def describe() -> dict[str, object]:
    """Return the machine as plain values."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load average": [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        slapd.NAME: _slapd_version(),
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ABSENT


def _slapd_version() -> str:
    program = slapd.executable()
    if program is None:
        return ABSENT
    ended = subprocess.run([program, "-VV"], capture_output=True, text=True, check=False)  # noqa: S603
    words = (ended.stderr + ended.stdout).split()
    return words[words.index("slapd") + 1] if "slapd" in words[:-1] else "present"
