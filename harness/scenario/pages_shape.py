"""``install: {pages: ...}``: what is typed and ticked on single pages of the wizard, beside the usual choices.

Source: seed001; facts "install" sections 5, 8, 9, 13.
"""

from __future__ import annotations

from harness.scenario.shapes import Boolean, Choice, Key, ListOf, MapOf, Name, Record, Text

#: the services of the page "Microsoft Entra apps", by the names the server keeps them under
SERVICES = (
    "ExchangeOnline", "DynamicsCRM", "Intune", "LyncOnline", "SharePointOnline", "AzureRMS", "OfficeProPlus",
)  # fmt: skip

COMPONENTS = Record(
    (
        Key("location", Text("path such as D:\\Entra"), doc="custom installation location"),
        Key("service_account", Text("account such as CONTOSO\\svc$"), doc="existing service account"),
        Key("sync_groups", ListOf(Text("group")), doc="Administrators, Operators, Browse, Password Reset"),
    ),
    what="components",
)
DIRECTORY = Record(
    (
        Key("name", Text("forest name"), doc="as typed; the forest's own without it"),
        Key("account", Text("account such as CONTOSO\\administrator"), doc="as typed; the forest's administrator's"),
        Key("use", Choice(("create", "existing")), doc="create a new account (the default), or use this one"),
        Key("password", Text("password"), doc="as typed; the account's own without it"),
    ),
    what="a directory",
)
APPS = Record(
    (
        Key("services", ListOf(Choice(SERVICES)), doc="the services in use; all without it"),
        Key("without", ListOf(Text("attribute")), doc="attributes that are not to be synchronized"),
    ),
    what="apps",
)
PAGES = Record(
    (
        Key("components", COMPONENTS, doc="Install required components"),
        Key("directories", MapOf(DIRECTORY, Name("forest")), doc="Connect your directories, by forest"),
        Key("continue_unverified", Boolean(), doc="go on without verified suffixes; true without it"),
        Key("apps", APPS, doc="Microsoft Entra apps and attributes"),
        Key("extensions", ListOf(Text("attribute")), doc="Directory extensions: attributes of the directory's schema"),
    ),
    what="pages",
)
