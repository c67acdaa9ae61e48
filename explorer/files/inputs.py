"""A person's own file as the inputs of a graph: an .npy, an .npz of named arrays, or a picture.

Called in a worker process: a hostile picture or archive may exhaust the memory. The graph itself checks shapes and
types when it runs; nothing runs here.
"""

import io
from collections.abc import Sequence

import numpy as np

from explorer.graph.graph import TensorType
from explorer.workers.arrays import Array, from_npy
from models.data.pictures import MOST_PIXELS, PICTURES, opened_picture
from models.errors import N_, DataError
from models.text import shape_text

KINDS = ("npy", "npz", *PICTURES)
MOST_BYTES = 2**29  # of arrays, unpacked
FREE_SIZE = 224  # height and width where the graph takes any

# Means and deviations of ImageNet's training pictures, red, green and blue: torchvision's networks expect them.
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)

_FLOATS = ("float16", "float32", "float64")


def read_input(content: bytes, kind: str, declared: Sequence[TensorType]) -> dict[str, Array]:
    """The graph's inputs by name. Raises DataError with one sentence.

    kind: the file name's ending. declared: the graph's inputs. An .npy serves a graph with one input, and a missing
    batch dimension is added; an .npz has each input by name. A picture becomes (1, C, H, W), or (1, H, W, C) where the
    graph declares that: transparent parts are laid on white, it is turned as its camera says, scaled and cropped at
    its centre to H×W (``FREE_SIZE`` where the graph takes any), made grey where C is 1. Its values are 0 to 1; with
    three channels ``MEAN`` is then subtracted and the result divided by ``DEVIATION``. A graph that takes uint8 gets
    0 to 255.
    """
    kind = kind.lower().lstrip(".")
    if kind == "npz":
        return _archive(content)
    if kind not in KINDS:
        raise DataError(
            N_("A file ending in {ending} cannot be an input; it must be one of {known}."),
            ending=repr(f".{kind}"),
            known=", ".join(f".{each}" for each in KINDS),
        )
    if len(declared) != 1:
        raise DataError(
            N_("The graph has {count} inputs: {names}. Give an .npz that holds each by its name."),
            count=len(declared),
            names=", ".join(repr(each.name) for each in declared) or "–",
        )
    (only,) = declared
    return {only.name: _single(content, only) if kind == "npy" else _picture(content, only)}


def _single(content: bytes, declared: TensorType) -> Array:
    try:
        array = from_npy(content)
    except (ValueError, EOFError, TypeError, SyntaxError):
        raise DataError(N_("This is not an .npy file, or it holds Python objects.")) from None
    _not_too_large(array.nbytes)
    shape = declared.shape
    if shape is not None and array.ndim == len(shape) - 1 and (shape[0] == 1 or not isinstance(shape[0], int)):
        return array[np.newaxis]
    return array


def _archive(content: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            _not_too_large(sum(member.file_size for member in archive.zip.infolist()))
            for name in archive.files:
                arrays[name] = archive[name]
    except DataError:
        raise
    except Exception:  # numpy and zipfile raise many kinds for broken archives
        raise DataError(N_("This is not an .npz file of named arrays.")) from None
    return arrays


def _not_too_large(size: int) -> None:
    if size > MOST_BYTES:
        raise DataError(
            N_("The arrays take {size} MB; at most {most} are read."), size=size >> 20, most=MOST_BYTES >> 20
        )


def _picture(content: bytes, declared: TensorType) -> Array:
    channels, height, width, last = _layout(declared)
    colours = _pixels(content, "L" if channels == 1 else "RGB", height, width)  # (H, W, C), 0 to 1
    if declared.dtype == "uint8":
        values = np.round(colours * 255).astype(np.uint8)
    else:
        values = (colours if channels == 1 else (colours - MEAN) / DEVIATION).astype(declared.dtype)
    placed = values if last else values.transpose(2, 0, 1)
    rank = len(declared.shape or ())
    return np.ascontiguousarray(placed[np.newaxis] if rank == 4 else placed)


def _layout(declared: TensorType) -> tuple[int, int, int, bool]:
    """Channels, height, width, and whether the channels come last. Raises DataError where it takes no picture."""
    shape = declared.shape or ()
    single = len(shape) == 3 or (len(shape) == 4 and (shape[0] == 1 or not isinstance(shape[0], int)))
    if single and declared.dtype in (*_FLOATS, "uint8"):
        for channels, sizes, last in ((shape[-3], shape[-2:], False), (shape[-1], shape[-3:-1], True)):
            height, width = (size if isinstance(size, int) else FREE_SIZE for size in sizes)
            if channels in (1, 3) and min(height, width) > 0 and height * width <= MOST_PIXELS:
                return int(channels), height, width, last
    raise DataError(
        N_("Input {name} of shape {shape} and type {dtype} cannot be a picture; it needs 1 or 3 channels."),
        name=repr(declared.name),
        shape=shape_text(shape) or "()",
        dtype=declared.dtype,
    )


def _pixels(content: bytes, mode: str, height: int, width: int) -> Array:
    """(H, W, C) float32 of 0 to 1."""
    from PIL import Image, ImageOps

    fitted = ImageOps.fit(opened_picture(content, mode), (width, height), Image.Resampling.BICUBIC)
    values = np.asarray(fitted, np.float32) / 255
    return values[..., np.newaxis] if mode == "L" else values
