"""The version of Cotta, and of what it is compatible with."""

from __future__ import annotations

from typing import Final

# The same as in pyproject.toml; a test compares them.  Asking the installed
# package would cost 30 ms at every start.
VERSION: Final = "0.1.0"

# The Terraform whose language, state and screen this is.
LANGUAGE_VERSION: Final = "1.11.4"

# What this program calls itself where Terraform says its own name.
NAME: Final = "Cotta"
