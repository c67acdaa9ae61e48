"""The Chinese catalogue is complete, fits the source, and is compiled; no page shows a text that bypasses it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from explorer.project import PROJECT
from explorer.translations.catalogue import MO, SOURCES, chinese, compiled, source_catalogue, texts, unfinished
from explorer.translations.language_words import LANGUAGES, preferred, sentence, translation
from models.errors import DataError

# Streamlit's calls that show their first text, and the arguments that are shown wherever they stand.
SHOWN_FIRST = {
    "title",
    "header",
    "subheader",
    "markdown",
    "write",
    "caption",
    "text",
    "button",
    "checkbox",
    "toggle",
    "radio",
    "selectbox",
    "multiselect",
    "slider",
    "select_slider",
    "number_input",
    "text_input",
    "text_area",
    "metric",
    "file_uploader",
    "download_button",
    "link_button",
    "expander",
    "popover",
    "success",
    "info",
    "warning",
    "error",
    "toast",
    "spinner",
    "status",
    "segmented_control",
    "pills",
    "form_submit_button",
    "dialog",
    "date_input",
}
SHOWN_ARGUMENTS = {"label", "help", "placeholder", "title"}
# The name of the language switch, in both languages at once; the product's own name; argparse's English on a terminal.
SAME_IN_ALL = {"语言 Language", "Toushi", "Toushi 透视", "{message} (see --help)"}
# Errors whose sentence a person reads.
ERRORS = {"UserError", "SettingError", "DataError", "RunError", "GraphError"}


def names(text: str) -> set[str]:
    """The names in braces: ``{n} of {all}`` → n, all."""
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def differing(message: Message) -> bool:
    """Whether a translation has other placeholders than its source."""
    originals = message.id if isinstance(message.id, tuple | list) else (message.id,)
    translated = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return any(names(text or "") != names(originals[-1]) for text in translated)


def bare(node: ast.expr) -> str:
    """The words of a literal (or of the literal parts of an f-string) that a person would read; '' for none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    else:
        return ""
    return text if any(c.isalpha() for c in text) and text not in SAME_IN_ALL else ""


def untranslatable(source: str) -> Iterator[tuple[int, str]]:
    """(line, words) of texts that go to Streamlit, or into a user's error, without passing the catalogue."""
    with_streamlit = "streamlit" in source
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        shows = with_streamlit and isinstance(node.func, ast.Attribute) and name in SHOWN_FIRST
        if name in ERRORS or shows:
            yield from ((node.lineno, bare(one)) for one in node.args[:1] if bare(one))
        if shows:
            named = (one.value for one in node.keywords if one.arg in SHOWN_ARGUMENTS)
            yield from ((node.lineno, bare(value)) for value in named if bare(value))


def sources() -> list[Path]:
    return sorted(path for top in SOURCES for path in (PROJECT / top).rglob("*.py"))


def test_every_text_is_translated() -> None:
    assert [message.id for message in unfinished(chinese())] == []


def test_the_catalogue_holds_what_the_source_holds() -> None:
    stored, wanted = ({message.id for message in one if message.id} for one in (chinese(), source_catalogue()))
    assert wanted - stored == set(), "run make catalogue"
    assert stored - wanted == set(), "run make catalogue"


def test_placeholders_agree() -> None:
    assert [message.id for message in chinese() if message.id and differing(message)] == []


def test_the_compiled_catalogue_is_fresh() -> None:
    assert MO.read_bytes() == compiled(chinese()), "run make catalogue"


def test_no_text_bypasses_the_catalogue() -> None:
    result = [
        f"{path.relative_to(PROJECT)}:{line}: {text}"
        for path in sources()
        for line, text in untranslatable(path.read_text(encoding="utf-8"))
    ]
    assert result == []


@pytest.mark.parametrize(
    "source",
    [
        'st.button("Train")',
        'st.sidebar.caption(f"{n} runs")',
        'st.slider(_("Seed"), help="A number")',
        'column.metric(label="Loss", value=x)',
        'raise DataError("There is no file {name}.", name=name)',
    ],
)
def test_a_bypass_is_found(source: str) -> None:
    assert list(untranslatable(f"import streamlit as st\n{source}"))


@pytest.mark.parametrize(
    "source",
    [
        'st.button(_("Train"), key="train")',
        'st.metric(f"{a} · {b}", value)',
        'raise DataError(N_("No."))',
        'st.write(text.split("a"))',
    ],
)
def test_what_passes_the_catalogue_is_let_be(source: str) -> None:
    assert list(untranslatable(f"import streamlit as st\n{source}")) == []


def test_texts_are_read_from_every_form() -> None:
    source = 'a = _("One" " two")\nb = f"**{_(\'Three\')}**"\nngettext("{n} run", "{n} runs", n)\nN_("Four")\n_(name)'
    assert {result for _, result in texts(source)} == {("One two",), ("Three",), ("{n} run", "{n} runs"), ("Four",)}


def test_missing_fuzzy_and_differing_texts_are_found() -> None:
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("Loss", "")
    catalogue.add("Step", "步数", flags=["fuzzy"])
    catalogue.add("{n} of {all}", "{n}")
    catalogue.add("Value", "值")
    assert [message.id for message in unfinished(catalogue)] == ["Loss", "Step"]
    assert [message.id for message in catalogue if message.id and differing(message)][-1:] == ["{n} of {all}"]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh"),
        ("zh_Hans_CN", "zh"),
        ("ZH", "zh"),
        ("zh-TW", "zh"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("zhuang", "en"),
    ],
)
def test_the_browser_chooses_the_language(locale: str | None, language: str) -> None:
    assert preferred(locale) == language
    assert language in LANGUAGES


def test_two_languages_live_side_by_side() -> None:
    chinese_words, english_words = translation("zh"), translation("en")
    assert chinese_words.gettext("Loss") == "损失"
    assert english_words.gettext("Loss") == "Loss"
    assert translation("zh") is chinese_words
    assert translation("xx").gettext("Loss") == "Loss"


def test_an_error_is_told_with_its_values() -> None:
    error = DataError("There is no file {name}.", name="a.csv")
    assert sentence(error, translation("en").gettext) == "There is no file a.csv."
    assert sentence(error, translation("zh").gettext) == "没有文件 a.csv。"


def test_braces_in_a_value_are_left_alone() -> None:
    error = DataError("There is no file {name}.", name="{x}.csv")
    assert "{x}.csv" in sentence(error, translation("zh").gettext)
