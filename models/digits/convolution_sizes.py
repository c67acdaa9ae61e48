"""How large the result of a convolution or a pooling is along one axis, and why a combination cannot work.

The rules are torch's, tried out: ``output_size`` refuses what ``torch.nn.functional.conv2d`` refuses, and
``pooled_size`` what ``max_pool2d`` and ``avg_pool2d`` refuse. Nothing is computed on pictures here. Book: section 5.2.
"""

from models.errors import N_, SettingError


def windows(room: int, span: int, stride: int) -> int:
    """How many windows of ``span`` pixels fit into ``room`` pixels when each starts ``stride`` after the last."""
    return (room - span) // stride + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, all in pixels along one axis.

    Raises SettingError with the reason where torch's convolution refuses.

    >>> output_size(28, 5, padding=2)
    28
    """
    _possible(size, kernel, stride, padding, dilation)
    span, room = dilation * (kernel - 1) + 1, size + 2 * padding
    if span > room:
        raise SettingError(
            N_(
                "A kernel of {kernel} with dilation {dilation} spans {span} pixels, "
                "but the input has {size} + 2·{padding} = {room}."
            ),
            kernel=kernel,
            dilation=dilation,
            span=span,
            size=size,
            padding=padding,
            room=room,
        )
    return windows(room, span, stride)


def pooled_size(
    size: int, kernel: int, stride: int | None = None, padding: int = 0, dilation: int = 1, ceil_mode: bool = False
) -> int:
    """The size after max pooling, or after average pooling, which has no dilation; stride None is the kernel's size.

    ceil_mode: a last window that reaches beyond the end counts too, if it starts inside the input or the padding
    before it. Raises SettingError with the reason where torch's pooling refuses.

    >>> pooled_size(7, 2), pooled_size(7, 2, ceil_mode=True)
    (3, 4)
    """
    stride = kernel if stride is None else stride
    _possible(size, kernel, stride, padding, dilation)
    if padding > kernel // 2:
        raise SettingError(
            N_("A padding of {padding} is more than half of the pooling window of {kernel}: it can be at most {most}."),
            padding=padding,
            kernel=kernel,
            most=kernel // 2,
        )
    span, room = dilation * (kernel - 1) + 1, size + 2 * padding
    count = windows(room + (stride - 1 if ceil_mode else 0), span, stride)
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1  # the last window would start behind the input, in the padding
    if count < 1:
        raise SettingError(
            N_(
                "A pooling window of {kernel} with dilation {dilation} spans {span} pixels, "
                "but the input has {size} + 2·{padding} = {room}."
            ),
            kernel=kernel,
            dilation=dilation,
            span=span,
            size=size,
            padding=padding,
            room=room,
        )
    return count


def with_numbers(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> str:
    """``output_size`` as LaTeX with its numbers; raises SettingError as it does.

    >>> print(with_numbers(28, 5, 1, 2, 1))
    \\lfloor (28 + 2 \\cdot 2 - 1 \\cdot (5 - 1) - 1) / 1 \\rfloor + 1 = 28
    """
    size_after = output_size(size, kernel, stride, padding, dilation)
    return f"{rule(*map(str, (size, kernel, stride, padding, dilation)))} = {size_after}"


def rule(size: str, kernel: str, stride: str, padding: str, dilation: str) -> str:
    """What ``output_size`` calculates, as LaTeX with a name, itself LaTeX, or a number for each quantity."""
    # A line can break between these, but not within a fraction, nor between \left and \right.
    return rf"\lfloor ({size} + 2 \cdot {padding} - {dilation} \cdot ({kernel} - 1) - 1) / {stride} \rfloor + 1"


def _possible(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    """Raises SettingError for a value that is impossible whatever the others are."""
    if size < 1:
        raise SettingError(N_("An input of {size} pixels is not possible: there must be at least 1."), size=size)
    if kernel < 1:
        raise SettingError(N_("A kernel of {kernel} is not possible: it has at least 1 pixel."), kernel=kernel)
    if stride < 1:
        raise SettingError(
            N_("A stride of {stride} is not possible: the window moves by at least 1 pixel."), stride=stride
        )
    if padding < 0:
        raise SettingError(
            N_("A padding of {padding} is not possible: it adds pixels and cannot be negative."), padding=padding
        )
    if dilation < 1:
        raise SettingError(
            N_("A dilation of {dilation} is not possible: neighbours in the kernel lie at least 1 pixel apart."),
            dilation=dilation,
        )
