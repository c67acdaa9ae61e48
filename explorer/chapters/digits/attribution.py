"""Which pixels decide, and which picture a map looks for: the gradient of a score by the picture, and ascent along it.

A score is the mean of a map, a hidden unit, or a class score before its softmax. Saliency after Simonyan and others
(2013), integrated gradients after Sundararajan and others (2017). Nothing is drawn here, and no network is changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.chapters.digits.top_images import observed_module
from explorer.chapters.digits.volumes import Stage
from explorer.trace.layers import Array
from explorer.trace.probe import Probe
from models.errors import N_, SettingError

STEPS = 64  # pictures on the way from the empty sheet
ASCENT = 96  # steps of gradient ascent
RATE = 0.06  # how far the mean pixel moves in a step of ascent, in units of ink
DECAY = 0.02  # share of the ink that fades in each step
BLUR = 0.8  # standard deviation of the first step's blur, in pixels
LEAK = 0.05  # weight of the value before the activation: a map that starts silent has no gradient of its own
GREY, SPECKLE = 0.5, 0.05  # where ascent starts: half ink, with a little noise


@dataclass(frozen=True)
class Target:
    """What a score is read from: map or unit ``number`` of module ``layer``, its mean over all places.

    before: the same layer without its activation, '' where it has none.
    """

    layer: str
    number: int
    before: str = ""


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """parts: (H, W) what each pixel has contributed. start, end: the score of the baseline and of the picture.

    saliency: (H, W) the gradient at the picture itself, which the way passes last.
    """

    parts: Array
    saliency: Array
    start: float
    end: float

    @property
    def change(self) -> float:
        """What all parts together ought to be."""
        return self.end - self.start

    @property
    def error(self) -> float:
        """How far the sum of the parts is from that (the completeness error); 0 with infinitely many steps."""
        return abs(float(self.parts.sum(dtype="float64")) - self.change)


@dataclass(frozen=True, eq=False)
class AscendedImage:
    """picture: (H, W) ink in 0..1. scores: (steps + 1,), that of the grey start first and the picture's last."""

    picture: Array
    scores: Array


def target_of(stage: Stage, number: int) -> Target:
    """Map, unit or class ``number`` of ``stage``; raises SettingError where it has fewer."""
    if not 0 <= number < len(stage.values):
        raise SettingError(
            N_("Layer {layer} has no map {number}: its maps have the numbers 0 to {last}."),
            layer=repr(stage.name),
            number=repr(number),
            last=len(stage.values) - 1,
        )
    layer = observed_module(stage)
    return Target(layer, number, stage.name if layer != stage.name else "")


def integrated_gradients(
    network: nn.Module, inputs: Tensor, target: Target, steps: int = STEPS, baseline: float = 0.0
) -> IntegratedGradients:
    """What each pixel of inputs (1, 1, H, W) adds to the score on the straight way from a sheet of ``baseline`` ink.

    The gradient is taken at the middle of each of ``steps`` (at least 1) equal stretches; all in one pass, because a
    pass of its own would cost a page as much as ten more pictures.
    """
    empty = torch.full_like(inputs, baseline)
    middles = (torch.arange(steps, dtype=inputs.dtype) + 0.5) / steps  # (S,)
    places = torch.cat([middles.new_zeros(1), middles, middles.new_ones(1)])  # (S + 2,)
    way = empty + places.view(-1, 1, 1, 1) * (inputs - empty)  # (S + 2, 1, H, W)
    score, gradient = _scored(_probe(network, target), way, target)
    parts = ((inputs - empty)[0] * gradient[1:-1].mean(0)).sum(0)  # (H, W)
    return IntegratedGradients(parts.numpy(), gradient[-1].sum(0).numpy(), float(score[0]), float(score[-1]))


def maximize_score(
    network: nn.Module,
    target: Target,
    steps: int = ASCENT,
    seed: int = 0,
    shape: tuple[int, int] = (28, 28),
    between: Callable[[], object] | None = None,
) -> AscendedImage:
    """A picture (H, W) that excites ``target`` as much as possible, found from speckled grey by gradient ascent.

    The ink fades a little and is blurred after each step, ever less towards the end: without that the picture would be
    noise that the network answers to and nobody can read. The same seed gives the same picture. The score of a map is
    here the root of its mean square, and only the arrangement of the ink follows the gradient, not its amount: a mean
    is excited most by a sheet full of ink, which says nothing. between: called before each step, and may raise.
    """
    probe = _probe(network, target)
    generator = torch.Generator().manual_seed(seed)
    picture = GREY + SPECKLE * torch.randn((1, 1, *shape), generator=generator)
    scores = []
    for step in range(steps):
        if between is not None:
            between()
        score, gradient, is_map = _climbed(probe, picture, target)
        scores.append(score)
        if is_map:
            gradient = gradient - gradient.mean()
        size = float(gradient.abs().mean())
        if size > 0:
            picture = picture + RATE * gradient / size
        picture = _blurred(picture * (1 - DECAY), BLUR * (1 - step / steps)).clamp(0, 1)
    scores.append(_climbed(probe, picture, target)[0])
    return AscendedImage(picture[0, 0].numpy(), torch.tensor(scores).numpy())


def _probe(network: nn.Module, target: Target) -> Probe:
    return Probe(network, [name for name in (target.layer, target.before) if name])


def _scored(probe: Probe, inputs: Tensor, target: Target) -> tuple[Tensor, Tensor]:
    """The scores (B,) of inputs (B, 1, H, W), and each one's gradient by its own picture (B, 1, H, W)."""
    x = inputs.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        score = _mean(probe(x)[target.layer], target.number)
        (gradient,) = torch.autograd.grad(score.sum(), x)
    return score.detach(), gradient


def _climbed(probe: Probe, picture: Tensor, target: Target) -> tuple[float, Tensor, bool]:
    """The score that ascent raises, the direction (1, 1, H, W) in which it grows, and whether it is that of a map."""
    x = picture.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        found = probe(x)
        output = found[target.layer]
        is_map = output.dim() > 2
        mean = _mean(output**2 if is_map else output, target.number).sum()
        leak = LEAK * _mean(found[target.before], target.number).sum() if target.before else 0.0
        (gradient,) = torch.autograd.grad(mean + leak, x)
    score = float(mean.detach())
    return score**0.5 if is_map else score, gradient, is_map


def _mean(output: Tensor, number: int) -> Tensor:
    """(B, C, …) → (B,): the mean of map ``number``."""
    return output[:, number].reshape(len(output), -1).mean(1)


def _blurred(picture: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of (1, 1, H, W); the edge is repeated outwards."""
    if sigma <= 0.05:
        return picture
    row = torch.exp(-(torch.arange(-2.0, 3.0) ** 2) / (2 * sigma**2))
    row = row / row.sum()
    padded = F.pad(picture, (2, 2, 2, 2), mode="replicate")
    return F.conv2d(F.conv2d(padded, row.view(1, 1, 1, 5)), row.view(1, 1, 5, 1))
