"""What a group finally gives: parts, mutes, the stored aggregate, and what happens while it is out of date."""

from __future__ import annotations

import pytest

from auditor.access import Word, effective_access
from auditor.planes import Gate, Strength, Verb
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.compile import compile_grants
from connectors.salesforce.semantics.groups import grouped, plain
from connectors.salesforce.semantics.rows import Rights, Rows
from crm_audit.answers.closed import closed_lines
from tests.semantics.direct import tags_of
from tests.semantics.snapshots import NOW, particle, snapshot

AGGREGATE, PART, OTHER, MUTING = (
    "0PSx00000000100GAA",
    "0PSx00000000001GAA",
    "0PSx00000000002GAA",
    "0QMx00000000001GAA",
)
GROUP = "0PGx00000000001GAA"
KEY = "Contact.Diagnosis__c"
LIVE, POSSIBLE, NONE = Strength.LIVE, Strength.POSSIBLE, Strength.NONE
READ, EDIT, BOTH = (True, False), (False, True), (True, True)


def rights(*names: str) -> Rights:
    return Rights(**dict.fromkeys(names, True))


@pytest.mark.parametrize(
    ("given", "reads", "edits"),
    [
        ((), False, False),
        (("read",), True, False),
        (("create",), True, False),
        (("edit",), True, True),
        (("delete",), True, True),
        (("view_all",), True, False),
        (("modify_all",), True, True),
        (("all_fields",), False, False),  # org-fixture 3.4
    ],
)
def test_o3_what_a_right_implies(given, reads, edits):
    assert (rights(*given).reads, rights(*given).edits) == (reads, edits)


@pytest.mark.parametrize(
    ("given", "muted", "left"),
    [
        (("read", "edit"), (), ("read", "edit")),
        (("read", "edit", "all_fields"), ("read",), ()),
        (("read", "edit", "delete"), ("edit",), ("read",)),
        (("modify_all",), ("edit",), ("read", "view_all")),
        (("modify_all",), ("modify_all",), ("read", "edit", "delete", "view_all")),
        (("create",), ("create",), ("read",)),
        (("delete",), ("delete",), ("read", "edit")),
        (("read", "all_fields"), ("all_fields",), ("read",)),
        (("read", "all_fields"), ("edit",), ("read", "all_fields")),
        ((), ("read",), ()),
    ],
)
def test_m3_muting_object_rights(given, muted, left):
    assert rights(*given).less(rights(*muted)) == rights(*left)


def field_row(parent: str, bits: tuple[bool, bool], key: str = KEY):
    row = {"Id": f"01k{parent}", "ParentId": parent, "SobjectType": "Contact", "Field": key}
    return {**row, "PermissionsRead": bits[0], "PermissionsEdit": bits[1]}


def of_its_object(row):
    return {**row, "SobjectType": row["Field"].partition(".")[0]}


def object_row(parent: str, *names: str, record_id: str = "110x"):
    row = {"Id": record_id, "ParentId": parent, "SobjectType": "Contact"}
    return {**row, **{f"Permissions{name}": True for name in names}}


def group(
    *,
    fields=(),
    mutes=(),
    objects=(),
    object_mutes=(),
    status="Updated",
    parts=(PART, OTHER, MUTING),
    stored=None,
    key=KEY,
):
    """What the aggregate of a group gives, whose parts are two sets and one muting set."""
    rows = Rows(
        snapshot(
            {
                cat.PERMISSION_SETS.name: [
                    {"Id": AGGREGATE, "Name": "agg", "PermissionSetGroupId": GROUP},
                    {"Id": PART, "Name": "part", "Label": "Part"},
                    {"Id": OTHER, "Name": "other", "Label": "Other"},
                ],
                cat.GROUPS.name: [{"Id": GROUP, "MasterLabel": "Group", "Status": status}],
                cat.COMPONENTS.name: [{"PermissionSetGroupId": GROUP, "PermissionSetId": p} for p in parts],
                cat.MUTING_SETS.name: [{"Id": MUTING, "MasterLabel": "Less"}],
                cat.FIELD_PERMISSIONS.name: fields,
                cat.FIELD_MUTES.name: mutes,
                cat.OBJECT_PERMISSIONS.name: objects,
                cat.OBJECT_MUTES.name: object_mutes,
            }
        ),
        {key},
    )
    stored = {cat.OBJECT_PERMISSIONS.name: False, cat.FIELD_PERMISSIONS.name: False, **(stored or {})}
    return grouped(rows, rows.containers[AGGREGATE], rows.groups[GROUP], stored), rows


