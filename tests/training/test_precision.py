"""Training in bfloat16 on a CPU: refused where it would be imitated, and elsewhere as reliable as in single precision."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from seqtool.errors import ResourceError
from seqtool.training.device import check_precision, multiplies_in_bf16
from seqtool.training.dry_run import dry_run
from tests.training.test_run import recipe, records, run, weights

NATIVE = multiplies_in_bf16()


@pytest.mark.parametrize(
    ("precision", "device", "flags", "refused"),
    [
        ("fp32", "cpu", {}, False),
        ("bf16", "cpu", {"avx512_f": True}, True),
        ("bf16", "cpu", {"avx512_bf16": True}, False),
        ("bf16", "cpu", {"amx_bf16": True}, False),
        ("bf16", "cuda", {"native": True}, False),
        ("bf16", "cuda", {"native": False}, True),
        ("fp16", "cuda", {"native": False}, False),
        ("fp16", "cpu", {"avx512_bf16": True, "amx_bf16": True}, True),
    ],
)
def test_what_a_processor_cannot_do_is_refused(
    precision: str, device: str, flags: dict[str, bool], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: flags)

    def supported(*, including_emulation: bool = True) -> bool:
        return including_emulation or flags["native"]

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    if not refused:
        check_precision(precision, device)
        return
    with pytest.raises(ResourceError, match=f"training.precision is {precision}") as caught:
        check_precision(precision, device)
    assert caught.value.hint == "set training.precision=fp32"


def test_a_dry_run_says_so_too(number_corpus: Path, tmp_path: Path) -> None:
    asked = recipe(number_corpus, tmp_path / "runs/a", precision="fp16")
    with pytest.raises(ResourceError, match=r"training\.precision is fp16"):
        dry_run(asked)


@pytest.mark.skipif(not NATIVE, reason="this processor has no products in bfloat16")
def test_a_run_in_bfloat16_learns_and_goes_on_bit_for_bit(number_corpus: Path, tmp_path: Path) -> None:
    single, _ = run(number_corpus, tmp_path / "runs/single")
    whole, _ = run(number_corpus, tmp_path / "runs/whole", precision="bf16")
    run(number_corpus, tmp_path / "runs/parts", precision="bf16", max_steps=33)
    run(number_corpus, tmp_path / "runs/parts", precision="bf16")
    assert whole.best == pytest.approx(single.best, rel=0.1)
    assert whole.best != single.best, "it is in use"
    one, other = (weights(tmp_path / f"runs/{name}", 60) for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert all(tensor.dtype == torch.float32 for tensor in one.values())
    steps = [
        [each for each in records(tmp_path / f"runs/{name}") if each["kind"] == "train"] for name in ("whole", "parts")
    ]
    assert steps[0][-1] == steps[1][-1]
