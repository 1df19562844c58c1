"""A server's database as commands find it: left behind by a small story, or live while its world still stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.runner import Runner, build_lab
from harness.scenario_files import read_file
from harness.vocabulary import actions, checks, the_language

STORY = """\
scenario: Two people, one of them renamed and not exported
world:
  seed: 7
  forests:
    contoso.com:
      users:
        - {name: Ana Lopez, in: Staff, title: Engineer}
        - {name: Bo Berg, in: Staff, manager: Ana Lopez}
  tenants:
    contoso.onmicrosoft.com: {verified_domains: [contoso.com]}
steps:
  - install: {server: SYNC1, mode: express}
  - cycle: SYNC1
  - directory.set_attributes: {object: Ana Lopez, set: {title: Lead}}
  - run_profile: {server: SYNC1, connector: contoso.com, profile: Delta Import}
  - run_profile: {server: SYNC1, connector: contoso.com, profile: Delta Synchronization}
"""


def play(text: str, folder: Path, look: Callable[[Any], None]) -> None:
    """Run a story and look at its world before it goes."""
    file = folder / "story.yaml"
    file.write_text(text, encoding="utf-8")
    reading = read_file(file, the_language(), str(file))
    assert reading.scenario is not None, [problem.render() for problem in reading.problems]

    def stage(*given: Any, **named: Any) -> Any:
        lab = build_lab(*given, **named)
        close = lab.close

        def look_and_close() -> None:
            try:
                look(lab)
            finally:
                close()

        lab.close = look_and_close
        return lab

    scenario = reading.scenario
    outcome = Runner(scenario, scenario.cases[0], actions=actions(), checks=checks(), stage=stage).run()
    assert outcome.status == "passed", outcome.render()


@pytest.fixture(scope="session")
def stopped_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a server that was stopped; the file alone, nothing beside it."""
    folder = tmp_path_factory.mktemp("stopped")
    file = folder / "ADSync.db"

    def keep(lab: Any) -> None:
        file.write_bytes(lab.servers["SYNC1"].engine.snapshot()["database"])

    play(STORY, folder, keep)
    (folder / "story.yaml").unlink()
    return file


@pytest.fixture
def live(tmp_path: Path) -> Callable[[Callable[[Any], None]], None]:
    """Look into the world of the story while its server runs."""
    return lambda look: play(STORY, tmp_path, look)
