"""Settings: what is refused, with which words; what is printed reads back."""

from pathlib import Path

import pytest

from twinflow.errors import SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings, load_settings, settings_yaml


def test_printed_settings_read_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(settings_yaml(), encoding="utf-8")
    assert load_settings(path) == Settings()


def test_what_is_left_to_the_head_is_printed_with_its_value(tmp_path: Path) -> None:
    printed = settings_yaml(Settings(head="euclidean", batch_size=77)).splitlines()
    own = Settings(head="euclidean").in_force
    assert f"margin: null  # euclidean: {own.margin}" in printed
    assert f"optimizer: null  # euclidean: {own.optimizer}" in printed
    assert "batch_size: 77" in printed
    assert "seed: 0" in printed
    (tmp_path / "settings.yaml").write_text("\n".join(printed))
    changed = load_settings(tmp_path / "settings.yaml", ["head=wide"])
    assert changed.in_force == Settings(head="wide", batch_size=77).in_force
    assert "#" not in "".join(settings_yaml(own).splitlines()[1::2])


def test_every_printed_key_has_its_comment() -> None:
    lines = settings_yaml().splitlines()
    assert len(lines) == 2 * len(Settings.model_fields)
    assert all(line.startswith("# ") for line in lines[::2])
    assert [line.split(":")[0] for line in lines[1::2]] == list(Settings.model_fields)


def test_later_word_wins(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("side_width: 64\nids: [name]\nseed: 3\n")
    settings = load_settings(path, ["seed=4", "head=euclidean", "units=[64, 32]", "seed=5"])
    assert (settings.side_width, settings.ids, settings.seed, settings.head) == (64, ("name",), 5, "euclidean")
    assert settings.network_settings.units == (64, 32)
    assert settings.network_settings.margin == HEADS["euclidean"].defaults.margin


def test_settings_in_force_name_every_network_setting() -> None:
    in_force = Settings(head="euclidean", dropout=0.5).in_force
    assert in_force.network_settings == Settings(head="euclidean", dropout=0.5).network_settings
    named = (in_force.dropout, in_force.optimizer, in_force.margin, in_force.loss)
    assert named == (0.5, "rmsprop", 1.0, "contrastive")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "margn=1",
            r"settings: unknown key 'margn' \(did you mean 'margin'\?\); the keys are side_width, prefix, label",
        ),
        ("zzz=1", r"settings: unknown key 'zzz'; the keys are side_width"),
        ("head=manhattan", r"settings: head: expected one of anchored, .*euclidean.*, found 'manhattan'$"),
        ("head=Anchord", r"settings: head: expected one of .*, found 'Anchord' \(did you mean 'anchored'\?\)$"),
        ("objective=acuracy", r"settings: objective: .*, found 'acuracy' \(did you mean 'accuracy'\?\)$"),
        ("optimizer=admw", r"settings: optimizer: .*, found 'admw' \(did you mean 'adamw'\?\)$"),
        (f"objective={'accuracy' * 10**6}", r"settings: objective: .*, found 'accura[^?]*$"),
        (f"head={'a' * 10**6}", r"settings: head: expected one of .*a'$"),
        (f"validation=0x{'f' * 10000}", r"settings: validation: .*, found a number of 40,000 bits$"),
        ("validation=[cross-fit]", r"settings: validation: Input should be 'cross-fit', .*, found \['cross-fit'\]"),
        ("loss=contrastive", r"settings: loss: expected cross-entropy with head 'anchored', found 'contrastive'"),
        ("side_width=0", r"settings: side_width: Input should be greater than or equal to 1, found 0"),
        ("learning_rate=.inf", r"settings: learning_rate: Input should be a finite number, found inf"),
        ("dropout=1", r"settings: dropout: Input should be less than 1, found 1"),
        ("ids=[v3]", r"settings: ids, label: expected names apart from .*, found v3, class"),
        ("ids=[score]", r"settings: ids, label: expected names apart from .*, found score, class"),
        ("ids=[a, a]", r"settings: ids, label: expected names apart from .*, found a, a, class"),
        ("label=v7", r"settings: ids, label: expected names apart from .*, found v7"),
        ("seed", r"--set: expected KEY=VALUE, found 'seed'"),
        ("seed=[1", r"--set seed: expected YAML, found"),
        ("objective=tar-at-far", r"settings: target: expected a number with objective 'tar-at-far'"),
        ("target=0.9", r"settings: target: expected none with objective 'accuracy'"),
        ("confidence=0.9", r"settings: confidence: expected none with objective 'accuracy', which has no target"),
    ],
)
def test_refusals_say_what_was_expected(override: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(overrides=[override])


def test_every_problem_is_named() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(overrides=["seed=-1", "epochs=none", "colour=red"])
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- 1\n- 2\n", r"s\.yaml: expected KEY: VALUE lines, found list"),
        (b"seed: [1\n", r"s\.yaml: expected YAML, found"),
        (b"\xff\xfe\x00", r"s\.yaml: expected a readable YAML file, found"),
        (b"sede: 1\n", r"s\.yaml: unknown key 'sede'"),
    ],
)
def test_faulty_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        load_settings(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: expected a readable YAML file, found no such file"):
        load_settings(tmp_path / "none.yaml")


def test_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("# nothing yet\n")
    assert load_settings(tmp_path / "s.yaml") == Settings()
