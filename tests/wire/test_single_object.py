"""One object over the real wire: read at its DN by LDAP, asked for in a group, read back and exported over HTTPS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.run.specific_object import IMPORT, specific_object_run
from engine.single_object.sync import single_object_sync
from harness.runner import Runner, build_lab
from harness.scenario_files import read_file
from harness.vocabulary import actions, checks, the_language

STORY = """\
scenario: Ana's title changes and nothing runs
world:
  seed: 7
  forests:
    contoso.com:
      users: [{name: Ana Lopez, in: Staff, title: Engineer}, {name: Bo Berg, in: Staff}]
  tenants:
    contoso.onmicrosoft.com: {verified_domains: [contoso.com]}
steps:
  - install: {server: SYNC1, mode: express}
  - cycle: SYNC1
  - directory.set_attributes: {object: Ana Lopez, set: {title: Lead}}
  - directory.set_attributes: {object: Bo Berg, set: {title: Clerk}}
"""
ANA = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"


def play(folder: Path, look: Any) -> None:
    file = folder / "story.yaml"
    file.write_text(STORY, encoding="utf-8")
    scenario = read_file(file, the_language(), str(file)).scenario
    assert scenario is not None

    def stage(*given: Any, **named: Any) -> Any:
        lab = build_lab(*given, **named)
        close = lab.close

        def look_and_close() -> None:
            try:
                look(lab.servers["SYNC1"].engine)
            finally:
                close()

        lab.close = look_and_close
        return lab

    outcome = Runner(scenario, scenario.cases[0], actions=actions(), checks=checks(), stage=stage).run()
    assert outcome.status == "passed", outcome.render()


def test_a_single_object_is_read_synchronized_and_exported(tmp_path: Path) -> None:
    def look(server: Any) -> None:
        result = single_object_sync(server, dn="CN=Ana Lopez, OU=Staff, DC=contoso, DC=com")
        assert result.succeeded, result.json()
        assert (result.action, len(result.steps)) == ("Update", 10)
        assert ("title", "Engineer", "Lead") in result.modified
        run = server.run_profile("contoso.com", "Delta Import")
        assert run.counter("StageUpdate") == 1  # Bo alone is news
        gone = single_object_sync(server, dn="CN=Nobody,OU=Staff,DC=contoso,DC=com")
        assert gone.steps[-1].name == "ScopingConnectivity"

    play(tmp_path, look)


def test_what_the_account_sees_of_an_object(tmp_path: Path) -> None:
    def look(server: Any) -> None:
        directory = server.systems.open(server.connector("contoso.com")[1])
        assert directory.object_class(ANA) == "user"
        assert directory.object_class("CN=Nobody,DC=contoso,DC=com") is None
        admins = "CN=Domain Admins,CN=Users,DC=contoso,DC=com"
        assert directory.has_member(admins, "CN=Administrator,CN=Users,DC=contoso,DC=com")
        assert directory.has_member(admins, ANA) is False
        assert directory.has_member("CN=No Group,DC=contoso,DC=com", ANA) is None
        run = specific_object_run(server, connector="contoso.com", profile=IMPORT, dn=ANA)
        assert run.counter("StageUpdate") == 1

    play(tmp_path, look)
