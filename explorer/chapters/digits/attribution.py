"""Attribution and activation maximization: which pixels decide a score, and which image a score responds to most.

A score is the mean of a map, a hidden unit, or a class score before the softmax. Saliency after Simonyan and others
(2013), integrated gradients after Sundararajan and others (2017). No network is changed.
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

STEPS = 64  # images on the path from the empty image
ASCENT_STEPS = 96
RATE = 0.06  # mean change of a pixel in a step of ascent, in units of ink
DECAY = 0.02  # share of the ink that is removed in each step
BLUR = 0.8  # standard deviation of the first step's blur, in pixels
LEAK = 0.05  # weight of the value before the activation: a map that starts at zero has no gradient of its own
GREY, NOISE = 0.5, 0.05  # where ascent starts: half ink, with a little noise


@dataclass(frozen=True)
class Target:
    """What a score is read from: the mean of map or unit ``number`` of the module ``layer``.

    before: the module before the activation, '' where there is no activation.
    """

    layer: str
    number: int
    before: str = ""


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """The contribution of each pixel to the difference of two scores.

    contributions: (H, W). start, end: the score of the baseline and of the image. saliency: (H, W) the gradient at the
    image itself, the last point of the path.
    """

    contributions: Array
    saliency: Array
    start: float
    end: float

    @property
    def change(self) -> float:
        """The sum that all contributions have in theory."""
        return self.end - self.start

    @property
    def error(self) -> float:
        """The completeness error: how far their sum is from that; 0 with infinitely many steps."""
        return abs(float(self.contributions.sum(dtype="float64")) - self.change)


@dataclass(frozen=True, eq=False)
class AscendedImage:
    """image: (H, W) ink in 0..1. scores: (steps + 1,), from that of the grey start to the image's own."""

    image: Array
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
    """The contribution of each pixel of inputs (1, 1, H, W), on the straight path from an image of ``baseline`` ink.

    The gradient is taken at the middle of each of ``steps`` (at least 1) equal intervals. All are in one batch with
    the two ends, because another forward pass would take as long as ten more images.
    """
    empty = torch.full_like(inputs, baseline)
    middles = (torch.arange(steps, dtype=inputs.dtype) + 0.5) / steps  # (S,)
    shares = torch.cat([middles.new_zeros(1), middles, middles.new_ones(1)])  # (S + 2,)
    path = empty + shares.view(-1, 1, 1, 1) * (inputs - empty)  # (S + 2, 1, H, W)
    score, gradient = _score_and_gradient(_probe(network, target), path, target)
    contributions = ((inputs - empty)[0] * gradient[1:-1].mean(0)).sum(0)  # (H, W)
    return IntegratedGradients(contributions.numpy(), gradient[-1].sum(0).numpy(), float(score[0]), float(score[-1]))


def maximize_score(
    network: nn.Module,
    target: Target,
    steps: int = ASCENT_STEPS,
    seed: int = 0,
    shape: tuple[int, int] = (28, 28),
    between: Callable[[], object] | None = None,
) -> AscendedImage:
    """An image (H, W) with a high score for ``target``, by gradient ascent from noisy grey. Equal seeds, equal images.

    After each step some ink is removed and the image is blurred, ever less towards the end: otherwise it would be
    noise that only the network can read. For a map the score is here the root of the mean square, and the mean of the
    gradient is subtracted, so that the amount of ink does not follow it: the mean of a map is largest for a full
    image, which says nothing. between: called before each step; it may raise to stop.
    """
    probe = _probe(network, target)
    generator = torch.Generator().manual_seed(seed)
    image = GREY + NOISE * torch.randn((1, 1, *shape), generator=generator)
    scores = []
    for step in range(steps):
        if between is not None:
            between()
        score, gradient, is_map = _ascent_direction(probe, image, target)
        scores.append(score)
        if is_map:
            gradient = gradient - gradient.mean()
        size = float(gradient.abs().mean())
        if size > 0:
            image = image + RATE * gradient / size
        image = _blurred(image * (1 - DECAY), BLUR * (1 - step / steps)).clamp(0, 1)
    scores.append(_ascent_direction(probe, image, target)[0])
    return AscendedImage(image[0, 0].numpy(), torch.tensor(scores).numpy())


def _probe(network: nn.Module, target: Target) -> Probe:
    return Probe(network, [name for name in (target.layer, target.before) if name])


def _score_and_gradient(probe: Probe, inputs: Tensor, target: Target) -> tuple[Tensor, Tensor]:
    """The scores (B,) of inputs (B, 1, H, W), and the gradient of each by its own image (B, 1, H, W)."""
    x = inputs.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        score = _mean(probe(x)[target.layer], target.number)
        (gradient,) = torch.autograd.grad(score.sum(), x)
    return score.detach(), gradient


def _ascent_direction(probe: Probe, image: Tensor, target: Target) -> tuple[float, Tensor, bool]:
    """The score to be raised, its gradient (1, 1, H, W), and whether it is the score of a map."""
    x = image.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        outputs = probe(x)
        output = outputs[target.layer]
        is_map = output.dim() > 2
        mean = _mean(output**2 if is_map else output, target.number).sum()
        leak = LEAK * _mean(outputs[target.before], target.number).sum() if target.before else 0.0
        (gradient,) = torch.autograd.grad(mean + leak, x)
    score = float(mean.detach())
    return score**0.5 if is_map else score, gradient, is_map


def _mean(output: Tensor, number: int) -> Tensor:
    """(B, C, …) → (B,): the mean of map ``number``."""
    return output[:, number].reshape(len(output), -1).mean(1)


def _blurred(image: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of (1, 1, H, W); the edge is repeated outwards."""
    if sigma <= 0.05:
        return image
    row = torch.exp(-(torch.arange(-2.0, 3.0) ** 2) / (2 * sigma**2))
    row = row / row.sum()
    padded = F.pad(image, (2, 2, 2, 2), mode="replicate")
    return F.conv2d(F.conv2d(padded, row.view(1, 1, 1, 5)), row.view(1, 1, 5, 1))
