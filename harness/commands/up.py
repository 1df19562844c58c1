"""``anchorage up``: start a world, say where everything is, keep it until Ctrl-C or SIGTERM, leave nothing behind."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.scenario.document import DEFAULT_PROFILE

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.lab import Lab
    from harness.scenario.document import World

_BEAT_SECONDS = 0.5
_MACHINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,14}")


@click.command("up")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option(
    "--ready-file", type=click.Path(dir_okay=False), default=None, metavar="F", help="Written when all answers."
)
@click.option("--ports", type=click.IntRange(1, 65000), default=None, metavar="BASE", help="Fixed ports from here on.")
@click.option("--seed", default=None, metavar="S", help="Make the world with this seed.")
@click.option("--profile", type=click.Choice(["guide", "vendor"]), default=None, help="Behaviour profile.")
@click.option("--install", "servers", multiple=True, metavar="NAME", help="Install a sync server, express settings.")
@click.option("--interface", default="127.0.0.1", metavar="ADDRESS", help="Listen elsewhere than on loopback.")
def command(
    file: str,
    ready_file: str | None,
    ports: int | None,
    seed: str | None,
    profile: str | None,
    servers: tuple[str, ...],
    interface: str,
) -> int:
    """Start the world of FILE, a world or a scenario, and keep it."""
    check_names(servers)
    world, chosen = read_world(Path(file), profile)
    stop = threading.Event()
    with signals(stop):
        from harness.lab.reactor import stop_reactor

        try:
            _keep(world, stop, ready_file, ports, seed, chosen, interface, servers)
        finally:
            stop_reactor()
    return int(ExitCode.PASS)


def read_world(path: Path, profile: str | None) -> tuple[World, str]:
    """Return the world of a file, and the behaviour profile; raises CommandFailedError with all complaints."""
    from harness.scenario_files import is_world, no_such_path, read_file
    from harness.vocabulary import the_language

    if not path.exists():
        raise click.UsageError(no_such_path(path, "file"))
    reading = read_file(path, the_language(), str(path), world=is_world(path))
    if reading.problems:
        text = "\n".join(problem.render() for problem in reading.problems)
        raise CommandFailedError(ExitCode.SCENARIO_INVALID, text)
    if reading.scenario is not None:
        first = reading.scenario.cases[0]
        return first.world, first.profile_of(profile)
    assert reading.world is not None
    return reading.world, profile or DEFAULT_PROFILE


@contextmanager
def signals(stop: threading.Event) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a wish to stop; a second Ctrl-C is the ordinary one."""

    def wish(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _keep(
    world: World,
    stop: threading.Event,
    ready_file: str | None,
    base: int | None,
    seed: str | None,
    profile: str,
    interface: str,
    servers: tuple[str, ...] = (),
) -> None:
    from twisted.internet.error import CannotListenError

    from harness.lab.control_door import SEEDED, Desk, open_door
    from harness.lab.lab import Lab
    from harness.lab.reactor import in_reactor
    from harness.refusal import ScenarioError

    ports = fixed_ports(world, base) if base is not None else {}
    try:
        lab = Lab(world, seed=seed, profile=profile, interface=interface, ports=ports)
    except CannotListenError as error:
        raise CommandFailedError(ExitCode.FAULT, f"port {error.port} of {error.interface} is in use") from None
    except ScenarioError as error:
        raise CommandFailedError(ExitCode.SCENARIO_INVALID, str(error)) from None
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"the world cannot start: {error.strerror or error}") from None
    token = secrets.token_urlsafe(24)
    door = None
    written = None
    try:
        desk = Desk(lab)
        install_servers(lab, servers)
        lab.keep(SEEDED)
        try:
            door = in_reactor(open_door, desk, token, "127.0.0.1", ports.get("control", 0))
        except CannotListenError as error:
            raise CommandFailedError(ExitCode.FAULT, f"port {error.port} of {error.interface} is in use") from None
        ready = ready_document(lab, f"http://127.0.0.1:{door.getHost().port}", token, interface)
        if ready_file is not None:
            write_atomically(Path(ready_file), ready)
            written = Path(ready_file)
        announce(ready, ready_file)
        _serve(lab, desk.serve, stop)
    finally:
        if door is not None:
            in_reactor(door.stopListening)
        lab.close()
        if written is not None:
            written.unlink(missing_ok=True)


def check_names(servers: tuple[str, ...]) -> None:
    """A server's name is that of its machine, once; raises click.UsageError."""
    for number, name in enumerate(servers):
        if not _MACHINE.fullmatch(name):
            wrong = f"--install takes the name of a machine, such as SYNC1: letters, digits and hyphens, not '{name}'"
            raise click.UsageError(wrong)
        if name.lower() in (other.lower() for other in servers[:number]):
            raise click.UsageError(f"--install {name} is given twice")


