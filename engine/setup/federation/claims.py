"""The trust with Microsoft Entra ID as the wizard sets it on an AD FS farm: claim rules, issuers, back-up file. Pure.

Source: facts "install" FED-02, 04, 06, 08, 09; manage AD FS trust (names and order of the rules, the file's name);
multiple domains (issuer by domain). Rules for devices and password expiry are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from engine.setup.source_anchor import CONSISTENCY_GUID, OBJECT_GUID
from engine.versions import at_least

TRUST_NAME = "Microsoft Office 365 Identity Platform"
IDENTIFIERS = ("https://login.microsoftonline.com/extSTS.srf", "urn:federation:MicrosoftOnline")
ENDPOINTS = ("https://login.microsoftonline.com/login.srf",)
#: The release from which a suffix any number of levels below a federated domain gets that domain's issuer (FED-08).
DEEP_SUFFIX_SINCE = "1.1.553.0"
#: The release from which the trust is backed up in a file of its own (FED-09).
BACK_UP_SINCE = "1.1.873.0"

_ACCOUNT = "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname"
_UPN = "http://schemas.xmlsoap.org/claims/UPN"
_IMMUTABLE_ID = "http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID"
_NAME_IDENTIFIER = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
_ACCOUNT_TYPE = "http://schemas.microsoft.com/ws/2012/01/accounttype"
_ISSUER_ID = "http://schemas.microsoft.com/ws/2008/06/identity/claims/issuerid"
_TEMPORARY = "http://contoso.com/ws/2016/02/identity/claims"
_FLAG = "urn:anandmsft:tmp/idflag"
_PASSED = (
    ("Pass through primary SID", "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarysid"),
    ("Pass through claim - insideCorporateNetwork", "http://schemas.microsoft.com/ws/2012/01/insidecorporatenetwork"),
    ("Pass Through Claim - Psso", "http://schemas.microsoft.com/2014/03/psso"),
    ("Pass through claim - authnmethodsreferences", "http://schemas.microsoft.com/claims/authnmethodsreferences"),
    ("Pass through claim - AlternateLoginID", "http://schemas.microsoft.com/ws/2013/11/alternateloginid"),
)


@dataclass(frozen=True, slots=True)
class TrustChoice:
    """What the rules depend on. domains: all that are federated by this farm."""

    anchor: str
    upn_attribute: str
    domains: tuple[str, ...]
    version: str

    @property
    def several(self) -> bool:
        return len(self.domains) > 1


@dataclass(frozen=True, slots=True)
class ManagedFarm:
    """The farm a sync server manages: its name, its primary server, the domains it federates."""

    farm: str
    server: str
    domains: tuple[str, ...]
    pfx_names: tuple[str, ...] = ()

    def with_(self, **changes: object) -> ManagedFarm:
        return replace(self, **changes)  # type: ignore[arg-type]

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_text(text: str) -> ManagedFarm | None:
        if not text:
            return None
        plain = json.loads(text)
        lists = {name: tuple(plain.get(name, ())) for name in ("domains", "pfx_names")}
        return ManagedFarm(plain["farm"], plain["server"], **lists)


def claim_rules(choice: TrustChoice) -> str:
    """The issuance transform rules as text."""
    rules = [_rule("Issue UPN", _on_account(_query("issue", {_UPN: choice.upn_attribute}))), *_anchor_rules(choice)]
    rules.append(_rule("Issue nameidentifier", f'c:[Type == "{_IMMUTABLE_ID}"]', _issue(_NAME_IDENTIFIER, "c.Value")))
    rules.append(
        _rule(
            "Issue AccountType with the value USER when it is not a computer account",
            f'NOT EXISTS([Type == "{_ACCOUNT_TYPE}"])',
            _issue(_ACCOUNT_TYPE, '"User"'),
        )
    )
    if choice.several:
        value = f'regexreplace(c.Value, "{issuer_pattern(choice)}", "http://${{domain}}/adfs/services/trust/")'
        rules.append(
            _rule(
                "Issue issuerid when it is not a computer account", f'c:[Type == "{_UPN}"]', _issue(_ISSUER_ID, value)
            )
        )
    rules += [_rule(name, f'c:[Type == "{kind}"]', "issue(claim = c)") for name, kind in _PASSED]
    return "\n".join(rules)


def _anchor_rules(choice: TrustChoice) -> list[str]:
    if choice.anchor.lower() != CONSISTENCY_GUID.lower():
        name = "Issue objectGUID as Immutable ID"
        if choice.anchor.lower() != OBJECT_GUID.lower():
            name = f"Issue {choice.anchor} as Immutable ID"
        return [_rule(name, _on_account(_query("issue", {_IMMUTABLE_ID: choice.anchor})))]
    guid, consistency = f"{_TEMPORARY}/objectguid", f"{_TEMPORARY}/msdsconsistencyguid"
    return [
        _rule(
            "Query objectguid and msdsconsistencyguid for custom ImmutableId claim",
            _on_account(_query("add", {guid: "objectGUID", consistency: "mS-DS-ConsistencyGuid"})),
        ),
        _rule(
            "Check for the existence of msdsconsistencyguid",
            f'NOT EXISTS([Type == "{consistency}"])',
            f'add(Type = "{_FLAG}", Value = "useguid")',
        ),
        _rule(
            "Issue msdsconsistencyguid as Immutable ID if it exists",
            f'c:[Type == "{consistency}"]',
            _issue(_IMMUTABLE_ID, "c.Value"),
        ),
        _rule(
            "Issue objectGuidRule if msdsConsistencyGuid rule does not exist",
            f'c1:[Type == "{_FLAG}", Value =~ "useguid"]\n && c2:[Type == "{guid}"]',
            _issue(_IMMUTABLE_ID, "c2.Value"),
        ),
    ]


def _rule(name: str, condition: str, statement: str = "") -> str:
    body = f"{condition}\n => {statement};" if statement else f"{condition};"
    return f'@RuleName = "{name}"\n{body}\n'


def _on_account(statement: str) -> str:
    return f'c:[Type == "{_ACCOUNT}"]\n => {statement}'


def _query(verb: str, attributes: Mapping[str, str]) -> str:
    kinds = ", ".join(f'"{kind}"' for kind in attributes)
    asked = ",".join(attributes.values())
    return f'{verb}(store = "Active Directory", types = ({kinds}), query = ";{asked};{{0}}", param = c.Value)'


def _issue(kind: str, value: str) -> str:
    return f'issue(Type = "{kind}", Value = {value})'


def issuer_pattern(choice: TrustChoice) -> str:
    """What finds the federated domain in a UPN. Older releases see through one level above it, not through more."""
    above = r"(.+?\.)??" if at_least(choice.version, DEEP_SUFFIX_SINCE) else r"([^.]+\.)??"
    names = sorted(choice.domains, key=lambda name: (-len(name), name))
    return rf"(?i)^.+@{above}(?<domain>({'|'.join(re.escape(name) for name in names)}))$"


def issuer_of(farm_identifier: str, domain: str, *, several: bool) -> str:
    """Who signs for a domain: the federation service itself, or a name of the domain's own when there are several."""
    return f"http://{domain}/adfs/services/trust/" if several else farm_identifier


