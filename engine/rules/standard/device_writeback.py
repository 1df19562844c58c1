"""The rules of device write-back: devices registered in the tenant become msDS-Device objects of one forest.

Names follow those of their siblings (Device Join SOAInAD, Device Common); what they hold is ours, no exported
configuration with the feature was available. Source: facts "install" OPT-09; device write-back page; MS-ADSC 2.136.
"""

from __future__ import annotations

from engine.rules.rule import LinkType
from engine.rules.standard.family import Family, clauses, constant, direct, expression, joined_on
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.rules.standard.tenant_families import TenantFamily

#: the connector's parameter that holds the DN of the container of registered devices
CONTAINER_PARAMETER = "Connector.DeviceWriteBackContainerDn"

_DEVICE_IN = Family(
    "In from AAD - Device Join SOAInAAD",
    "device",
    "device",
    LinkType.PROVISION,
    scope=(clauses("deviceId ISNOTNULL", "sourceAnchor ISNULL"),),
    joins=joined_on("deviceId=deviceId"),
    flows=(*direct("deviceId"), constant("cloudCreated", "True", once=True)),
    description="A device that only the cloud knows; one that came from a computer has a source anchor.",
)
_DEVICE_OUT = Family(
    "Out to AD - Device Join SOAInAAD",
    "device",
    "msDS-Device",
    LinkType.PROVISION,
    scope=(clauses("cloudAnchor ISNOTNULL", "alternativeSecurityId ISNOTNULL"),),
    joins=joined_on("msDS-DeviceID=deviceId"),
    flows=(
        expression("dn", f'"CN=" & StringFromGuid([deviceId]) & "," & %{CONTAINER_PARAMETER}%', "deviceId"),
        expression("msDS-CloudAnchor", "CGuid(Mid([cloudAnchor],8,36))", "cloudAnchor"),
        *direct(
            "displayName=cloudDisplayName msDS-DeviceID=deviceId msDS-IsEnabled=cloudAccountEnabled "
            "altSecurityIdentities=alternativeSecurityId msDS-DeviceOSType=cloudDeviceOSType "
            "msDS-DeviceOSVersion=cloudDeviceOSVersion msDS-DevicePhysicalIDs=devicePhysicalIds "
            "msDS-IsCompliant=isCompliant msDS-IsManaged=isManaged msDS-DeviceObjectVersion=deviceObjectVersion"
        ),
    ),
    description="A device registered in the tenant, with what it proves itself by.",
)


def _device_in(options: StandardRuleOptions) -> Family | None:
    return _DEVICE_IN if options.device_writeback else None


def _device_out(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    return _DEVICE_OUT if connector.forest.lower() == options.device_writeback.lower() else None


DEVICE_WRITE_BACK_IN: tuple[TenantFamily, ...] = (_device_in,)
DEVICE_WRITE_BACK_OUT: tuple[DirectoryFamily, ...] = (_device_out,)
