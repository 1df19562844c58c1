"""``world.network.proxy``: the proxy between sync servers and the cloud. Source: facts "install" 1, CTE-13, CTE-14."""

from __future__ import annotations

from harness.scenario.shapes import Choice, Key, ListOf, Record, Text

EVERYTHING = "everything"
#: the names of the cloud a sync server calls (facts "install" section 7)
CLOUD_NAMES = (
    "login.microsoftonline.com",
    "adminwebservice.microsoftonline.com",
    "graph.microsoft.com",
    "secure.aadcdn.microsoftonline-p.com",
)
PROXY = Record(
    (
        Key(
            "authentication",
            Choice(("none", "windows")),
            doc="windows: only users of a domain pass, machines and virtual accounts get 407; none without it",
        ),
        Key("accounts", ListOf(Text("DOMAIN\\name")), doc="with windows: these pass and no others"),
        Key("refuses", ListOf(Choice((EVERYTHING, *CLOUD_NAMES))), doc="names that are answered with 403"),
    ),
    shorthand="authentication",
    what="a proxy",
)
