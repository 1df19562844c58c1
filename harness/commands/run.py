"""``anchorage run``: pytest and xdist underneath, our own words on the terminal, journals and JUnit on request."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.lab.place import new_folder
from harness.run_spool import Spool, SpooledOutcome
from harness.scenario_files import NoSuchPathError, find_files, nothing_found, shipped_folder
from harness.whole_file import write_whole

JUNIT = "junit.xml"
#: from so many files on, two processes are faster than one
PARALLEL_FROM = 8
#: more processes than any machine has cores only stand in each other's way
WORKERS_MAX = 256


#: plugins of pytest that have nothing to do where every item is a scenario; those that watch for exceptions nobody
#: raised collect garbage several times over when a process ends
UNUSED_PLUGINS = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "legacypath",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "threadexception",
    "unittest",
    "unraisableexception",
)


@click.command("run")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("-n", "workers", default=None, metavar="N", help="Processes; auto for as many as there are cores.")
@click.option("--seed", default=None, metavar="S", help="Run with this seed instead of the files' own.")
@click.option("--profile", type=click.Choice(["guide", "vendor"]), default=None, help="Behaviour profile.")
@click.option("--junit", type=click.Path(dir_okay=False), default=None, metavar="F", help="Write a JUnit file.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False), default=None, metavar="F", help="Write journals.")
@click.option("--html", type=click.Path(dir_okay=False), default=None, metavar="F", help="Not available yet.")
@click.option("-k", "keyword", default=None, metavar="WORDS", help="Only scenarios whose name fits, as in pytest.")
@click.option("-m", "tags", default=None, metavar="TAGS", help="Only scenarios with these tags, as in pytest.")
def command(
    paths: tuple[str, ...],
    workers: str | None,
    seed: str | None,
    profile: str | None,
    junit: str | None,
    json_file: str | None,
    html: str | None,
    keyword: str | None,
    tags: str | None,
) -> int:
    """Run scenarios: files, folders, or the shipped ones."""
    if html is not None:
        raise click.UsageError("--html is not available yet; use --junit or --json")
    if workers is not None and workers != "auto" and not (workers.isdecimal() and int(workers) <= WORKERS_MAX):
        raise click.UsageError(f"-n takes a number or auto, not {workers}; at most {WORKERS_MAX}")
    for target in (junit, json_file):
        if target is not None and not Path(target).absolute().parent.is_dir():
            raise click.UsageError(f"there is no folder for {target}")
    files, root = select(paths)
    if not files:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, nothing_found(paths))
    if keyword or tags:
        from harness.selection import malformed

        if wrong := malformed("-k", keyword) or malformed("-m", tags):
            raise click.UsageError(wrong)
    with spool_folder() as folder:
        arguments = ["--anchorage-spool", str(folder), "--anchorage-root", str(root)]
        arguments += ["--anchorage-seed", seed] if seed is not None else []
        arguments += ["--anchorage-profile", profile] if profile is not None else []
        arguments += ["--anchorage-journal"] if json_file is not None else []
        arguments += ["--junitxml", str(folder / JUNIT)] if junit is not None else []
        arguments += ["-k", keyword] if keyword else []
        arguments += ["-m", tags] if tags else []
        count = _workers(workers, len(files))
        status = run_pytest(files, arguments, count, Spool(folder, journals=json_file is not None), json_file, junit)
    if status is ExitCode.NOTHING_SELECTED:
        from harness.selection import why_nothing

        raise CommandFailedError(status, why_nothing(files, keyword, tags))
    return int(status)


def select(paths: Sequence[str]) -> tuple[list[Path], Path]:
    """Return the files of a run and the folder their names in journals start from."""
    chosen = [Path(path) for path in paths] or [shipped_folder()]
    try:
        files = [path.absolute() for path in find_files(chosen)]
    except NoSuchPathError as error:
        raise click.UsageError(str(error)) from None
    for path in files:
        if path.suffix not in (".yaml", ".yml"):
            raise click.UsageError(f"{path.name} is no scenario file: those end in .yaml")
    folders = [str((path if path.is_dir() else path.parent).absolute()) for path in chosen]
    return files, Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _workers(asked: str | None, files: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if asked is None:
        return min(cores, files) if files >= PARALLEL_FROM and cores > 1 else 0
    return cores if asked == "auto" else int(asked)


@contextmanager
def spool_folder() -> Iterator[Path]:
    """Yield a private folder for outcomes, gone afterwards whatever happened."""
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    folder = new_folder("anchorage-run-")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)  # worlds too, so that a worker that is killed leaves nothing
    try:
        yield folder
    finally:
        tempfile.tempdir = before[0]
        _set_variable("TMPDIR", before[1])
        shutil.rmtree(folder, ignore_errors=True)


def _set_variable(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: worlds are closed, nothing stays behind."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def quiet_pytest() -> Iterator[None]:
    """Keep plugins and options that other projects left in the environment out of the run."""
    kept = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in kept.items():
            _set_variable(name, value)


def run_pytest(
    files: Sequence[Path],
    arguments: Sequence[str],
    workers: int,
    spool: Spool,
    json_file: str | None,
    junit: str | None,
) -> ExitCode:
    """Run the files and print what came of them; returns the exit code of the command."""
    import pytest

    from harness.lab.reactor import stop_reactor
    from harness.reports.terminal import RunReporter

    reporter = RunReporter(spool)
    words = ["-c", str(Path(__file__).with_name("run.ini")), "--rootdir", str(files[0].parent), "--noconftest"]
    words += [word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")]
    words += ["--continue-on-collection-errors", "-p", "xdist.plugin", "-p", "harness.pytest_plugin"]
    words += ["--basetemp", str(spool.folder / "pytest")]
    words += ["-n", str(workers), "--dist", "load"] if workers > 0 else []
    try:
        with quiet_pytest(), ended_like_ctrl_c():
            code = pytest.main([*words, *arguments, *(str(path) for path in files)], plugins=[reporter])
    finally:
        stop_reactor()
    outcomes = spool.outcomes()
    status = exit_code(int(code), outcomes)
    reporter.summary(outcomes, interrupted=status is ExitCode.INTERRUPTED)
    if json_file is not None:
        _write(Path(json_file), "the journals", spool.write_json)
    made = spool.folder / JUNIT
    if junit is not None and made.is_file():
        _write(Path(junit), "the JUnit file", lambda target: write_whole(target, [made.read_bytes()]))
    return status


def _write(target: Path, what: str, write: Callable[[Path], None]) -> None:
    try:
        write(target)
    except OSError as error:
        message = f"{what} could not be written to {target}: {error.strerror or error}"
        raise CommandFailedError(ExitCode.FAULT, message) from None


def exit_code(pytest_code: int, outcomes: Sequence[SpooledOutcome]) -> ExitCode:
    """Translate pytest's code; what the scenarios themselves say comes first."""
    if pytest_code == 2:
        return ExitCode.INTERRUPTED
    if pytest_code == 5:
        return ExitCode.NOTHING_SELECTED
    if pytest_code == 4:
        return ExitCode.USAGE
    statuses = {one.status for one in outcomes}
    if "invalid" in statuses:
        return ExitCode.SCENARIO_INVALID
    if "error" in statuses or pytest_code == 3:
        return ExitCode.FAULT
    if "failed" in statuses:
        return ExitCode.ASSERTION_FAILED
    return ExitCode.PASS if pytest_code == 0 else ExitCode.FAULT
