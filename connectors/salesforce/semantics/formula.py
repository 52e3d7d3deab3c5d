"""The formula language of Salesforce, as far as it says which fields a formula reads (salesforce F14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

_SPACE = r"[\s\u200b\ufeff]"
# Two comments side by side must not match as one, or a long row of them would be tried in every grouping.
_COMMENT = r"\/\*[^*]*\*+(?:[^\/*][^*]*\*+)*\/"
_GAP = rf"(?:{_SPACE}|{_COMMENT})*"
# Source trees of packages write %%%NAMESPACE%%% where the installed package has its prefix.
_NAME = r"(?:[^\W\d]|%%%\w+%%%)(?:\w|%%%\w+%%%)*"

# Which operator binds tighter changes no reference, so a chain of operands is one flat rule. Rules and terminals that
# begin with "_" leave no trace: the tree is one flat list of references, however deep the formula nests.
_GRAMMAR = rf"""
formula: _chain

_chain: _operand
      | _chain (_OPERATOR | _SIGN) _operand

_operand: _LITERAL
        | _GLOBAL
        | REFERENCE
        | (_SIGN | _NOT) _operand
        | "(" _chain ")"
        | "{{!" _chain "}}"
        | _CALL ")"
        | _CALL _arguments ")"

_arguments: _chain
          | _arguments "," _chain

_OPERATOR: "&&" | "||" | "<>" | "!=" | "==" | "<=" | ">=" | "<" | ">" | "=" | "&" | "*" | "/" | "^"
_SIGN: "+" | "-"
_NOT: "!"

_CALL.3: /{_NAME}{_GAP}\(/
_LITERAL.2: /"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'/s
          | /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i
          | /(?:true|false|null)(?![\w%])/i
_GLOBAL.1: /\${_NAME}(?:{_GAP}\.{_GAP}{_NAME})*/
REFERENCE.1: /{_NAME}(?:{_GAP}[.:]{_GAP}{_NAME})*/

%ignore /{_SPACE}+/
%ignore /{_COMMENT}/
"""
_BLANK = re.compile(f"{_COMMENT}|{_SPACE}")


@dataclass(frozen=True, slots=True)
class Reference:
    """One field a formula reads: relationships and, last, the field, each as written.

    A step through a polymorphic lookup keeps its narrowing: `("Owner:User", "Email")`.
    """

    path: tuple[str, ...]

    def __str__(self) -> str:
        """As a formula would write it."""
        return ".".join(self.path)


class FormulaError(ValueError):
    """A text that is no formula: where it stops making sense and at which token, and no more of it than that."""

    def __init__(self, what: str, line: int, column: int) -> None:
        super().__init__(f"{what} at line {line}, column {column}")
        self.line, self.column = line, column


@lru_cache(maxsize=16384)
def references(text: str) -> tuple[Reference, ...]:
    """Every field the formula reads, once, in the order of appearance; raises FormulaError.

    Texts, comments, functions and `$Globals` are none (org-fixture 3, item 14).
    """
    try:
        tree = _parser().parse(text)
    except UnexpectedCharacters as found:
        raise FormulaError(f"{found.char!r} has no meaning", found.line, found.column) from None
    except UnexpectedToken as found:
        raise _unexpected(text, found.token) from None
    return tuple(dict.fromkeys(Reference(tuple(_bare(str(t)).split("."))) for t in tree.children))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, start="formula", parser="lalr", lexer="basic", maybe_placeholders=False)


def _unexpected(text: str, token: Token) -> FormulaError:
    if token.type == "$END":
        return FormulaError("the end comes too early", text.count("\n") + 1, len(text) - text.rfind("\n"))
    shown = "a text" if token[0] in "\"'" else repr(_bare(str(token)))
    return FormulaError(f"{shown} is out of place", token.line or 0, token.column or 0)


def _bare(text: str) -> str:
    return _BLANK.sub("", text)