def strengths(found, key=KEY):
    return tuple(found.fields.get((key, verb), NONE) for verb in (Verb.READ, Verb.EDIT))


@pytest.mark.parametrize(
    ("status", "strength"), [("Updated", None), ("Outdated", POSSIBLE), ("Updating", POSSIBLE)]
)
def test_rights_of_parts_may_come_alive_while_a_group_is_not_updated(status, strength):
    sets = [
        {"Id": AGGREGATE, "Name": "agg", "PermissionSetGroupId": GROUP, "PermissionsExportReport": True},
        {"Id": PART, "Name": "part", "PermissionsViewAllData": True, "PermissionsExportReport": True},
    ]
    found = snapshot(
        {
            cat.PERMISSION_SETS.name: sets,
            cat.GROUPS.name: [{"Id": GROUP, "MasterLabel": "Group", "Status": status}],
            cat.COMPONENTS.name: [{"PermissionSetGroupId": GROUP, "PermissionSetId": PART}],
        }
    )
    carried = compile_grants(found, {KEY: tags_of([KEY])[0]}, NOW).carried[AGGREGATE]
    assert carried == {"ExportReport": LIVE} | ({"ViewAllData": strength} if strength else {})


@pytest.mark.parametrize(
    ("muted", "left"),
    [
        ((False, False), (LIVE, LIVE)),
        (EDIT, (LIVE, NONE)),
        (BOTH, (NONE, NONE)),
        (READ, (NONE, NONE)),  # a muted read takes the edit with it
    ],
)
def test_m2_bits_under_a_muting_set_are_taken_away(muted, left):
    found, rows = group(fields=[field_row(PART, BOTH)], mutes=[field_row(MUTING, muted)])
    assert strengths(found) == left
    assert (KEY in found.muted) is muted[0]
    assert found.muted_by == ((MUTING,) if any(muted) else ())
    # M1: the same set assigned directly still gives everything.
    assert strengths(plain(rows.containers[PART])) == (LIVE, LIVE)


def test_rows_of_muting_sets_count_once_though_they_come_twice():
    """An unfiltered pull may or may not show them (Q2); both ways say the same."""
    twice, _ = group(fields=[field_row(PART, BOTH), field_row(MUTING, READ)], mutes=[field_row(MUTING, READ)])
    once, _ = group(fields=[field_row(PART, BOTH)], mutes=[field_row(MUTING, READ)])
    assert twice == once


@pytest.mark.parametrize(
    ("status", "stored", "aggregate", "part", "expected"),
    [
        ("Updated", True, True, True, LIVE),
        ("Updated", True, True, False, LIVE),  # the aggregate is the truth
        ("Updated", True, False, True, NONE),
        ("Updated", False, False, True, LIVE),  # no aggregate of the org has rows: parts less mutes
        ("Updated", False, False, False, NONE),
        *[
            (status, stored, aggregate, part, expected)
            for status in ("Outdated", "Updating", "Failed", None)
            for stored, aggregate, part, expected in [
                (True, True, True, LIVE),
                (True, True, False, POSSIBLE),
                (True, False, True, POSSIBLE),
                (True, False, False, NONE),
                (False, False, True, POSSIBLE),
            ]
        ],
    ],
)
@pytest.mark.parametrize("what", ["fields", "objects"])
def test_m4_and_m5(status, stored, aggregate, part, expected, what):
    holders = [p for p, has in ((AGGREGATE, aggregate), (PART, part)) if has]
    if what == "fields":
        found, _ = group(
            fields=[field_row(p, READ) for p in holders],
            status=status,
            stored={cat.FIELD_PERMISSIONS.name: stored},
        )
        assert strengths(found) == (expected, NONE)
    else:
        found, _ = group(
            objects=[object_row(p, "Read", "ViewAllFields") for p in holders],
            status=status,
            stored={cat.OBJECT_PERMISSIONS.name: stored},
        )
        assert found.objects.get(("Contact", Verb.READ), NONE) == expected
        assert found.all_fields.get("Contact", NONE) == expected
        assert ("Contact", Verb.EDIT) not in found.objects


