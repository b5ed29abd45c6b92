"""The block `terraform`: versions, providers, the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.providers import implied_source
from cotta.addrs.sources import normalize_part, parse_provider_source
from cotta.configs.blocks import (
    evaluate_literal,
    read_block,
    reference_of,
    schema,
    static_list,
    static_map,
)
from cotta.configs.model import BackendBlock, ProviderRef, ProviderRequirement
from cotta.configs.names import is_normal_provider_name
from cotta.configs.versions import parse_constraints
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import AttributeStep
from cotta.hcl.bodies import BlockSchema, BodySchema, just_attributes
from cotta.hcl.traversals import as_keyword
from cotta.values.convert import ConversionError, convert
from cotta.values.types import STRING
from cotta.values.value import is_null

if TYPE_CHECKING:
    from cotta.configs.blocks import Read
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute, Block, Expression, ObjectItem
    from cotta.values.value import Value

TERRAFORM: Final = BodySchema(
    schema("required_version", "experiments", "language"),
    (
        BlockSchema("backend", ("type",)),
        BlockSchema("cloud"),
        BlockSchema("required_providers"),
        BlockSchema("provider_meta", ("provider",)),
    ),
)


def read_terraform(block: Block, diags: Diagnostics) -> Read:
    """Return what a `terraform` block holds, its language and experiments checked."""
    read = read_block(block, TERRAFORM, diags)
    experiments, language = read.attributes.get("experiments"), read.expression("language")
    if experiments is not None:
        diags.error(
            "Module uses experimental features",
            "Experiments are for early versions of Terraform only. Remove this argument.",
            experiments.name_range,
        )
    if language is not None and as_keyword(language) != "TF2021":
        diags.error(
            "Unsupported language edition"
            if as_keyword(language) is not None
            else "Invalid language edition",
            "The one edition of the language is TF2021, which needs not be named.",
            language.range,
        )
    return read


def decode_backend(block: Block) -> BackendBlock:
    """Return a `backend` or `cloud` block."""
    type_ = block.labels[0] if block.labels else "cloud"
    return BackendBlock(type=type_, body=block.body, range=block.header_range)


def decode_version(attribute: Attribute, diags: Diagnostics) -> str | None:
    """Return version constraints; None, with a diagnostic, if they can't be read."""
    place = attribute.expression.range
    value = evaluate_literal(attribute.expression, diags)
    if value is None:
        return None
    try:
        text = convert(value, STRING)
    except ConversionError:
        diags.error("Invalid version constraint", f"A text is needed for {attribute.name}.", place)
        return None
    if is_null(text):
        return ""
    return _checked_constraint(text, place, diags)


def _checked_constraint(text: Value, place: SourceRange, diags: Diagnostics) -> str | None:
    if isinstance(text, str) and parse_constraints(text) is not None:
        return text
    diags.error(
        "Invalid version constraint",
        "Constraints on versions look like this: >= 1.2.0, < 2.0.0.",
        place,
    )
    return None


def decode_required_providers(block: Block, diags: Diagnostics) -> list[ProviderRequirement]:
    """Return the requirements of a `required_providers` block that can be read."""
    found = (
        _decode_requirement(attribute, diags)
        for attribute in just_attributes(block.body, diags).values()
    )
    return [requirement for requirement in found if requirement is not None]


def _decode_requirement(attribute: Attribute, diags: Diagnostics) -> ProviderRequirement | None:
    name, place = attribute.name, attribute.expression.range
    quiet = Diagnostics()
    short = evaluate_literal(attribute.expression, quiet)
    if short is not None and isinstance(short, str | int | bool):
        constraint = decode_version(attribute, diags)
        type_ = normalize_part(name)
        if constraint is None:
            return None
        if type_ is None:
            _report_name(name, place, diags)
            return None
        return ProviderRequirement(
            name=name,
            source=implied_source(type_),
            constraint=constraint,
            constraint_range=attribute.range,
            range=place,
        )
    if not is_normal_provider_name(name, place, diags):
        return None
    items = static_map(attribute.expression, Diagnostics())
    if items is None:
        diags.error(
            "Invalid required_providers object",
            'A requirement is an object: { source = "hashicorp/aws" }.',
            place,
        )
        return None
    return _Requirement(name, attribute, diags).decode(items)


