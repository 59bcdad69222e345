"""What denoising is worth to somebody with few pairs: trains on 2,000 pairs alone, and after learning to restore both sides' text.

    python -m benchmarks.pretrain --data DIR --work WORK [--pairs 2000] [--minutes 10] [--pretrain-minutes 20] [--seed 1] [--threads 2]

DIR holds `train`, `val` and `test` (test_2016_flickr), each as `.de` and `.en` (Multi30k). The text that is restored is all of `train.de`
and `train.en`, without saying which lines belong together; the pairs are the first lines of both. Three trainings of
recipes/multi30k-de-en.yaml with `model.lexical=false`, all with the tokenizer of the first: restoring, then the pairs from there, and the
pairs from nothing for the same minutes. What is finished in WORK is not trained again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from benchmarks.machine import describe, matrix_rate
from benchmarks.multi30k import BASE, corpora, for_minutes, scores, trained
from benchmarks.zoo_children import Children
from seqtool import fs


def restoring(data: Path) -> list[str]:
    """Overrides that train on the text of both sides."""
    found = ["training.objective=denoise", "training.metrics=[]", "training.export=false"]
    for role, stem in (("train", "train"), ("valid", "val")):
        files = json.dumps([str(data.resolve() / f"{stem}.{language}") for language in ("de", "en")])
        found.append(f"data.{role}={{src: {files}}}")
    return found


def few_pairs(data: Path, folder: Path, count: int) -> None:
    """The first pairs, as files of their own."""
    fs.make_dir(folder)
    for language in ("de", "en"):
        lines = (data / f"train.{language}").read_text("utf-8").split("\n")[:count]
        fs.commit_text(folder / f"train.{language}", "".join(f"{line}\n" for line in lines))


def main() -> None:
    """Trains and prints a line for each of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", required=True)
    parser.add_argument("--work", type=Path, metavar="WORK", required=True)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pretrain-minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{describe()}, {matrix_rate():.0f} GFLOP/s", flush=True)
    few_pairs(options.data, options.work / "pairs", options.pairs)
    seed = f"training.seed={options.seed}"
    first = options.work / "restored"
    tokenizer = f"tokenizer.model={json.dumps(str(first.resolve()))}"
    start = f"training.init_from={{model: {json.dumps(str(first.resolve()))}}}"
    pairs = [*corpora(options.data, pairs=options.work / "pairs"), *for_minutes(options.minutes, options.threads), seed]
    pairs += BASE
    with Children() as children:
        trained(
            children,
            first,
            [*for_minutes(options.pretrain_minutes, options.threads), seed, *BASE, *restoring(options.data)],
        )
        for name, more in (("pairs alone", [tokenizer]), ("after restoring", [tokenizer, start])):
            run_dir = options.work / name.replace(" ", "-")
            training = trained(children, run_dir, [*pairs, *more])
            found = scores(children, options.data, run_dir, "test")
            print(
                f"{name}: BLEU {found['bleu'].value:.2f}, chrF {found['chrf'].value:.2f}, perplexity {training.perplexity or 0:.2f}, "
                f"{training.updates:,} updates in {training.minutes:.1f} minutes\n  {found['bleu'].signature}",
                flush=True,
            )


if __name__ == "__main__":
    main()
