"""The sandbox's controls in Streamlit's own tester: what cannot work is told, and the controls stay."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer.chapters.digits.classic_kernels import classic_kernels
from models.digits.convolution_sizes import with_numbers

APP = """
import numpy as np
from explorer.ui.labs.digits.sandbox import sandbox
sandbox(np.random.default_rng(0).random((28, 28), dtype=np.float32))
"""


@pytest.fixture
def app() -> AppTest:
    found = AppTest.from_string(APP, default_timeout=60).run()
    assert not found.exception
    return found


def captions(app: AppTest) -> str:
    return " ".join(str(one.value) for one in app.caption)


def test_the_formula_follows_the_sliders(app: AppTest) -> None:
    assert with_numbers(28, 3, 1, 0, 1) in captions(app)
    app.slider(key="sandbox.kernel.padding").set_value(4)
    app.slider(key="sandbox.kernel.size").set_value(5)
    app.slider(key="sandbox.kernel.stride").set_value(3).run()
    assert not app.exception
    assert with_numbers(28, 5, 3, 4, 1) in captions(app)


def test_an_impossible_convolution_is_told_and_can_be_mended(app: AppTest) -> None:
    app.slider(key="sandbox.kernel.size").set_value(9)
    app.slider(key="sandbox.kernel.dilation").set_value(4).run()
    assert len(app.error) == 1
    assert "dilation 4 spans 33 pixels" in app.error[0].value
    assert "Output size" not in captions(app)
    app.slider(key="sandbox.kernel.padding").set_value(3).run()
    assert not app.error
    assert with_numbers(28, 9, 1, 3, 4) in captions(app)


@pytest.mark.parametrize("kind", ["max", "average"])
def test_a_pooling_tells_what_a_shift_does_and_refuses_too_much_padding(app: AppTest, kind: str) -> None:
    app.segmented_control(key="sandbox.kind").set_value(kind).run()
    assert not app.exception
    assert len(app.metric) == 4
    assert with_numbers(28, 2, 2, 0, 1) in captions(app)
    app.slider(key="sandbox.pooling.padding").set_value(2).run()
    assert len(app.error) == 1
    assert "more than half" in app.error[0].value
    assert not app.metric


@pytest.mark.parametrize("size", [2, 3, 5])
def test_every_classic_kernel_and_activation_is_shown(app: AppTest, size: int) -> None:
    app.slider(key="sandbox.kernel.size").set_value(size).run()
    for one in classic_kernels(size):
        app.selectbox(key=f"sandbox.classic.{size}").set_value(one.name)
        app.selectbox(key="sandbox.activation").set_value("Tanh").run()
        assert not app.exception
        assert not app.error
