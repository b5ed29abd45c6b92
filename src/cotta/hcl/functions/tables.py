"""Which functions there are in which dialect: the tables that a scope is given.

A module of functions exports `FUNCTIONS`, or `functions(surroundings)` where
they need the world.  Those of one dialect only are exported beside it as
`OPENTOFU_FUNCTIONS`, `PACKER_FUNCTIONS` or `packer_functions(surroundings)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.hcl.functions import (
    assumptions,
    conversions,
    dates,
    encodings,
    files,
    hashes,
    lazy,
    mappings,
    networks,
    numbers,
    packer,
    provider_terraform,
    questions,
    regexes,
    sequences,
    set_algebra,
    strings,
    templating,
    type_conversion,
    yaml_read,
    yaml_write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.functions import Function

Maker: TypeAlias = "Callable[[Surroundings], Sequence[Function]]"

# Terraform's: those that depend on their arguments only, and those that need the world.
_TERRAFORM: Final[tuple[tuple[Function, ...], ...]] = (
    conversions.FUNCTIONS,
    dates.FUNCTIONS,
    encodings.FUNCTIONS,
    files.FUNCTIONS,
    hashes.FUNCTIONS,
    lazy.FUNCTIONS,
    mappings.FUNCTIONS,
    networks.FUNCTIONS,
    numbers.FUNCTIONS,
    questions.FUNCTIONS,
    regexes.FUNCTIONS,
    sequences.FUNCTIONS,
    set_algebra.FUNCTIONS,
    strings.FUNCTIONS,
    yaml_read.FUNCTIONS,
    yaml_write.FUNCTIONS,
)
_TERRAFORM_MADE: Final[tuple[Maker, ...]] = (dates.functions, files.functions, hashes.functions)

# What OpenTofu has besides.
_OPENTOFU: Final[tuple[tuple[Function, ...], ...]] = (
    assumptions.OPENTOFU_FUNCTIONS,
    encodings.OPENTOFU_FUNCTIONS,
    networks.OPENTOFU_FUNCTIONS,
    type_conversion.FUNCTIONS,
)
_OPENTOFU_MADE: Final[tuple[Maker, ...]] = ()

# What Packer has under a name or with a meaning of its own.
_PACKER: Final[tuple[tuple[Function, ...], ...]] = (
    packer.FUNCTIONS,
    regexes.PACKER_FUNCTIONS,
    type_conversion.FUNCTIONS,
)
_PACKER_MADE: Final[tuple[Maker, ...]] = (packer.functions,)

# What means the same in Packer as in Terraform.
_SHARED_NAMES: Final = """
abs ceil floor log max min parseint pow signum sum
chomp endswith format formatlist indent join lower regex regexall replace split startswith
strcontains strrev substr title trim trimprefix trimspace trimsuffix upper
alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element
flatten index keys length lookup merge range reverse setintersection setproduct setunion
slice sort values zipmap
base64decode base64encode base64gzip csvdecode jsondecode jsonencode textdecodebase64
textencodebase64 urlencode yamldecode yamlencode
abspath basename dirname file filebase64 fileexists fileset pathexpand templatefile
formatdate timeadd timestamp
bcrypt md5 rsadecrypt sha1 sha256 sha512 uuidv5
cidrhost cidrnetmask cidrsubnet cidrsubnets
can try
"""
_IN_PACKER_TOO: Final = frozenset(_SHARED_NAMES.split())


def terraform_functions(surroundings: Surroundings) -> Mapping[str, Function]:
    """Return Terraform's functions by name, each also as `core::name`."""
    return _with_namespace(surroundings, _collect(surroundings, _TERRAFORM, _TERRAFORM_MADE))


def opentofu_functions(surroundings: Surroundings) -> Mapping[str, Function]:
    """Return OpenTofu's functions by name: Terraform's and its own, each also as `core::name`."""
    table = _collect(surroundings, _TERRAFORM, _TERRAFORM_MADE)
    return _with_namespace(surroundings, table | _collect(surroundings, _OPENTOFU, _OPENTOFU_MADE))


def packer_functions(surroundings: Surroundings) -> Mapping[str, Function]:
    """Return the functions of Packer's templates by name."""
    shared = _collect(surroundings, _TERRAFORM, _TERRAFORM_MADE)
    table = {name: function for name, function in shared.items() if name in _IN_PACKER_TOO}
    table |= _collect(surroundings, _PACKER, _PACKER_MADE)
    table["templatefile"] = templating.make_templatefile(surroundings, table)
    return table


def provider_terraform_functions(local_name: str = "terraform") -> Mapping[str, Function]:
    """Return the built-in provider's functions, as `provider::local_name::name`."""
    return {f"provider::{local_name}::{f.name}": f for f in provider_terraform.FUNCTIONS}


def _collect(
    surroundings: Surroundings, fixed: Iterable[tuple[Function, ...]], makers: Iterable[Maker]
) -> dict[str, Function]:
    table = {function.name: function for group in fixed for function in group}
    for make in makers:
        table.update((function.name, function) for function in make(surroundings))
    return table


def _with_namespace(
    surroundings: Surroundings, table: dict[str, Function]
) -> Mapping[str, Function]:
    """Add the functions that render templates, which can call all others, and the namespace."""
    whole = dict(table)
    rendering = (
        templating.make_templatefile(surroundings, whole),
        templating.make_templatestring(whole),
    )
    table |= {function.name: function for function in rendering}
    whole |= table
    whole |= {f"core::{name}": function for name, function in table.items()}
    return whole
