"""Our decoders invert botocore's serialisers; botocore's parsers invert our encoders."""

from __future__ import annotations

import contextlib
import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.region.api.services import SERVICES
from cotta.region.wire.errors import ApiError, encode_error
from cotta.region.wire.services import load_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape
    from hypothesis.strategies import SearchStrategy

    from cotta.region.wire.services import Service

_DEEPEST = 4

OPERATIONS = [
    (provided.model, name) for provided in SERVICES.values() for name in sorted(provided.operations)
]


@functools.cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@functools.cache
def ours(service: str) -> Service:
    return load_service(service)


# --- values of a shape --------------------------------------------------------------

# What XML can carry, a carriage return included (it must be escaped), and no surrogates.
_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))))
    | st.sampled_from("\t\n\r<>&\"'"),
    max_size=6,
).filter(lambda text: not {"\ufffe", "\uffff"} & set(text))


def values_of(shape: Shape, depth: int = 0, *, is_answer: bool) -> SearchStrategy[Any]:
    """Generate values of a shape as a boto3 user would write or read them."""
    inner = functools.partial(values_of, depth=depth + 1, is_answer=is_answer)
    kind = shape.type_name
    if kind == "structure":
        return _structures_of(shape, depth, inner)
    if kind == "list":
        return st.lists(inner(shape.member), min_size=1, max_size=2)
    if kind == "map":
        return st.dictionaries(inner(shape.key), inner(shape.value), min_size=1, max_size=2)
    return _scalars_of(shape, is_answer=is_answer)


def _structures_of(
    shape: Shape, depth: int, inner: Callable[[Shape], SearchStrategy[Any]]
) -> SearchStrategy[Any]:
    # A form can't say that a required list is there and has nothing but empty structures.
    required = {
        name: inner(shape.members[name]).filter(lambda value: _prune(value) not in ({}, []))
        for name in shape.required_members
    }
    optional = sorted(shape.members.keys() - required.keys()) if depth < _DEEPEST else []
    if not optional:
        return st.fixed_dictionaries(required)

    def with_chosen(names: list[str]) -> SearchStrategy[Any]:
        return st.fixed_dictionaries(
            required | {name: inner(shape.members[name]) for name in names}
        )

    return st.lists(st.sampled_from(optional), unique=True, max_size=5).flatmap(with_chosen)


def _scalars_of(shape: Shape, *, is_answer: bool) -> SearchStrategy[Any]:
    kind = shape.type_name
    if kind in {"string", "character"}:
        if shape.enum:
            return st.sampled_from(shape.enum)
        # An empty element is a missing text to botocore's parser of XML.
        return _TEXTS.filter(bool) if is_answer else _TEXTS
    if kind in {"integer", "long"}:
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 2**31 - 1)
        return st.integers(least, most)
    if kind in {"double", "float"}:
        return st.floats(0, 1000, allow_nan=False)
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return st.integers(10**9, 4 * 10**9).map(lambda number: datetime.fromtimestamp(number, UTC))
    assert kind == "blob", kind
    return st.binary(max_size=8)


def _without_empty_structures(value: Any) -> Any:
    """Return what a form can carry: it has no way to say that a structure is there and empty."""
    if isinstance(value, dict):
        kept = {name: _without_empty_structures(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part != {}}
    if isinstance(value, list):
        return [part for part in map(_without_empty_structures, value) if part != {}]
    return value


def _prune(value: Any) -> Any:
    while (less := _without_empty_lists(_without_empty_structures(value))) != value:
        value = less
    return value


def _without_empty_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_empty_lists(v) for k, v in value.items() if v != []}
    if isinstance(value, list):
        return [_without_empty_lists(part) for part in value]
    return value


