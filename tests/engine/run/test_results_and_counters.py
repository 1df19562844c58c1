"""Every result string, counter, error name and kind of object of the engine: a small history that leads to it, the test
that shows it where it arises, or why it is never given.

Source: facts "engine" 1.2, 1.3, 1.5, 1.6, 5.2, 5.3 and 17; the tables are tests/cases/engine.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.connectors.connector import ExportResult, ImportedObject, ImportKind
from engine.errors import ConnectorError, EngineError
from engine.model.configuration import ENTRA_CONNECTOR_ID, Partition, RunStep, StepType
from engine.model.statistics import EXPORT_COUNTERS, IMPORT_COUNTERS, SYNC_COUNTERS
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, MergeType, ScopeClause, SyncRule
from engine.run.delete_threshold import DeletionThreshold
from engine.run.runner import worst
from engine.store.run_history import moment
from engine.views import Windows

ROOT = Path(__file__).parents[3]
TABLES = ROOT / "tests" / "cases" / "engine"
NAMES = {"AD": "contoso.com", "AD2": "fabrikam.com", "ENTRA": "contoso.onmicrosoft.com - AAD"}
IDENTIFIERS = {
    "AD": "00000001-0000-0000-0000-000000000000",
    "AD2": "00000002-0000-0000-0000-000000000000",
    "ENTRA": ENTRA_CONNECTOR_ID,
}
OUTBOUND = (
    "provisioned-add-flow", "provisioned-add-no-flow", "provisioned-rename-flow", "provisioned-rename-no-flow",
    "provisioned-disconnect", "provisioned-delete-add-flow", "provisioned-delete-add-no-flow", "connector-flow",
    "connector-no-flow",
)  # fmt: skip


def rows(table: str) -> dict[str, dict[str, Any]]:
    return yaml.safe_load((TABLES / f"{table}.yaml").read_text(encoding="utf-8"))


ROWS = {f"{t.stem} {name}": row for t in sorted(TABLES.glob("*.yaml")) for name, row in rows(t.stem).items()}
STORIES = [name for name, row in ROWS.items() if "story" in row]
OTHERS = [name for name in ROWS if name not in STORIES]


# ---- rules of a story's own ------------------------------------------------------------------------------------------
def rules_of(name: str) -> list[SyncRule]:
    sets = yaml.safe_load((TABLES / "rules" / "sets.yaml").read_text(encoding="utf-8"))["sets"]
    return [rule(given) for given in sets[name]]


def rule(given: dict[str, Any]) -> SyncRule:
    number, inbound = given["number"], "in" in given
    merge, once = MergeType(given.get("merge", "Update")), given.get("once", False)
    return SyncRule(
        f"{number:08d}-1111-0000-0000-000000000000",
        f"Rule {number}",
        Direction.INBOUND if inbound else Direction.OUTBOUND,
        IDENTIFIERS[given["in" if inbound else "out"]],
        given["from"],
        given["to"],
        LinkType(given["link"]),
        number,
        flows=tuple(
            AttributeFlow(target, FlowType.EXPRESSION, expression=text, merge=merge, execute_once=once)
            for target, text in given.get("flows", {}).items()
        ),
        scope=((ScopeClause(*given["scope"]),),) if "scope" in given else (),
        joins=((JoinClause(*given["join"]),),) if "join" in given else (),
    )


# ---- a story ---------------------------------------------------------------------------------------------------------
class Story:
    """Carries out the steps of a row; ``last`` is the result of the run or cycle they ended with."""

    def __init__(self, deploy: Callable[..., Any], row: dict[str, Any], patch: pytest.MonkeyPatch) -> None:
        options = {} if "rules" in row else {"anchor": "objectGUID", **row.get("options", {})}
        rules = rules_of(row["rules"]) if "rules" in row else None
        self.world = deploy(*row.get("forests", ["contoso.com"]), rules=rules, **options)
        self.patch = patch
        self.known: dict[str, tuple[Any, bytes]] = {}
        self.last: Any = None
        self.told = 0  # of what the other forest has written down
        self.refusal: str | None = None

    def tell(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            ((words, given),) = step.items()
            verb, _, name = words.partition(" ")
            getattr(self, verb.replace("-", "_"))(*([name] if name else []), given)

    # what administrators do
    def add(self, name: str, given: dict[str, Any] | None) -> None:
        values = dict(given or {})
        forest = self.world.directories[NAMES[values.pop("in", "AD")]]
        self.known[name] = forest, forest.add(name, values.pop("type", "user"), **values)

    def change(self, name: str, given: dict[str, Any]) -> None:
        forest, guid = self.known[name]
        forest.change(guid, **given)

    def move(self, name: str, dn: str) -> None:
        forest, guid = self.known[name]
        forest.move(guid, f"{dn},{forest.base}")

    def delete(self, name: str, given: str) -> None:
        """given: tombstone, or vanishes: gone without a trace in the log."""
        forest, guid = self.known[name]
        if given == "tombstone":
            forest.delete(guid)
        else:
            del forest.objects[guid], forest.places[guid]

    def retype(self, name: str, object_type: str) -> None:
        forest, guid = self.known[name]
        forest.places[guid] = (forest.dn(guid), object_type)
        forest.log.append(forest._whole(guid))

    def displace(self, name: str, newcomer: str) -> None:
        """The object is renamed, which nobody tells, and another one stands at its DN."""
        forest, guid = self.known[name]
        forest.places[guid] = (f"CN={name} Old,OU=Staff,{forest.base}", "user")
        forest.add(name, sAMAccountName=newcomer, userPrincipalName=f"{newcomer}@contoso.com")

    def unreadable(self, name: str, error: str) -> None:
        forest = self.world.contoso
        bad = ImportedObject(ImportKind.FULL, f"CN={name},OU=Staff,{forest.base}", b"", None, {}, error)
        whole = forest._whole
        forest.objects[name.encode()] = {}
        forest._whole = lambda guid: bad if guid == name.encode() else whole(guid)

    def twice(self, name: str, _: None) -> None:
        forest, guid = self.known[name]
        read = forest.read_full

        def doubled(*asked: Any) -> Any:
            for page in read(*asked):
                page.objects.append(forest._whole(guid))
                yield page

        forest.read_full = doubled

    def refuse(self, name: str, error: str) -> None:
        _, guid = self.known[name]
        self.world.tenant.refused[base64.b64encode(guid).decode()] = error

    def refuse_deletion(self, error: str) -> None:
        """The tenant takes everything but deletions."""
        tenant = self.world.tenant
        take = tenant._take

        def choosy(change: Any) -> Any:
            return ExportResult(change.number, error_type=error) if change.operation == "delete" else take(change)

        tenant._take = choosy

    def refuse_dn(self, given: dict[str, str]) -> None:
        self.world.directories[NAMES["AD2"]].refused[given["dn"]] = given["error"]

    def tenant_forgets(self, attribute: str) -> None:
        self.world.tenant.forget.add(attribute)

    def tenant_loses(self, name: str, _: None) -> None:
        anchor = base64.b64encode(self.known[name][1]).decode()
        tenant = self.world.tenant
        tenant.gone[anchor] = str(tenant.objects.pop(anchor)["cloudAnchor"])
        tenant.log.append(("delete", anchor))

    def tenant_resets(self, name: str, values: dict[str, Any]) -> None:
        self.world.tenant.objects[base64.b64encode(self.known[name][1]).decode()].update(values)

    def forget(self, _: None) -> None:
        """What the other forest has written down so far does not count."""
        self.told = len(self.world.directories[NAMES["AD2"]].log)

    # how the server is set
    def profile(self, given: dict[str, Any]) -> None:
        """Another list of steps for a run profile."""
        ordinal, held = self.world.server.connector(NAMES[given["connector"]])
        partition = held.partitions[0].identifier
        steps = tuple(
            RunStep(StepType(one["type"]), one.get("partition", partition), 50, 500, one.get("limit", 0))
            for one in given["steps"]
        )
        changed = tuple(replace(p, steps=steps) if p.name == given["name"] else p for p in held.run_profiles)
        self.world.server.connectors[ordinal] = held.with_(run_profiles=changed)

    def batches(self, size: int) -> None:
        for ordinal, held in self.world.server.connectors.items():
            changed = tuple(
                replace(p, steps=tuple(replace(s, batch_size=size) for s in p.steps)) for p in held.run_profiles
            )
            self.world.server.connectors[ordinal] = held.with_(run_profiles=changed)

    def containers(self, excluded: list[str]) -> None:
        ordinal, held = self.world.server.connector(NAMES["AD"])
        partitions: tuple[Partition, ...] = tuple(replace(p, excluded=tuple(excluded)) for p in held.partitions)
        self.world.server.connectors[ordinal] = held.with_(partitions=partitions)

    def drop_flow(self, target: str) -> None:
        """No rule that writes to the tenant writes this attribute any more."""
        rules = [
            replace(r, flows=tuple(f for f in r.flows if r.direction is Direction.INBOUND or f.target != target))
            for r in self.world.server.rules().values()
        ]
        self.world.server.save_rules(rules)

    def errors_at_most(self, count: int) -> None:
        for step in ("import_step", "sync_step", "export_step"):
            self.patch.setattr(f"engine.run.{step}.ERRORS_MAX", count)

    def threshold(self, count: int) -> None:
        self.world.threshold = DeletionThreshold(threshold=count)

    def fails(self, given: dict[str, str]) -> None:
        """The system answers no read: connection result and run result."""

        def read(*_: Any) -> Any:
            raise ConnectorError(given["connection"], "It does not answer.", given["result"])
            yield

        self.world.contoso.read_delta = read

    def stop_at(self, connector: str) -> None:
        """An operator stops the run when the first object goes out to this connector."""
        system = self.world.tenant if connector == "ENTRA" else self.world.contoso
        send = system.export

        def export(changes: Any) -> Any:
            self.world.server.stop_run()
            return send(changes)

        system.export = export

    def start_during(self, given: list[str]) -> None:
        """Somebody starts a run while one reads from the forest."""
        read = self.world.contoso.read_delta

        def busy(*asked: Any) -> Any:
            with pytest.raises(EngineError) as refused:
                self.world.run(NAMES[given[0]], given[1])
            self.refusal = refused.value.code
            return read(*asked)

        self.world.contoso.read_delta = busy

    def wait(self, given: dict[str, int]) -> None:
        self.world.clock.advance(**given)

    def purge(self, _: None) -> None:
        self.world.server.history.purge(self.world.clock.now())

    # runs
    def cycle(self, given: str) -> None:
        self.last = self.world.cycle(initial="initial" in given, export="without export" not in given)

    def run(self, given: list[str]) -> None:
        try:
            self.last = self.world.run(NAMES[given[0]], given[1])
        except EngineError as refused:
            self.refusal, self.last = refused.code, None

    # what came of it
    def seen(self, what: str) -> Any:
        run = self.last
        match what:
            case "result":
                return self.refusal if run is None else run.result
            case "refused":
                return self.refusal
            case "steps":
                return [step.result for step in run.steps]
            case "counters":
                return {n: c for step in run.steps for n, c in step.statistics.counters.items() if c}
            case "outbound":
                told = {n: counts for step in run.steps for n, counts in step.statistics.outbound.items()}
                return {short: told[name] for short, name in NAMES.items() if name in told}
            case "errors":
                return [error.error_type for error in run.errors]
            case "texts":
                return [error.text for error in run.errors]
            case "values":
                return next(iter(self.world.tenant.objects.values()))
            case "written":
                log = self.world.directories[NAMES["AD2"]].log[self.told :]
                return [entry.dn.partition("\\0ADEL")[0] for entry in log]
            case "operations":
                return [f"{one.operation} {one.object_type}" for batch in self.world.tenant.batches for one in batch]
            case "sent":
                return self.world.tenant.batches[-1][0].attributes
            case "run_number":
                return run.run_number
            case "metaverse":
                return self._metaverse()
            case "tenant":
                return {str(body.get("displayName")): kind for body, kind in self._cloud()}
        raise AssertionError(f"a row cannot look at {what!r}")

    def _cloud(self) -> list[tuple[dict[str, Any], str]]:
        tenant = self.world.tenant
        return [(body, tenant.types[anchor]) for anchor, body in tenant.objects.items()]

    def _metaverse(self) -> int:
        return int(self.world.server.database.connection.execute("SELECT count(*) FROM mv").fetchone()[0])

    def objects(self, connector: str) -> dict[str, list[str]]:
        """States of every object of a connector space, by its first name part; the tenant's by display name."""
        found = {}
        for view in Windows(self.world.server.database).connector_space(NAMES[connector]):
            shown = {**view.imported, **view.attributes}
            name = view.dn.partition(",")[0] if connector != "ENTRA" else str(shown.get("displayName", view.dn))
            found[name] = [*view.states, view.linked_by]
        return found