def test_m5_is_decided_right_by_right():
    found, _ = group(
        fields=[field_row(AGGREGATE, BOTH), field_row(PART, READ)],
        status="Outdated",
        stored={cat.FIELD_PERMISSIONS.name: True},
    )
    assert strengths(found) == (LIVE, POSSIBLE)


def test_each_table_has_its_own_probe():
    """Stored field rows do not make the object rows stored, and the other way round (org-fixture 3.1)."""
    given = {"fields": [field_row(PART, READ)], "objects": [object_row(PART, "Read")]}
    found, _ = group(**given, stored={cat.FIELD_PERMISSIONS.name: True})
    assert strengths(found) == (NONE, NONE)
    assert found.objects == {("Contact", Verb.READ): LIVE}
    found, _ = group(**given, stored={cat.OBJECT_PERMISSIONS.name: True})
    assert strengths(found) == (LIVE, NONE)
    assert found.objects == {}


def test_m6_the_parts_that_carry_the_row_are_named():
    both = [field_row(PART, READ), field_row(OTHER, BOTH)]
    found, rows = group(fields=both)
    assert found.via == {KEY: (PART, OTHER)}
    assert rows.label(rows.containers[AGGREGATE]) == "Group"
    assert group(fields=both, parts=(OTHER,))[0].via == {KEY: (OTHER,)}
    assert strengths(group(fields=both, parts=(OTHER,))[0]) == (LIVE, LIVE)


def test_m7_a_muting_set_in_no_group_has_no_effect():
    found, _ = group(fields=[field_row(PART, BOTH)], mutes=[field_row(MUTING, BOTH)], parts=(PART,))
    assert strengths(found) == (LIVE, LIVE)
    assert found.muted == set()


def test_m3_in_a_group():
    given = {"objects": [object_row(PART, "Read", "Edit", "ViewAllFields")]}
    assert group(**given)[0].objects == {("Contact", Verb.READ): LIVE, ("Contact", Verb.EDIT): LIVE}
    found, _ = group(**given, object_mutes=[object_row(MUTING, "Edit")])
    assert (found.objects, found.all_fields) == ({("Contact", Verb.READ): LIVE}, {"Contact": LIVE})
    found, _ = group(**given, object_mutes=[object_row(MUTING, "Read")])
    assert (found.objects, found.all_fields) == ({}, {})


@pytest.mark.parametrize(
    ("objects", "system", "muted", "aggregate", "expected"),
    [
        pytest.param(("Read", "ViewAllFields"), {}, False, True, Word.YES, id="F5"),
        pytest.param(("ViewAllFields",), {}, False, True, Word.LATENT, id="F5 opens no object"),
        pytest.param(("Read", "ViewAllFields"), {}, True, True, Word.POSSIBLE, id="F7 for F5"),
        pytest.param(
            ("Read", "ViewAllFields"), {}, True, False, Word.YES, id="F7 is about the same group only"
        ),
        pytest.param(("Read",), {"PermissionsViewAllFieldsGlobal": True}, False, True, Word.YES, id="F6"),
        pytest.param(
            (), {"PermissionsViewAllFieldsGlobal": True}, False, True, Word.NO, id="F6 is never latent"
        ),
        pytest.param(
            ("Read",), {"PermissionsViewAllFieldsGlobal": True}, True, True, Word.POSSIBLE, id="F7 for F6"
        ),
        pytest.param(("Read",), {}, False, True, Word.NO, id="no row, no grant"),
    ],
)
def test_f5_to_f7(objects, system, muted, aggregate, expected):
    """One user holds a group (or the same rights directly), and nobody has a row for the field."""
    holder = AGGREGATE if aggregate else PART
    user = "005x00000000001AAA"
    direct = {"AssigneeId": user, "PermissionSetId": holder, "IsActive": True}
    read = snapshot(
        {
            cat.USERS.name: [{"Id": user, "Name": "Ana", "IsActive": True}],
            cat.PARTICLES.name: [particle(KEY)],
            cat.SECURABLE_OBJECTS: [{"SobjectType": "Contact"}],
            cat.PERMISSION_SETS.name: [
                {
                    "Id": AGGREGATE,
                    "Name": "agg",
                    "PermissionSetGroupId": GROUP,
                    **(system if aggregate else {}),
                },
                {"Id": PART, "Name": "part", **({} if aggregate else system)},
            ],
            cat.GROUPS.name: [{"Id": GROUP, "MasterLabel": "Group", "Status": "Updated"}],
            cat.COMPONENTS.name: [{"PermissionSetGroupId": GROUP, "PermissionSetId": MUTING}],
            cat.ASSIGNMENTS.name: [direct | ({"PermissionSetGroupId": GROUP} if aggregate else {})],
            cat.OBJECT_PERMISSIONS.name: [object_row(holder, *objects)] if objects else [],
            cat.FIELD_MUTES.name: [field_row(MUTING, READ)] if muted else [],
            cat.aggregates_of(cat.OBJECT_PERMISSIONS): [{"ParentId": AGGREGATE}],
        }
    )
    access = effective_access(compile_grants(read, {t.field: t for t in tags_of([KEY])}, NOW))
    assert access.word(user, KEY) is expected


