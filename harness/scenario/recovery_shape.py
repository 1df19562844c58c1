"""``install: {recovery: ...}``: what an administrator says when a server comes out of a database or a settings file.

Source: facts "install" sections 22 and 23.
"""

from __future__ import annotations

from harness.scenario.shapes import Boolean, Key, ListOf, Name, Record, Text

RECOVERY = Record(
    (
        Key("settings", Text("name, or file"), doc="settings to import: kept by name, or a file beside the scenario"),
        Key("credentials", ListOf(Name("forest")), doc="forests whose credentials are changed; all without it"),
        Key("staging", Boolean(), doc="the box staging mode; with imported settings it is ticked without it"),
    ),
    what="recovery",
)
