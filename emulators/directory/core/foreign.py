"""Foreign security principals: stand-ins for accounts of other domains, made when a group first names their SID.

Source: MS-ADTS 3.1.1.5.2.3 and 6.1.1.4.9; facts "directory" section 6 (trusts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import built_in, defaults, identity, refusals
from emulators.directory.core.draft import Draft

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.session import Session


def principal(forest: Forest, session: Session, attribute: AttributeType, text: str) -> Entry:
    """The object of ``<SID=...>``: the forest's own, an existing stand-in, or a new one."""
    value = text[5:].split(">", 1)[0]
    octets = identity.sid_bytes(value)
    if octets is None:
        try:
            octets = bytes.fromhex(value)
        except ValueError:
            raise refusals.bad_syntax(attribute) from None
    partition = session.controller.domain_partition
    for domain in session.controller.domain_partitions:
        found = domain.indexes.find("objectsid", octets)
        if found:
            return found[0]
    container = partition.well_known(built_in.FOREIGN_PRINCIPALS)
    if not identity.is_sid(octets) or octets[:-4] in _own(forest) or container is None:
        raise refusals.constraint(attribute)
    kind = forest.schema.object_class("foreignSecurityPrincipal")
    assert kind is not None
    name = identity.sid_text(octets)
    own = forest.descriptors.class_default(kind, container.sd.owner, session.domain, forest.root)
    draft = Draft(
        partition,
        None,
        f"CN={name},{container.dn}",
        container,
        f"cn={name.lower()}",
        {
            "objectclass": defaults.chain_values(forest, kind),
            "cn": (name.encode(),),
            "distinguishedname": (f"CN={name},{container.dn}".encode(),),
            "instancetype": (b"4",),
            "showinadvancedviewonly": (b"TRUE",),
            "name": (name.encode(),),
            "objectsid": (octets,),
            "objectcategory": (defaults.category(forest, kind),),
        },
        forest.descriptors.child(own, container.sd, kind.guid),
        guid=identity.new_guid(forest.random),
    )
    draft.attributes["objectguid"] = (draft.guid,)
    return partition.commit(draft)


def _own(forest: Forest) -> set[bytes]:
    return {with_count(domain.sid) for domain in forest.domains}


def with_count(domain: bytes) -> bytes:
    """A domain's SID as the head of its accounts' SIDs."""
    return bytes((1, domain[1] + 1)) + domain[2:]
