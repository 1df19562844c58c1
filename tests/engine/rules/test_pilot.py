"""From which version on a server can be silenced for a pilot. Source: tutorial-pilot-aadc-aadccp."""

from __future__ import annotations

import pytest

from engine.errors import ConfigurationError
from engine.rules.pilot import refuse_before_its_time
from engine.rules.rule import AttributeFlow, FlowType, LinkType, ScopeClause


@pytest.mark.parametrize("version", ["1.4.32.0", "1.4.38.0", "1.10.0.0", "2.5.79.0"])
def test_versions_that_know_the_pilot(make, version):
    refuse_before_its_time(version, [make.inbound(1, link_type=LinkType.JOIN_NO_FLOW)])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"link_type": LinkType.JOIN_NO_FLOW}, "link-type-unknown"),
        ({"flows": (AttributeFlow("cloudNoFlow", FlowType.CONSTANT, constant="True"),)}, "no-such-attribute"),
        ({"scope": ((ScopeClause("cloudNoFlow", "EQUAL", "True"),),)}, "no-such-attribute"),
    ],
)
def test_older_ones_do_not(make, changes, code):
    with pytest.raises(ConfigurationError) as refused:
        refuse_before_its_time("1.4.31.0", [make.inbound(1, **changes)])
    assert refused.value.code == code


def test_other_rules_are_none_of_its_business(make):
    refuse_before_its_time("1.1.524.0", [make.inbound(1)])
