"""Sentiment: bags worked by hand, sparse against dense, a split that hangs on nothing but the reviews."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from models.base import Data, Part
from models.catalogue import model
from models.data import reviews
from models.data.reviews import Review
from models.errors import DataError
from models.sentiment.bag_of_words import (
    DEFAULT_SENTENCE,
    SentimentConfig,
    SentimentNetwork,
    Word,
    bags,
    effects,
    split,
    vocabulary,
    words,
)

SENTIMENT = model("sentiment")
CONFIG = SentimentConfig()

COUNTS = st.lists(st.lists(st.integers(0, 3), min_size=7, max_size=7), min_size=1, max_size=12)


@cache
def embedded() -> Data[Any]:
    """The embedded data, read when the first test needs them."""
    return SENTIMENT.load(CONFIG)


def sparse_part(rows: Tensor) -> Part:
    return Part(rows.to_sparse_csr(), torch.arange(len(rows)))


def test_parameters_counted_by_hand() -> None:
    v = len(embedded().facts["vocabulary"])
    network = SENTIMENT.network(CONFIG, embedded().facts)
    assert sum(p.numel() for p in network.parameters()) == (v * 10 + 10) + (10 * 2 + 2)


def test_the_books_settings() -> None:
    assert (CONFIG.epochs, CONFIG.learning_rate, CONFIG.optimizer, CONFIG.hidden_units) == (10, 0.01, "adam", 10)


def test_bag_worked_by_hand() -> None:
    train = [Review(("书", "好", "好"), 1), Review(("书", "差"), 0)]
    known = vocabulary(train, 1)
    assert known == [("书", 2), ("好", 2), ("差", 1)]  # the most frequent first, equal ones by their characters
    part = bags([*train, Review(("好", "新"), 1), Review(("新",), 0)], [word for word, _ in known])
    wanted = [[1 / 3, 2 / 3, 0], [1 / 2, 0, 1 / 2], [0, 1, 0], [0, 0, 0]]  # 新 is unknown and does not count
    torch.testing.assert_close(part.inputs.to_dense(), torch.tensor(wanted))
    assert part.targets.tolist() == [1, 0, 1, 0]
    assert vocabulary(train, 2) == [("书", 2), ("好", 2)]


def test_words_worked_by_hand() -> None:
    facts = {"vocabulary": ["好", "书"], "counts": [9, 5]}
    assert words("书，好，书！新", facts) == [Word("书", 2, 1), Word("好", 1, 0), Word("新", 1, None)]
    bag = SENTIMENT.sample("书，好，书！新", CONFIG, facts).inputs
    torch.testing.assert_close(bag, torch.tensor([[1 / 3, 2 / 3]]))


def test_parts_are_disjoint_and_of_the_right_sizes() -> None:
    parts = split(reviews.embedded())
    sets = [{review.words for review in part} for part in parts]
    assert [len(embedded().train), len(embedded().validation), len(embedded().test)] == [13856, 1732, 1733]
    assert [len(part) for part in parts] == [len(part) for part in sets] == [13856, 1732, 1733], "no review twice"
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]
    for part in (embedded().train, embedded().validation, embedded().test):
        assert 0.4 < part.targets.float().mean() < 0.55, "both sides in each part"


def test_split_hangs_on_the_reviews_only() -> None:
    found = reviews.embedded()[:1000]
    assert split(found) == split(reversed(found))


def test_vocabulary_comes_from_the_training_part_only() -> None:
    train, _, test = split(reviews.embedded())
    counts: dict[str, int] = {}
    for review in train:
        for word in review.words:
            counts[word] = counts.get(word, 0) + 1
    assert dict(zip(embedded().facts["vocabulary"], embedded().facts["counts"], strict=True)) == {
        word: count for word, count in counts.items() if count >= CONFIG.min_count
    }
    assert {word for review in test for word in review.words} - set(counts), "some test words are unknown"


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_sparse_equals_dense_forward_and_backward(counts: list[list[int]]) -> None:
    rows = torch.tensor(counts, dtype=torch.float32)
    network = SentimentNetwork(7, 4)
    gradients = []
    for x in (rows, rows.to_sparse_csr()):
        network.zero_grad()
        outputs = network(x)
        outputs[:, 1].sum().backward()
        gradients.append([outputs.detach()] + [p.grad for p in network.parameters()])
    for dense, sparse in zip(*gradients, strict=True):
        torch.testing.assert_close(sparse, dense)


@settings(max_examples=50, deadline=None)
@given(COUNTS, st.integers(1, 15))
def test_batches_in_order_are_the_rows(counts: list[list[int]], size: int) -> None:
    rows = torch.tensor(counts, dtype=torch.float32)
    found = list(SENTIMENT.batches(sparse_part(rows), size, None))
    assert [len(y) for _, y in found] == [len(chunk) for chunk in rows.split(size)]
    torch.testing.assert_close(torch.cat([x.to_dense() for x, _ in found]), rows)
    assert torch.cat([y for _, y in found]).tolist() == list(range(len(rows)))


@settings(max_examples=50, deadline=None)
@given(COUNTS, st.integers(1, 15), st.integers(0, 9))
def test_shuffled_batches_hold_each_row_once_with_its_label(counts: list[list[int]], size: int, seed: int) -> None:
    rows = torch.tensor(counts, dtype=torch.float32)
    found = list(SENTIMENT.batches(sparse_part(rows), size, torch.Generator().manual_seed(seed)))
    order = torch.cat([y for _, y in found])
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert torch.equal(order, torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed)))
    torch.testing.assert_close(torch.cat([x.to_dense() for x, _ in found]), rows[order])


def test_dense_export_has_no_sparse_operation() -> None:
    network = SentimentNetwork(7, 4).eval()
    program = torch.export.export(network, (torch.rand(1, 7),))
    called = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert called == {"aten.linear.default", "aten.relu.default", "aten.log_softmax.int"}


def test_every_step_is_a_module() -> None:
    network = SENTIMENT.network(CONFIG, embedded().facts)
    assert [name for name, _ in network.named_children()] == ["fc1", "relu", "fc2", "log_softmax"]
    outputs = network(embedded().test.inputs)
    torch.testing.assert_close(outputs.exp().sum(dim=1), torch.ones(len(embedded().test)))


def test_default_sample() -> None:
    sample = SENTIMENT.sample("", CONFIG, embedded().facts)
    assert sample.key == sample.caption == DEFAULT_SENTENCE
    assert sample.target is None
    assert sample.inputs.shape == (1, len(embedded().facts["vocabulary"]))
    torch.testing.assert_close(sample.inputs.sum(), torch.tensor(1.0))
    known = {word.index for word in words(DEFAULT_SENTENCE, embedded().facts)}
    assert set(sample.inputs[0].nonzero().flatten().tolist()) == known - {None}


def test_sentence_of_unknown_words_is_an_empty_bag() -> None:
    sample = SENTIMENT.sample("qwertyuiop", CONFIG, embedded().facts)
    assert sample.inputs.abs().sum() == 0
    assert words("qwertyuiop", embedded().facts) == [Word("qwertyuiop", 1, None)]


def test_sentences_that_cannot_be_read() -> None:
    with pytest.raises(DataError, match=r"There is no word in '，！ '\."):
        SENTIMENT.sample("，！ ", CONFIG, embedded().facts)
    with pytest.raises(DataError, match="The sentence has 2001 characters; at most 2000 are read"):
        SENTIMENT.sample("好" * 2001, CONFIG, embedded().facts)


def test_own_reviews_and_a_word_that_is_too_rare(tmp_path: Path) -> None:
    lines = ["text,label"] + [f"好书{i}本,1\n差书{i}本,0" for i in range(40)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    data = SENTIMENT.load(CONFIG, path)
    assert (len(data.train), len(data.validation), len(data.test)) == (64, 8, 8)
    with pytest.raises(DataError, match="No word occurs 100 times in the training reviews; choose a smaller number"):
        SENTIMENT.load(SentimentConfig(min_count=100), path)


def test_metrics_worked_by_hand() -> None:
    outputs = torch.tensor([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]).log()
    found = SENTIMENT.metrics(outputs, torch.tensor([0, 0, 1]))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["loss"] == pytest.approx(-float(torch.tensor([0.9, 0.4, 0.8]).log().mean()))


@pytest.mark.training
def test_unseen_reviews_are_judged_right() -> None:
    """The whole training takes about a second; issue 2 asks for 0.82."""
    torch.manual_seed(0)
    network = SENTIMENT.network(CONFIG, embedded().facts)
    optimizer = torch.optim.Adam(network.parameters(), lr=CONFIG.learning_rate)
    generator = torch.Generator().manual_seed(0)
    for _ in range(CONFIG.epochs):
        for x, y in SENTIMENT.batches(embedded().train, CONFIG.batch_size, generator):
            optimizer.zero_grad()
            SENTIMENT.loss(network(x), y).backward()
            optimizer.step()
    network.eval()
    with torch.no_grad():
        assert SENTIMENT.metrics(network(embedded().test.inputs), embedded().test.targets)["accuracy"] >= 0.82
        praise, complaint = (
            float(network(SENTIMENT.sample(text, CONFIG, embedded().facts).inputs).exp()[0, 1])
            for text in (DEFAULT_SENTENCE, "太差了，房间又脏又吵，非常失望，再也不来了")
        )
    assert praise > 0.9 and complaint < 0.1


def test_a_words_effect_is_the_verdict_with_it_less_the_verdict_without_it() -> None:
    facts = {"vocabulary": ["好", "书", "差"], "counts": [3, 2, 1]}
    network = SentimentNetwork(3, 4).eval()
    found = [Word("好", 2, 0), Word("怪", 1, None), Word("差", 1, 2)]
    with torch.no_grad():
        scores = network(torch.tensor([[2 / 3, 0, 1 / 3], [0, 0, 1], [1, 0, 0]]))
    odds = scores[:, 1] - scores[:, 0]
    assert effects(network, found, facts) == [
        pytest.approx(float(odds[0] - odds[1]), abs=1e-6),
        None,
        pytest.approx(float(odds[0] - odds[2]), abs=1e-6),
    ]
    assert effects(network, [Word("怪", 1, None)], facts) == [None]
