"""Settings: from variables, overridden by options, and handed to a child process unchanged."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.settings import Settings

plain = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


def test_defaults_stay_on_this_machine() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.store, settings.scheduler) == ("127.0.0.1", 8501, Path("store"), "")
    assert (PROJECT / "models" / "base.py").is_file()


@given(
    host=plain,
    port=st.integers(1, 65535),
    store=plain,
    scheduler=plain,
    workers=st.integers(0, 64),
    browser=st.booleans(),
)
def test_a_child_process_reads_what_its_parent_has(
    host: str, port: int, store: str, scheduler: str, workers: int, browser: bool
) -> None:
    settings = Settings(host=host, port=port, store=Path(store), scheduler=scheduler, workers=workers, browser=browser)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.environment().items():
            patch.setenv(name, value)
        assert Settings() == settings.model_copy(update={"store": Path(store).resolve()})
    assert all(name.startswith("TOUSHI_") for name in settings.environment())


def test_options_override_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUSHI_PORT", "9001")
    monkeypatch.setenv("TOUSHI_STORE", "elsewhere")
    seen: list[Settings] = []

    def serve(settings: Settings) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr("explorer.launcher.serve", serve)
    assert main(["--port", "9002"]) == 0
    assert (seen[0].port, seen[0].store) == (9002, Path("elsewhere"))


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "x"), ("WORKERS", "-1"), ("BROWSER", "perhaps")])
def test_a_wrong_variable_is_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"TOUSHI_{name}", value)
    with pytest.raises(ValidationError):
        Settings()
    assert main(["runs"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"Setting {name.lower()} cannot be '{value}'" in err


def test_settings_do_not_change_and_touch_nothing(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "s")
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    assert not os.listdir(tmp_path)  # noqa: PTH208
