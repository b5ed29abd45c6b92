"""The built-in provider: a table of what it has, and the protocol over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.provider_terraform import FUNCTIONS
from cotta.providers.builtin import remote_state, terraform_data
from cotta.providers.interface import (
    OpenResponse,
    ProviderDiagnostic,
    ProviderSchema,
    ReadResponse,
)
from cotta.schemas.model import Block, Schema
from cotta.values.value import ANY_NULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.providers.builtin.remote_state import ReadFile
    from cotta.providers.interface import (
        ApplyRequest,
        ApplyResponse,
        Complaints,
        DataResponse,
        ImportResponse,
        MoveRequest,
        MoveResponse,
        PlanRequest,
        PlanResponse,
        ReadRequest,
        UpgradeResponse,
    )
    from cotta.system.ids import IdSource
    from cotta.values.json_text import Json
    from cotta.values.value import Value

_SCHEMA: Final = ProviderSchema(
    is_instant=True,
    provider=Schema(Block()),
    resources={terraform_data.NAME: terraform_data.SCHEMA},
    data_sources={remote_state.NAME: remote_state.SCHEMA},
    functions={function.name: function for function in FUNCTIONS},
)

_NO_EPHEMERAL: Final = ProviderDiagnostic(
    summary="Unsupported ephemeral resource type",
    detail="The built-in provider has no ephemeral resources.",
)


class BuiltinProvider:
    """The provider terraform.io/builtin/terraform.

    It keeps nothing, so calls may come from any thread.  `read_file` reads
    the states of other configurations.
    """

    def __init__(self, ids: IdSource, read_file: ReadFile) -> None:
        self._ids = ids
        self._read_file = read_file

    def schema(self) -> ProviderSchema:
        """Return everything it declares; the same object each time."""
        return _SCHEMA

    def validate_provider(self, config: Value) -> Complaints:
        """Return nothing: the schema allows no arguments."""
        del config
        return ()

    def validate_resource(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `resource` block."""
        del type_
        return terraform_data.validate(config)

    def validate_data(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `data` block."""
        del type_
        return remote_state.validate(config)

    def upgrade(self, type_: str, version: int, stored: Json) -> UpgradeResponse:
        """Return a stored object in the form of the present schema."""
        del type_, version
        return terraform_data.upgrade(stored)

    def configure(self, config: Value) -> Complaints:
        """Return nothing: there is nothing to configure."""
        del config
        return ()

    def stop(self) -> None:
        """Do nothing: no call takes long."""

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def announce(self, requests: Sequence[ReadRequest]) -> None:
        """Do nothing: there is nothing to wait for."""

    def read(self, request: ReadRequest) -> ReadResponse:
        """Return the object as it was: it changes only by being applied."""
        return ReadResponse(state=request.current, private=request.private)

    def plan(self, request: PlanRequest) -> PlanResponse:
        """Return what would become of an object."""
        return terraform_data.plan(request)

    def apply(self, request: ApplyRequest) -> ApplyResponse:
        """Return the object as it is from now on."""
        return terraform_data.apply(request, self._ids)

    def import_(self, type_: str, id_: str) -> ImportResponse:
        """Return an object of which only the id is known."""
        del type_
        return terraform_data.import_(id_)

    def move(self, request: MoveRequest) -> MoveResponse:
        """Return a `null_resource` as a `terraform_data`."""
        return terraform_data.move(request)

    def read_data(self, type_: str, config: Value) -> DataResponse:
        """Return what a data source finds."""
        del type_
        return remote_state.read(config, self._read_file)

    def open_ephemeral(self, type_: str, config: Value) -> OpenResponse:
        """Refuse: there are no ephemeral resources."""
        del type_, config
        return OpenResponse(result=ANY_NULL, complaints=(_NO_EPHEMERAL,))

    def renew_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """Refuse: there are no ephemeral resources."""
        del type_, private
        return (_NO_EPHEMERAL,)

    def close_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """Refuse: there are no ephemeral resources."""
        del type_, private
        return (_NO_EPHEMERAL,)
