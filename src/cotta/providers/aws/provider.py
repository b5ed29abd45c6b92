"""The AWS provider: the Protocol, over the table of types."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.session import Session, is_local
from cotta.diagnostics.diagnostics import Severity
from cotta.diagnostics.suggest import did_you_mean
from cotta.providers.aws import provider_block
from cotta.providers.aws.acting import apply_resource
from cotta.providers.aws.checking import check_fields
from cotta.providers.aws.complaints import NothingFoundError, complain
from cotta.providers.aws.connection import Connection
from cotta.providers.aws.declare import Argument, block_of, defaults_of
from cotta.providers.aws.plain import decode, encode, is_zero, without_unknown
from cotta.providers.aws.planning import Draft, merge_found, plan_fields, shape
from cotta.providers.aws.stored import read_stored
from cotta.providers.aws.table import DATA_SOURCES, RESOURCES
from cotta.providers.interface import (
    DataResponse,
    ImportedObject,
    ImportResponse,
    MoveResponse,
    OpenResponse,
    PlanResponse,
    ProviderDiagnostic,
    ProviderSchema,
    ReadResponse,
)
from cotta.schemas.model import Schema
from cotta.values.paths import AttributePath
from cotta.values.value import ANY_NULL, Null

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.providers.aws.declare import Fields, Resource
    from cotta.providers.interface import (
        ApplyRequest,
        ApplyResponse,
        Complaints,
        MoveRequest,
        PlanRequest,
        ReadRequest,
        UpgradeResponse,
    )
    from cotta.providers.options import ProviderOptions
    from cotta.system.clock import Clock
    from cotta.values.json_text import Json
    from cotta.values.value import Value

_SCHEMA: Final = ProviderSchema(
    advice="Native are the types of immutable infrastructure, which docs/compatibility.md lists. "
    "Keep the others in a configuration of their own that Terraform applies, and read its outputs "
    "with terraform_remote_state.",
    provider=Schema(block_of(provider_block.FIELDS)),
    resources={name: each.schema for name, each in RESOURCES.items()},
    data_sources={name: each.schema for name, each in DATA_SOURCES.items()},
)

_NO_EPHEMERAL: Final = ProviderDiagnostic(
    summary="Unsupported ephemeral resource type",
    detail="The native AWS provider has no ephemeral resources.",
)


class AwsProvider:
    """The provider registry.terraform.io/hashicorp/aws, native.

    How the cloud of the command line is reached is asked for when the provider
    is configured.  Calls may come from any thread.
    """

    def __init__(self, options: ProviderOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._stopped = threading.Event()
        self._connection: Connection | None = None

    def schema(self) -> ProviderSchema:
        """Return everything it declares; the same object each time."""
        return _SCHEMA

    def validate_provider(self, config: Value) -> Complaints:
        """Return the mistakes of a `provider` block."""
        plain = decode(config)
        return (
            *check_fields(provider_block.FIELDS, plain),
            *_problems(provider_block.check_block(plain)),
        )

    def validate_resource(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `resource` block."""
        resource, plain = RESOURCES[type_], decode(config)
        return (*check_fields(resource.fields, plain), *_problems(resource.validate(plain)))

    def validate_data(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `data` block."""
        source, plain = DATA_SOURCES[type_], decode(config)
        return (*check_fields(source.fields, plain), *_problems(source.validate(plain)))

    def upgrade(self, type_: str, version: int, stored: Json) -> UpgradeResponse:
        """Return a stored object in the form of the present schema."""
        return read_stored(RESOURCES[type_], version, stored)

    def configure(self, config: Value) -> Complaints:
        """Make ready: who calls is asked for, so that wrong keys are told of once and first."""
        plain = without_unknown(decode(config))
        ground = self._options.reach()
        if isinstance(ground, tuple):
            return ground
        session = Session(provider_block.access_of(plain, ground))
        self._connection = Connection(
            session=session,
            clock=self._clock,
            tags=provider_block.tag_settings_of(plain),
            options=self._options,
            stopped=self._stopped.is_set,
        )
        if not plain.get("skip_region_validation") and (wrong := _wrong_region(session)):
            return wrong
        if plain.get("skip_credentials_validation"):
            return ()
        try:
            account = session.caller().account
        except CloudError as error:
            return (complain(error, "Configuring the AWS provider"),)
        self._options.reached(_describe(session, account))
        return _refused_account(plain, account)

    def stop(self) -> None:
        """Ask calls under way to end soon."""
        self._stopped.set()

    def close(self) -> None:
        """Free connections."""
        if self._connection is not None:
            self._connection.session.close()

    def announce(self, requests: Sequence[ReadRequest]) -> None:
        """Take note of what is about to be read, so that it is asked for in batches."""
        for request in requests:
            lookups = RESOURCES[request.type].lookups if request.type in RESOURCES else None
            if lookups is not None and type(request.current) is not Null:
                for lookup, id_ in lookups(decode(request.current)):
                    self._on.reader.announce(lookup, id_)

    def read(self, request: ReadRequest) -> ReadResponse:
        """Return what has become of an object."""
        resource = RESOURCES[request.type]
        prior = decode(request.current)
        try:
            found = resource.read(self._on, prior)
        except CloudError as error:
            return ReadResponse(
                state=request.current,
                private=request.private,
                complaints=(complain(error, f"Reading {request.type} {prior.get('id')}"),),
            )
        if found is None:
            return ReadResponse(state=Null(resource.schema.block.implied_type))
        merged = merge_found(resource.fields, prior, found)
        return ReadResponse(state=_encode(resource, merged), private=request.private)

    def plan(self, request: PlanRequest) -> PlanResponse:
        """Return what would become of an object."""
        if type(request.proposed) is Null:
            return PlanResponse(planned=request.proposed, private=request.private, is_lenient=True)
        resource = RESOURCES[request.type]
        prior = None if type(request.prior) is Null else decode(request.prior)
        draft = Draft(
            on=self._on,
            type=request.type,
            prior=prior or {},
            config=decode(request.config),
            planned={},
            private=request.private,
        )
        draft.planned = plan_fields(resource.fields, prior, decode(request.proposed), draft.replace)
        self._plan_tags(resource, draft)
        _keep_timeouts(draft)
        try:
            resource.customise(draft)
        except CloudError as error:
            return PlanResponse(
                planned=request.proposed,
                is_lenient=True,
                complaints=(complain(error, f"Planning {request.type}"),),
            )
        return PlanResponse(
            planned=_encode(resource, draft.planned),
            replace=tuple(draft.replace),
            private=draft.private,
            notes=tuple(draft.notes),
            is_lenient=True,
            complaints=(*_problems(draft.problems), *_warnings(draft.warnings)),
        )

    def _plan_tags(self, resource: Resource, draft: Draft) -> None:
        field = resource.fields.get("tags_all")
        if not isinstance(field, Argument):
            return
        is_certain = not field.optional
        tags_all = self._on.tags.plan(draft.planned, draft.prior, is_certain=is_certain)
        if draft.is_new or not (is_zero(tags_all) and is_zero(draft.prior.get("tags_all"))):
            draft.planned["tags_all"] = tags_all

    def apply(self, request: ApplyRequest) -> ApplyResponse:
        """Create, change or destroy an object."""
        return apply_resource(RESOURCES[request.type], self._on, request)

    def import_(self, type_: str, id_: str) -> ImportResponse:
        """Return an object of which only what its id says is known."""
        resource = RESOURCES[type_]
        try:
            # What AWS knows nothing of is as if the configuration left it out.
            found = {**defaults_of(resource.fields), **resource.find(id_)}
        except ValueError as error:
            return ImportResponse(
                complaints=(ProviderDiagnostic(summary="Unusable import id", detail=str(error)),)
            )
        return ImportResponse(objects=(ImportedObject(type=type_, state=_encode(resource, found)),))

    def move(self, request: MoveRequest) -> MoveResponse:
        """Refuse: no type takes over objects of another."""
        return MoveResponse(
            state=Null(RESOURCES[request.type].schema.block.implied_type),
            complaints=(
                ProviderDiagnostic(
                    summary="Unsupported source provider for move operation",
                    detail=f"A {request.source_type} can't become a {request.type}.",
                ),
            ),
        )

    def read_data(self, type_: str, config: Value) -> DataResponse:
        """Return what a data source finds."""
        source = DATA_SOURCES[type_]
        plain = decode(config)
        nothing = Null(source.schema.block.implied_type)
        warnings = tuple(_warnings(source.caution(plain)))
        try:
            found = source.read(self._on, plain)
        except NothingFoundError as error:
            path = (AttributePath(error.attribute),) if error.attribute else ()
            complaint = ProviderDiagnostic(summary=error.summary, detail=error.detail, path=path)
            return DataResponse(state=nothing, complaints=(*warnings, complaint))
        except CloudError as error:
            complaint = complain(error, f"Reading {type_}")
            return DataResponse(state=nothing, complaints=(*warnings, complaint))
        whole = shape(source.fields, {**plain, **found})
        state = encode(whole, source.schema.block.implied_type)
        return DataResponse(state=state, complaints=warnings)

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

    @property
    def _on(self) -> Connection:
        assert self._connection is not None, "the provider has been configured"
        return self._connection


def _keep_timeouts(draft: Draft) -> None:
    """Have another time to wait be no change by itself: nothing of the object would change."""
    if not draft.is_new and draft.changes() == {"timeouts"}:
        draft.planned["timeouts"] = draft.prior["timeouts"]


def _encode(resource: Resource, plain: Fields) -> Value:
    return encode(shape(resource.fields, plain), resource.schema.block.implied_type)


def _problems(found: Iterable[tuple[str, str]]) -> Iterable[ProviderDiagnostic]:
    for attribute, sentence in found:
        path = (AttributePath(attribute),) if attribute else ()
        yield ProviderDiagnostic(summary="Unusable value", detail=sentence, path=path)


def _warnings(found: Iterable[tuple[str, str]]) -> Iterable[ProviderDiagnostic]:
    for summary, detail in found:
        yield ProviderDiagnostic(severity=Severity.WARNING, summary=summary, detail=detail)


def _describe(session: Session, account: str) -> str:
    cloud = "the local region" if is_local(session) else "AWS"
    return f"{cloud}, account {account}, region {session.region}, at {session.endpoint('ec2')}"


def _wrong_region(session: Session) -> Complaints:
    """Complain of a region that AWS does not have: asked, it would be a host that is not found."""
    if is_local(session):
        return ()
    try:
        region = session.region
    except CloudError as error:
        return (complain(error, "Configuring the AWS provider"),)
    known = [one.name for one in session.regions()]
    if region in known:
        return ()
    detail = (
        f'AWS has no region "{region}", as far as botocore knows.{did_you_mean(region, known)} For '
        "a newer one, or another cloud's, set skip_region_validation = true."
    )
    return (
        ProviderDiagnostic(
            summary="Unknown AWS region", detail=detail, path=(AttributePath("region"),)
        ),
    )


def _refused_account(config: Fields, account: str) -> Complaints:
    allowed, forbidden = config.get("allowed_account_ids"), config.get("forbidden_account_ids")
    if (not allowed or account in allowed) and account not in (forbidden or ()):
        return ()
    return (
        ProviderDiagnostic(
            summary="Wrong AWS account",
            detail=f"The credentials are of the account {account}, which the provider block does "
            "not allow. Use other credentials or another profile.",
            path=(AttributePath("allowed_account_ids" if allowed else "forbidden_account_ids"),),
        ),
    )