def check(story: Story, gives: dict[str, Any]) -> None:
    for what, expected in gives.items():
        if what == "objects":
            for place, states in expected.items():
                connector, _, name = place.partition(" ")
                held = story.objects(connector)
                assert (held.get(name) is not None) is (states is not None), (place, held)
                assert states is None or set(states) <= set(held[name]), (place, held)
        elif what == "standing":
            found = [e for v in Windows(story.world.server.database).connector_space() for e in v.errors]
            assert [(e.error_type, e.retry_count) for e in found] == [tuple(one) for one in expected]
        elif what == "values":
            held = story.seen(what)
            assert {name: held.get(name) for name in expected} == expected
        elif what == "dn":
            assert expected in {dn for forest in story.world.directories.values() for dn, _ in forest.places.values()}
        else:
            assert story.seen(what) == expected, what


@pytest.mark.parametrize("name", STORIES)
def test_a_story_gives_what_its_row_says(deploy, monkeypatch, name):
    row = ROWS[name]
    story = Story(deploy, row, monkeypatch)
    story.tell(row["story"])
    check(story, row["gives"])


@pytest.mark.parametrize("name", OTHERS)
def test_what_no_story_reaches_is_shown_elsewhere_or_refused(name):
    row = ROWS[name]
    if "shown" in row:
        path, _, test = row["shown"].partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not test or test in text, row["shown"]
        return
    refused = yaml.safe_load((ROOT / "harness" / "ledger" / "engine.yaml").read_text(encoding="utf-8"))
    (entry,) = [one for one in refused if one["id"] == row["refused"]]
    assert entry["confidence"] == "refused"


