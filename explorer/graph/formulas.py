"""The formula of each operation as LaTeX: what its documentation shows, and the arithmetic of a single number.

``y`` is the output; ``x`` the input, or ``a`` and ``b`` where there are two; ``w`` a weight. Attributes have ONNX's
names, Greek ones as letters. Only commands that both KaTeX and latex2mathml know stand here.
"""

_SUM = r"y = \sum_i x_i"
_MEAN = r"y = \frac{1}{n} \sum_i x_i"
_LARGEST = r"y = \max_i x_i"
_SMALLEST = r"y = \min_i x_i"
_NORMALIZED = r"y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta"

FORMULAS: dict[str, str] = {
    # Two inputs, number by number.
    "Add": r"y = a + b",
    "Sub": r"y = a - b",
    "Mul": r"y = a \cdot b",
    "Div": r"y = \frac{a}{b}",
    "Pow": r"y = a^b",
    # Weighted sums.
    "MatMul": r"y_{ij} = \sum_k a_{ik}\, b_{kj}",
    "Gemm": r"y_j = \sum_i x_i\, w_{ji} + b_j",
    "Conv": r"y_{o,i,j} = \sum_{c,u,v} x_{c,\,i+u,\,j+v}\; w_{o,c,u,v} + b_o",
    # One input, number by number.
    "Identity": r"y = x",
    "Relu": r"y = \max(0, x)",
    "LeakyRelu": r"y = \begin{cases} x & x \ge 0 \\ \alpha x & x < 0 \end{cases}",
    "PRelu": r"y = \begin{cases} x & x \ge 0 \\ \text{slope} \cdot x & x < 0 \end{cases}",
    "Sigmoid": r"y = \sigma(x) = \frac{1}{1 + e^{-x}}",
    "Tanh": r"y = \tanh(x)",
    "Elu": r"y = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}",
    "Selu": r"y = \begin{cases} \gamma x & x > 0 \\ \gamma \alpha (e^x - 1) & x \le 0 \end{cases}",
    "Celu": r"y = \max(0, x) + \min(0, \alpha (e^{x / \alpha} - 1))",
    "Gelu": r"y = \frac{x}{2} (1 + \operatorname{erf}(x / \sqrt{2}))",
    "Clip": r"y = \min(x_{\max}, \max(x_{\min}, x))",
    "HardSigmoid": r"y = \min(1, \max(0, \alpha x + \beta))",
    "HardSwish": r"y = x \cdot \min(1, \max(0, x / 6 + 1 / 2))",
    "Mish": r"y = x \cdot \tanh(\log(1 + e^x))",
    "Softplus": r"y = \log(1 + e^x)",
    "Softsign": r"y = \frac{x}{1 + \left|x\right|}",
    "ThresholdedRelu": r"y = \begin{cases} x & x > \alpha \\ 0 & x \le \alpha \end{cases}",
    "Erf": r"y = \operatorname{erf}(x)",
    "Exp": r"y = e^x",
    "Log": r"y = \log(x)",
    "Sqrt": r"y = \sqrt{x}",
    "Reciprocal": r"y = \frac{1}{x}",
    "Neg": r"y = -x",
    "Abs": r"y = \left|x\right|",
    "Floor": r"y = \lfloor x \rfloor",
    "Ceil": r"y = \lceil x \rceil",
    "Round": r"y = \operatorname{round}(x)",
    "Sign": r"y = \operatorname{sign}(x)",
    "Sin": r"y = \sin(x)",
    "Cos": r"y = \cos(x)",
    # Many numbers to one: of one tensor or, element by element, of several.
    "ReduceSum": _SUM,
    "ReduceMean": _MEAN,
    "ReduceMax": _LARGEST,
    "ReduceMin": _SMALLEST,
    "ReduceProd": r"y = \prod_i x_i",
    "ReduceL1": r"y = \sum_i \left|x_i\right|",
    "ReduceL2": r"y = \sqrt{\sum_i x_i^2}",
    "ReduceSumSquare": r"y = \sum_i x_i^2",
    "ReduceLogSum": r"y = \log \sum_i x_i",
    "ReduceLogSumExp": r"y = \log \sum_i e^{x_i}",
    "Sum": _SUM,
    "Mean": _MEAN,
    "Max": _LARGEST,
    "Min": _SMALLEST,
    # Windows, s the stride.
    "MaxPool": r"y_{i,j} = \max_{u,v} x_{si+u,\,sj+v}",
    "AveragePool": r"y_{i,j} = \frac{1}{n} \sum_{u,v} x_{si+u,\,sj+v}",
    "GlobalAveragePool": r"y_c = \frac{1}{n} \sum_{i,j} x_{c,i,j}",
    "GlobalMaxPool": r"y_c = \max_{i,j} x_{c,i,j}",
    # Others.
    "Transpose": r"y_{ij} = x_{ji}",
    "Softmax": r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
    "LogSoftmax": r"y_i = x_i - \log \sum_j e^{x_j}",
    "NegativeLogLikelihoodLoss": r"L = -x_t",
    "SoftmaxCrossEntropyLoss": r"L = -\log \frac{e^{x_t}}{\sum_j e^{x_j}}",
    "Dropout": r"y = \frac{m\, x}{1 - p}, \quad m \in \{0, 1\}, \quad P(m = 0) = p",
    "BatchNormalization": _NORMALIZED,
    "LayerNormalization": _NORMALIZED,
}
"""By operation, ONNX's own domain."""

GELU_BY_TANH = r"y = \frac{x}{2} (1 + \tanh(\sqrt{2 / \pi}\, (x + 0.044715\, x^3)))"
"""Gelu's approximation, which it is with ``approximate="tanh"``."""


def weighted_sum(factor: float = 1, bias: float = 0) -> str:
    """A weighted sum of any rank with numbers before the sum and the bias; no bias where its factor is 0.

    >>> weighted_sum(), weighted_sum(0.5, 1)
    ('y = \\\\sum_i x_i\\\\, w_i', 'y = 0.5 \\\\sum_i x_i\\\\, w_i + b')
    """
    scale, offset = ("" if number == 1 else rf"{number:g} " for number in (factor, bias))
    return rf"y = {scale}\sum_i x_i\, w_i" + (f" + {offset}b" if bias else "")
