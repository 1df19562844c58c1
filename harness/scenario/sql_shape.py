"""``world.sql``: SQL Server instances, what their administrators set up, and the databases that stand on them.

Source: facts "install" IRC-03 to IRC-08, PRE-15, PRE-16.
"""

from __future__ import annotations

from harness.scenario.shapes import Boolean, Choice, Either, Integer, Key, MapOf, Record, Text

DATABASE_STATES = ("data", "empty")
#: the key of an instance's own facts beside its databases
INSTANCE_KEY = "instance"
RIGHTS = ("sa", "direct", "nested")

LISTENER = Record(
    (
        Key("commit", Choice(("synchronous", "asynchronous")), doc="availability mode of the group"),
        Key("register_all_providers_ip", Boolean(), doc="RegisterAllProvidersIP of the listener; false without it"),
    ),
    what="a listener",
)
INSTANCE = Record(
    (
        Key("rights", Choice(RIGHTS), doc="of who installs: sa, dbo by a login of its own, dbo through a group only"),
        Key("port", Integer(), doc="1433 without it"),
        Key("browsing", Boolean(), doc="whether the name finds the instance without its port; true without it"),
        Key("kind", Choice(("server", "azure")), doc="SQL Server, or Azure SQL"),
        Key("protocol", Choice(("tcp", "named-pipes"))),
        Key("remote", Boolean(), doc="on another machine: the service signs in over the network; false without it"),
        Key("mirrored", Boolean(), doc="database mirroring"),
        Key("listener", LISTENER, doc="of an Always On availability group"),
    ),
    what="a SQL instance",
)
PROPERTIES = (
    Key("collation", Text("collation such as Latin1_General_CI_AS")),
    Key("recovery_model", Choice(("SIMPLE", "FULL", "BULK_LOGGED"))),
    Key("compatibility_level", Text("number such as 130")),
    Key("containment", Choice(("NONE", "PARTIAL"))),
)
DATABASE = Either(
    Record((Key("state", Choice(DATABASE_STATES), required=True), *PROPERTIES), what="a database"),
    Choice(DATABASE_STATES),
)
SQL = MapOf(Record((Key(INSTANCE_KEY, INSTANCE, doc="of the instance itself"),), open=DATABASE, what="a SQL instance"))
