"""A template's files read into what they declare; nothing is evaluated but defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from cotta.builder.templates.declared import Local, Plugin, Template, Typed, Validation, Variable
from cotta.builder.versions import PACKER_VERSION
from cotta.configs.blocks import decode_flag, decode_text, is_identifier, read_block, schema
from cotta.configs.versions import allows, parse_constraints, parse_version
from cotta.hcl.ast import ObjectExpression
from cotta.hcl.ast import Template as TextTemplate
from cotta.hcl.bodies import BlockSchema, BodySchema, content, just_attributes, key_text
from cotta.hcl.evaluate import evaluate
from cotta.hcl.references import calls_in, variables_in
from cotta.hcl.scope import Scope
from cotta.hcl.type_expressions import parse_type_constraint
from cotta.values.convert import ConversionError, convert
from cotta.values.types import DYNAMIC, PrimitiveType, without_optional
from cotta.values.value import Null, Unknown, is_null, type_of, unmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.configs.blocks import Read
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute, Block, Expression, File
    from cotta.hcl.type_expressions import Defaults
    from cotta.values.functions import Function
    from cotta.values.types import Type
    from cotta.values.value import Value

ROOT: Final = BodySchema(
    blocks=(
        BlockSchema("packer"),
        BlockSchema("variable", ("name",)),
        BlockSchema("variables"),
        BlockSchema("locals"),
        BlockSchema("local", ("name",)),
        BlockSchema("data", ("type", "name")),
        BlockSchema("source", ("type", "name")),
        BlockSchema("build"),
        BlockSchema("communicator", ("type", "name")),
        BlockSchema("hcp_packer_registry"),
    )
)
_PACKER: Final = BodySchema(schema("required_version"), (BlockSchema("required_plugins"),))
_VARIABLE: Final = BodySchema(
    schema("type", "default", "description", "sensitive"), (BlockSchema("validation"),)
)
_LOCAL: Final = BodySchema(schema("sensitive", "description", required=("expression",)))
_VALIDATION: Final = BodySchema(schema(required=("condition", "error_message")))

D = TypeVar("D", Variable, Local, Typed)


def read_template(
    files: Iterable[File], environment: Mapping[str, Function], diags: Diagnostics
) -> Template:
    """Return what the files declare; `environment` is the one function that defaults may call."""
    reader = _Reader(Scope(functions=environment), diags)
    for file in files:
        for block in content(file.body, ROOT, diags).blocks:
            reader.add(block)
    return Template(
        variables=reader.variables,
        locals=reader.locals,
        data=reader.data,
        sources=reader.sources,
        builds=tuple(reader.builds),
        plugins=tuple(reader.plugins),
    )


class _Reader:
    def __init__(self, defaults_scope: Scope, diags: Diagnostics) -> None:
        self._scope = defaults_scope
        self._diags = diags
        self.variables: dict[str, Variable] = {}
        self.locals: dict[str, Local] = {}
        self.data: dict[str, Typed] = {}
        self.sources: dict[str, Typed] = {}
        self.builds: list[Block] = []
        self.plugins: list[Plugin] = []

    def add(self, block: Block) -> None:
        match block.type:
            case "packer":
                self._packer(block)
            case "variable":
                self._variable(block)
            case "variables":
                self._variables(block)
            case "locals":
                for attribute in just_attributes(block.body, self._diags).values():
                    self._local(attribute)
            case "local":
                self._local_block(block)
            case "data":
                self._declare(self.data, Typed(block).key, Typed(block), "data source")
            case "source":
                self._declare(self.sources, Typed(block).key, Typed(block), "source")
            case "build":
                self.builds.append(block)
            case "hcp_packer_registry":
                self._diags.warning(
                    "Block without effect",
                    "There is no HCP here: what a hcp_packer_registry block says is not done. "
                    "Images are recorded as `cotta images` shows them.",
                    block.header_range,
                )
            case _:
                pass  # A communicator block is accepted and means nothing, as in Packer.

    def _declare(self, table: dict[str, D], key: str, declared: D, what: str) -> None:
        first = table.setdefault(key, declared)
        if first is not declared:
            self._diags.error(
                f"Duplicate {what}",
                f'There is a {what} "{key}" already, at {first.range.describe()}. Each name can '
                "be given once only.",
                declared.range,
            )

    # --- packer ---------------------------------------------------------------

    def _packer(self, block: Block) -> None:
        read = read_block(block, _PACKER, self._diags)
        required = read.expression("required_version")
        if required is not None:
            self._check_version(decode_text(read, "required_version", self._diags), required.range)
        for plugins in read.of_type("required_plugins"):
            for attribute in just_attributes(plugins.body, self._diags).values():
                self._plugin(attribute)

    def _check_version(self, text: str, place: SourceRange) -> None:
        constraints = parse_constraints(text)
        version = parse_version(PACKER_VERSION)
        if constraints is None:
            self._diags.error(
                "Incorrect version constraint",
                f'"{text}" is no version constraint. One is like ">= 1.7.0" or "~> 1.9".',
                place,
            )
        elif version is not None and not allows(constraints, version):
            self._diags.error(
                "Unsupported Packer version",
                f'The template asks for Packer "{text}". Cotta reads templates as Packer '
                f"{PACKER_VERSION} does: if the template is fine with that, widen the constraint.",
                place,
            )

    def _plugin(self, attribute: Attribute) -> None:
        value = unmark(evaluate(attribute.expression, _NOWHERE, self._diags))[0]
        fields = getattr(value, "attributes", None)
        place = attribute.expression.range
        if not isinstance(fields, dict) or not isinstance(fields.get("source"), str):
            self._diags.error(
                "Incomplete plugin requirement",
                'A plugin is required like this: name = { source = "github.com/owner/name", '
                'version = ">= 1.0.0" }.',
                place,
            )
            return
        version = fields.get("version", "")
        version = version if isinstance(version, str) else ""
        if version and parse_constraints(version) is None:
            self._diags.error(
                "Incorrect version constraint",
                f'"{version}" is no version constraint. One is like ">= 1.7.0" or "~> 1.9".',
                _item_range(attribute.expression, "version"),
            )
        source_at = _item_range(attribute.expression, "source")
        if len(fields["source"].split("/")) < 3:
            self._diags.error(
                "Incorrect plugin source",
                f'"{fields["source"]}" is no address of a plugin. One has three parts: '
                '"github.com/hashicorp/amazon".',
                source_at,
            )
            return
        self.plugins.append(Plugin(attribute.name, fields["source"], version, source_at))

    # --- variables ------------------------------------------------------------

    def _variables(self, block: Block) -> None:
        for name, attribute in just_attributes(block.body, self._diags).items():
            value = self._default(attribute.expression)
            type_ = DYNAMIC if value is None else _inferred(value)
            self._declare(
                self.variables,
                name,
                Variable(
                    name=name,
                    type=type_,
                    defaults=None,
                    default=value,
                    takes_text=isinstance(type_, PrimitiveType),
                    is_sensitive=False,
                    description="",
                    validations=(),
                    range=attribute.range,
                ),
                "variable",
            )

    def _variable(self, block: Block) -> None:
        read = read_block(block, _VARIABLE, self._diags)
        name = block.labels[0]
        if not is_identifier(name):
            self._diags.error(
                "Unusable name",
                f"\"{name}\" can't be a variable's name: one has letters, digits, underscores and "
                "dashes, and begins with a letter or an underscore.",
                block.label_ranges[0],
            )
        type_, defaults, default = self._type_and_default(read)
        self._declare(
            self.variables,
            name,
            Variable(
                name=name,
                type=type_,
                defaults=defaults,
                default=default,
                # One that says nothing at all is a text.
                takes_text=isinstance(type_, PrimitiveType)
                or (type_ is DYNAMIC and default is None and read.expression("type") is None),
                is_sensitive=decode_flag(read, "sensitive", self._diags),
                description=decode_text(read, "description", self._diags),
                validations=tuple(
                    rule
                    for each in read.of_type("validation")
                    if (rule := self._validation(each, name)) is not None
                ),
                range=read.range,
            ),
            "variable",
        )

    def _type_and_default(self, read: Read) -> tuple[Type, Defaults | None, Value | None]:
        written = read.expression("type")
        type_: Type = DYNAMIC
        defaults: Defaults | None = None
        if written is not None:
            type_, defaults = parse_type_constraint(written, self._diags)
        expression = read.expression("default")
        if expression is None:
            return type_, defaults, None
        default = self._default(expression)
        if default is None:
            return type_, defaults, Unknown(without_optional(type_))
        if written is None:
            return _inferred(default), None, default
        if defaults is not None and not is_null(default):
            default = defaults.apply(default)
        try:
            return type_, defaults, convert(default, type_)
        except ConversionError as error:
            self._diags.error(
                "Invalid default value for variable",
                f"The default doesn't fit the variable's type: {error.describe()}.",
                expression.range,
            )
            return type_, defaults, Unknown(without_optional(type_))

    def _default(self, expression: Expression) -> Value | None:
        """Return a default; None after a mistake.  Of all functions it may call `env` only."""
        for variable in variables_in(expression):
            self._diags.error(
                "Variables not allowed",
                "The default of a variable can't refer to anything. Compute the value in a local: "
                f"locals {{ … = {variable.range.text} }}.",
                variable.range,
            )
            return None
        for call in calls_in(expression):
            if call.name != "env":
                self._diags.error(
                    "Function calls not allowed",
                    f'The default of a variable can call "env" only, not "{call.name}". Compute '
                    "the value in a local.",
                    call.name_range,
                )
                return None
        before = len(self._diags)
        value = evaluate(expression, self._scope, self._diags)
        return value if len(self._diags) == before else None

    def _validation(self, block: Block, name: str) -> Validation | None:
        read = read_block(block, _VALIDATION, self._diags)
        condition, message = read.expression("condition"), read.expression("error_message")
        if condition is None or message is None:
            return None
        mentioned = variables_in(condition)
        for variable in mentioned:
            first = variable.steps[0] if variable.steps else None
            if variable.name != "var" or getattr(first, "name", name) != name:
                self._diags.error(
                    "Invalid reference in validation",
                    f"The condition of a variable can refer to that variable only: var.{name}.",
                    variable.range,
                )
                return None
        if not mentioned:
            self._diags.error(
                "Invalid validation condition",
                f"The condition must refer to var.{name}, or it would check nothing.",
                condition.range,
            )
            return None
        if isinstance(message, TextTemplate) and not message.parts:
            self._diags.error(
                "Empty error message",
                "error_message must say what is wrong with a value.",
                message.range,
            )
        return Validation(condition=condition, error_message=message, range=block.header_range)

    # --- locals ---------------------------------------------------------------

    def _local(self, attribute: Attribute) -> None:
        self._declare(
            self.locals,
            attribute.name,
            Local(
                name=attribute.name,
                expression=attribute.expression,
                is_sensitive=False,
                range=attribute.name_range,
            ),
            "local",
        )

    def _local_block(self, block: Block) -> None:
        read = read_block(block, _LOCAL, self._diags)
        expression = read.expression("expression")
        if expression is None:
            return
        self._declare(
            self.locals,
            block.labels[0],
            Local(
                name=block.labels[0],
                expression=expression,
                is_sensitive=decode_flag(read, "sensitive", self._diags),
                range=block.header_range,
            ),
            "local",
        )


_NOWHERE: Final = Scope()


def _inferred(default: Value) -> Type:
    """Return the type of a variable that says none: a primitive default's, or any."""
    found = type_of(unmark(default)[0])
    return found if isinstance(found, PrimitiveType) and not isinstance(default, Null) else DYNAMIC


def _item_range(expression: Expression, name: str) -> SourceRange:
    """Return where an item of an object expression has its value; the object if it has none."""
    if isinstance(expression, ObjectExpression):
        for item in expression.items:
            written = key_text(item.key) or item.key.range.text
            if written == name:
                return item.value.range
    return expression.range
