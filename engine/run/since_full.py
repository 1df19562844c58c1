"""Has something changed since the last full run? Rules for a synchronization, what is selected for an import.

A delta step that runs although it has leaves a warning (6126, 6127); nothing is made up for it. Source: facts "engine"
sections 2.3 and 22.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from engine.model.configuration import ConnectorConfiguration, StepType
from engine.store.database import Database
from engine.store.run_history import RunResult


class SinceFull:
    """Keeps, for each connector, what its last full steps ran with."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def note(self, configuration: ConnectorConfiguration, run: RunResult, rules: Callable[[], str]) -> set[str]:
        """Take down what full steps ran with; returns the types of delta steps for which a full one is due.

        rules: gives the fingerprint of the rule set.
        """
        stale: set[str] = set()
        for step in run.steps:
            if step.type in (StepType.FULL_IMPORT, StepType.DELTA_IMPORT):
                fact, present = f"import-selection/{configuration.identifier}", fingerprint_of_selection(configuration)
                full = step.type == StepType.FULL_IMPORT
            elif step.type in (StepType.FULL_SYNCHRONIZATION, StepType.DELTA_SYNCHRONIZATION):
                fact, present = f"sync-rules/{configuration.identifier}", rules()
                full = step.type == StepType.FULL_SYNCHRONIZATION
            else:
                continue
            known = self.database.fact(fact)
            if full and known != present:
                self.database.set_fact(fact, present)
            elif not full and known and known != present:
                stale.add(step.type)
        return stale


def fingerprint_of_rules(database: Database) -> str:
    """Of the whole rule set: attributes of one rule compete with those of all others."""
    digest = blake2b(digest_size=16)
    for number, body in database.connection.execute("SELECT number, body FROM rule ORDER BY number"):
        digest.update(f"{number}/".encode())
        digest.update(body if isinstance(body, bytes) else str(body).encode())
    return digest.hexdigest()


def fingerprint_of_selection(configuration: ConnectorConfiguration) -> str:
    """Of attributes, domains, containers and object types of a connector."""
    return blake2b(repr((configuration.attributes, configuration.partitions)).encode(), digest_size=16).hexdigest()
