"""Which fields a formula reads, as the grammar sees it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.salesforce.semantics.formula import FormulaError, Reference, references
from sandbox.salesforce.lineage import formula_names


def names(text: str) -> list[str]:
    return [str(reference) for reference in references(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('IF(ISBLANK(Diagnosis__c), "none", TEXT(Diagnosis__c))', ["Diagnosis__c"]),
        ("UPPER(Summary__c) & $Label.Diagnosis__c", ["Summary__c"]),
        ('"Diagnosis__c is hidden" & Email /* Diagnosis__c */', ["Email"]),
        ("Contact.Diagnosis__c", ["Contact.Diagnosis__c"]),
        ("'it\\'s Diagnosis__c' & \"a \\\" Diagnosis__c\\\\\" & Email", ["Email"]),
        ('"one\ntext" & A__c', ["A__c"]),
        ("A__c + B__c * -(C__c ^ 2) / 1.5e3 - .5", ["A__c", "B__c", "C__c"]),
        ("A = 1 && B == 2 || C <> 3 || D != 4 || !E", ["A", "B", "C", "D", "E"]),
        ("A<1&&B>2||C<=3||D>=4&&!!(E)", ["A", "B", "C", "D", "E"]),
        ("TODAY() - Birthdate", ["Birthdate"]),
        ("today ( ) - Birthdate", ["Birthdate"]),
        ("IF /* not a field */ (A__c, TRUE, null)", ["A__c"]),
        (
            "If + TEXT + True__c + Null__c + FALSE_Alarm__c",
            ["If", "TEXT", "True__c", "Null__c", "FALSE_Alarm__c"],
        ),
        ("MY_FUNCTION(A__c)", ["A__c"]),
        ("B & A & B", ["B", "A"]),
        ("Contact /* whose */ .\n  Account . Name", ["Contact.Account.Name"]),
        ("ns__Obj__r.Field__c & npe01__X__c & A1_2__c", ["ns__Obj__r.Field__c", "npe01__X__c", "A1_2__c"]),
        ("%%%NAMESPACE%%%Obj__r.%%%NAMESPACE%%%F__c", ["%%%NAMESPACE%%%Obj__r.%%%NAMESPACE%%%F__c"]),
        ("Parent.RecordType.DeveloperName", ["Parent.RecordType.DeveloperName"]),
        ("Owner:User.Name & Owner : Queue . Name", ["Owner:User.Name", "Owner:Queue.Name"]),
        ("Case__r.Owner:User.Email", ["Case__r.Owner:User.Email"]),
        ("What:Account.X__c", ["What:Account.X__c"]),
        ("{!Contact.Name} & {! $User.Name }", ["Contact.Name"]),
        ("$User.Department & $Profile.Name & $Permission.X & $System.OriginDateTime", []),
        ("$CustomMetadata.X__mdt.Y.Z__c & $Setup.X__c.Y__c & $Api.Session_ID", []),
        ("$ObjectType.Account.Fields.Name & $Organization . Name", []),
        ("TRUE", []),
        ("1", []),
        ("A\u00a0+\u200bB\ufeff", ["A", "B"]),
        ("Größe__c", ["Größe__c"]),
        ("A/**//***//* * / */+B", ["A", "B"]),
        ("a//* b */c", ["a", "c"]),
    ],
)
def test_what_a_formula_reads(text, expected):
    assert names(text) == expected


def test_a_path_keeps_its_narrowing():
    assert references("Owner:User.Name") == (Reference(("Owner:User", "Name")),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the end comes too early at line 1, column 1"),
        (" /* nothing */", "the end comes too early at line 1, column 15"),
        ("A +\n ", "the end comes too early at line 2, column 2"),
        ("IF(A, B", "the end comes too early at line 1, column 8"),
        ("A B", "'B' is out of place at line 1, column 3"),
        ("A & B /* secret */ . C (", "'(' is out of place at line 1, column 24"),
        ("A $Label /* secret */ . X", "'$Label.X' is out of place at line 1, column 3"),
        ("A\n+ )", "')' is out of place at line 2, column 3"),
        ("f(,)", "',' is out of place at line 1, column 3"),
        ('A "secret"', "a text is out of place at line 1, column 3"),
        ("A 'secret'", "a text is out of place at line 1, column 3"),
        ('A & "secret', "'\"' has no meaning at line 1, column 5"),
        ("A & /* secret", "'/' is out of place at line 1, column 5"),
        ("“A”", "'“' has no meaning at line 1, column 1"),
        ("A.", "'.' has no meaning at line 1, column 2"),
        ("3abc", "'abc' is out of place at line 1, column 2"),
    ],
)
def test_what_is_no_formula(text, message):
    with pytest.raises(FormulaError) as caught:
        references(text)
    assert str(caught.value) == message
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert str(caught.value).endswith(f"line {caught.value.line}, column {caught.value.column}")


@pytest.mark.parametrize("depth", [1, 30, 3000])
def test_depth_and_length_are_no_trouble(depth):
    assert names("IF(A__c, 1, " * depth + "B__c" + ")" * depth) == ["A__c", "B__c"]
    assert names("(" * depth + "B__c" + ")" * depth) == ["B__c"]
    assert names("!" * depth + "B__c") == ["B__c"]
    assert len(names("&".join(f"F{n}__c" for n in range(depth)))) == depth
    assert len(names("+(".join(f"F{n}__c" for n in range(depth)) + ")" * (depth - 1))) == depth
    assert names("A__c" + "/**/" * depth + ".B__c") == ["A__c.B__c"]
    with pytest.raises(FormulaError):
        references("A__c" + "/**/" * depth + "+")


# -- formulas from random trees

CONSTANTS = {"true", "false", "null"}
plain_gaps = st.sampled_from(["", "", " ", "\n", "\t "])
gaps = st.one_of(plain_gaps, st.sampled_from(["/* Diagnosis__c */", "/**/", "/* ' */", '/*"*/', "\u00a0"]))
field_names = st.one_of(
    st.sampled_from(["Diagnosis__c", "IF", "Text", "ns__Score_2__c", "True__c", "Nullable", "Email"]),
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda n: n.lower() not in CONSTANTS),
)
texts = st.text(st.sampled_from("Diagnosis__c.$(){}!/*+, \n'\"\\"), max_size=12)
operators = st.sampled_from(
    ["+", "-", "*", "/", "^", "&", "&&", "||", "=", "==", "<>", "!=", "<", ">", "<=", ">="]
)


def quoted(text: str, mark: str) -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


no_fields = st.one_of(
    st.builds(quoted, texts, st.sampled_from("'\"")),
    st.sampled_from(["0", "12", "1.5", ".5"]),
    st.sampled_from(["$Label.Diagnosis__c", "$User.Department", "$Setup.A__c.B__c", "TODAY()"]),
).map(lambda text: (text, ()))


def field_references(between, types):
    steps = st.builds(lambda name, kind: name + kind, field_names, types)
    return st.builds(
        lambda relations, last, gap: (f"{gap}.{gap}".join([*relations, last]), ((*relations, last),)),
        st.lists(steps, max_size=3),
        field_names,
        between,
    )


def formulas(gap, leaves):
    """Pairs of a formula's text and the paths put into it, in order."""

    def extend(inner):
        binary = st.builds(
            lambda a, op, b, g, h: (f"{a[0]}{g}{op}{h}{b[0]}", (*a[1], *b[1])),
            inner,
            operators,
            inner,
            gap,
            gap,
        )
        nested = st.builds(lambda a, g: (f"({g}{a[0]}{g})", a[1]), inner, gap)
        prefixed = st.builds(lambda sign, a: (f"{sign}{a[0]}", a[1]), st.sampled_from("-+!"), inner)
        called = st.builds(
            lambda name, arguments, g: (
                f"{name}({g}" + f"{g},{g}".join(text for text, _ in arguments) + f"{g})",
                tuple(path for _, paths in arguments for path in paths),
            ),
            st.sampled_from(["IF", "and", "TEXT", "Own_Function"]),
            st.lists(inner, max_size=4),
            gap,
        )
        return st.one_of(binary, nested, prefixed, called)

    return st.recursive(leaves, extend, max_leaves=12)


