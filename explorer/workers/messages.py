"""What travels between a process and its worker: calls of functions, their results, and their errors. No pickle.

On the pipes, numbers big-endian. Call: length (8 bytes), limit in seconds (8 bytes, a float), content. Answer: status
(1 byte, ``Outcome``), length (8 bytes), content. Contents are msgpack, checked against the function's type hints where
they are read; arrays are .npy files in it. A result of type bytes travels as it is: it may be large.
"""

import enum
import struct
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from inspect import signature
from typing import IO, Any, get_origin, get_type_hints

import msgspec

from models import errors
from models.errors import UserError

LARGEST_ANSWER = 2**30  # bytes; a longer one comes from a worker that is out of order
_CALL, _ANSWER = struct.Struct(">Qd"), struct.Struct(">BQ")
_ERRORS: dict[str, type[UserError]] = {
    kind.__name__: kind
    for kind in (errors.SettingError, errors.DataError, errors.RunError, errors.GraphError, errors.NotRunError)
}


class WorkerError(Exception):
    """A call in a worker process gave no result, for a reason that is not a UserError."""


class TookTooLongError(WorkerError):
    """The call was ended by its time limit."""


class WorkerDiedError(WorkerError):
    """The worker's process ended in the middle of the call: a crash, or memory that ran out."""


class CallFailedError(WorkerError):
    """The function raised an exception that is no UserError; the text is that exception's."""


class Outcome(enum.IntEnum):
    """How a call ended."""

    BYTES = 0  # a result of type bytes
    RESULT = 1  # any other result
    USER_ERROR = 2
    FAILURE = 3


class Call(msgspec.Struct, frozen=True, array_like=True):
    """function: "module:name". arguments: each as msgpack."""

    function: str
    arguments: tuple[msgspec.Raw, ...]


class ErrorMessage(msgspec.Struct, frozen=True):
    """A UserError: the name of its class, template and values."""

    kind: str
    template: str
    values: dict[str, str]


def encoded_call(function: Callable[..., object], arguments: Sequence[object]) -> bytes:
    """A call of a module's function. Raises TypeError for an argument that msgpack cannot hold."""
    name = f"{function.__module__}:{function.__qualname__}"
    raw = tuple(msgspec.Raw(msgspec.msgpack.encode(argument, enc_hook=_encode)) for argument in arguments)
    return msgspec.msgpack.encode(Call(name, raw))


def carry_out(content: bytes, first: Sequence[object] = ()) -> tuple[Outcome, bytes]:
    """Carry out an encoded call, in the worker. first: arguments before those that have travelled."""
    try:
        call = msgspec.msgpack.decode(content, type=Call)
        module, _, name = call.function.partition(":")
        function = getattr(import_module(module), name)
        types = argument_types(function)[len(first) :]
        arguments = [decoded(raw, kind) for raw, kind in zip(call.arguments, types, strict=False)]  # some have defaults
        result = function(*first, *arguments)
        if isinstance(result, bytes):
            return Outcome.BYTES, result
        return Outcome.RESULT, msgspec.msgpack.encode(result, enc_hook=_encode)
    except UserError as error:
        values = {name: _unicode(text) for name, text in error.values.items()}
        return Outcome.USER_ERROR, msgspec.msgpack.encode(ErrorMessage(type(error).__name__, error.template, values))
    except Exception as error:
        return Outcome.FAILURE, f"{type(error).__name__}: {error}".encode("utf-8", "replace")


def result_of(function: Callable[..., Any], status: int, content: bytes) -> Any:
    """The result that the worker's answer holds. Raises the function's UserError, or CallFailedError."""
    if status == Outcome.BYTES:
        return content
    if status == Outcome.USER_ERROR:
        message = msgspec.msgpack.decode(content, type=ErrorMessage)
        raise _ERRORS.get(message.kind, UserError)(message.template, **message.values)
    if status != Outcome.RESULT:
        raise CallFailedError(content.decode("utf-8", "replace"))
    return decoded(content, _hints(function)["return"])


@cache
def _hints(function: Callable[..., object]) -> dict[str, Any]:
    return get_type_hints(function)


@cache
def argument_types(function: Callable[..., object]) -> tuple[Any, ...]:
    """The types that a function declares for its arguments.

    >>> def repeat(text: str, times: int = 2) -> str: ...
    >>> argument_types(repeat)
    (<class 'str'>, <class 'int'>)
    """
    return tuple(_hints(function)[name] for name in signature(function).parameters)


def decoded(content: bytes | msgspec.Raw, kind: Any) -> Any:
    """A value of type ``kind``. Raises msgspec.MsgspecError for anything else."""
    return msgspec.msgpack.decode(content, type=kind, dec_hook=_decode)


def write_call(stream: IO[bytes], content: bytes, seconds: float) -> None:
    """Raises OSError."""
    stream.write(_CALL.pack(len(content), seconds))
    stream.write(content)
    stream.flush()


def read_call(stream: IO[bytes]) -> tuple[bytes, float]:
    """Content and time limit. Raises EOFError when the other side has closed the pipe."""
    length, seconds = _CALL.unpack(_exactly(stream, _CALL.size))
    return _exactly(stream, length), seconds


def write_answer(stream: IO[bytes], status: Outcome, content: bytes) -> None:
    """Raises OSError."""
    stream.write(_ANSWER.pack(status, len(content)))
    stream.write(content)
    stream.flush()


def read_answer(stream: IO[bytes]) -> tuple[int, bytes]:
    """Outcome and content. Raises EOFError or OSError where the worker has ended."""
    status, length = _ANSWER.unpack(_exactly(stream, _ANSWER.size))
    if length > LARGEST_ANSWER:
        raise EOFError
    return status, _exactly(stream, length)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _encode(value: Any) -> Any:
    """numpy's numbers and arrays; only a process that has imported numpy can have any."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        from explorer.workers.arrays import npy

        return npy(value)
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent to or from a worker")


def _decode(kind: Any, value: Any) -> Any:
    import numpy

    from explorer.workers.arrays import from_npy

    if (get_origin(kind) or kind) is numpy.ndarray and isinstance(value, bytes):
        return from_npy(value)
    raise TypeError(f"{kind} cannot be sent to or from a worker")


def _unicode(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
