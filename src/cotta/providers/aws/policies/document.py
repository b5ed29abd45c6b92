"""A policy document: statements put together, merged, and written as the official provider does.

Statements are kept as trees with the members in the order in which they are
written, since a policy that is merged in may hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cotta.values.json_text import JsonError, parse_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.values.json_text import Json

OLD_VERSION: Final = "2008-10-17"
PRESENT_VERSION: Final = "2012-10-17"


class PolicyError(Exception):
    """A policy that can't be; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is meant: identifiers of one type (AWS, Service, Federated, CanonicalUser or *)."""

    type: str
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a statement counts: a test of a variable against any of some values."""

    test: str
    variable: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, as a `statement` block has it; sets are in any order."""

    sid: str = ""
    effect: str = "Allow"
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A policy; each statement is a tree, its members in the order in which they are written."""

    version: str = ""
    id: str = ""
    statements: tuple[dict[str, Json], ...] = field(default=())

    def merged(self, other: Document) -> Document:
        """Return this document with another one merged in, whose word goes before ours.

        A statement of the other takes the place of the one with the same Sid, or comes last.
        """
        statements = list(self.statements)
        places = {each["Sid"]: at for at, each in reversed(list(enumerate(statements)))
                  if "Sid" in each}  # fmt: skip
        for statement in other.statements:
            sid = statement.get("Sid")
            if sid is not None and sid in places:
                statements[places[sid]] = statement
                continue
            if sid is not None:
                places[sid] = len(statements)
            statements.append(statement)
        return Document(max(self.version, other.version), other.id or self.id, tuple(statements))

    def render(self, *, indent: int | None = 2) -> str:
        """Return the text; `indent` None is the shortest one."""
        members: dict[str, Json] = {
            "Version": self.version,
            "Id": self.id,
            "Statement": list(self.statements),
        }
        return write_json({name: each for name, each in members.items() if each}, indent=indent)


def make_document(statements: Iterable[Statement], *, version: str, id: str) -> Document:
    """Return the document of some statements; raise PolicyError if they can't be one."""
    trees: list[dict[str, Json]] = []
    taken: set[str] = set()
    for statement in statements:
        if statement.sid in taken:
            raise PolicyError(
                f'Two statements have the sid "{statement.sid}". Remove one of the two, or the '
                "sid, which is optional."
            )
        if statement.sid:
            taken.add(statement.sid)
        trees.append(_tree_of(statement, version))
    return Document(version, id, tuple(trees))


def _tree_of(statement: Statement, version: str) -> dict[str, Json]:
    def with_variables(texts: Sequence[str]) -> list[str]:
        return [_with_variables(text, version) for text in texts]

    def principals(given: tuple[Principal, ...]) -> Json:
        return _principals([(one.type, with_variables(one.identifiers)) for one in given])

    members: dict[str, Json] = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Action": _one_or_many(statement.actions),
        "NotAction": _one_or_many(statement.not_actions),
        "Resource": _one_or_many(with_variables(statement.resources)),
        "NotResource": _one_or_many(with_variables(statement.not_resources)),
        "Principal": principals(statement.principals),
        "NotPrincipal": principals(statement.not_principals),
        "Condition": _conditions(
            [(one.test, one.variable, with_variables(one.values)) for one in statement.conditions]
        ),
    }
    return {name: each for name, each in members.items() if each}


def _with_variables(text: str, version: str) -> str:
    """Return a text with policy variables as IAM writes them; `&{` spares us HCL's own `${`."""
    if version == OLD_VERSION and "&{" in text:
        raise PolicyError(
            f'"{text}" has a policy variable, and documents of version {OLD_VERSION} know none. '
            f'Set version = "{PRESENT_VERSION}", or leave it out.'
        )
    return text.replace("&{", "${")


def _one_or_many(texts: Sequence[str]) -> Json:
    if len(texts) == 1:
        return texts[0]
    return [*sorted(texts, reverse=True)]


def _principals(given: Sequence[tuple[str, Sequence[str]]]) -> Json:
    """Return principals by their types; those of a type that comes twice are put together."""
    if len(given) == 1 and given[0][0] == "*" and list(given[0][1]) == ["*"]:
        return "*"
    found: dict[str, Json] = {}
    for type_, identifiers in given:
        before = found.get(type_)
        if before is None:
            found[type_] = _one_or_many(identifiers)
            continue
        known = before if isinstance(before, list) else [before]
        found[type_] = [*known, *sorted(identifiers, reverse=True)]
    return {type_: found[type_] for type_ in sorted(found)}


def _conditions(given: Sequence[tuple[str, str, Sequence[str]]]) -> Json:
    """Return conditions by test and variable; values keep their order."""
    found: dict[str, dict[str, list[Json]]] = {}
    for test, variable, values in given:
        found.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {
            variable: values[0] if len(values) == 1 else list(values)
            for variable, values in sorted(variables.items())
        }
        for test, variables in sorted(found.items())
    }


