"""What makes a cloud user an administrator the wizard meets: second factor, roles that do not count, blocked sign-in.

Source: facts "install" CTE-02, CTE-06, CTE-07, CTE-09, PRE-12.
"""

from __future__ import annotations

from harness.scenario.shapes import Boolean, Choice, Key, Text

ADMINISTRATOR_KEYS = (
    Key(
        "second_factor",
        Choice(("registered", "not-registered")),
        doc="a policy asks for it; whether a phone is registered",
    ),
    Key("blocked", Boolean(), doc="a conditional access policy blocks the sign-in"),
    Key("eligible_role", Text("directory role"), doc="a role that could be activated (Privileged Identity Management)"),
    Key("role_through", Text("directory role"), doc="a role held as member of a group that holds it"),
    Key("temporary_password", Boolean(), doc="the password has to be changed at the next sign-in"),
)
