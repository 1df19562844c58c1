"""What a federation server asks of domain controllers, over LDAPS and without waiting: is a password right, what is
known of the user, who administers a machine, and a service principal name to register.

Source: facts "directory" 10 (bind errors); facts "install" 14.2 (the AD FS service looks users up in the directory).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ldaptor.protocols.ldap.ldapclient import LDAPClient
from ldaptor.protocols.pureber import BEREnumerated, BERSequence, BERSet
from ldaptor.protocols.pureldap import (
    LDAPAssertionValue,
    LDAPAttributeDescription,
    LDAPAttributeValue,
    LDAPBindRequest,
    LDAPFilter_and,
    LDAPFilter_equalityMatch,
    LDAPFilter_not,
    LDAPFilter_or,
    LDAPFilter_present,
    LDAPModifyRequest,
    LDAPSearchRequest,
    LDAPSearchResultDone,
    LDAPSearchResultEntry,
)
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.protocol import Factory

from emulators.federation.core.farms import Farm, Machine
from emulators.federation.core.sign_in import Known
from emulators.federation.front.tls import ClientContext

BASE, SUBTREE = 0, 2
_AD_CODE = re.compile(r"data ([0-9a-f]+)")
_ADMINISTRATORS = ("512", "519", "544")
ATTRIBUTE_OR_VALUE_EXISTS = 20
UNREACHABLE = "unreachable"  # in place of a code of the directory's own
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class DomainPlace:
    """Where a domain's controller answers, and the password of this world's machines in it."""

    name: str
    netbios: str
    base_dn: str
    host: str
    ldaps_port: int


class DirectoryRefused(Exception):
    """The directory did not take a name and password; ``code`` is Active Directory's own, such as 52e or 533."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the directory refused: {code}")
        self.code = code


Places = Callable[[], Mapping[str, DomainPlace]]


class Directories:
    """The domains a federation server can reach."""

    def __init__(self, reactor: Any, places: Places, ca_bundle: str, machine_password: Callable[[str], str]) -> None:
        self._reactor = reactor
        self._places = places
        self._context = ClientContext(ca_bundle)
        self._machine_password = machine_password

    @inlineCallbacks
    def authenticate(
        self, farm: Farm, name: str, password: str, attributes: Sequence[str]
    ) -> Generator[Deferred[Any], Any, Known]:
        """Try the farm's domains one after the other; raises DirectoryRefused with what the last of them said."""
        refused = DirectoryRefused("525")
        if not name or not password:
            raise refused
        for place in self._domains_of(farm):
            try:
                login = yield self._login_for(farm, place, name)
                known = yield self._in_domain(place, login, password, attributes)
            except DirectoryRefused as problem:
                refused = problem if problem.code != "525" else refused
                continue
            alternate = name if login != name else ""
            return Known(known.account, known.sid, known.attributes, alternate)
        raise refused

    def _domains_of(self, farm: Farm) -> list[DomainPlace]:
        """Every domain of the farm's forests, the farm's own first."""
        places = self._places()
        wanted = [one.lower() for one in farm.forests]
        found = [places[name] for name in wanted if name in places]
        found += [
            p for name, p in places.items() if name not in wanted and name.endswith(tuple(f".{w}" for w in wanted))
        ]
        return found

    @inlineCallbacks
    def _login_for(self, farm: Farm, place: DomainPlace, name: str) -> Generator[Deferred[Any], Any, str]:
        """The name to sign in with at the directory: of one who typed an alternate login ID, the account's own."""
        if not farm.alternate_login or not farm.servers or place.name.lower() != farm.forests[0].lower():
            return name
        machine = farm.servers[0]
        client = yield self._connect(place)
        try:
            code = yield _bind(client, f"{place.netbios}\\{machine}$", self._machine_password(machine))
            if code:
                return name
            found = yield _search(client, place.base_dn, _equals(farm.alternate_login, name), ("sAMAccountName",))
        finally:
            client.transport.loseConnection()
        if len(found) != 1:
            return name
        return f"{place.netbios}\\{_first(found[0], 'sAMAccountName').decode()}"

    @inlineCallbacks
    def _in_domain(
        self, place: DomainPlace, login: str, password: str, attributes: Sequence[str]
    ) -> Generator[Deferred[Any], Any, Known]:
        client = yield self._connect(place)
        try:
            code = yield _bind(client, login, password)
            if code:
                raise DirectoryRefused(code)
            found = yield _search(client, place.base_dn, _filter_for(place, login), attributes)
        finally:
            client.transport.loseConnection()
        if not found:
            raise DirectoryRefused("525")
        entry = found[0]
        account = f"{place.netbios}\\{_first(entry, 'sAMAccountName').decode('utf-8', 'replace')}"
        return Known(account, _sid_text(_first(entry, "objectSid")), entry)

    @inlineCallbacks
    def administers(self, machine: Machine, name: str, password: str) -> Generator[Deferred[Any], Any, bool]:
        """Whether a name and password are those of an administrator of a machine that is joined to a domain."""
        place = self._places().get(machine.domain.lower())
        if place is None or not name or not password:
            return False
        login = _as_typed(name)
        client = yield self._connect(place)
        try:
            code = yield _bind(client, login, password)
            if code:
                return False
            found = yield _search(client, place.base_dn, _filter_for(place, login), ("objectSid",))
            if not found:
                return False
            dn = found[0]["dn"][0].decode()
            token = yield _search(client, dn, LDAPFilter_present("objectClass"), ("tokenGroups",), BASE)
        finally:
            client.transport.loseConnection()
        sids = [_sid_text(one) for entry in token for one in _values(entry, "tokenGroups")]
        return any(sid.rpartition("-")[2] in _ADMINISTRATORS for sid in sids)

    @inlineCallbacks
    def register_spn(
        self, machine: Machine, name: str, password: str, account: str, spn: str
    ) -> Generator[Deferred[Any], Any, str]:
        """Give an account a service principal name; answers the directory's refusal, "" for none."""
        place = self._places()[machine.domain.lower()]
        client = yield self._connect(place)
        try:
            code = yield _bind(client, _as_typed(name), password)
            if code:
                return f"The directory refused {name}."
            sam = account.rpartition("\\")[2].partition("@")[0]
            either = LDAPFilter_or([_equals("sAMAccountName", sam), _equals("sAMAccountName", f"{sam}$")])
            found = yield _search(client, place.base_dn, either, ("servicePrincipalName",))
            if not found:
                return f"There is no account {account}."
            if spn.lower() in {one.decode().lower() for one in _values(found[0], "servicePrincipalName")}:
                return ""
            change = _modification("servicePrincipalName", spn.encode())
            answer = yield client.send(LDAPModifyRequest(object=found[0]["dn"][0], modification=[change]))
        finally:
            client.transport.loseConnection()
        if answer.resultCode in (0, ATTRIBUTE_OR_VALUE_EXISTS):
            return ""
        return str(_text(answer.errorMessage) or f"result {answer.resultCode}")

    def _connect(self, place: DomainPlace) -> Deferred[Any]:
        factory = Factory.forProtocol(LDAPClient)
        endpoint: Any = TCP4ClientEndpoint(self._reactor, place.host, place.ldaps_port, timeout=TIMEOUT_SECONDS)
        protected: Any = wrapClientTLS(cast("Any", self._context), endpoint)
        connected: Deferred[Any] = protected.connect(factory)

        def lost(failure: Any) -> None:
            failure.trap(ConnectError)
            raise DirectoryRefused(UNREACHABLE)

        return connected.addErrback(lost)


