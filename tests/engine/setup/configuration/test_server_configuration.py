from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.model.configuration import (
    ENTRA_CONNECTOR_ID,
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.checking import check_rules, counts_line
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.setup.configuration.server_configuration import (
    ServerConfiguration,
    map_forest,
    read_rules_folder,
    read_server_configuration,
    write_server_configuration,
)

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
DOMAIN = "dc4c27db-d13d-460a-9a82-c48aba1ee815"
CHILD = "dc4c27db-d13d-460a-9a82-c48aba1ee816"
PROFILE = "dcbe479d-62c6-4d30-8300-2471ae6ca387"


def directory_connector():
    schema = Schema(
        {
            "cn": AttributeDefinition("cn"),
            "member": AttributeDefinition("member", AttributeType.REFERENCE, True),
            "objectGUID": AttributeDefinition("objectGUID", AttributeType.BINARY),
        },
        {"user": frozenset({"cn", "objectGUID"}), "group": frozenset({"cn", "member"})},
    )
    step = RunStep(StepType.FULL_IMPORT, DOMAIN, 50, 500)
    again = RunStep(StepType.DELTA_SYNCHRONIZATION, CHILD, 0, 500)
    return ConnectorConfiguration(
        identifier=AD,
        name="contoso.com",
        type=ConnectorType.ACTIVE_DIRECTORY,
        partitions=(
            Partition(
                DOMAIN,
                "DC=contoso,DC=com",
                "contoso.com",
                True,
                ("OU=Staff & Co,DC=contoso,DC=com",),
                ("DC=contoso,DC=com",),
                ("user", "group"),
            ),
            Partition(CHILD, "DC=emea,DC=contoso,DC=com", "emea.contoso.com", False, (), (), ("user",)),
        ),
        run_profiles=(RunProfile(PROFILE, "Full Import", (step, again)),),
        attributes=("cn", "member"),
        schema=schema,
        parameters={
            "forest-name": "contoso.com",
            "forest-login-domain": "contoso.com",
            "forest-login-user": "MSOL_d1edb676ca03",
            "Connector.GroupFilteringGroupDn": "CN=Pilot,OU=Staff,dc=Contoso,dc=com",
            "Forest.FQDN": "contoso.com",
            "Forest.LDAP": "DC=contoso,DC=com",
            "Forest.Netbios": "CONTOSO",
            "Domain.FQDN@DC=contoso,DC=com": "contoso.com",
            "Domain.Netbios@DC=contoso,DC=com": "CONTOSO",
            "Domain.FQDN@DC=emea,DC=contoso,DC=com": "emea.contoso.com",
            "Domain.Netbios@DC=emea,DC=contoso,DC=com": "EMEA",
        },
        created="2026-01-15 10:00:00.000",
        password_hash_sync=True,
    )


def configuration():
    entra = ConnectorConfiguration(
        identifier=ENTRA_CONNECTOR_ID,
        name="contoso.onmicrosoft.com - AAD",
        type=ConnectorType.ENTRA,
        partitions=(Partition(PROFILE, "default", "default"),),
        parameters={"UserName": "Sync_SYNC1_0123456789ab@contoso.onmicrosoft.com"},
        created="2026-01-15 10:00:01.000",
        order=1,
    )
    rules = standard_rules(StandardRuleOptions((DirectoryConnector(AD, "contoso.com"),)))
    settings = {"Microsoft.Synchronize.StagingMode": "False", "Microsoft.AADFilter.ApplicationList": ""}
    return ServerConfiguration(
        (directory_connector(), entra), rules, METAVERSE_SCHEMA, settings, "SYNC1", "2026-01-15 10:30:00.000"
    )


@pytest.fixture
def real_configuration():
    folder = Path(__file__).parents[5] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    return folder


@pytest.fixture
def folder(tmp_path):
    write_server_configuration(configuration(), tmp_path)
    return tmp_path


def edit(folder, pattern, old, new):
    (file,) = folder.glob(pattern)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file.name


@pytest.mark.real_input
def test_a_real_export(real_configuration):
    real = read_server_configuration(real_configuration)
    assert (real.server, real.exported) == ("CONTOSO-SYNC01", "2016-05-03 14:28:09.784")
    assert real.global_settings["Microsoft.SynchronizationOption.AnchorAttribute"] == "objectGUID"
    assert len(real.global_settings) == 37
    entra, directory = real.connectors
    assert (entra.identifier, entra.type, entra.order) == (ENTRA_CONNECTOR_ID, ConnectorType.ENTRA, 0)
    assert (directory.name, directory.type, directory.order) == ("contoso.com", ConnectorType.ACTIVE_DIRECTORY, 1)
    (domain,) = directory.partitions
    assert (domain.included, domain.excluded) == (("OU=CORP,DC=contoso,DC=com",), ("DC=contoso,DC=com",))
    assert [profile.name for profile in directory.run_profiles] == [
        "Full Import",
        "Full Synchronization",
        "Delta Import",
        "Delta Synchronization",
        "Export",
    ]
    assert [profile.steps[0].type for profile in directory.run_profiles] == [
        StepType.FULL_IMPORT,
        StepType.FULL_SYNCHRONIZATION,
        StepType.DELTA_IMPORT,
        StepType.DELTA_SYNCHRONIZATION,
        StepType.EXPORT,
    ]
    assert directory.run_profiles[0].steps[0].batch_size == 50
    assert len(directory.attributes) == 132
    assert len(directory.schema.attributes) == 3391
    assert directory.schema.attributes["authOrig"].type is AttributeType.REFERENCE
    assert {"cn", "mailNickname", "objectSid", "msExchMailboxGuid"} <= directory.schema.object_types["inetOrgPerson"]
    assert directory.parameters["Domain.Netbios"] == "CONTOSO"
    assert not any("password" in name.lower() or name in ("cookie", "Password") for name in directory.parameters)


@pytest.mark.real_input
def test_a_real_export_is_sound_and_counted(real_configuration):
    real = read_server_configuration(real_configuration)
    problems = check_rules(real.rules, real.surroundings())
    assert problems == ()
    assert counts_line(real.rules, problems) == "62 rules, 391 expressions, 0 problems"
    assert read_rules_folder(real_configuration) == real.rules
    assert read_rules_folder(real_configuration / "SynchronizationRules") == real.rules


@pytest.mark.real_input
def test_a_real_export_survives_writing(real_configuration, tmp_path):
    real = read_server_configuration(real_configuration)
    entra, directory = real.connectors
    # the forest's 525 classes, written out with all they inherit, would be 10 MB; the selected ones say as much
    selected = {name: directory.schema.object_types[name] for name in directory.partitions[0].object_types}
    schema = Schema(directory.schema.attributes, selected)
    smaller = replace(real, connectors=(entra, replace(directory, schema=schema)))
    write_server_configuration(smaller, tmp_path)
    assert read_server_configuration(tmp_path) == smaller


def test_what_is_written_reads_back_the_same(folder):
    assert read_server_configuration(folder) == configuration()


def test_a_second_configuration_does_not_overwrite_the_first(folder):
    with pytest.raises(ConfigurationError, match="there is a configuration already"):
        write_server_configuration(configuration(), folder)


def test_connectors_stand_in_creation_order(folder):
    edit(folder, f"Connectors/*{AD}*", "2026-01-15 10:00:00.000", "2026-02-01 00:00:00.000")
    read = read_server_configuration(folder)
    assert [(connector.name, connector.order) for connector in read.connectors] == [
        ("contoso.onmicrosoft.com - AAD", 0),
        ("contoso.com", 1),
    ]
    assert read.connector("CONTOSO.COM") is read.connectors[1]
    assert read.connector(f"{{{AD}}}") is read.connectors[1]


@pytest.mark.parametrize(
    ("pattern", "old", "new", "complaint"),
    [
        (f"Connectors/*{AD}*", "<category>AD", "<category>LDAP", "connectors of type LDAP are not supported"),
        (f"Connectors/*{AD}*", "<attribute>cn", "<attribute>nowhere", "the attribute nowhere is not in the schema."),
        (f"Connectors/*{AD}*", 'type="full-import"', 'type="sideways"', "the step type sideways is unknown."),
        (f"Connectors/*{AD}*", f"<id>{{{DOMAIN}", "<id>{x", "is not a GUID"),
        (f"Connectors/*{AD}*", f"<partition>{{{DOMAIN.upper()}", "<partition>{" + PROFILE, "there is no partition"),
        (f"Connectors/*{AD}*", "1466.115.121.1.15", "1466.115.121.1.99", "the syntax 1.3.6.1.4.1.1466.115.121.1.99"),
        (f"Connectors/*{AD}*", 'ref="#cn"', 'ref="#zz"', "refers to the attribute #zz"),
        (f"Connectors/*{AD}*", "<batch-size>50", "<batch-size>many", "'many' is not a number."),
        (f"Connectors/*{AD}*", "<name>contoso.com</name>", "", "ma-data: the element name is missing."),
        ("GlobalSettings/*", "<mv-data>", "<mv-dat>", "not well-formed"),
    ],
)
def test_faults_name_file_and_line(folder, pattern, old, new, complaint):
    name = edit(folder, pattern, old, new)
    with pytest.raises(ConfigurationError) as raised:
        read_server_configuration(folder)
    (line, *_) = [line for line in raised.value.message.splitlines() if complaint in line]
    file, number, _rest = line.split(":", 2)
    assert file == name
    assert int(number) > 0


def test_all_faults_of_all_files_come_at_once(folder):
    edit(folder, f"Connectors/*{AD}*", "<category>AD", "<category>LDAP")
    edit(folder, "GlobalSettings/*", "</saved-mv-configuration>", "")
    rules = sorted(folder.glob("SynchronizationRules/*"))
    rules[0].write_text("<synchronizationRule/>")
    rules[1].write_text(rules[1].read_text().replace("<precedence>", "<precedence>x"))
    rules[2].write_text(rules[3].read_text())
    with pytest.raises(ConfigurationError) as raised:
        read_server_configuration(folder)
    for part in ("LDAP", "MV.xml", rules[0].name, rules[1].name, "have the same identifier"):
        assert part in raised.value.message


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ("Connectors", "Connectors: there is no XML file"),
        ("SynchronizationRules", "SynchronizationRules: there is no XML file"),
        ("GlobalSettings", "MV.xml: cannot be read"),
    ],
)
def test_a_missing_part_is_named(folder, part, complaint):
    for file in (folder / part).iterdir():
        file.unlink()
    with pytest.raises(ConfigurationError, match=complaint):
        read_server_configuration(folder)


