"""How each kind of service refuses parameters: one mistake, another code for each protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_CHOICES: Final = 30


class Refusals:
    """The codes of the services that were written after EC2."""

    def __init__(self, code: str) -> None:
        self._code = code

    def _error(self, constraint: str, at: str, value: str = "null") -> ApiError:
        return ApiError(
            self._code,
            f"1 validation error detected: Value {value} at '{_lower(at)}' failed to satisfy "
            f"constraint: {constraint}",
        )

    def missing(self, at: str) -> ApiError:
        """Return the error for a required parameter that is not there."""
        return self._error("Member must not be null", at)

    def unknown(self, at: str) -> ApiError:
        """Return the error for a parameter that there is none of."""
        return ApiError(self._code, f"The parameter {at} is not recognized")

    def malformed(self, at: str) -> ApiError:
        """Return the error for a list where a text belongs, say."""
        return ApiError(self._code, f"The parameter {at or 'document'} has the wrong structure")

    def wrong_type(self, at: str, value: str, kind: str) -> ApiError:
        """Return the error for a text that can't be read as what belongs there."""
        return self._error(f"Member must be of type {kind}", at, f"'{value}'")

    def no_choice(self, at: str, value: str, choices: Sequence[str]) -> ApiError:
        """Return the error for a value that is none of those there are."""
        listed = f"[{', '.join(choices[:_MOST_CHOICES])}]"
        return self._error(f"Member must satisfy enum value set: {listed}", at, f"'{value}'")

    def out_of_range(self, at: str, value: str, least: int | None, most: int | None) -> ApiError:
        """Return the error for a number that is too small or too large."""
        bound = (
            f"greater than or equal to {least}"
            if least is not None and float(value) < least
            else f"less than or equal to {most}"
        )
        return self._error(f"Member must have value {bound}", at, f"'{value}'")


class _Ec2Refusals(Refusals):
    """EC2's own codes."""

    def missing(self, at: str) -> ApiError:
        return ApiError("MissingParameter", f"The request must contain the parameter {at}")

    def unknown(self, at: str) -> ApiError:
        return ApiError("UnknownParameter", f"The parameter {at} is not recognized")

    def malformed(self, at: str) -> ApiError:
        return ApiError("InvalidParameterValue", f"The parameter {at} has the wrong structure")

    def wrong_type(self, at: str, value: str, kind: str) -> ApiError:
        return ApiError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter {at} is invalid. It must be of type {kind}.",
        )

    def no_choice(self, at: str, value: str, choices: Sequence[str]) -> ApiError:
        listed = ", ".join(choices[:_MOST_CHOICES])
        if len(choices) > _MOST_CHOICES:
            listed += ", …"
        return ApiError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter {at} is invalid. Valid values: {listed}.",
        )

    def out_of_range(self, at: str, value: str, least: int | None, most: int | None) -> ApiError:
        return ApiError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter {at} is invalid. It must be between "
            f"{least if least is not None else '-∞'} and {most if most is not None else '∞'}.",
        )


def _lower(at: str) -> str:
    return at[:1].lower() + at[1:]


CODES: Final[Mapping[str, Refusals]] = {
    "ec2": _Ec2Refusals("InvalidParameterValue"),
    "query": Refusals("ValidationError"),
    "json": Refusals("ValidationException"),
}
