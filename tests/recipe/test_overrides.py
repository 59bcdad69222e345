"""`KEY=VALUE` after the recipe, and what relative paths are relative to."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.errors import RecipeError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe

GOOD = """\
data:
  train: &pairs {src: a.de, tgt: ../b/a.en}
  valid: *pairs
training: {batch_tokens: 100, max_epochs: 3}
model:
"""


def load(tmp_path: Path, *overrides: str, text: str = GOOD) -> Recipe:
    (tmp_path / "sub").mkdir(exist_ok=True)
    path = tmp_path / "sub" / "small.v2.yaml"
    path.write_text(text, "utf-8")
    return load_recipe(path, overrides, cwd=Path("/here"))


@pytest.mark.parametrize(
    ("override", "section", "name", "value"),
    [
        ("training.batch_tokens=2048", "training", "batch_tokens", 2048),
        ("training.batch_tokens=0x10", "training", "batch_tokens", 16),
        (" training . batch_tokens =  2048 ", "training", "batch_tokens", 2048),
        ("training.max_epochs=null", "training", "max_epochs", None),
        ("training.max_epochs=", "training", "max_epochs", None),
        ("training.clip_norm=1", "training", "clip_norm", 1.0),
        ("training={seed: 7}", "training", "seed", 7),
        ("training={seed: 7}", "training", "batch_tokens", 4096),
        ("training=", "training", "batch_tokens", 4096),
        ("model.embedding=64", "model", "embedding", 64),
        ("decoding.beam_size=1", "decoding", "beam_size", 1),
        ("decoding={beam_size: 1, batch_size: 3}", "decoding", "batch_size", 3),
        ("tokenizer.kind='bpe'", "tokenizer", "kind", "bpe"),
    ],
)
def test_an_override_changes_its_key(tmp_path: Path, override: str, section: str, name: str, value: object) -> None:
    assert getattr(getattr(load(tmp_path, override), section), name) == value


def test_an_override_leaves_the_rest_alone(tmp_path: Path) -> None:
    plain, changed = load(tmp_path), load(tmp_path, "model.encoder.hidden=64")
    assert changed.model.encoder.hidden == 64
    encoder = changed.model.encoder.model_copy(update={"hidden": plain.model.encoder.hidden})
    assert changed.model_copy(update={"model": changed.model.model_copy(update={"encoder": encoder})}) == plain


def test_the_last_override_wins(tmp_path: Path) -> None:
    assert load(tmp_path, "training.seed=2", "training.seed=3").training.seed == 3
    assert load(tmp_path, "training.seed=2", "training={batch_tokens: 7}").training.seed == 1


def test_an_override_of_an_aliased_section_changes_one_of_the_two(tmp_path: Path) -> None:
    recipe = load(tmp_path, "data.valid.src=x.de")
    assert (recipe.data.train.src, recipe.data.valid.src) == (str(tmp_path / "sub" / "a.de"), "/here/x.de")


def test_overrides_can_be_the_whole_recipe(tmp_path: Path) -> None:
    recipe = load(tmp_path, "data.train={src: a, tgt: b}", "data.valid={src: c, tgt: d}", text="")
    assert recipe.data.train.src == "/here/a"


@pytest.mark.parametrize(
    ("override", "error_id", "said", "marked"),
    [
        ("training.batch_tokens=abc", "recipe.type", "`training.batch_tokens` is `abc`", "abc"),
        ("training.batch_tokens=0", "recipe.value", "at least 1", "0"),
        ("training.batch_token=4", "recipe.unknown-key", "did you mean `batch_tokens`?", "training.batch_token"),
        ("trainin.seed=4", "recipe.unknown-key", "did you mean `training`?", "trainin.seed"),
        ("training.max_epochs.x=1", "recipe.override", "is no section: it cannot have `x`", "training.max_epochs.x"),
        ("data.train.src.0=a", "recipe.override", "`data.train.src` is no section", "data.train.src.0"),
        ("training", "recipe.override", "expected KEY=VALUE", "training"),
        ("training..seed=1", "recipe.override", "expected KEY=VALUE", "training..seed"),
        ("a" + ".a" * 5000 + "=1", "recipe.override", "expected KEY=VALUE", None),
        ("=1", "recipe.override", "expected KEY=VALUE", None),
        ("", "recipe.override", "expected KEY=VALUE", None),
        ("training={seed: 1", "recipe.syntax", "a `{` that is not closed", "{"),
        ("data.train.src=*.de", "recipe.syntax", "a `*` or `&` that begins a value", "*"),
        ("training.seed=1\n---\n2", "recipe.syntax", "a second document", "---"),
        ("run_dir=\x1b[31m", "recipe.encoding", "U+001B", None),
        ("run_dir=\udcff", "recipe.encoding", "U+DCFF", None),
        ("data.train=5", "recipe.type", "`data.train` is `5`; expected a section: {src, tgt, tsv, ...}", "5"),
        ("data.train={src: a}", "recipe.combination", "data.train: no tgt", "{src: a}"),
        ("training={seed: [" + "{a: " * 60, "recipe.too-large", "nested deeper than 40", None),
    ],
)  # fmt: skip
def test_a_wrong_override_is_shown(tmp_path: Path, override: str, error_id: str, said: str, marked: str | None) -> None:
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, override)
    assert caught.value.error_id == error_id
    assert said in str(caught.value)
    assert caught.value.message.startswith("on the command line: ")
    if marked is not None:
        shown, caret = caught.value.message.split("\n")[1:3]
        assert shown[caret.index("^") : caret.rindex("^") + 1] == marked


def test_mistakes_of_file_and_overrides_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, "data.valid={src: [", "training.seed=x", text=GOOD + "  tie: some\n")
    assert [line.split(": ")[0] for line in caught.value.message.split("\n") if line.startswith("error")] == [
        "error[recipe.value]",
        "error[recipe.syntax]",
        "error[recipe.type]",
    ]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("src: a.de, tgt: /b/a.en", {"src": "/T/sub/a.de", "tgt": "/b/a.en"}),
        ("src: ./a/../b.de, tgt: ../a.en", {"src": "/T/sub/b.de", "tgt": "/T/a.en"}),
        ('src: ["*.de", x/b.de], tgt: c.en', {"src": ["/T/sub/*.de", "/T/sub/x/b.de"], "tgt": "/T/sub/c.en"}),
        ("src: ~/a.de, tgt: ~nobody-of-this-name/a.en", {"src": "/H/a.de", "tgt": "/T/sub/~nobody-of-this-name/a.en"}),
        ("tsv: a.tsv, src: 1, tgt: 2", {"tsv": "/T/sub/a.tsv", "src": 1, "tgt": 2}),
        ("csv: a.csv, src: de, tgt: en", {"csv": "/T/sub/a.csv", "src": "de", "tgt": "en"}),
        ("jsonl: [a.jsonl], src: a.b, tgt: c", {"jsonl": ["/T/sub/a.jsonl"], "src": "a.b", "tgt": "c"}),
        ("parquet: ~/a*.parquet, src: a, tgt: b", {"parquet": "/H/a*.parquet", "src": "a"}),
        ("folder: ds, split: dev, src: a, tgt: b", {"folder": "/T/sub/ds", "split": "dev", "src": "a"}),
        ("hub: x/y, src: a, tgt: b, config: de-en", {"hub": "x/y", "src": "a", "config": "de-en"}),
    ],
)
def test_paths_become_absolute_and_names_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, expected: dict[str, object]
) -> None:
    monkeypatch.setenv("HOME", "/H")
    recipe = load(tmp_path, text=f"data: {{train: {{{section}}}, valid: {{{section}}}, test: {{{section}}}}}")
    for role in (recipe.data.train, recipe.data.valid, recipe.data.test):
        values = {name: getattr(role, name) for name in expected}
        assert str(values).replace(str(tmp_path), "/T") == str(expected)


def test_a_path_from_an_override_is_relative_to_the_working_directory(tmp_path: Path) -> None:
    recipe = load(tmp_path, "data.train.src=[x.de, ../y.de]", "data.valid={tsv: v.tsv, src: 1, tgt: 2}")
    assert recipe.data.train.src == ["/here/x.de", "/y.de"]
    assert recipe.data.train.tgt == str(tmp_path / "b" / "a.en")
    assert recipe.data.valid.tsv == "/here/v.tsv"


def test_two_dots_after_a_link_are_not_its_parent(tmp_path: Path) -> None:
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "far" / "a.de").write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "link").symlink_to(tmp_path / "far" / "deep")
    text = "data: {train: {src: link/../a.de, tgt: a}, valid: {src: a, tgt: a}}"
    assert Path(str(load(tmp_path, text=text).data.train.src)).exists()


def test_without_cwd_it_is_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.yaml").write_text(GOOD, "utf-8")
    monkeypatch.chdir(tmp_path)
    recipe = load_recipe(Path("r.yaml"), ["data.train.src=x.de"])
    assert recipe.data.train.src == str(tmp_path / "x.de")
    assert recipe.data.valid.src == str(tmp_path / "a.de")
    assert recipe.run_dir == "runs/r"


def test_run_dir_stays_as_typed(tmp_path: Path) -> None:
    assert load(tmp_path).run_dir == "runs/small.v2"
    assert load(tmp_path, text=f"run_dir: ../x\n{GOOD}").run_dir == "../x"
    assert load(tmp_path, "run_dir=~x", text=f"run_dir: ../x\n{GOOD}").run_dir == "~x"