def _report_name(name: str, place: SourceRange, diags: Diagnostics) -> None:
    diags.error(
        "Invalid provider name",
        f'"{name}" can\'t be the name of a provider: it has letters, digits and single dashes'
        " between them.",
        place,
    )


class _Requirement:
    """One entry of `required_providers` while its members are read."""

    def __init__(self, name: str, attribute: Attribute, diags: Diagnostics) -> None:
        self.name = name
        self.attribute = attribute
        self.diags = diags
        self.source = implied_source(name)
        self.constraint = ""
        self.aliases: tuple[ProviderRef, ...] = ()
        self.is_good = True

    def decode(self, items: tuple[ObjectItem, ...]) -> ProviderRequirement | None:
        for item in items:
            if not self.read(item):
                break
        if not self.is_good:
            return None
        return ProviderRequirement(
            name=self.name,
            source=self.source,
            constraint=self.constraint,
            constraint_range=self.attribute.range if self.constraint else None,
            aliases=self.aliases,
            range=self.attribute.expression.range,
        )

    def fail(self, summary: str, detail: str, place: SourceRange) -> None:
        self.diags.error(summary, detail, place)
        self.is_good = False

    def read(self, item: ObjectItem) -> bool:
        """Take in one member; return whether to go on."""
        place = item.value.range
        key = item.key
        name = None if key.in_parentheses else as_keyword(key.wrapped)
        if name is None:
            value = evaluate_literal(key.wrapped, self.diags)
            name = value if isinstance(value, str) else None
            if value is None:
                self.is_good = False
                return True
        match name:
            case "version":
                text = _text(item.value)
                if text is None:
                    self.fail(
                        "Invalid version constraint", "The version is a text in quotes.", place
                    )
                elif _checked_constraint(text, place, self.diags) is None:
                    self.is_good = False
                else:
                    self.constraint = text
            case "source":
                text = _text(item.value)
                if text is None:
                    self.fail("Invalid source", "The source is a text in quotes.", place)
                    return True
                found = parse_provider_source(text, self.diags, place)
                self.is_good = self.is_good and found is not None
                self.source = found or self.source
            case "configuration_aliases":
                self.aliases = self.read_aliases(item.value)
            case _:
                self.fail(
                    "Invalid required_providers object",
                    'A requirement has "source", "version" and "configuration_aliases" only. The'
                    ' provider is configured in a "provider" block.',
                    key.range,
                )
                return False
        return True

    def read_aliases(self, expression: Expression) -> tuple[ProviderRef, ...]:
        found: list[ProviderRef] = []
        before = len(self.diags)
        for item in static_list(expression, self.diags):
            reference = reference_of(item, self.diags)
            if reference is None:
                continue
            match reference.steps:
                case () if reference.name == self.name:
                    pass
                case (AttributeStep(name=alias),) if reference.name == self.name:
                    found.append(ProviderRef(self.name, alias, item.range))
                case () | (AttributeStep(),):
                    self.fail(
                        "Invalid configuration_aliases value",
                        f'Aliases here begin with "{self.name}.", not with "{reference.name}.".',
                        expression.range,
                    )
                case _:
                    self.fail(
                        "Invalid configuration_aliases value",
                        f"Each entry is the provider's name and an alias: {self.name}.west.",
                        expression.range,
                    )
        self.is_good = self.is_good and len(self.diags) == before
        return tuple(found)


def _text(expression: Expression) -> str | None:
    value = evaluate_literal(expression, Diagnostics())
    return value if isinstance(value, str) else None
