"""The convolutional network of chapter 5, with the choices that the laboratory offers. The rest is in ``digits.py``.

At the book's settings: conv-relu-pool-conv-relu-pool-512-dropout-10. This file stands alone in the script that a run
is exported as, together with what it imports.
"""

from torch import Tensor, nn

from models.digits.convolution_sizes import windows

SIDE = 28  # MNIST's pictures are 28 × 28
CLASSES = 10
# Names of torch's modules, and not the modules: an exported script holds constants as text.
ACTIVATIONS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "tanh": "Tanh", "sigmoid": "Sigmoid"}


def border(kernel_size: int, padding: str) -> int:
    """Rows and columns of zeros that "same" or "none" adds on each side of a map before its convolution."""
    return kernel_size // 2 if padding == "same" else 0


def activation_module(kind: str) -> nn.Module:
    """A new module of one of the kinds of ``DigitsConfig.activation``."""
    module: nn.Module = getattr(nn, ACTIVATIONS[kind])()
    return module


def pooling_module(kind: str, size: int) -> nn.Module:
    """Windows of ``size`` × ``size`` pixels, side by side, of which the largest or the mean value goes on."""
    return nn.MaxPool2d(size) if kind == "max" else nn.AvgPool2d(size)


class DigitsNetwork(nn.Module):
    """(B, 1, 28, 28) pixels in 0..1 → (B, 10) log-probabilities. Every step is a module, so that a hook sees it.

    The modules are conv1, relu1, pool1, conv2, … flatten, fc1, relu3, dropout, fc2, log_softmax; an activation bears
    the name of its kind, and without pooling there is no pool1.

    padding "same" adds k // 2 on each side for a kernel of k × k: an odd k keeps the picture's side, an even k adds one
    row and one column, which the book's pooling drops again. So the dense layer sees 7 × 7 maps with every k.
    """

    def __init__(
        self,
        kernels1: int,
        kernels2: int,
        kernel_size: int,
        hidden_units: int,
        dropout: float,
        kernels3: int = 16,
        layers: int = 2,
        stride: int = 1,
        padding: str = "same",
        pooling: str = "max",
        pool_size: int = 2,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.layers, self.pooling, self.activation = layers, pooling, activation
        added = border(kernel_size, padding)
        maps, side = 1, SIDE
        for layer, kernels in enumerate((kernels1, kernels2, kernels3)[:layers], start=1):
            self.add_module(f"conv{layer}", nn.Conv2d(maps, kernels, kernel_size, stride, added))
            self.add_module(f"{activation}{layer}", activation_module(activation))
            maps, side = kernels, windows(side + 2 * added, kernel_size, stride)
            if pooling != "none":
                self.add_module(f"pool{layer}", pooling_module(pooling, pool_size))
                side = windows(side, pool_size, pool_size)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(maps * side**2, hidden_units)
        self.add_module(f"{activation}{layers + 1}", activation_module(activation))
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_units, CLASSES)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in range(1, self.layers + 1):  # shapes: the first round, then the second, at the book's settings
            x = getattr(self, f"conv{layer}")(x)  # (B, 4, 28, 28), (B, 8, 14, 14)
            x = getattr(self, f"{self.activation}{layer}")(x)
            if self.pooling != "none":
                x = getattr(self, f"pool{layer}")(x)  # (B, 4, 14, 14), (B, 8, 7, 7)
        x = self.flatten(x)  # (B, 392)
        x = self.fc1(x)  # (B, 512)
        x = getattr(self, f"{self.activation}{self.layers + 1}")(x)
        x = self.dropout(x)
        scores: Tensor = self.log_softmax(self.fc2(x))  # (B, 10)
        return scores