def _as_typed(name: str) -> str:
    """``fqdn\\name`` becomes a UPN, which a simple bind takes; other forms go as they are."""
    prefix, _, user = name.partition("\\")
    return f"{user}@{prefix}" if user and "." in prefix else name


def _filter_for(place: DomainPlace, login: str) -> Any:
    _, backslash, user = login.partition("\\")
    if backslash:
        return _equals("sAMAccountName", user)
    local, _, suffix = login.rpartition("@")
    exact = _equals("userPrincipalName", login)
    if suffix.lower() != place.name.lower():
        return exact
    without = LDAPFilter_not(LDAPFilter_present("userPrincipalName"))
    return LDAPFilter_or([exact, LDAPFilter_and([_equals("sAMAccountName", local), without])])


def _equals(attribute: str, value: str) -> Any:
    return LDAPFilter_equalityMatch(
        attributeDesc=LDAPAttributeDescription(attribute), assertionValue=LDAPAssertionValue(value.encode())
    )


@inlineCallbacks
def _bind(client: Any, name: str, password: str) -> Generator[Deferred[Any], Any, str]:
    """Bind; answers Active Directory's code of the refusal, "" when the password is right."""
    try:
        answer = yield client.send(LDAPBindRequest(dn=name, auth=password))
    except ConnectionClosed:
        raise DirectoryRefused(UNREACHABLE) from None
    if answer.resultCode == 0:
        return ""
    found = _AD_CODE.search(_text(answer.errorMessage))
    return found[1] if found else str(answer.resultCode)


def _search(
    client: Any, base: str, wanted: Any, attributes: Sequence[str], scope: int = SUBTREE
) -> Deferred[list[dict[str, list[bytes]]]]:
    """The entries found, each with its DN under ``dn``."""
    done: Deferred[list[dict[str, list[bytes]]]] = Deferred()
    entries: list[dict[str, list[bytes]]] = []

    def arrived(answer: Any) -> bool:
        if isinstance(answer, LDAPSearchResultEntry):
            entry = {_text(name): [bytes(v) for v in values] for name, values in answer.attributes}
            entries.append({"dn": [_octets(answer.objectName)], **entry})
        if isinstance(answer, LDAPSearchResultDone):
            done.callback(entries)
            return True
        return False

    request = LDAPSearchRequest(
        baseObject=base, scope=scope, filter=wanted, attributes=[a.encode() for a in attributes]
    )
    broken = client.send_multiResponse(request, arrived)
    broken.addErrback(lambda failure: None if done.called else done.errback(failure))
    return done


def _modification(attribute: str, value: bytes) -> Any:
    values = BERSet([LDAPAttributeValue(value)])
    return BERSequence([BEREnumerated(0), BERSequence([LDAPAttributeDescription(attribute), values])])


def _values(entry: Mapping[str, Sequence[bytes]], name: str) -> Sequence[bytes]:
    return next((values for key, values in entry.items() if key.lower() == name.lower()), ())


def _first(entry: Mapping[str, Sequence[bytes]], name: str) -> bytes:
    values = _values(entry, name)
    return values[0] if values else b""


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _sid_text(sid: bytes) -> str:
    if len(sid) < 8:
        return ""
    parts = [str(int.from_bytes(sid[at : at + 4], "little")) for at in range(8, len(sid), 4)]
    return "-".join(("S", str(sid[0]), str(int.from_bytes(sid[2:8], "big")), *parts))