def test_synthetic_rows_are_no_rows():
    """Modify All Data shows as rows nobody stored; it is computed from the permission (O6)."""
    found, rows = group(objects=[object_row(PART, "Read", record_id="000000000000000AAA")])
    assert found.objects == {}
    assert rows.containers[PART].objects == {}


def test_f12_a_row_of_either_activity_counts_for_both():
    key = "Task.Finding__c"
    row = (
        of_its_object(field_row(AGGREGATE, READ, "Event.Finding__c")),
        of_its_object(field_row(PART, READ, key)),
    )
    found, _ = group(fields=row, status="Outdated", stored={cat.FIELD_PERMISSIONS.name: True}, key=key)
    assert strengths(found, key) == (LIVE, NONE)
    mute = of_its_object(field_row(MUTING, READ, "Event.Finding__c"))
    found, _ = group(fields=row[1:], mutes=[mute], key=key)
    assert strengths(found, key) == (NONE, NONE)


def test_what_nobody_asked_for_is_not_kept():
    _, rows = group(fields=[field_row(PART, BOTH), field_row(PART, BOTH, "Contact.Email")])
    assert rows.containers[PART].reads == {KEY}


MAILING = "Contact.MailingAddress"


@pytest.mark.parametrize(
    ("muted", "taken"),
    [
        ({"mutes": [field_row(MUTING, READ)]}, {(Gate.FIELD, Verb.READ), (Gate.FIELD, Verb.EDIT)}),
        ({"mutes": [field_row(MUTING, EDIT)]}, {(Gate.FIELD, Verb.EDIT)}),
        (
            {"object_mutes": [object_row(MUTING, "Read")]},
            {(Gate.OBJECT, Verb.READ), (Gate.OBJECT, Verb.EDIT)},
        ),
        ({"object_mutes": [object_row(MUTING, "Edit")]}, {(Gate.OBJECT, Verb.EDIT)}),
        ({"object_mutes": [object_row(MUTING, "Create")]}, set()),
        ({"mutes": [field_row(MUTING, READ, "Contact.Other__c")]}, set()),
        ({}, set()),
    ],
)
def test_what_a_muting_set_takes_is_kept_with_its_carriers(muted, taken):
    rows = {"fields": [field_row(PART, BOTH)], "objects": [object_row(OTHER, "Read", "Edit")]}
    found, _ = group(**rows, **muted)
    assert {(gate, verb) for gate, verb, _ in found.taken} == taken
    for (gate, _, key), muting in found.taken.items():
        assert key == muting.row == ("Contact" if gate is Gate.OBJECT else KEY)
        assert (muting.by, muting.via) == ((MUTING,), (OTHER if gate is Gate.OBJECT else PART,))


@pytest.mark.parametrize(("status", "right"), [("Updated", LIVE), ("Outdated", POSSIBLE)])
def test_a_group_gives_what_it_no_longer_mutes_as_firmly_as_it_gives_anything(status, right):
    found, _ = group(fields=[field_row(PART, READ)], mutes=[field_row(MUTING, READ)], status=status)
    assert [muting.right for muting in found.taken.values()] == [right]


def test_view_all_fields_goes_with_the_object():
    rows = [object_row(PART, "Read", "ViewAllFields")]
    found, _ = group(objects=rows, object_mutes=[object_row(MUTING, "Read")])
    assert found.taken_all_fields["Contact"].via == (PART,)
    found, _ = group(objects=rows, object_mutes=[object_row(MUTING, "Edit")])
    assert found.taken_all_fields == {}