no_types = st.just("")
types = st.one_of(no_types, field_names.map(lambda name: f":{name}"))
more = st.sampled_from(["TRUE", "null", "1e3"]).map(lambda text: (text, ()))
rich = formulas(gaps, st.one_of(no_fields, more, field_references(gaps, types)))
simple = formulas(
    st.one_of(plain_gaps, st.just("/* Diagnosis__c */")),
    st.one_of(no_fields, field_references(plain_gaps, no_types)),
)


@settings(deadline=None)
@given(rich)
def test_exactly_the_references_put_in_come_out(formula):
    text, paths = formula
    assert [r.path for r in references(text)] == list(dict.fromkeys(paths))


@settings(deadline=None)
@given(simple)
def test_the_sandbox_reads_the_same_fields(formula):
    text, paths = formula
    assert [r.path for r in references(text)] == list(dict.fromkeys(formula_names(text)))
    assert [r.path for r in references(text)] == list(dict.fromkeys(paths))


@settings(deadline=None)
@given(st.text(st.sampled_from("Ab_1.:$\"'\\(){}!/*+-<>=&|,% \n“é"), max_size=30))
def test_any_text_is_a_formula_or_said_to_be_none(text):
    try:
        found = references(text)
    except FormulaError as error:
        found, place = (), (error.line, error.column)
    else:
        place = (1, 1)
    assert all(part for reference in found for part in reference.path)
    assert 1 <= place[0] <= text.count("\n") + 1
    assert place[1] >= 1
