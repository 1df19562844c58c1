"""Row 4: how soon a new forest answers a bind, in a warm process and as a process of its own.

Source: design document, section 5, row 4.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from harness.bench import slapd
from harness.bench.cold_forest import PASSWORD, start_forest
from harness.bench.first_bind import NoAnswerError, await_bind, await_echo, free_port
from harness.bench.measuring import Collector, Goal, Line, Peer, Row, Settings, child_environment
from harness.lab.certificates import make_certificates
from harness.lab.reactor import in_reactor, the_reactor

if TYPE_CHECKING:
    from emulators.directory.service import TlsMaterial

NUMBER = "4"
RUNS = 11
OURS, PEER, WITH_LDAPS = "ours", "peer", "with LDAPS listening too"
_MILLISECONDS = 1000.0

#: the least a Twisted server can be
BARE_TWISTED = """
from twisted.internet import protocol, reactor
class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
port = reactor.listenTCP(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""


def measure(settings: Settings) -> Iterator[Line]:
    yield warm_start(settings)
    yield cold_start(settings)


ROW = Row(NUMBER, "a new forest answers its first bind", measure)


# ---- in a warm process -----------------------------------------------------------------------------------------------
def warm_start(settings: Settings) -> Line:
    """A new forest in a process that has run one before, beside slapd's start."""
    from emulators.directory.service import TlsMaterial

    certificates = make_certificates(settings.folder, ("contoso.com",))
    tls = TlsMaterial(certificates.chain_pem, certificates.key_pem)
    program, taken = slapd.executable(), Collector()
    configuration = slapd.configure(settings.folder / "slapd") if program else None
    _warm_forest(None), _warm_forest(tls)
    for _ in range(settings.runs or RUNS):
        taken.put(OURS, _warm_forest(None))
        taken.calibrate()
        if program is not None and configuration is not None:
            taken.put(PEER, _slapd(program, configuration))
        taken.put(WITH_LDAPS, _warm_forest(tls))
    peer = Peer("slapd, cold start", taken.of(PEER)) if program else Peer("slapd", None, "it is not installed here")
    return Line(
        NUMBER,
        "new forest in a warm process to first answered bind",
        "ms",
        taken.of(OURS),
        peer,
        Goal(1.0),
        taken.parts(OURS, PEER),
        calibration=taken.calibration,
    )


def _warm_forest(tls: TlsMaterial | None) -> float:
    reactor = the_reactor()
    began = perf_counter()
    service = in_reactor(start_forest, reactor, tls)
    try:
        await_bind(service.endpoints["ldap"], service.admin_dn, PASSWORD)
        return (perf_counter() - began) * _MILLISECONDS
    finally:
        in_reactor(service.stop)


def _slapd(program: str, configuration: Path) -> float:
    port = free_port()
    began = perf_counter()
    with slapd.running(program, configuration, port):
        await_bind(port, slapd.ADMINISTRATOR, slapd.PASSWORD)
        return (perf_counter() - began) * _MILLISECONDS


# ---- as a process of its own -----------------------------------------------------------------------------------------
def cold_start(settings: Settings) -> Line:
    """Process start to first bind, beside a process that does nothing but echo through Twisted; bytecode is cached."""
    taken = Collector()
    _cold_forest(settings.folder), _cold_echo(settings.folder)  # these compile
    for _ in range(settings.runs or RUNS):
        taken.put(OURS, _cold_forest(settings.folder))
        taken.calibrate()
        taken.put(PEER, _cold_echo(settings.folder))
    return Line(
        NUMBER,
        "cold process to first answered bind",
        "ms",
        taken.of(OURS),
        Peer("bare Twisted echo, cold", taken.of(PEER)),
        Goal(1.2),
        calibration=taken.calibration,
    )


def _cold_forest(folder: Path) -> float:
    began = perf_counter()
    with _process(folder, "-m", "harness.bench.cold_forest") as process:
        port, _, administrator = _first_line(process).partition(" ")
        await_bind(int(port), administrator, PASSWORD)
        taken = (perf_counter() - began) * _MILLISECONDS
        process.communicate()  # its input ends, and so does it
    return taken


def _cold_echo(folder: Path) -> float:
    began = perf_counter()
    with _process(folder, "-c", BARE_TWISTED) as process:
        await_echo(int(_first_line(process)))
        taken = (perf_counter() - began) * _MILLISECONDS
        process.terminate()
    return taken


def _process(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=child_environment(folder),
        cwd=folder,
    )


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise NoAnswerError("a process under measurement ended before it listened")
    return line
