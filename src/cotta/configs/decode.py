"""Files → Module: every block of the language, override files laid over the others.

The files of a module count as one: their order means nothing.  Blocks are
first gathered by what they declare, then changed by override files, argument
by argument, and decoded last.  Mistakes are reported all at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from cotta.addrs.traversals import target_of
from cotta.configs.blocks import Read, read_block
from cotta.configs.decode_modules import MODULE, PROVIDER, decode_module, decode_provider
from cotta.configs.decode_refactoring import decode_import, decode_moved, decode_removed
from cotta.configs.decode_resources import (
    MODES,
    decode_check,
    decode_resource,
    resource_schema,
)
from cotta.configs.decode_terraform import (
    decode_backend,
    decode_required_providers,
    decode_version,
    read_terraform,
)
from cotta.configs.decode_values import (
    OUTPUT,
    VARIABLE,
    decode_locals,
    decode_output,
    decode_variable,
)
from cotta.configs.model import Module
from cotta.configs.overrides import Overrides
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import Variable
from cotta.hcl.bodies import BlockSchema, BodySchema, content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.configs.model import Import, ResourceBlock
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block, File

FILE: Final = BodySchema(
    blocks=(
        BlockSchema("terraform"),
        BlockSchema("required_providers"),
        BlockSchema("provider", ("name",)),
        BlockSchema("variable", ("name",)),
        BlockSchema("locals"),
        BlockSchema("output", ("name",)),
        BlockSchema("module", ("name",)),
        BlockSchema("resource", ("type", "name")),
        BlockSchema("data", ("type", "name")),
        BlockSchema("ephemeral", ("type", "name")),
        BlockSchema("moved"),
        BlockSchema("import"),
        BlockSchema("check", ("name",)),
        BlockSchema("removed"),
    )
)


def decode_module_files(
    directory: str, files: Iterable[File], overrides: Iterable[File], diags: Diagnostics
) -> Module:
    """Return what the files of a directory declare, together.

    `overrides` are laid over the others in their order.
    """
    decoder = _Decoder(directory, diags)
    primary = list(files)
    above = list(overrides)
    laid_over = Overrides(diags)
    for file in above:
        decoder.module.files[file.source.name] = file.source
        for block in content(file.body, FILE, diags).blocks:
            laid_over.add(block)
    for file in primary:
        decoder.module.files[file.source.name] = file.source
        for block in content(file.body, FILE, diags).blocks:
            decoder.read(block, laid_over)
    decoder.finish(laid_over)
    return decoder.module


class HasRange(Protocol):
    """Anything that was declared somewhere."""

    @property
    def range(self) -> SourceRange:
        """Where."""


class _Decoder:
    """A module while it is gathered."""

    def __init__(self, directory: str, diags: Diagnostics) -> None:
        self.module = Module(directory=directory)
        self.diags = diags
        self.required_at: SourceRange | None = None
        # Data blocks inside check blocks, which may not share a name with any other.
        self.scoped: list[ResourceBlock] = []
        self.is_cloud_and_backend = False
        self.imported: dict[str, Import] = {}

    def read(self, block: Block, overrides: Overrides) -> None:
        """Take in one block of an ordinary file."""
        match block.type:
            case "resource" | "data" | "ephemeral":
                self.resource(block, overrides)
            case "variable":
                self.variable(block, overrides)
            case "output":
                self.output(block, overrides)
            case "locals":
                self.locals(block)
            case "module":
                self.call(block, overrides)
            case "provider":
                self.provider(block, overrides)
            case "terraform":
                self.terraform(block)
            case "check":
                self.check(block)
            case "required_providers":
                self.diags.error(
                    "Invalid required_providers block",
                    "This block belongs inside a terraform block.",
                    block.type_range,
                )
            case _:
                self.refactoring(block)

    def is_new(self, first: HasRange | None, place: SourceRange, what: str, name: str) -> bool:
        """Say whether nothing of that name was declared; a diagnostic tells of a second one."""
        if first is None:
            return True
        self.diags.error(
            f"Duplicate {what}",
            f"{name} was declared at {first.range.describe()} already, and names are unique"
            " in a module.",
            place,
        )
        return False

    def resource(self, block: Block, overrides: Overrides) -> None:
        mode = MODES[block.type]
        read = read_block(block, resource_schema(mode), self.diags, is_partial=True)
        found = decode_resource(overrides.apply(read), mode, self.diags)
        self.add_resource(found, block.type)

    def add_resource(self, found: ResourceBlock, kind: str) -> None:
        address = found.address
        first = self.module.resources.get(address)
        what = f'{kind} "{address.type}" configuration'
        if self.is_new(first, found.range, what, str(address)):
            self.module.resources[address] = found

    def variable(self, block: Block, overrides: Overrides) -> None:
        read = overrides.apply(read_block(block, VARIABLE, self.diags))
        found = decode_variable(read, self.diags)
        first = self.module.variables.get(found.name)
        if self.is_new(first, found.range, "variable declaration", f"var.{found.name}"):
            self.module.variables[found.name] = found

    def output(self, block: Block, overrides: Overrides) -> None:
        read = overrides.apply(read_block(block, OUTPUT, self.diags))
        found = decode_output(read, self.diags)
        first = self.module.outputs.get(found.name)
        if self.is_new(first, found.range, "output definition", f'Output "{found.name}"'):
            self.module.outputs[found.name] = found

    def locals(self, block: Block) -> None:
        for found in decode_locals(block.body, self.diags):
            first = self.module.locals.get(found.name)
            what = "local value definition"
            if self.is_new(first, found.range, what, f"local.{found.name}"):
                self.module.locals[found.name] = found

    def call(self, block: Block, overrides: Overrides) -> None:
        read = overrides.apply(read_block(block, MODULE, self.diags, is_partial=True))
        found = decode_module(read, self.diags)
        first = self.module.calls.get(found.name)
        if self.is_new(first, found.range, "module call", f"module.{found.name}"):
            self.module.calls[found.name] = found

    def provider(self, block: Block, overrides: Overrides) -> None:
        read = overrides.apply(read_block(block, PROVIDER, self.diags, is_partial=True))
        self.add_provider(read)

    def add_provider(self, read: Read) -> None:
        found = decode_provider(read, self.diags)
        if found is None:
            return
        key = (found.name, found.alias)
        name = f'Provider "{found.name}"' if found.alias is None else f"{found.name}.{found.alias}"
        what = "provider configuration"
        if self.is_new(self.module.providers.get(key), found.range, what, name):
            self.module.providers[key] = found

    def check(self, block: Block) -> None:
        check, data = decode_check(block, self.diags)
        what = f'check "{check.name}" configuration'
        first = self.module.checks.get(check.name)
        if first is not None and data is not None and first.data == data.address:
            pass  # the data block inside will be told of as the second one
        elif self.is_new(first, check.range, what, f"check.{check.name}"):
            self.module.checks[check.name] = check
        if data is not None:
            self.scoped.append(data)

    def refactoring(self, block: Block) -> None:
        match block.type:
            case "moved":
                moved = decode_moved(block, self.diags)
                if moved is not None:
                    self.module.moved.append(moved)
            case "removed":
                removed = decode_removed(block, self.diags)
                if removed is not None:
                    self.module.removed.append(removed)
            case "import":
                found = decode_import(block, self.diags)
                if found is not None and self.is_new_import(found):
                    self.module.imports.append(found)

    def is_new_import(self, found: Import) -> bool:
        """Say whether nothing else is imported to the same address, as far as it is literal."""
        traversal = found.to if isinstance(found.to, Variable) else None
        if traversal is None or found.for_each is not None:
            return True
        address = str(target_of(traversal, Diagnostics()))
        first = self.imported.setdefault(address, found)
        return self.is_new(
            None if first is found else first,
            found.to.range,
            f'import configuration for "{address}"',
            f"An import to {address}",
        )

    def terraform(self, block: Block) -> None:
        read = read_terraform(block, self.diags)
        self.required_version(read)
        for inner in read.blocks:
            match inner.type:
                case "backend" | "cloud":
                    self.backend(inner)
                case "required_providers":
                    self.required_providers(inner)
                case "provider_meta":
                    self.provider_meta(inner)

    def required_version(self, read: Read) -> None:
        attribute = read.attributes.get("required_version")
        text = decode_version(attribute, self.diags) if attribute is not None else None
        if attribute is not None and text is not None:
            self.module.required_versions.append((text, attribute.range))

    def backend(self, block: Block) -> None:
        first = self.module.backend
        found = decode_backend(block)
        if first is None:
            self.module.backend = found
        elif (first.type == "cloud") != (found.type == "cloud") and not self.is_cloud_and_backend:
            self.is_cloud_and_backend = True
            self.diags.error(
                "Both a backend and cloud configuration are present",
                f"There is a cloud block too, at"
                f" {(first if first.type == 'cloud' else found).range.describe()}, and a state is"
                " kept in one place only.",
                (found if first.type == "cloud" else first).range,
            )
        else:
            what = (
                "HCP Terraform configurations" if found.type == "cloud" else "backend configuration"
            )
            self.is_new(first, found.range, what, "The place of the state")

    def required_providers(self, block: Block) -> None:
        requirements = decode_required_providers(block, self.diags)
        if self.required_at is not None:
            self.diags.error(
                "Duplicate required providers configuration",
                f"There is one at {self.required_at.describe()} already.",
                block.header_range,
            )
            return
        self.required_at = block.header_range
        for requirement in requirements:
            self.module.requirements[requirement.name] = requirement

    def provider_meta(self, block: Block) -> None:
        name = block.labels[0]
        first = self.module.provider_metas.get(name)
        found = decode_backend(block)
        if self.is_new(first, found.range, "provider_meta block", f'"{name}"'):
            self.module.provider_metas[name] = found

    def finish(self, overrides: Overrides) -> None:
        """Add what can only be judged when all files are read."""
        for data in self.scoped:
            self.add_resource(data, "data")
        for read in overrides.terraform:
            self.override_terraform(read)
        for name, value in overrides.locals.items():
            first = self.module.locals.get(name)
            if first is None:
                self.report_missing("base local value definition to override", value.range)
            else:
                self.module.locals[name] = replace(first, expression=value.expression)
        for key, read in overrides.left_over():
            if key[0] == "provider" and key[-1] is None:
                # A configuration without an alias needs no block to be there.
                self.add_provider(read)
            else:
                self.report_missing(_MISSING[read.block.type], read.range)

    def report_missing(self, what: str, place: SourceRange) -> None:
        self.diags.error(
            f"Missing {what}",
            "An override file can only change what another file declares, and none declares this.",
            place,
        )

    def override_terraform(self, read: Read) -> None:
        if "required_version" in read.attributes:
            self.module.required_versions.clear()
            self.required_version(read)
        for inner in read.blocks:
            if inner.type in ("backend", "cloud"):
                self.module.backend = decode_backend(inner)
            elif inner.type == "required_providers":
                for requirement in decode_required_providers(inner, self.diags):
                    self.module.requirements[requirement.name] = requirement


_MISSING: Final = {
    "variable": "base variable declaration to override",
    "output": "base output definition to override",
    "module": "module call to override",
    "provider": "base provider configuration for override",
    "resource": "resource to override",
    "data": "data resource to override",
    "ephemeral": "ephemeral resource to override",
}