def parse_document(text: str) -> Document:
    """Return the document that a JSON text stands for; raise PolicyError if it is none."""
    try:
        tree = parse_json(text)
    except JsonError as error:
        raise PolicyError(f"It is not JSON: {error}.") from None
    if not isinstance(tree, dict):
        raise PolicyError("A policy is a JSON object, and this is none.")
    statements = tree.get("Statement")
    if statements is None:
        statements = []
    if not isinstance(statements, list):
        raise PolicyError('Its "Statement" has to be a list, also of one statement: [{ … }].')
    version, id_ = (_text_of(tree, name, "the policy") for name in ("Version", "Id"))
    return Document(version, id_, tuple(map(_read_statement, range(len(statements)), statements)))


def merge_sources(texts: Sequence[str | None]) -> Document:
    """Return the documents of `source_policy_documents` as one; no Sid may come twice in them."""
    merged = Document()
    taken: set[Json] = set()
    for at, text in enumerate(texts):
        document = _numbered(text, at, "source_policy_documents")
        for statement in document.statements:
            sid = statement.get("Sid")
            if sid in taken:
                raise PolicyError(
                    f'source_policy_documents[{at}] has a statement with the Sid "{sid}", and so '
                    "has another one. Remove the Sid, or give each one of its own."
                )
            if sid is not None:
                taken.add(sid)
        merged = merged.merged(document)
    return merged


def merge_overrides(document: Document, texts: Sequence[str | None]) -> Document:
    """Return a document with those of `override_policy_documents` merged in, one by one."""
    for at, text in enumerate(texts):
        document = document.merged(_numbered(text, at, "override_policy_documents"))
    return document


def _numbered(text: str | None, at: int, argument: str) -> Document:
    if not text:
        return Document()
    try:
        return parse_document(text)
    except PolicyError as error:
        raise PolicyError(f"{argument}[{at}] can't be merged. {error}") from None


def _read_statement(at: int, tree: Json) -> dict[str, Json]:
    where = f"statement {at}"
    if not isinstance(tree, dict):
        raise PolicyError(f"Its {where} is no JSON object.")
    members: dict[str, Json] = {
        "Sid": _text_of(tree, "Sid", where) or None,
        "Effect": _text_of(tree, "Effect", where) or None,
        "Action": tree.get("Action"),
        "NotAction": tree.get("NotAction"),
        "Resource": tree.get("Resource"),
        "NotResource": tree.get("NotResource"),
        "Principal": _read_principals(tree.get("Principal"), where) or None,
        "NotPrincipal": _read_principals(tree.get("NotPrincipal"), where) or None,
        "Condition": _read_conditions(tree.get("Condition"), where) or None,
    }
    return {name: each for name, each in members.items() if each is not None}


def _text_of(tree: dict[str, Json], name: str, where: str) -> str:
    value = tree.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise PolicyError(f'The "{name}" of {where} has to be a string.')
    return value


def _read_principals(tree: Json, where: str) -> Json:
    if tree is None:
        return None
    if tree == "*":
        return "*"
    if not isinstance(tree, dict):
        # The official provider takes any string for "*"; whoever mistypes one does not mean all.
        raise PolicyError(
            f'The principals of {where} have to be "*" or an object of types: {{ "AWS": "arn:…" }}.'
        )
    given = []
    for type_, value in tree.items():
        identifiers = [value] if isinstance(value, str) else value
        if not isinstance(identifiers, list):
            raise PolicyError(f'The principals "{type_}" of {where} have to be strings.')
        given.append(
            (type_, [_string(one, f'a principal "{type_}" of {where}') for one in identifiers])
        )
    lists = {type_ for type_, value in tree.items() if isinstance(value, list)}
    if len(given) == 1 and given[0] == ("*", ["*"]):
        return "*"
    return {
        type_: [*sorted(texts, reverse=True)] if type_ in lists else texts[0]
        for type_, texts in sorted(given)
    }


def _read_conditions(tree: Json, where: str) -> Json:
    if tree is None:
        return None
    given: list[tuple[str, str, list[str]]] = []
    if not isinstance(tree, dict):
        raise PolicyError(f"The condition of {where} has to be an object.")
    for test, variables in tree.items():
        if not isinstance(variables, dict):
            raise PolicyError(f'The condition "{test}" of {where} has to be an object.')
        for variable, value in variables.items():
            what = f'the condition "{test}" on "{variable}" of {where}'
            if isinstance(value, bool):
                given.append((test, variable, ["true" if value else "false"]))
            elif isinstance(value, list):
                given.append(
                    (test, variable, [_string(one, f"a value of {what}") for one in value])
                )
            else:
                given.append((test, variable, [_string(value, f"the value of {what}")]))
    return _conditions(given)


def _string(value: Json, what: str) -> str:
    if not isinstance(value, str):
        # The official provider leaves a condition on a number out, which opens what was closed.
        raise PolicyError(f"{what[:1].upper()}{what[1:]} has to be a string, in quotes.")
    return value
