"""What the real configuration exports for a handful of objects, worked out by hand from its 62 rule files.

Every expected value was written down while reading the exported XML; the comment beside it names the rule (by its
precedence there) that gives it. Nothing here asks the engine what it expects. Source: the exported configuration of
engine 1.1.130; layout of rules of a second forest, facts "engine" 8 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.connectors.connector import (
    ExportChange,
    ExportOperation,
    ExportResult,
    ImportedObject,
    ImportKind,
    ImportPage,
)
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.network import Network
from engine.run.delete_threshold import DeletionThreshold
from engine.server import SyncServer
from engine.setup.configuration.server_configuration import read_server_configuration
from engine.setup.plan import ServerBlueprint

HERE = Path(__file__).parent
CONFIGURATION = HERE.parents[2] / "shared" / "real" / "contoso-server-configuration"
CONTOSO = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
FABRIKAM = "00000000-0000-4000-8000-000000000002"
CORP = "OU=CORP,DC=contoso,DC=com"  # the only container the export selects
THERE = "OU=CORP,DC=fabrikam,DC=com"

pytestmark = pytest.mark.real_input


def sid(domain: int, account: int) -> bytes:
    """S-1-5-21-<domain>-0-0-<account> as octets."""
    head = bytes([1, 5, 0, 0, 0, 0, 0, 5])
    return head + b"".join(n.to_bytes(4, "little") for n in (21, domain, 0, 0, account))


class Directory:
    """A forest or a tenant of which each object is given; answers full imports and keeps what is exported."""

    def __init__(self) -> None:
        self.objects: dict[bytes | str, ImportedObject] = {}
        self.sent: list[ExportChange] = []

    def put(self, anchor: bytes | str, dn: str, kind: str, **attributes: Any) -> None:
        named = {name.replace("__", "-"): value for name, value in attributes.items()}
        self.objects[anchor] = ImportedObject(ImportKind.FULL, dn, anchor, kind, named)

    def read_full(self, partition: object, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        yield ImportPage([replace(one, attributes=dict(one.attributes)) for one in self.objects.values()], b"1")

    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        self.sent.extend(changes)
        answers = []
        for change in changes:
            anchor = change.anchor
            if change.operation is ExportOperation.ADD:
                anchor = f"{change.object_type.title()}_{len(self.objects)}"
                self.put(anchor, change.dn, change.object_type, cloudAnchor=anchor, cloudMastered=False)
            self.objects[anchor].attributes.update(change.attributes)
            answers.append(ExportResult(change.number, anchor=anchor))
        return answers

    def finish_export(self, total: int, succeeded: int) -> None:
        """Nothing to tell."""

    def close(self) -> None:
        """Nothing is open."""


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 5, 8, tzinfo=UTC)


class World:
    """The exported configuration over directories in memory; a second forest gets rules as the wizard lays them out."""

    def __init__(self, folder: Path, *, second_forest: bool = False) -> None:
        read = read_server_configuration(CONFIGURATION)
        connectors, rules = list(read.connectors), list(read.rules)
        if second_forest:
            connectors.append(_second(next(c for c in connectors if c.identifier == CONTOSO)))
            rules = _laid_out(rules)
        blueprint = ServerBlueprint(
            "SYNC1", "1.1.130.0", "contoso.onmicrosoft.com", tuple(connectors), tuple(rules), {}, {}, read.metaverse
        )
        self.server = SyncServer.create(
            folder / "ADSync.db", name="SYNC1", blueprint=blueprint, network=Network(), clock=StandingClock(), seed="1"
        )
        self.tenant, self.contoso, self.fabrikam = Directory(), Directory(), Directory()
        self.server.systems.deletion_threshold = lambda _connector: DeletionThreshold()  # type: ignore[method-assign]
        self.server.systems._connectors.update(
            {ENTRA_CONNECTOR_ID: self.tenant, CONTOSO: self.contoso, FABRIKAM: self.fabrikam}  # type: ignore[dict-item]
        )
        self.names = [c.identifier for c in connectors]

    def cycle(self) -> dict[str, dict[str, Any]]:
        """One initial cycle; answers what was exported to the tenant, by displayName or DN."""
        for directory in (self.tenant, self.contoso, self.fabrikam):
            directory.sent.clear()
        for profile in ("Full Import", "Full Synchronization", "Export"):
            for name in self.names:
                run = self.server.run_profile(name, profile)
                assert run.result in ("success", "completed-no-objects"), (name, profile, run.errors)
        return {change.dn: change.attributes for change in self.tenant.sent}


def _second(connector: Any) -> Any:
    """The same connector, for fabrikam.com."""
    place = {"dn": "DC=fabrikam,DC=com", "name": "fabrikam.com", "included": (THERE,), "excluded": ()}
    named = {"forest-name", "Forest.FQDN", "Domain.FQDN"}
    own = dict.fromkeys(named, "fabrikam.com") | {"Forest.Netbios": "FABRIKAM", "Domain.Netbios": "FABRIKAM"}
    return connector.with_(
        identifier=FABRIKAM,
        name="fabrikam.com",
        partitions=tuple(replace(one, **place) for one in connector.partitions),
        parameters={**connector.parameters, **own},
        created="9999",
        order=2,
    )


def _laid_out(rules: list[Any]) -> list[Any]:
    """Each rule of the forest once more for the second one, right behind it; numbers follow from the order."""
    both = []
    for rule in rules:
        both.append(rule)
        if rule.connector == CONTOSO:
            identifier = f"{int(rule.identifier[:8], 16) ^ 1:08x}" + rule.identifier[8:]
            both.append(replace(rule, connector=FABRIKAM, identifier=identifier))
    return [replace(rule, precedence=100 + place) for place, rule in enumerate(both)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.server.close()


@pytest.fixture
def two_forests(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, second_forest=True)
    yield made
    made.server.close()


# Source anchors: Base64 of an objectGUID that repeats one octet (made with another tool), and the DN that spells it.
ANA, ANA_DN = "AQEBAQEBAQEBAQEBAQEBAQ==", "CN={415145424151454241514542415145424151454241513D3D}"
BO, BO_DN = "AgICAgICAgICAgICAgICAg==", "CN={416749434167494341674943416749434167494341673D3D}"
CREW, CREW_DN = "BAQEBAQEBAQEBAQEBAQEBA==", "CN={424151454241514542415145424151454241514542413D3D}"
NEWS, NEWS_DN = "BQUFBQUFBQUFBQUFBQUFBQ==", "CN={425155464251554642515546425155464251554642513D3D}"
CARLA, CARLA_DN = "BgYGBgYGBgYGBgYGBgYGBg==", "CN={426759474267594742675947426759474267594742673D3D}"
LUIS, LUIS_DN = "BwcHBwcHBwcHBwcHBwcHBw==", "CN={427763484277634842776348427763484277634842773D3D}"


def put_ana(forest: Directory) -> None:
    """An enabled user without mailbox; blanks round values, several values where one is taken, a long note."""
    forest.put(
        bytes([1] * 16), f"CN=Ana Lopez,{CORP}", "user",
        objectGUID=bytes([1] * 16), objectSid=sid(7, 1101), cn="Ana Lopez", displayName=" Ana Lopez (Madrid)",
        sAMAccountName="alopez", userPrincipalName="ana.lopez@contoso.com", userAccountControl=512,
        pwdLastSet=133485408000000000,  # 2024-01-01 00:00:00 UTC
        givenName=" Ana ", sn="Lopez ", middleName="M.", initials="A. L.", title="  Clerk", department="Sales ",
        company="Contoso Ltd ", c="ES", co="Spain ", countryCode=724, l=" Madrid", st="M ", postalCode=" 28001",
        streetAddress="Calle 1 ", physicalDeliveryOfficeName=" 2.17", preferredLanguage=" es-ES",
        telephoneNumber=" +34 1", mobile="+34 2 ", homePhone="+34 3 ", ipPhone="4 ", pager=" 5",
        facsimileTelephoneNumber="6 ", otherTelephone=[" 11 ", "12"], otherHomePhone=["13 "], otherMobile=["14"],
        otherPager=[" 15"], otherIpPhone=["16"], otherFacsimileTelephoneNumber=["17"], wWWHomePage=" http://ana ",
        url=[" http://one ", "http://two"], postOfficeBox=[" 12 ", "13"], description=["  First line ", "second"],
        info=" " + "n" * 500, mail=" ana.lopez@contoso.com",
        proxyAddresses=["SMTP:ana.lopez@contoso.com", " smtp:al@contoso.com ", "smtp:al@contoso.com"],
        extensionAttribute1=" one ", extensionAttribute15="fifteen", employeeID="4711", adminCount=0,
        thumbnailPhoto=b"\xff\xd8\xff", manager=f"CN=Bo Berg,{CORP}", assistant=f"CN=Ana Lopez,{CORP}",
        msRTCSIP__PrimaryUserAddress="sip:ana@contoso.com", msRTCSIP__UserEnabled=True, msRTCSIP__OptionFlags=257,
    )  # fmt: skip


def put_bo(forest: Directory) -> None:
    """A disabled user with a mailbox, neither userPrincipalName nor displayName."""
    forest.put(
        bytes([2] * 16), f"CN=Bo Berg,{CORP}", "user",
        objectGUID=bytes([2] * 16), objectSid=sid(7, 1102), cn="Bo Berg", sAMAccountName="bberg",
        userAccountControl=514, mailNickname="bo.berg", mail="bo@contoso.com", countryCode=0,
        proxyAddresses=["SMTP:bo@contoso.com"], legacyExchangeDN="/o=Contoso/cn=bo",
        targetAddress="SMTP:bo@there.example",
        msExchMailboxGuid=bytes(range(16)), msExchRecipientTypeDetails=1, msExchRecipientDisplayType=1073741824,
        msExchHideFromAddressLists=False, extensionAttribute7=" seven ", telephoneAssistant=" 21",
        publicDelegates=[f"CN=Ana Lopez,{CORP}"], authOrig=[f"CN=Ana Lopez,{CORP}"],
        msDS__PhoneticDisplayName="boh", msExchUserHoldPolicies=["mbx1"], adminDescription="Useful",
    )  # fmt: skip


ANA_EXPORTED: dict[str, Any] = {
    "accountEnabled": True,  # 102 constant True (bit 2 clear), out by 123
    "assistant": ANA,  # 106, out by 125: a reference leaves as the source anchor of its target
    "city": "Madrid",  # 106 Trim([l]), out by 125
    "commonName": "Ana Lopez",  # 102 cn, out by 123
    "company": "Contoso Ltd",  # 106, 125
    "country": "Spain",  # 106 Trim([co]), 125
    "countryCode": 724,  # 106, 125: present, so not IgnoreThisFlow
    "countryLetterCode": "ES",  # 106 Trim([c]), 125
    "department": "Sales",  # 106, 125
    "description": "First line",  # 106: Item 1, trimmed; 125
    "displayName": " Ana Lopez (Madrid)",  # 106: present, taken as it is, not trimmed; 124
    "dnsDomainName": "contoso.com",  # 102 %Domain.FQDN%, 123
    "extensionAttribute1": "one",  # 106, 125
    "extensionAttribute15": "fifteen",  # 106, 125
    "facsimileTelephoneNumber": "6",  # 106, 125
    "givenName": "Ana",  # 106, 124
    "homePhone": "+34 3",  # 106, 125
    "info": "n" * 448,  # 106: trimmed first, then cut to 448; 125
    "initials": "A. L.",  # 106, 125
    "ipPhone": "4",  # 106, 128
    "lastPasswordChangeTimestamp": "20240101000000.0Z",  # 102 pwdLastSet, 123
    "mail": "ana.lopez@contoso.com",  # 106, 124
    "manager": BO,  # 106, 125
    "middleName": "M.",  # 106, 129
    "mobile": "+34 2",  # 106, 125
    "msRtcSipOptionFlags": 257,  # 110, 128
    "msRtcSipPrimaryUserAddress": "sip:ana@contoso.com",  # 110, 128
    "msRtcSipUserEnabled": True,  # 110, 128
    "netBiosName": "CONTOSO",  # 102 %Domain.Netbios%, 123
    "onPremisesSamAccountName": "alopez",  # 106 accountName, 123
    "onPremiseSecurityIdentifier": sid(7, 1101),  # 102 objectSid, 123
    "otherFacsimileTelephoneNumber": ["17"],  # 106, 125
    "otherHomePhone": ["13"],  # 106, 125
    "otherIpPhone": ["16"],  # 106, 129
    "otherMobile": ["14"],  # 106, 129
    "otherPager": ["15"],  # 106, 129
    "otherTelephone": ["11", "12"],  # 106: Trim of each value; 125
    "pager": "5",  # 106, 125
    "physicalDeliveryOfficeName": "2.17",  # 106, 125
    "postalCode": "28001",  # 106, 125
    "postOfficeBox": ["12"],  # 106: Item 1, trimmed; 129: multi-valued in the Entra connector's schema
    "preferredLanguage": "es-ES",  # 106, 126
    "proxyAddresses": ["SMTP:ana.lopez@contoso.com", "smtp:al@contoso.com"],  # 106 RemoveDuplicates(Trim(..)), 124
    "sourceAnchor": ANA,  # 102 ConvertToBase64([objectGUID]), 123
    "state": "M",  # 106 Trim([st]), 125
    "streetAddress": "Calle 1",  # 106, 125
    "surname": "Lopez",  # 106 Trim([sn]), 124
    "telephoneNumber": "+34 1",  # 106, 125
    "thumbnailPhoto": b"\xff\xd8\xff",  # 106, 125
    "title": "Clerk",  # 106, 125
    "url": ["http://one"],  # 106: Item 1, trimmed; 129: multi-valued there too
    "userPrincipalName": "ana.lopez@contoso.com",  # 102, 124
    "wWWHomePage": "http://ana",  # 106, 125
    # absent: alias and every Exchange attribute (104 and 108 want mailNickname), usageLocation (123 IgnoreThisFlow),
    # employeeID (no rule reads it), onPremisesUserPrincipalName (124 reads it, nothing fills it)
}

BO_EXPORTED: dict[str, Any] = {
    "accountEnabled": False,  # 104: bit 2 set (102 is out of scope); 123
    "alias": "bo.berg",  # 108 mailNickname, 124
    "authOrig": [ANA],  # 108, 125
    "commonName": "Bo Berg",  # 104 cn, 123
    "countryCode": 0,  # 104: zero is a value; 125
    "displayName": "Bo Berg",  # 104: no displayName, so cn; 124
    "dnsDomainName": "contoso.com",  # 106 (102 out of scope), 123
    "extensionAttribute7": "seven",  # 104, 125
    "legacyExchangeDN": "/o=Contoso/cn=bo",  # 108, 125
    "mail": "bo@contoso.com",  # 104, 124
    "msDsPhoneticDisplayName": "boh",  # 108, 125
    "msExchHideFromAddressLists": False,  # 108, 125
    "msExchMailboxGuid": bytes(range(16)),  # 108, 125
    "msExchRecipientDisplayType": 1073741824,  # 108, 125
    "msExchRecipientTypeDetails": 1,  # 108, 125
    "msExchUserHoldPolicies": ["mbx1"],  # 108, 125
    "netBiosName": "CONTOSO",  # 106, 123
    "onPremisesSamAccountName": "bberg",  # 104 accountName, 123
    "onPremiseSecurityIdentifier": sid(7, 1102),  # 106 objectSid, 123
    "proxyAddresses": ["SMTP:bo@contoso.com"],  # 104, 124
    "publicDelegates": [ANA],  # 108, 125
    "sourceAnchor": BO,  # 106: msExchRecipientTypeDetails is 1, not 2; 123
    "targetAddress": "SMTP:bo@there.example",  # 108, 125
    "telephoneAssistant": "21",  # 108 Trim, 125
    "userPrincipalName": "bberg@contoso.com",  # 106: sAMAccountName@%Domain.FQDN%; 124
    # absent: lastPasswordChangeTimestamp (106: pwdLastSet absent gives NULL)
}


def test_an_enabled_and_a_disabled_user(world):
    put_ana(world.contoso)
    put_bo(world.contoso)
    exported = world.cycle()
    assert exported.keys() == {ANA_DN, BO_DN}
    assert exported[ANA_DN] == ANA_EXPORTED
    assert exported[BO_DN] == BO_EXPORTED


def test_what_no_rule_lets_out(world):
    """One object for each reason; none of them is exported, nothing stands in error."""
    user = {"objectSid": sid(7, 9), "cn": "X", "userAccountControl": 512}
    put = world.contoso.put
    put(b"a" * 16, f"CN=Critical,{CORP}", "user", **user, sAMAccountName="c", isCriticalSystemObject=True)  # 100 scope
    put(b"b" * 16, f"CN=Hidden,{CORP}", "user", **user, sAMAccountName="h", adminDescription="User_Hidden")  # 100 scope
    put(
        b"c" * 16, f"CN=Sync,{CORP}", "user", **{**user, "objectSid": sid(7, 10)}, sAMAccountName="AAD_1"
    )  # 100 filters
    put(b"d" * 16, f"CN=Discovery,{CORP}", "user", **{**user, "objectSid": sid(7, 11)}, sAMAccountName="d",
        msExchRecipientTypeDetails=536870912)  # 100: a discovery mailbox, &H20000000  # fmt: skip
    put(b"e" * 16, f"CN=Linked,{CORP}", "user", **{**user, "objectSid": sid(7, 12)}, sAMAccountName="l",
        mailNickname="l", msExchRecipientTypeDetails=2)  # 102, 104, 106: no anchor, no type  # fmt: skip
    put(b"f" * 16, f"CN=Quiet,{CORP}", "contact", objectGUID=b"f" * 16, cn="Quiet")  # 115: no mail, so no projection
    put(b"g" * 16, f"CN=Postless,{CORP}", "contact", objectGUID=b"g" * 16, cn="Postless", mail="none")  # 131: no @
    put(b"h" * 16, f"CN=List,{CORP}", "group", objectGUID=b"h" * 16, cn="List", groupType=2)  # 139: neither kind
    put(b"i" * 16, "CN=Elsewhere,OU=Other,DC=contoso,DC=com", "user", **user, sAMAccountName="e")  # not selected
    put(b"j" * 16, f"CN=PC1,{CORP}", "computer", objectGUID=b"j" * 16, cn="PC1", userAccountControl=4096)  # 159 filters
    assert world.cycle() == {}


def test_a_security_group_and_a_mail_enabled_list(world):
    put_ana(world.contoso)
    put_bo(world.contoso)
    world.contoso.put(
        bytes([4] * 16), f"CN=Crew,{CORP}", "group", objectGUID=bytes([4] * 16), objectSid=sid(7, 1201), cn="Crew",
        sAMAccountName="Crew", groupType=-2147483646, description=[" The crew ", "x"], info="note ",
        managedBy=f"CN=Ana Lopez,{CORP}", member=[f"CN=Ana Lopez,{CORP}", f"CN=Bo Berg,{CORP}", f"CN=Ghost,{CORP}"],
    )  # fmt: skip
    world.contoso.put(
        bytes([5] * 16), f"CN=News,{CORP}", "group", objectGUID=bytes([5] * 16), objectSid=sid(7, 1202), cn="News",
        displayName="All News", sAMAccountName="News", groupType=8, mailNickname="news", mail="news@contoso.com ",
        proxyAddresses=["SMTP:news@contoso.com"], hideDLMembership=True, oOFReplyToOriginator=True, reportToOwner=False,
        msExchRequireAuthToSendTo=True, extensionAttribute3=" three", authOrig=[f"CN=Bo Berg,{CORP}"],
        member=[f"CN=Crew,{CORP}"],
    )  # fmt: skip
    exported = world.cycle()
    assert exported[CREW_DN] == {
        "commonName": "Crew",  # 114 cn, 139
        "description": "The crew",  # 114: Item 1, trimmed; 141
        "displayName": "Crew",  # 114: no displayName, so cn; 140
        "info": "note",  # 114, 141
        "managedBy": ANA,  # 114, 140
        "member": [ANA, BO],  # 114, 140 (139 only guards the number); who is not there is left out
        "onPremiseSecurityIdentifier": sid(7, 1201),  # 114, 139
        "securityEnabled": True,  # 114: sign bit of groupType; 139
        "sourceAnchor": CREW,  # 114, 139
    }
    assert exported[NEWS_DN] == {
        "alias": "news",  # 113 mailNickname, 140
        "authOrig": [BO],  # 113, 141
        "commonName": "News",  # 114, 139
        "displayName": "All News",  # 114, 140
        "extensionAttribute3": "three",  # 113, 141
        "hideDLMembership": True,  # 113, 145
        "mail": "news@contoso.com",  # 114, 140
        "member": [CREW],  # 114, 140: nested
        "msExchRequireAuthToSendTo": True,  # 113, 141
        "onPremiseSecurityIdentifier": sid(7, 1202),  # 114, 139
        "oOFReplyToOriginator": True,  # 113, 141
        "proxyAddresses": ["SMTP:news@contoso.com"],  # 114, 140
        "reportToOwner": False,  # 113, 141
        "securityEnabled": False,  # 114: a distribution group, let out because mailEnabled (112); 139
        "sourceAnchor": NEWS,  # 114, 139
    }


def test_a_contact(world):
    world.contoso.put(
        bytes([6] * 16), f"CN=Carla Cruz,{CORP}", "contact", objectGUID=bytes([6] * 16), cn="Carla Cruz",
        displayName="Carla Cruz (Partner)", givenName="Carla ", sn=" Cruz", mail="carla@partner.example",
        proxyAddresses=["SMTP:carla@partner.example"], targetAddress="SMTP:carla@partner.example",
        c="PT", co="Portugal", countryCode=620, l="Porto", company=" Partner", telephoneNumber="1 ",
        ipPhone="2", middleName="M", url=["u "], postOfficeBox=["9"],
        msExchHideFromAddressLists=True, extensionAttribute2=" two", msRTCSIP__Line="tel:1",
        description=["d1", "d2"], userAccountControl=512,
    )  # fmt: skip
    assert world.cycle()[CARLA_DN] == {
        "alias": "Carla Cruz",  # 116: no mailNickname, so cn; 132
        "city": "Porto",  # 116, 133
        "company": "Partner",  # 116, 133
        "country": "Portugal",  # 116, 133
        "countryCode": 620,  # 116, 133
        "countryLetterCode": "PT",  # 116, 133
        "description": "d1",  # 116, 133
        "displayName": "Carla Cruz (Partner)",  # 116, 132
        "extensionAttribute2": "two",  # 116, 133
        "givenName": "Carla",  # 116, 132
        "ipPhone": "2",  # 116, 137
        "mail": "carla@partner.example",  # 116, 138
        "middleName": "M",  # 116, 137
        "msExchHideFromAddressLists": True,  # 116, 133
        "postOfficeBox": ["9"],  # 116, 137
        "proxyAddresses": ["SMTP:carla@partner.example"],  # 116, 132
        "sourceAnchor": CARLA,  # 116 ConvertToBase64([objectGUID]), 131
        "surname": "Cruz",  # 116, 132
        "targetAddress": "SMTP:carla@partner.example",  # 116, 133
        "telephoneNumber": "1",  # 116, 133
        "url": ["u"],  # 116, 137
        # absent: accountEnabled and commonName (no contact rule sends them), msRtcSip* (117 in, nothing out)
    }


def test_a_linked_mailbox_and_its_account_in_another_forest(two_forests):
    """Luis signs in to fabrikam.com; his mailbox is a disabled user of contoso.com that names his SID as master."""
    two_forests.contoso.put(
        bytes([8] * 16), f"CN=Luis Box,{CORP}", "user", objectGUID=bytes([8] * 16), objectSid=sid(7, 1301),
        msExchMasterAccountSid=sid(9, 2001), msExchRecipientTypeDetails=2, cn="Luis Box", sAMAccountName="luisbox",
        userPrincipalName="luis.box@contoso.com", userAccountControl=514, mailNickname="luis", displayName="Luis Ortiz",
        mail="luis@contoso.com", proxyAddresses=["SMTP:luis@contoso.com"], title="Captain",
        pwdLastSet=133485408000000000,
    )  # fmt: skip
    two_forests.fabrikam.put(
        bytes([7] * 16), f"CN=Luis Ortiz,{THERE}", "user", objectGUID=bytes([7] * 16), objectSid=sid(9, 2001),
        cn="Luis Ortiz", sAMAccountName="lortiz", userPrincipalName="luis@fabrikam.com", userAccountControl=512,
        displayName="Ortiz, Luis", title="Mate", department="Deck", pwdLastSet=133486272000000000,  # 2024-01-02 00:00
    )  # fmt: skip
    expected = {  # numbers are those of the single-forest export; C: the rule of contoso.com, F: of fabrikam.com
        "accountEnabled": True,  # 102 F constant True; the mailbox is disabled and 104 C stands behind it
        "alias": "luis",  # 108 C, 124
        "commonName": "Luis Ortiz",  # 102 F cn before 104 C, 123
        "department": "Deck",  # 106 F: only the account has one; 125
        "displayName": "Luis Ortiz",  # 104 C before 106 F, 124
        "dnsDomainName": "fabrikam.com",  # 102 F before 106 C, 123
        "lastPasswordChangeTimestamp": "20240102000000.0Z",  # 102 F, 123
        "mail": "luis@contoso.com",  # 104 C, 124
        "msExchRecipientTypeDetails": 2,  # 108 C, 125
        "netBiosName": "FABRIKAM",  # 102 F, 123
        "onPremisesSamAccountName": "luisbox",  # 104 C accountName before 106 F, 123
        "onPremiseSecurityIdentifier": sid(9, 2001),  # 102 F objectSid, 123
        "proxyAddresses": ["SMTP:luis@contoso.com"],  # 104 C, 124
        "sourceAnchor": LUIS,  # 102 F: a linked mailbox gives none (106 C is NULL); 123
        "title": "Captain",  # 104 C before 106 F, 125
        "userPrincipalName": "luis@fabrikam.com",  # 102 F before 106 C, 124
        # sourceObjectType is "User" from 106 F: 104 C and 106 C give NULL for a linked mailbox
    }
    assert two_forests.cycle() == {LUIS_DN: expected}


def test_what_the_cloud_gives_back(world):
    """The address the cloud made is added to the group's own (156, by 152); a user's stay (154 is never in scope)."""
    put_bo(world.contoso)
    world.contoso.put(
        bytes([5] * 16), f"CN=News,{CORP}", "group", objectGUID=bytes([5] * 16), objectSid=sid(7, 1202), cn="News",
        groupType=8, mail="news@contoso.com", proxyAddresses=["SMTP:news@contoso.com", "X500:/o=Cloud/cn=NEWS2"],
    )  # fmt: skip
    world.cycle()
    for one in world.tenant.objects.values():
        one.attributes["cloudLegacyExchangeDN"] = f"/o=Cloud/cn={one.object_type}"
    assert world.cycle() == {}  # inbound rules take proxyAddresses by ImportedValue: not before AD has confirmed them
    (change,) = world.contoso.sent
    assert change.dn == f"CN=News,{CORP}"
    addresses = ["SMTP:news@contoso.com", "X500:/o=Cloud/cn=NEWS2", "x500:/o=Cloud/cn=group"]
    assert change.attributes == {"proxyAddresses": addresses}  # 156 MergeCaseInsensitive, after what is there
    assert world.cycle() == {NEWS_DN: {"proxyAddresses": addresses}}  # 114 reads the confirmed addresses, 140
    assert world.cycle() == {}
    assert world.contoso.sent == []
