"""AWS's services by botocore's models: their operations, prepared once each."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from cotta.region.wire.requests import decoder_of_form, decoder_of_json
from cotta.region.wire.responses import encoder_of_json, encoder_of_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, ServiceModel

    from cotta.region.wire.requests import Decoder


class Operation:
    """One operation's request and answer on the wire."""

    def __init__(self, service: Service, model: OperationModel) -> None:
        self.name = model.name
        self._service = service
        self._model = model

    @cached_property
    def decode(self) -> Decoder:
        """What turns a request's form, or JSON document, into parameters named as in the model."""
        shape = self._model.input_shape
        if self._service.protocol == "json":
            return decoder_of_json(shape)
        return decoder_of_form(shape, self._service.protocol)

    @cached_property
    def encode(self) -> Callable[[Mapping[str, Any], str], bytes]:
        """What turns an answer, and the request's id, into the body of a response."""
        if self._service.protocol == "json":
            return encoder_of_json(self._model.output_shape)
        return encoder_of_xml(self._model, self._service.protocol, self._service.namespace)


class Service:
    """One service: its protocol, its version, its operations."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._operations: dict[str, Operation] = {}
        self.protocol: str = model.protocol
        self.version: str = model.api_version
        # EC2's own answers have a slash at the end, which its model lacks.
        namespace = model.metadata.get("xmlNamespace", "")
        self.namespace: str = f"{namespace}/" if model.protocol == "ec2" else namespace
        self.json_version: str = model.metadata.get("jsonVersion", "1.1")
        self.target_prefix: str = model.metadata.get("targetPrefix", "")

    def operation(self, name: str) -> Operation:
        """Return an operation; `KeyError` if AWS has none of that name."""
        found = self._operations.get(name)
        if found is None:
            if name not in self.names:
                raise KeyError(name)
            found = self._operations[name] = Operation(self, self._model.operation_model(name))
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all the operations that AWS has."""
        return frozenset(self._model.operation_names)


@cache
def load_service(name: str) -> Service:
    """Return a service by botocore's name for it: `ec2`, `elbv2`.

    It is read once in a process, which takes a tenth of a second, as does importing what reads it.
    """
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return Service(ServiceModel(Loader().load_service_model(name, "service-2"), name))