def install_servers(lab: Lab, names: tuple[str, ...]) -> None:
    """Run the wizard with express settings on each server; its first cycle runs at once."""
    from harness.lab.installation import Choices, install_server
    from harness.refusal import ScenarioError, StepRefusedError

    for name in names:
        try:
            install_server(lab, name, Choices())
        except (StepRefusedError, ScenarioError) as error:
            raise CommandFailedError(ExitCode.FAULT, f"{name} cannot be installed: {error}") from None
        lab.tick(lab.clock.now())


def _serve(lab: Lab, serve: Callable[[float], None], stop: threading.Event) -> None:
    real = lab.world.clock == "real"
    while not stop.is_set():
        serve(_BEAT_SECONDS)
        if real:
            lab.tick(lab.clock.now())
    click.echo("stopping")


def fixed_ports(world: World, base: int) -> dict[str, int]:
    """Return the ports of a world from a base on, in a fixed order: forests, tenants, control door."""
    domains = [domain for forest in world.forests for domain in (forest, *forest.domains)]
    names = [f"{domain.name}/{kind}" for domain in domains for kind in ("ldap", "ldaps", "gc")]
    names += [f"{tenant.name}/https" for tenant in world.tenants]
    names += ["federation/https"] if world.federation is not None else []
    return {name: base + number for number, name in enumerate([*names, "control"])}


def ready_document(lab: Lab, control: str, token: str, interface: str) -> dict[str, Any]:
    """Return what the ready file says (design document, section 2)."""
    host = "127.0.0.1" if interface == "0.0.0.0" else interface  # noqa: S104 - asked for by a flag
    forests = {}
    for name, forest in lab.forests.items():
        forests[name] = {
            **_addresses(forest, host),
            "domains": {one.name: _addresses(lab.domains[one.name], host) for one in forest.document.domains},
            "admin": {
                "upn": forest.service.admin_upn,
                "dn": forest.service.admin_dn,
                "password": forest.admin_password,
            },
        }
    tenants = {}
    for name, tenant in lab.tenants.items():
        url = f"https://{host}:{tenant.service.endpoints['https']}"
        tenants[name] = {
            "tenant_id": tenant.service.tenant_id,
            "login": url,
            "graph": url,
            "client_id": tenant.service.client_id,
            "client_secret": tenant.service.client_secret,
            "admin": {"upn": tenant.service.admin_upn, "password": tenant.admin_password},
        }
    servers = {name: server.paths() for name, server in lab.servers.items()}
    return {
        "pid": os.getpid(),
        "ca_bundle": str(lab.certificates.ca_bundle),
        "control": {"url": control, "token": token},
        "forests": forests,
        "tenants": tenants,
        "servers": servers,
        **({"federation": lab.federation.addresses(host)} if lab.federation is not None else {}),
    }


def _addresses(domain: Forest, host: str) -> dict[str, str]:
    ports = domain.endpoints
    return {
        "ldap": f"ldap://{host}:{ports['ldap']}",
        "ldaps": f"ldaps://{host}:{ports['ldaps']}",
        "gc": f"ldap://{host}:{ports['gc']}",
        "base_dn": domain.base_dn,
    }


def write_atomically(path: Path, content: dict[str, Any]) -> None:
    """Write a file that is either absent or whole; only its owner may read it, for it holds passwords."""
    if path.exists() and not path.is_file():
        raise CommandFailedError(ExitCode.USAGE, f"the ready file {path} cannot be written: it is no ordinary file")
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(content, out, indent=1)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"the ready file {path} cannot be written: {error.strerror or error}"
        raise CommandFailedError(ExitCode.FAULT, message) from None


def announce(ready: dict[str, Any], ready_file: str | None) -> None:
    """Say where everything answers."""
    for name, forest in ready["forests"].items():
        click.echo(f"forest {name}: {forest['ldap']} {forest['ldaps']} base {forest['base_dn']}")
        for domain, one in forest["domains"].items():
            click.echo(f"domain {domain}: {one['ldap']} {one['ldaps']} base {one['base_dn']}")
    for name, tenant in ready["tenants"].items():
        click.echo(f"tenant {name}: {tenant['graph']}")
    for name, server in ready["servers"].items():
        typed = f"; anchorage shell {name} --world {ready_file}" if ready_file else ""
        click.echo(f"server {name}: {server['database']}{typed}")
    click.echo(f"control: {ready['control']['url']}")
    where = f"credentials are in {ready_file}" if ready_file else "add --ready-file F to get the credentials"
    click.echo(f"{where}; Ctrl-C ends the world")
