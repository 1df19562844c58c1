"""Which ports of a domain controller answer: each is tried, as the connectivity tool of the wizard does.

TCP by connecting; UDP by asking for the rootDSE, as a client that looks for a controller does. Source: facts "install"
CYD-07 (UDP 389, TCP 53, 88 and 389); MS-ADTS 3.1.1.3.3.
"""

from __future__ import annotations

import socket
from contextlib import closing

from ldaptor.protocols.pureldap import LDAPMessage, LDAPSearchRequest

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security

LDAP = "tcp/389"
LOCATOR = "udp/389"
_TIMEOUT_SECONDS = 2.0
_DATAGRAM_OCTETS_MAX = 65535


def closed_services(address: ForestAddress, security: Security = Security.LDAPS) -> tuple[str, ...]:
    """The services of the controller that do not answer, in a fixed order; none are tried that it is not asked for."""
    if not address.services:
        return ()
    # the protected port stands in for the sealed connection of the product, which is made to port 389
    ldap = address.ldaps_port if security is Security.LDAPS else address.ldap_port
    asked = {**address.services, LDAP: ldap}
    return tuple(name for name in sorted(asked) if not _answers(name, address.host, asked[name]))


def _answers(service: str, host: str, port: int) -> bool:
    try:
        return _locator(host, port) if service.startswith("udp/") else _connects(host, port)
    except OSError:
        return False


def _connects(host: str, port: int) -> bool:
    with closing(socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS)):
        return True


def _locator(host: str, port: int) -> bool:
    """Whether a controller answers a search of its rootDSE over UDP."""
    request = LDAPSearchRequest(baseObject="", scope=0, attributes=["dnsHostName"])
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as connection:
        connection.settimeout(_TIMEOUT_SECONDS)
        connection.connect((host, port))
        connection.send(LDAPMessage(request, id=1).toWire())
        return bool(connection.recv(_DATAGRAM_OCTETS_MAX))
