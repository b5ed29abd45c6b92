"""`required_plugins` held against what is native."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.options.tables import NATIVE_PLUGINS
from cotta.configs.versions import allows, parse_constraints, parse_version

if TYPE_CHECKING:
    from cotta.builder.templates.declared import Plugin, Template
    from cotta.diagnostics.diagnostics import Diagnostics


def is_native(plugin: Plugin) -> bool:
    """Say whether what the plugin has is built in."""
    return plugin.source in NATIVE_PLUGINS


def fits(plugin: Plugin) -> bool:
    """Say whether the version that is built in is one that is asked for."""
    constraints = parse_constraints(plugin.version) if plugin.version else ()
    version = parse_version(NATIVE_PLUGINS.get(plugin.source, ""))
    return not constraints or version is None or allows(constraints, version)


def check_plugins(template: Template, diags: Diagnostics) -> None:
    """Warn of plugins that are not native, and of versions other than those that are."""
    for plugin in template.plugins:
        if not is_native(plugin):
            diags.warning(
                "Plugin that is not native",
                f'"{plugin.source}" is not built in, and plugins are not run. Whatever of it the '
                "template uses is told where it is used.",
                plugin.range,
            )
        elif not fits(plugin):
            diags.warning(
                "Other version of a plugin",
                f'The template asks for "{plugin.source}" {plugin.version}. What is built in has '
                f"the options of version {NATIVE_PLUGINS[plugin.source]}.",
                plugin.range,
            )
