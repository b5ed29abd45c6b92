"""Override files: which of their blocks change which others, and how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.configs.blocks import Read, evaluate_literal, read_block, references_of
from cotta.configs.decode_lifecycle import LIFECYCLE
from cotta.configs.decode_modules import MODULE, PROVIDER
from cotta.configs.decode_resources import MODES, resource_schema
from cotta.configs.decode_terraform import read_terraform
from cotta.configs.decode_values import OUTPUT, VARIABLE, decode_locals
from cotta.configs.merge import merge_bodies
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import Body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.configs.model import LocalValue
    from cotta.hcl.ast import Attribute, Block
    from cotta.hcl.bodies import BodySchema

# The type of a block and what tells it from others of the type.
Key: TypeAlias = tuple[str | None, ...]

_RULES: Final = ("validation", "precondition", "postcondition")
# The arguments of `lifecycle` that an override replaces; Terraform takes no notice of others.
_LIFECYCLE_ARGUMENTS: Final = ("create_before_destroy", "prevent_destroy", "ignore_changes")


@dataclass(slots=True)
class Overrides:
    """The blocks of all override files, in order, by what they change."""

    diags: Diagnostics
    blocks: dict[Key, list[Read]] = field(default_factory=dict)
    locals: dict[str, LocalValue] = field(default_factory=dict)
    terraform: list[Read] = field(default_factory=list)
    applied: set[Key] = field(default_factory=set)

    def add(self, block: Block) -> None:
        """Take in one block of an override file."""
        match block.type:
            case "locals":
                for value in decode_locals(block.body, self.diags):
                    self.locals[value.name] = value
            case "terraform":
                self.terraform.append(read_terraform(block, self.diags))
            case "moved" | "import":
                self.diags.error(
                    f"Cannot override '{block.type}' blocks",
                    f'Blocks of the type "{block.type}" belong in ordinary files.',
                    block.header_range,
                )
            case "check":
                self._refuse(block)
            case "removed" | "required_providers":
                pass
            case _:
                self._add_named(block)

    def _refuse(self, block: Block) -> None:
        self.diags.error(
            f"Can't override {block.type} blocks",
            f'Override files can\'t change blocks of the type "{block.type}".',
            block.header_range,
        )

    def _add_named(self, block: Block) -> None:
        schema, is_partial = block_schema(block.type)
        read = read_block(block, schema, self.diags, is_partial=is_partial, is_override=True)
        for inner in read.blocks:
            if inner.type in _RULES:
                self._refuse(inner)
            elif inner.type == "lifecycle":
                inside = read_block(inner, LIFECYCLE, Diagnostics(), is_override=True)
                for rule in inside.blocks:
                    self._refuse(rule)
        depends_on = read.expression("depends_on")
        if depends_on is not None:
            references = references_of(depends_on, self.diags)
            if references:
                self.diags.error(
                    "Unsupported override",
                    "An override file can't change depends_on.",
                    references[0].range,
                )
        self.blocks.setdefault(key_of(read), []).append(read)

    def apply(self, read: Read) -> Read:
        """Return a block of an ordinary file as the override files change it."""
        key = key_of(read)
        self.applied.add(key)
        for over in self.blocks.get(key, ()):
            read = _merge(read, over)
        return read

    def left_over(self) -> Iterable[tuple[Key, Read]]:
        """Iterate over the blocks that had nothing to change."""
        for key, reads in self.blocks.items():
            if key not in self.applied:
                yield key, reads[0]


def block_schema(type_: str) -> tuple[BodySchema, bool]:
    """Return the schema of a named block, and whether more than it may be there."""
    match type_:
        case "variable":
            return VARIABLE, False
        case "output":
            return OUTPUT, False
        case "module":
            return MODULE, True
        case "provider":
            return PROVIDER, True
        case _:
            return resource_schema(MODES[type_]), True


def key_of(read: Read) -> Key:
    """Return what tells a block from others: its type and labels, and a provider's alias."""
    block = read.block
    if block.type != "provider":
        return (block.type, *block.labels)
    alias = read.expression("alias")
    value = evaluate_literal(alias, Diagnostics()) if alias is not None else None
    return (block.type, *block.labels, value if isinstance(value, str) else None)


def _merge(base: Read, over: Read) -> Read:
    attributes: dict[str, Attribute] = {
        **base.attributes,
        **{name: value for name, value in over.attributes.items() if name != "depends_on"},
    }
    if base.block.type == "module" and "source" in over.attributes:
        # A new source makes the old version mean nothing.
        attributes = {k: v for k, v in attributes.items() if k != "version"} | (
            {"version": over.attributes["version"]} if "version" in over.attributes else {}
        )
    return replace(
        base,
        attributes=attributes,
        blocks=tuple(_merge_blocks(base, over)),
        rest=merge_bodies(base.rest, over.rest),
        changed_at=over.range,
    )


def _merge_blocks(base: Read, over: Read) -> list[Block]:
    """Return the nested blocks: provisioners and connections replaced, lifecycles merged."""
    replaced = {block.type for block in over.blocks if block.type not in ("lifecycle", *_RULES)}
    blocks = [block for block in base.blocks if block.type not in replaced]
    blocks += [block for block in over.blocks if block.type in replaced]
    changes = over.of_type("lifecycle")
    if not changes or base.block.type != "resource":
        return blocks
    before = base.of_type("lifecycle")
    merged = _merge_lifecycles(before[0] if before else None, changes[-1])
    return [*(block for block in blocks if block.type != "lifecycle"), merged]


def _merge_lifecycles(base: Block | None, over: Block) -> Block:
    quiet = Diagnostics()
    changes = read_block(over, LIFECYCLE, quiet, is_override=True).attributes
    # The mistakes of an override are told when the merged block is decoded.
    wanted = {
        name: attribute for name, attribute in changes.items() if name in _LIFECYCLE_ARGUMENTS
    }
    end = over.open_range
    change = Body(over.range, wanted, [], end)
    if base is None:
        return replace(over, body=change)
    return replace(base, body=merge_bodies(base.body, change))
