"""The demo portal's people: users, permission sets, teams and owners."""

from __future__ import annotations

from typing import Any, Final

ROLES: Final = {
    "81": "Marketing Ops",
    "82": "Campaign Editors",
    "83": "Care Coordination",
    "84": "Front Desk",
    "85": "Analysts",
    "86": "Privacy Office",
}
"""Permission set id → name."""

TEAMS: Final = {
    "50": ("Marketing", None),
    "51": ("Lifecycle", "50"),
    "52": ("Fertility Campaigns", "51"),
    "53": ("Events", "50"),
    "60": ("Care", None),
    "61": ("Lakeside Care", "60"),
    "62": ("Harbor Street Care", "60"),
    "70": ("Front Desk", None),
}
"""Team id → (name, id of the team above)."""

# id | mailbox | first name | last name | job title | roles | main team | further teams | notes
_STAFF: Final = """
301 | nhaddad@harborview.example | Noor | Haddad | CRM Platform Lead | | | | super
302 | vkaur@harborview.example | Virpal | Kaur | Director of Marketing | | 50 | | super
303 | gokonkwo@harborview.example | Grace | Okonkwo-Bell | Privacy Officer | 86 | | |
304 | opetrenko@harborview.example | Olena | Petrenko | Marketing Operations Engineer | 81 | 50 | 51 |
305 | rcastellanos@harborview.example | Rafael | Castellanos | Automation Specialist | 81 | 51 | |
306 | dmarsh@harborview.example | Delphine | Marsh | Email Marketing Specialist | 82 | 51 | 53 |
307 | cbeaumont@harborview.example | Chloé | Beaumont | Marketing Coordinator | 82 | 53 | |
308 | sbrandt@harborview.example | Sofie | Brandt | Fertility Campaign Lead | 82 | 52 | |
309 | aoleary@harborview.example | Aisling | O'Leary | CRM Marketing Analyst | 85 | 50 | |
310 | kadeyemi@harborview.example | Kemi | Adeyemi | Growth Analyst | 85 | 50 | |
311 | mbaptiste@harborview.example | Marguerite | Baptiste | Care Coordinator | 83 | 62 | |
312 | njoshi@harborview.example | Nandini | Joshi | Senior Care Coordinator | 83 | 60 | 61 |
313 | stran@harborview.example | Sơn | Trần | Front Desk Lead | 84 | 70 | |
321 | ilse.maas@lakeside.example | Ilse | Maas | Lifecycle Marketer | 82 | 51 | |
322 | tom.reyes@lakeside.example | Tom | Reyes | Events Coordinator | 82 | 53 | |
323 | amina.diallo@lakeside.example | Amina | Diallo | Nurse Navigator | 83 | 61 | |
324 | ben.kraus@lakeside.example | Ben | Kraus | Receptionist | 84 | 70 | |
325 | lena.fuchs@lakeside.example | Lena | Fuchs | Content Writer | | 53 | |
326 | marco.bellini@lakeside.example | Marco | Bellini | Freelance Designer | | | |
327 | yael.stern@lakeside.example | Yael | Stern | Growth Marketer | 81;85 | 51 | 61 |
328 | priya.nair@lakeside.example | Priya | Nair | Clinic Manager | 83;84 | 61 | 70 |
329 | jonas.weber@lakeside.example | Jonas | Weber | Marketing Intern | 99 | 52 | |
330 | sara.lund@lakeside.example | Sara | Lund | Referral Partner Manager | 82 | 50 | | late
331 | journeys@appserviceaccount.hubspot.com | | | | | | |
332 | warehouse-sync@appserviceaccount.hubspot.com | | | | 81 | | | super
"""


def users() -> list[dict[str, Any]]:
    """The users as a fixture holds them; apps and freelancers are known only in part."""
    return [_user([part.strip() for part in line.split("|")]) for line in _STAFF.strip().splitlines()]


def _user(parts: list[str]) -> dict[str, Any]:
    number, mailbox, first, last, title, roles, main, further, note = parts
    user: dict[str, Any] = {
        "id": number,
        "email": mailbox,
        "roleIds": [role for role in roles.split(";") if role],
    }
    if first:
        user |= {"firstName": first, "lastName": last, "crm": {"id": f"77{number}", "jobTitle": title}}
    if main:
        user["primaryTeamId"] = main
    if further:
        user["secondaryTeamIds"] = further.split(";")
    if note == "super":
        user["superAdmin"] = True
    if note == "late":
        user["lag"] = True
    return user


def people() -> dict[str, Any]:
    """The sections of the fixture about people."""
    everybody = users()
    live = [user for user in everybody if "firstName" in user and not user.get("lag")]
    owners: list[dict[str, Any]] = [
        {"id": f"4{user['id']}", "userId": user["id"], "email": user["email"]} for user in live
    ]
    owners += [
        {"id": "4390", "userId": "390", "email": "old.manager@lakeside.example", "archived": True},
        {"id": "4391", "type": "QUEUE"},
    ]
    teams = [
        {"id": key, "name": name, **({"parentTeamId": above} if above else {})}
        for key, (name, above) in TEAMS.items()
    ]
    return {
        "users": everybody,
        "roles": [{"id": key, "name": name} for key, name in ROLES.items()],
        "teams": teams,
        "owners": owners,
    }