def test_no_folder_at_all(tmp_path):
    with pytest.raises(ConfigurationError, match="no such folder"):
        read_server_configuration(tmp_path / "gone")


def test_a_rule_of_a_connector_that_is_not_there(folder):
    for file in folder.glob(f"Connectors/*{ENTRA_CONNECTOR_ID}*"):
        file.unlink()
    with pytest.raises(ConfigurationError, match=f"belongs to the connector {{{ENTRA_CONNECTOR_ID}}}"):
        read_server_configuration(folder)


def test_secrets_are_passed_over(folder):
    secret = '<parameter name="password" type="encrypted-string" encrypted="1">hush</parameter>'
    edit(folder, f"Connectors/*{AD}*", "<parameter-values>", "<parameter-values>" + secret)
    assert "hush" not in str(read_server_configuration(folder).connectors[0].parameters)


def test_mapping_a_forest_onto_another_one():
    mapped = map_forest(configuration(), "Contoso.com", "bench.test")
    directory, entra = mapped.connectors
    assert entra == configuration().connectors[1]
    assert directory.identifier == AD
    assert directory.name == "bench.test"
    assert [(p.dn, p.name, p.included, p.excluded) for p in directory.partitions] == [
        ("DC=bench,DC=test", "bench.test", ("OU=Staff & Co,DC=bench,DC=test",), ("DC=bench,DC=test",)),
        ("DC=emea,DC=bench,DC=test", "emea.bench.test", (), ()),
    ]
    assert directory.parameters == {
        "forest-name": "bench.test",
        "forest-login-domain": "bench.test",
        "forest-login-user": "MSOL_d1edb676ca03",
        "Connector.GroupFilteringGroupDn": "CN=Pilot,OU=Staff,DC=bench,DC=test",
        "Forest.FQDN": "bench.test",
        "Forest.LDAP": "DC=bench,DC=test",
        "Forest.Netbios": "BENCH",
        "Domain.FQDN@DC=bench,DC=test": "bench.test",
        "Domain.Netbios@DC=bench,DC=test": "BENCH",
        "Domain.FQDN@DC=emea,DC=bench,DC=test": "emea.bench.test",
        "Domain.Netbios@DC=emea,DC=bench,DC=test": "EMEA",
    }
    named = map_forest(configuration(), "contoso.com", "bench.test", netbios="ROOT")
    assert named.connectors[0].parameters["Forest.Netbios"] == "ROOT"


def test_a_name_that_only_ends_alike_is_left_alone():
    connector = directory_connector()
    partition = replace(connector.partitions[0], included=("OU=x,DC=notcontoso,DC=com",), name="notcontoso.com")
    changed = replace(configuration(), connectors=(replace(connector, partitions=(partition,)),))
    mapped = map_forest(changed, "contoso.com", "bench.test").connectors[0].partitions[0]
    assert (mapped.included, mapped.name) == (("OU=x,DC=notcontoso,DC=com",), "notcontoso.com")


def test_mapping_a_forest_nobody_is_connected_to():
    with pytest.raises(ConfigurationError, match=r"no connector to the forest fabrikam\.com; only to contoso\.com"):
        map_forest(configuration(), "fabrikam.com", "bench.test")
