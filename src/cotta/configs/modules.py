"""The tree of module calls.

`build_tree` asks a function for the module that each call stands for; where
that comes from, a directory or a test, is the function's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.configs.model import Configuration
from cotta.configs.provider_rules import check_provider_passing
from cotta.configs.versions import LANGUAGE_VERSION, allows, parse_constraints, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Module, ModuleCall
    from cotta.diagnostics.diagnostics import Diagnostics


def build_tree(
    root: Module,
    find: Callable[[ModulePath, ModuleCall], Module | None],
    diags: Diagnostics,
) -> Configuration:
    """Return the configuration whose root is `root`.

    `find` returns the module that a call at a path stands for; None, after a
    diagnostic of its own, leaves that call out.  The rules on passing providers
    are checked, and the versions that the modules ask for.
    """
    tree = Configuration((), root)
    pending = [(tree, frozenset({root.directory}))]
    while pending:
        current, around = pending.pop()
        for name, call in current.module.calls.items():
            path = (*current.path, name)
            module = find(path, call)
            if module is None:
                continue
            if module.directory in around:
                diags.error(
                    "Module calls itself",
                    f"The folder {module.directory} is that of a module which this call is"
                    " inside of, so there would be no end of modules.",
                    call.source_range,
                )
                continue
            child = Configuration(path, module)
            current.children[name] = child
            pending.append((child, around | {module.directory}))
    check_versions(tree, diags)
    check_provider_passing(tree, diags)
    return tree


def check_versions(tree: Configuration, diags: Diagnostics) -> None:
    """Report modules that ask for another version of the language than this one."""
    ours = parse_version(LANGUAGE_VERSION)
    assert ours is not None
    for current in tree.walk():
        for text, place in current.module.required_versions:
            constraints = parse_constraints(text) if text else ()
            if constraints is None:
                continue
            early = [one.version for one in constraints if one.version.prerelease]
            if early:
                diags.error(
                    "Invalid required_version constraint",
                    f"{early[0]} is a version from before a release; name the release itself.",
                    place,
                )
            elif not allows(constraints, ours):
                diags.error(
                    "Unsupported Terraform Core version",
                    f"This asks for Terraform {text}, and Cotta reads the language of Terraform"
                    f" {LANGUAGE_VERSION}.",
                    place,
                )
