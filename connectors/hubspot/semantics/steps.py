"""Where in HubSpot's settings what a finding asks for is done, in the words an administrator sees there (4.1).

What takes a grant away ends no sentence: the rules go on from it. Steps by rule id are sentences of their own.
"""

from __future__ import annotations

_ACCESS = "In HubSpot, open Settings > Properties > each listed property > More > Manage access"
_SETS = "Settings > Users & Teams > Permission sets"

RESTRICT = f"{_ACCESS}, and choose the users and teams who need it"
CANNOT = (
    "HubSpot cannot restrict the listed properties, so move what they hold to properties that it can, or take View of "
    f"the object from whoever does not need it ({_SETS})"
)
NOT_IN_EDITION = (
    "The edition stated cannot restrict properties, so take View of the object from whoever does not need it "
    f"({_SETS}), or keep what the listed properties hold out of HubSpot"
)
NO_SUPER_ADMIN = (
    "In HubSpot, open Settings > Users & Teams > the user, and give a permission set instead of Super Admin"
)
_KEYS = "In HubSpot, open Development > Keys > Service keys (of a private app: Settings > Integrations > Private apps)"
_FLOW = "In HubSpot, open Automation > Workflows > the workflow"
_FORM = "In HubSpot, open Marketing > Forms > the form > Edit"
OWN_KEY = f"{_KEYS}, and clear the scopes of the auditor’s key that read the listed properties’ objects"
APP = (
    "In HubSpot, open Settings > Integrations > Connected apps, look at the app’s permissions, and remove it if nobody "
    "needs it"
)


def not_for(who: str) -> str:
    """How somebody, or a team, is taken out of the access to properties."""
    return f"{_ACCESS}, and take {who} out"


def out_of_set(name: str) -> str:
    """How a right is taken out of a permission set."""
    return f"In HubSpot, open {_SETS} > “{name}”, and clear the right"


STEPS = {
    "derived-copy-wider": f"{RESTRICT}: of the calculated property as of what it is computed from.",
    "quasi-identifier-set": f"{RESTRICT}: one of the three is enough.",
    "unsecurable-phi-field": (
        "In HubSpot, some properties, such as names and stages, cannot be restricted: keep what is written there in a "
        "property that can be (Settings > Properties > Create property), and restrict that one."
    ),
    "labelled-field-open": f"{RESTRICT}.",
    "unclassified-phi-field": (
        "In HubSpot, the level is chosen when a property is created, and stays: under Settings > Properties > Create "
        "property, make one that is marked sensitive, with its category, move the values, and archive the old one."
    ),
    "tag-sources-disagree": (
        "In HubSpot, a property keeps its level: where that is wrong, make another one under Settings > Properties."
    ),
    "clinical-on-marketing-object": (
        "In HubSpot, that is a custom object (Settings > Objects > Custom Objects), which the permission sets of "
        "marketing do not open. Until then, restrict each property: Settings > Properties > the property > More > "
        "Manage access."
    ),
    "unclassified-role": (
        f"In HubSpot, {_SETS} shows who holds which; signs are `permission_set`, `team`, `title` and `emails`."
    ),
    "attestation-lapsed": (
        "`crm-audit hubspot evidence-template` writes the lists afresh. In HubSpot, look under Settings > Properties > "
        f"the property > More > Manage access, and under {_SETS}."
    ),
    "list-targets-phi": "In HubSpot, open CRM > Segments > the segment > Edit filters.",
    "workflow-carries-phi": f"{_FLOW}.",
    "text-message-carries-phi": f"{_FLOW} > the step that sends the message.",
    "phi-leaves-to-outside": f"{_FLOW} > the step, and Settings > Integrations > Connected apps for the receiver.",
    "email-shows-phi": "In HubSpot, open Marketing > Email > the e-mail > Edit, subject and content.",
    "form-feeds-list": (f"{_FORM} for the question, and what the chain names after it for the way on."),
    "conditional-question": f"{_FORM}, and look at every question’s logic, at progressive and at hidden fields.",
    "question-without-consent": f"{_FORM}, and add Data privacy and consent.",
    "health-word-in-name": "In HubSpot, rename it where it is opened; what leads there by its number keeps working.",
    "credential-exceeds-need": f"{_KEYS}, and clear the scopes listed.",
    "record-past-retention": (
        "In HubSpot, find them in an index page or segment that filters by the date property of the policy."
    ),
    "deleted-but-recoverable": (
        "In HubSpot, deleted records wait in the recycle bin of their object (Actions > Restore records)."
    ),
}
"""Where a finding of a rule is mended, where the grant itself does not say it."""
