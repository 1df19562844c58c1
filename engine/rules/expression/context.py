"""What an expression is evaluated against, and the two outcomes that are no value.

Source: facts "expressions" sections 6, 8 and 9.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from engine.model.values import Value


class Sentinel(Enum):
    """Flow outcomes beside a value and NULL."""

    AUTHORITATIVE_NULL = "AuthoritativeNull"
    IGNORE_THIS_FLOW = "IgnoreThisFlow"


AUTHORITATIVE_NULL = Sentinel.AUTHORITATIVE_NULL
IGNORE_THIS_FLOW = Sentinel.IGNORE_THIS_FLOW


@dataclass(slots=True)
class Context:
    """The source object and its surroundings.

    attributes: what [name] and ValueCount see; imported: what ImportedValue sees; parameters: what %Name% stands for;
    now and random: the clock's moment and the seeded source behind Now, Guid and RandomNum;
    distinguished_name: the DN text of an object number, asked only where a reference is used as text;
    variables: what With, Select and Where have bound, kept by the compiled expression itself.
    """

    attributes: Mapping[str, Value]
    imported: Mapping[str, Value]
    parameters: Mapping[str, str]
    now: datetime
    random: random.Random
    distinguished_name: Callable[[int], str | None] | None = None
    variables: Mapping[str, Any] | None = None

    def binding(self, bound: Mapping[str, Any]) -> Context:
        """The same surroundings with more variables."""
        return Context(
            self.attributes, self.imported, self.parameters, self.now, self.random, self.distinguished_name, bound
        )


Run = Callable[[Context], Any]
