"""What the models' pages draw is what the networks compute: figures against torch, to the digit."""

import numpy as np
import pytest
import torch

from explorer.runs.checkpoint import OpenRun, open_run
from models.bike.demand import demand
from models.sentiment.bag_of_words import words
from tests.browser.screen import Screen
from tests.browser.server import Server, listed, wait_until


def outputs(one: OpenRun, sample: str) -> torch.Tensor:
    """The network's answer (1, …) to a sample."""
    with torch.no_grad():
        answer: torch.Tensor = one.network(one.sample(sample).inputs)
    return answer


def shown_shares(tab: Screen, key: str) -> dict[float, float]:
    """Place → height of all bars of a figure of probabilities."""
    return {
        float(x): float(y)
        for trace in tab.figure(key)
        for x, y in zip(trace["x"], trace["y"], strict=True)
        if y is not None
    }


def test_a_test_digit_in_every_layer(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    tab.open("digits", run=run.id).lens("digits")
    number = tab.part("digits-number").locator("input")
    number.fill("17")
    number.press("Enter")
    shown = f"{run.id} {run.checkpoints[-1]} test/17"
    wait_until(lambda: tab.lab().get_attribute("data-shown") == shown, 30, "the network of test digit 17")
    assert tab.query()["sample"] == "test/17"
    one = open_run(run)
    sample, network = one.sample("test/17"), one.network
    found = tab.stages()
    assert list(found) == ["input", "conv1", "pool1", "conv2", "pool2", "flatten", "fc1", "fc2"]
    with torch.no_grad():
        weight, bias = network.get_parameter("conv1.weight"), network.get_parameter("conv1.bias")
        maps = torch.nn.functional.conv2d(sample.inputs, weight, bias, padding=2)[0]
        pooled = torch.nn.functional.max_pool2d(maps.relu(), 2)
    for name, values in {
        "input": sample.inputs[0],
        "conv1": maps.relu(),
        "pool1": pooled,
        "flatten": None,
        "fc2": torch.exp(outputs(one, "test/17"))[0],
    }.items():
        if values is not None:
            np.testing.assert_allclose(found[name]["values"], values.numpy(), atol=1e-5, err_msg=name)
    np.testing.assert_allclose(found["conv1"]["before"], maps.numpy(), atol=1e-5)
    np.testing.assert_allclose(np.reshape(found["conv1"]["kernel"], weight.shape), weight.detach().numpy(), atol=1e-7)
    np.testing.assert_array_equal(found["flatten"]["values"], found["pool2"]["values"].ravel())


def test_the_demand_of_the_last_three_weeks(tab: Screen, server: Server) -> None:
    run = server.run("bike")
    tab.open("bike", run=run.id).lens("bike")
    one = open_run(run)
    table = demand(one.network, one.book.load(one.config, run.source))
    lines = {trace["name"]: trace for trace in tab.figure("bike-demand") if trace.get("name")}
    assert len(table) == 504
    for name, column in (("Real", "real"), ("Predicted", "predicted")):
        assert len(lines[name]["x"]) == 504
        assert np.allclose(np.asarray(lines[name]["y"], float), table[column], atol=1e-3)


def test_results_are_those_of_the_command_line(tab: Screen, server: Server) -> None:
    for model in ("bike", "sentiment", "digits"):
        run = server.run(model)
        tab.form(model, run=run.id)
        record = listed(server, run.id)
        on_page = tab.metrics()
        names = {"loss": "Loss", "accuracy": "Accuracy", "r2": "R²"}
        for part, title in (("train", "Training"), ("test", "Test")):
            for name, value in record["metrics"][part].items():
                text = f"{100 * value:.2f} %" if name == "accuracy" else f"{value:.4g}"
                assert on_page[f"{names[name]} · {title}"] == text, (model, part, name)
        assert on_page["ONNX against PyTorch"] == f"{record['onnx_max_difference']:.1e}"


@pytest.mark.parametrize("sentence", ["这本书太差了，浪费钱浪费时间", "内容精彩，值得一读，推荐给大家"])
def test_a_typed_sentence(tab: Screen, server: Server, sentence: str) -> None:
    run = server.run("sentiment")
    tab.open("sentiment", run=run.id).lens("sentiment")
    box = tab.part("sentiment-sentence").locator("input")
    box.fill(sentence)
    box.press("Enter")
    wait_until(lambda: tab.query().get("sample") == sentence, 30, "the sentence in the address")
    one = open_run(run)
    truth = torch.exp(outputs(one, sentence))[0].numpy()
    wait_until(
        lambda: np.allclose([shown_shares(tab, "sentiment-verdict")[k] for k in range(2)], truth, atol=1e-6),
        30,
        f"torch's verdict {truth} on the page",
    )
    tab.settle()
    found = words(sentence, one.facts)
    known = {word.text: word.count for word in found if word.index is not None}
    bars = tab.figure("sentiment-bag")[0]
    counted = {str(name): int(count) for name, count in zip(bars["customdata"], bars["x"], strict=True)}
    assert counted == known
    bag = one.sample(sentence).inputs.to_dense()[0]
    assert int((bag > 0).sum()) == len(known)
    cells = tab.page.locator("[data-testid=stDataFrame] td")
    texts = {word.text for word in found} | {str(word.index + 1) for word in found if word.index is not None}
    wait_until(lambda: texts <= set(cells.all_inner_texts()), 30, f"the table of the words {texts}")


def test_a_sentence_without_words_gets_a_sentence(tab: Screen, server: Server) -> None:
    tab.open("sentiment", run=server.run("sentiment").id, sample="！！！")
    tab.shown("There is no word in '！！！'.")