# --- requests -------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
@settings(max_examples=8)
@given(choices=st.data())
def test_our_decoder_inverts_botocores_serialiser(
    service: str, name: str, choices: st.DataObject
) -> None:
    operation = model(service).operation_model(name)
    given_ = {}
    if operation.input_shape is not None:
        given_ = _prune(choices.draw(values_of(operation.input_shape, is_answer=False)))
    serialised = create_serializer(model(service).protocol, include_validation=False)
    request = serialised.serialize_to_request(given_, operation)

    if model(service).protocol == "json":
        wire: Any = request["body"]
    else:
        body = urlencode(request["body"])
        pairs = parse_qsl(body, keep_blank_values=True)
        wire = [pair for pair in pairs if pair[0] not in {"Action", "Version"}]
    found = ours(service).operation(name).decode(wire)

    assert _prune(found) == given_


# --- answers --------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
@settings(max_examples=8)
@given(choices=st.data())
def test_botocores_parser_inverts_our_encoder(
    service: str, name: str, choices: st.DataObject
) -> None:
    operation = model(service).operation_model(name)
    answer = {}
    if operation.output_shape is not None:
        answer = choices.draw(values_of(operation.output_shape, is_answer=True))

    body = ours(service).operation(name).encode(answer, "the-request")

    parser = create_parser(model(service).protocol)
    response = {"status_code": 200, "headers": {"x-amzn-requestid": "the-request"}, "body": body}
    found = parser.parse(response, operation.output_shape)
    metadata = found.pop("ResponseMetadata")
    assert metadata["RequestId"] == "the-request"
    assert _prune(found) == _prune(answer)


@pytest.mark.parametrize("service", sorted({service for service, _ in OPERATIONS}))
def test_botocores_parser_reads_our_errors(service: str) -> None:
    error = ApiError("Some.Code", "It is <wrong> & you're told.", 400)

    response = encode_error(ours(service), error, "the-request")

    found = create_parser(model(service).protocol).parse(
        {"status_code": 400, "headers": dict(response.headers), "body": response.body},
        model(service).operation_model(next(n for s, n in OPERATIONS if s == service)).output_shape,
    )
    assert found["Error"]["Code"] == "Some.Code"
    assert found["Error"]["Message"] == "It is <wrong> & you're told."
    assert found["ResponseMetadata"]["RequestId"] == "the-request"


@pytest.mark.parametrize(
    ("service", "name", "form", "code", "message"),
    [
        ("ec2", "DescribeVpcs", "Colour=red", "UnknownParameter", "Colour"),
        ("ec2", "DescribeVpcs", "VpcId=a", "InvalidParameterValue", "VpcId"),
        ("ec2", "DescribeVpcs", "VpcId.x=a", "UnknownParameter", "VpcId.x"),
        ("ec2", "DescribeVpcs", "MaxResults=many", "InvalidParameterValue", "(many)"),
        ("ec2", "DescribeVpcs", "MaxResults=1", "InvalidParameterValue", "between 5 and 1000"),
        ("ec2", "DescribeVpcs", "DryRun=maybe", "InvalidParameterValue", "(maybe)"),
        ("ec2", "DescribeVpcs", "DryRun=true&DryRun=true", "InvalidParameterValue", "DryRun"),
        ("ec2", "DescribeVpcs", "VpcId.1=a&VpcId.1.b=c", "InvalidParameterValue", "VpcId.1.b"),
        ("sts", "GetCallerIdentity", "X=1", "ValidationError", "X"),
    ],
)
def test_bad_forms_are_refused(service: str, name: str, form: str, code: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        ours(service).operation(name).decode(parse_qsl(form))

    assert caught.value.code == code
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b"[]", "ValidationException"),
        (b"{}", "ValidationException"),
        (b'{"Name": 1}', "ValidationException"),
        (b'{"Name": "a", "WithDecryption": "yes"}', "ValidationException"),
    ],
)
def test_bad_documents_are_refused(body: bytes, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        ours("ssm").operation("GetParameter").decode(body)

    assert caught.value.code == code


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=4)), max_size=5))
def test_any_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(ApiError):
        ours("ec2").operation("DescribeVpcs").decode(pairs)
