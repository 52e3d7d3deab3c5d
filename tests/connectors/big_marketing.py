"""A portal whose marketing has grown for years: forms, lists that refer to each other in circles, workflows."""

from __future__ import annotations

DX = "primary_diagnosis"


def _tree(*filters):
    within = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filters": list(filters),
        "filterBranches": [],
    }
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [within]}


def _in_list(number):
    return {"filterType": "IN_LIST", "listId": str(number), "operator": "IN_LIST"}


def big(forms, lists, flows):
    """Sections of a portal: the first form asks, the first list takes its senders, each list its neighbours.

    Every list is thus in circles with its neighbours; every tenth also takes one far behind it. Workflows start from a
    list and add people to another.
    """
    asked = [
        {
            "id": f"f{n:05}",
            "name": f"Form {n}",
            "fieldGroups": [{"fields": [{"name": DX if n == 0 else "email"}]}],
        }
        for n in range(forms)
    ]
    first = {"filterType": "FORM_SUBMISSION", "formId": "f00000", "operator": "FILLED_OUT"}
    listed = []
    for n in range(1, lists + 1):
        near = [_in_list(n - 1)] if n > 1 else [first]
        near += [_in_list(n + 1)] if n < lists else [_in_list(1)]
        near += [_in_list(max(1, n - 500))] if n % 10 == 0 else []
        listed.append({"listId": str(n), "name": f"List {n}", "filterBranch": _tree(*near)})
    worked = [
        {
            "id": str(100_000 + n),
            "name": f"Workflow {n}",
            "enrollmentCriteria": {
                "type": "LIST_BASED",
                "listFilterBranch": _tree(_in_list(1 + n % lists)),
            },
            "actions": [
                {
                    "type": "SINGLE_CONNECTION",
                    "actionId": "1",
                    "actionTypeId": "0-63809083",
                    "fields": {"listId": str(1 + (n * 7) % lists)},
                }
            ],
        }
        for n in range(flows)
    ]
    return {"forms": asked, "lists": listed, "flows": worked}


def obvious_hops(forms, lists, flows):
    """How far each asset is from the one form that asks, by a plain search in breadth."""
    into = {}
    for n in range(1, lists + 1):
        near = {f"list:{n - 1}" if n > 1 else "form:f00000", f"list:{n + 1}" if n < lists else "list:1"}
        if n % 10 == 0:
            near.add(f"list:{max(1, n - 500)}")
        into[f"list:{n}"] = near
    for n in range(flows):
        key = f"flow:{100_000 + n}"
        into[key] = {f"list:{1 + n % lists}"}
        into[f"list:{1 + (n * 7) % lists}"].add(key)
    onward = {}
    for key, sources in into.items():
        for source in sources:
            onward.setdefault(source, []).append(key)
    far, wave = {"form:f00000": 0}, ["form:f00000"]
    while wave:
        following = [key for one in wave for key in onward.get(one, ()) if key not in far]
        for key in following:
            far[key] = far.get(key, min(far[s] for s in into[key] if s in far) + 1)
        wave = list(dict.fromkeys(following))
    return far