def domain_settings(farm: str, issuer: str, certificate: str) -> dict[str, object]:
    """The federation settings of a domain whose users sign in at an AD FS farm."""
    base = f"https://{farm}"
    return {
        "displayName": farm,
        "issuerUri": issuer,
        "metadataExchangeUri": f"{base}/adfs/services/trust/mex",
        "activeSignInUri": f"{base}/adfs/services/trust/2005/usernamemixed",
        "passiveSignInUri": f"{base}/adfs/ls/",
        "signOutUri": f"{base}/adfs/ls/",
        "signingCertificate": certificate,
        "preferredAuthenticationProtocol": "wsFed",
    }


def back_up_name(now: datetime) -> str:
    return f"AadTrust-{now:%Y%m%d-%H%M%S}.txt"


def back_up_text(trust: Mapping[str, object], farm: str) -> str:
    """The trust as it is before it is changed, so that rules can be copied back one by one."""
    lines = [f"Federation service: {farm}", f"Trust: {trust.get('Name', '')}"]
    lines += [f"Identifier: {one}" for one in _texts(trust.get("Identifier"))]
    lines += [f"Endpoint: {one}" for one in _texts(trust.get("WSFedEndpoints"))]
    lines += [f"AutoUpdateEnabled: {trust.get('AutoUpdateEnabled')}", "", "Issuance transform rules:", ""]
    return "\n".join([*lines, str(trust.get("IssuanceTransformRules", "")), ""])


def _texts(value: object) -> Iterable[str]:
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def matches_name(names: Iterable[str], farm: str) -> bool:
    """Whether a certificate is one for a federation service's name; a wildcard stands for one label."""
    wanted = farm.lower()
    for name in (one.lower() for one in names):
        if name == wanted or (name.startswith("*.") and wanted.partition(".")[2] == name[2:]):
            return True
    return False