def muted_columns(field, mute, *, objects=(), object_mute=(), carried=READ):
    """What keeps the one held group from a field, by gate, verb and row, in a compiled org."""
    read = snapshot(
        {
            cat.USERS.name: [{"Id": "005x00000000001AAA", "Name": "Ana", "IsActive": True}],
            cat.PARTICLES.name: [
                particle("Contact.MailingAddress", DataType="address", IsCompound=True),
                particle("Contact.MailingStreet", IsComponent=True, FieldDefinitionId=MAILING),
                particle(KEY),
                particle("Task.Finding__c"),
                particle("CampaignMember.Status"),
            ],
            cat.SECURABLE_OBJECTS: [{"SobjectType": "Contact"}, {"SobjectType": "Campaign"}],
            cat.PERMISSION_SETS.name: [
                {"Id": AGGREGATE, "Name": "agg", "PermissionSetGroupId": GROUP},
                {"Id": PART, "Name": "part"},
            ],
            cat.GROUPS.name: [{"Id": GROUP, "MasterLabel": "Group", "Status": "Updated"}],
            cat.COMPONENTS.name: [
                {"PermissionSetGroupId": GROUP, "PermissionSetId": p} for p in (PART, MUTING)
            ],
            cat.OBJECT_PERMISSIONS.name: objects,
            cat.OBJECT_MUTES.name: object_mute,
            cat.FIELD_PERMISSIONS.name: [of_its_object(field_row(PART, carried, mute))] if mute else [],
            cat.FIELD_MUTES.name: [of_its_object(field_row(MUTING, READ, mute))] if mute else [],
        },
        objects=("CampaignMember", "Contact", "Event", "Task"),
    )
    grants = compile_grants(read, {t.field: t for t in tags_of([field])}, NOW)
    return {
        (gate, verb, muting.row)
        for (gate, verb, grantor, _), mutings in grants.muted.items()
        for muting in mutings
        if grants.grantors[grantor].id == AGGREGATE
    }


@pytest.mark.parametrize(
    ("field", "mute", "row"),
    [
        (KEY, KEY, KEY),
        ("Contact.MailingStreet", MAILING, MAILING),  # F9: the row is that of the whole
        ("Task.Finding__c", "Event.Finding__c", "Task.Finding__c"),  # F12: one field under both names
        (KEY, "Contact.MailingAddress", None),
    ],
)
def test_the_row_that_is_muted_goes_by_its_own_name(field, mute, row):
    assert muted_columns(field, mute) == ({(Gate.FIELD, Verb.READ, row)} if row else set())


def test_a_muted_parent_closes_the_object_that_it_opens():
    rows = {"objects": [{**object_row(PART, "Read"), "SobjectType": "Campaign"}]}
    mute = [{**object_row(MUTING, "Read"), "SobjectType": "Campaign"}]
    found = muted_columns("CampaignMember.Status", "", object_mute=mute, **rows)
    assert found == {(Gate.OBJECT, Verb.READ, "Campaign")}


def test_muted_view_all_fields_closes_the_field_too():
    rows = {"objects": [object_row(PART, "Read", "ViewAllFields")]}
    found = muted_columns(KEY, "", object_mute=[object_row(MUTING, "Read")], **rows)
    assert found == {(Gate.OBJECT, Verb.READ, "Contact"), (Gate.FIELD, Verb.READ, "Contact")}


@pytest.mark.parametrize(
    ("unread", "said"),
    [
        ([], "nobody can: no container in this org opens it"),
        ([cat.GROUPS.name], "nothing that was read opens it"),
        ([cat.ACTIVATIONS.name], "nothing that was read opens it"),
    ],
)
def test_nobody_can_is_said_only_if_everything_was_read(unread, said):
    read = snapshot(
        {
            cat.USERS.name: [{"Id": "005x00000000001AAA", "Name": "Ana", "IsActive": True}],
            cat.PARTICLES.name: [particle(KEY)],
            cat.SECURABLE_OBJECTS: [{"SobjectType": "Contact"}],
        },
        unread=unread,
    )
    access = effective_access(compile_grants(read, {t.field: t for t in tags_of([KEY])}, NOW))
    lines = closed_lines(access, 0, 0, Verb.READ, everything=True)
    assert [line.strip() for line in lines[2::2]] == [said, said]