def test_an_error_of_a_step_tells_since_when_it_stands(deploy):
    world = deploy(anchor="objectGUID")
    world.contoso.add("Ana Lopez", displayName=["a", "b"])
    world.cycle(initial=True)
    begun = world.clock.now()
    world.clock.advance(minutes=30)
    world.cycle()
    run = next(run for run in world.server.history.runs() if run.errors)
    (error,) = run.errors
    times = [moment(error.detail[name]) for name in ("first-occurred", "date-occurred")]
    assert times == [begun, world.clock.now()]
    assert error.detail["retry-count"] == "1"


def test_a_run_that_is_on_is_in_progress(deploy):
    world = deploy(anchor="objectGUID")
    world.run(NAMES["AD"], "Full Import")
    read, seen = world.contoso.read_delta, []

    def look(*asked):
        seen.extend((run.result, run.ended) for run in world.server.history.runs(limit=1))
        return read(*asked)

    world.contoso.read_delta = look
    world.run(NAMES["AD"], "Delta Import")
    assert seen == [("in-progress", None)]


def test_the_worst_result_of_several():
    """Worst first, as the operations view sorts them (facts "engine" 5.2)."""
    order = [
        "no-start-credentials",
        "stopped-connectivity",
        "stopped-error-limit",
        "completed-discovery-errors",
        "completed-export-errors",
        "completed-sync-errors",
        "completed-transient-objects",
        "completed-warnings",
        "completed-no-objects",
        "success",
    ]
    for position, result in enumerate(order):
        assert worst(list(reversed(order[position:]))) == result


def test_every_counter_has_its_row():
    counted = {*IMPORT_COUNTERS, *SYNC_COUNTERS, *EXPORT_COUNTERS, *OUTBOUND, "FilteredObjects", "FilteredDeletions"}
    assert set(rows("counters")) == counted
