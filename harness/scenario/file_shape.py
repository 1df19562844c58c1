"""The outer keys of a scenario file and the modifiers of a step;
with the verbs they make the JSON Schema of ``anchorage schema``.
"""

from __future__ import annotations

from harness.scenario.language import INVARIANTS, Language
from harness.scenario.matching import MATCHERS
from harness.scenario.shapes import (
    Anything,
    Choice,
    Duration,
    Integer,
    Json,
    Key,
    ListOf,
    MapOf,
    Record,
    Text,
)
from harness.scenario.world_shape import world_schema

PROFILES = ("guide", "vendor")

REFUSED = Record(
    (
        Key("code", Anything("harness code, LDAP result or HTTP status"), doc="stable code of the refusal"),
        Key("message", Anything("text or matchers"), doc="the sentence an administrator reads"),
        Key("page", Anything("wizard page"), doc="the wizard page that refuses"),
        Key("facts", Anything("names and values or matchers"), doc="what that page shows, such as next_enabled: false"),
    ),
    shorthand="code",
    what="refused",
)
RETRY = Record(
    (
        Key("times", Integer(1), doc="how often at most; 10 without it"),
        Key("every", Duration(), doc="virtual time between attempts; 30m without it"),
        Key("until", MapOf(Anything()), doc="expectations that end the repeating"),
    ),
    shorthand="times",
    what="retry",
)
PROFILE = Choice(PROFILES)
VIOLATIONS = ListOf(Choice(tuple(INVARIANTS)))

MODIFIERS: dict[str, Key] = {
    key.name: key
    for key in (
        Key("name", Text("title of the step"), doc="what reports call this step"),
        Key("refused", REFUSED, doc="the step must be refused like this"),
        Key("retry", RETRY, doc="try again in virtual time until it holds"),
        Key("expects_violation", VIOLATIONS, doc="invariants this step is meant to break"),
        Key("only", ListOf(Text("name of a case")), doc="run the step in these cases only"),
    )
}

FILE_KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key("scenario", Text("title"), required=True, doc="what happens, in one sentence"),
        Key("source", Text("where this behaviour is described"), doc="document that says so"),
        Key("tags", ListOf(Text("tag", r"^[\w-]+$")), doc="words to select by with -m"),
        Key("profile", PROFILE, doc="the only reading of the sources this story holds for; any without it"),
        Key(
            "cases",
            MapOf(MapOf(Anything())),
            doc="runs of the same story with other variables; one called profile is the reading a case holds for",
        ),
        Key("world", Anything("a world, or the name of a file that holds one"), required=True),
        Key("steps", Anything("list of steps"), required=True),
        Key("expects_violation", VIOLATIONS, doc="invariants this story breaks somewhere"),
    )
}


def file_schema(language: Language) -> Json:
    """Return the JSON Schema of a scenario file."""
    steps: Json = {}
    for verb in language.verbs.values():
        steps[verb.name] = {**verb.arguments.schema(), "description": verb.doc}
    modifiers = {name: {**key.shape.schema(), "description": key.doc} for name, key in MODIFIERS.items()}
    properties = {name: {**key.shape.schema(), "description": key.doc} for name, key in FILE_KEYS.items()}
    properties["world"] = {"anyOf": [world_schema(), {"type": "string"}]}
    properties["steps"] = {"type": "array", "items": {"$ref": "#/$defs/step"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Anchorage scenario",
        "type": "object",
        "properties": properties,
        "required": [name for name, key in FILE_KEYS.items() if key.required],
        "additionalProperties": False,
        "$defs": {
            "step": {
                "type": "object",
                "properties": {**steps, **modifiers},
                "additionalProperties": False,
                "anyOf": [{"required": [name]} for name in language.verbs],
            },
            "matchers": {name: {"description": one.doc, "examples": [one.example]} for name, one in MATCHERS.items()},
        },
    }
