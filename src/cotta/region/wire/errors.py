"""What a caller is told that did something wrong, in AWS's codes and each protocol's document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cotta.region.wire.http import Response
from cotta.region.wire.xml_text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.wire.services import Service

JSON_TYPES: Final[Mapping[str, str]] = {
    "1.0": "application/x-amz-json-1.0",
    "1.1": "application/x-amz-json-1.1",
}


class ApiError(Exception):
    """A refused request: AWS's own code, and a message in its manner that says what to do."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def encode_error(
    service: Service | None, error: ApiError, request_id: str, *, is_json: bool = False
) -> Response:
    """Return the error as the service's clients expect it.

    Where the service is unknown it is written as EC2's, or for a request that `is_json` as JSON.
    """
    protocol = service.protocol if service is not None else "json" if is_json else "ec2"
    if protocol == "json":
        body = json.dumps({"__type": error.code, "message": error.message}).encode()
        headers = {
            "content-type": JSON_TYPES[service.json_version if service is not None else "1.1"],
            "x-amzn-requestid": request_id,
        }
        return Response(status=error.status, headers=headers, body=body)
    code, message = escape(error.code), escape(error.message)
    if protocol == "ec2":
        document = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            f"</Errors><RequestID>{request_id}</RequestID></Response>"
        )
    else:
        assert service is not None
        who = "Sender" if error.status < 500 else "Receiver"
        document = (
            f'<ErrorResponse xmlns="{service.namespace}"><Error><Type>{who}</Type>'
            f"<Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Response(
        status=error.status,
        headers={"content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": request_id},
        body=f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode(),
    )
