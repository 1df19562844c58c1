"""Microsoft Entra attributes: what the chosen services would get, and what of it stays out.

Facts "install" 13.3; seed001 (Microsoft Entra app and attribute filtering).
"""

from __future__ import annotations

from engine.rules.standard import APPLICATIONS
from engine.setup.answers import SetupAnswers
from engine.setup.features.attribute_choice import INDISPENSABLE, listed_attributes
from engine.setup.page import PageOutcome, Warned, WizardState, refuse

PAGE = "Microsoft Entra attributes"
WARNING = Warned("ATTRIBUTES_REMOVED", "Removing attributes can affect the functionality of the services.")


def attribute_filtering(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """One list for all object types; what is cleared must be on it, and nothing an object cannot do without."""
    del state
    listed = listed_attributes(APPLICATIONS if answers.applications is None else answers.applications)
    absent = [name for name in answers.excluded_attributes if name not in listed]
    if absent:
        text = f"The services get no attribute {', '.join(absent)}."
        return refuse(PAGE, "ATTRIBUTE_NOT_LISTED", text, listed=list(listed))
    needed = sorted(INDISPENSABLE.intersection(answers.excluded_attributes))
    if needed:
        return refuse(PAGE, "ATTRIBUTE_INDISPENSABLE", f"{', '.join(needed)} cannot be cleared.", listed=list(listed))
    warnings = (WARNING,) if answers.excluded_attributes else ()
    facts = {"listed": list(listed), "excluded": sorted(answers.excluded_attributes)}
    return PageOutcome(PAGE, warnings=warnings, facts=facts)
