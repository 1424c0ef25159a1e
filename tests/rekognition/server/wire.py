"""Rekognition's words on the wire: JSON 1.1, held to botocore's own model of the service.

botocore checks types, required members and minima before it sends; the service also checks
maxima, patterns and enumerations, and so does this module, in both directions.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Iterator, Sized
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("rekognition")
TARGET_PREFIX = f"{MODEL.metadata['targetPrefix']}."
CONTENT_TYPE = f"application/x-amz-json-{MODEL.metadata['jsonVersion']}"

Structure = dict[str, Any]
SIZED: dict[str, type[Sized]] = {"string": str, "blob": bytes, "list": list, "map": dict}
NUMBERS = ("integer", "long", "float", "double")


class Refused(Exception):
    """An error answer: `code` is what boto3 shows as `error.response["Error"]["Code"]`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str = "Request has invalid parameters") -> Refused:
    return Refused("InvalidParameterException", message)


def operation_model(target: str) -> OperationModel:
    """The operation that the header `X-Amz-Target` names."""
    name = target.removeprefix(TARGET_PREFIX)
    if not target.startswith(TARGET_PREFIX) or name not in MODEL.operation_names:
        raise Refused("UnknownOperationException", f"Unknown operation {target!r}", 404)
    return MODEL.operation_model(name)


def read_request(operation: OperationModel, body: bytes) -> Structure:
    """The parameters, blobs decoded, checked as the service checks them.

    Stricter than the service in one thing: members it does not know are refused, not ignored.
    """
    shape = operation.input_shape
    assert shape is not None
    try:
        parameters: Structure = _without_base64(shape, json.loads(body))
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused("SerializationException", f"{type(error).__name__}: {error}") from error
    if found := list(violations(shape, parameters)):
        noun = "error" if len(found) == 1 else "errors"
        text = f"{len(found)} validation {noun} detected: {'; '.join(found)}"
        raise Refused("ValidationException", text)
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise Refused("SerializationException", report.generate_report())
    return parameters


def write_response(operation: OperationModel, response: Structure) -> bytes:
    """The answer's body. Raises `AssertionError` where the service could not have said it."""
    shape = operation.output_shape
    assert shape is not None
    report = ParamValidator().validate(response, shape)
    assert not report.has_errors(), f"{operation.name}: {report.generate_report()}"
    found = list(violations(shape, response))
    assert not found, f"{operation.name}: {found}"
    return json.dumps(response, default=_epoch_seconds).encode()


def write_error(error: Refused) -> bytes:
    body = {
        "__type": error.code,
        "Code": error.code,
        "Logref": str(uuid.uuid4()),
        "Message": error.message,
    }
    return json.dumps(body).encode()


def without_bytes(value: Any) -> Any:
    """Parameters for the log: pictures are only their size."""
    if isinstance(value, dict):
        return {name: without_bytes(member) for name, member in value.items()}
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def violations(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """What of the model's constraints a value breaks, in the service's words."""
    constraint = _broken_constraint(shape, value)
    if constraint:
        yield f"Value {_quoted(value)} at '{path}' failed to satisfy constraint: {constraint}"
    elif isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from _violations_of_members(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, member in enumerate(value, 1):
            yield from violations(shape.member, member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, member in value.items():
            yield from violations(shape.key, key, f"{path}.key")
            yield from violations(shape.value, member, f"{path}.{key}.member")


def _violations_of_members(shape: StructureShape, value: Structure, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = ".".join(filter(None, [path, name[0].lower() + name[1:]]))
        if name in value:
            yield from violations(member, value[name], inner)
        elif name in shape.required_members:
            must = "Member must not be null"
            yield f"Value null at '{inner}' failed to satisfy constraint: {must}"


def _broken_constraint(shape: Shape, value: Any) -> str | None:
    limits = shape.metadata
    size = _size(shape, value)
    if size is None:  # of another type, which is botocore's to say
        return None
    what = "length" if shape.type_name in SIZED else "value"
    if size < limits.get("min", size):
        return f"Member must have {what} greater than or equal to {limits['min']}"
    if size > limits.get("max", size):
        return f"Member must have {what} less than or equal to {limits['max']}"
    if "pattern" in limits and not _compiled(limits["pattern"]).fullmatch(str(value)):
        return f"Member must satisfy regular expression pattern: {limits['pattern']}"
    if "enum" in limits and value not in limits["enum"]:
        return f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    return None


def _size(shape: Shape, value: Any) -> float | None:
    sized = SIZED.get(shape.type_name)
    if sized and isinstance(value, sized):
        return len(value)
    if shape.type_name in NUMBERS and isinstance(value, int | float):
        return value
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """With letters, spaces and digits of any script, which Java spells differently."""
    for java, python in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d")):
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _quoted(value: Any) -> str:
    if isinstance(value, bytes):
        return f"'java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]'"
    return f"'{value}'"


def _without_base64(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {k: _without_base64(members[k], v) if k in members else v for k, v in value.items()}
    if isinstance(shape, ListShape):
        return [_without_base64(shape.member, member) for member in value]
    if shape.type_name != "blob":
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("a blob is not base64") from error


def _epoch_seconds(value: object) -> float:
    assert isinstance(value, datetime), f"{value!r} has no place in JSON 1.1"
    return value.timestamp()
