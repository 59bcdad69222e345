"""Many mutated recipes, mutated model directories and streams of random bytes through the real commands.

    python -m benchmarks.fuzz [recipes] [models] [streams] [--cases 10000] [--seed 1] [--out benchmarks/results/fuzz]

No command may end with a bug, a traceback or a signal, take more than five seconds, or have an exit code that its case does not allow; see
`tests/cli/fuzzing.py`. What came of them is in OUT/KIND-SEED.json, which is written every few hundred cases: the same command again goes on
where it stopped. Folders of cases that broke a promise are kept in OUT/broken. `--only N` runs one case and shows what is wrong.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import describe
from tests.cli.fuzz_models import model_cases
from tests.cli.fuzz_recipes import recipe_cases, write_corpus
from tests.cli.fuzz_streams import stream_cases
from tests.cli.fuzzing import Maker, Server, run_cases
from tests.fuzz_bases import write_models

KINDS = ("recipes", "models", "streams")
STRIDE = 250


def makers(folder: Path) -> dict[str, Maker]:
    """Makers of the cases of every kind, and what they need on disk."""
    write_corpus(folder / "corpus")
    models = write_models(folder / "models")
    found = (recipe_cases(folder / "corpus"), model_cases(models), stream_cases(models[0]))
    return dict(zip(KINDS, found, strict=True))


def commit() -> str:
    """The commit of this code, marked where files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def go_on(path: Path, kind: str, seed: int) -> dict[str, Any]:
    """What an earlier run of the same code has found, or nothing yet."""
    fresh: dict[str, Any] = {
        "kind": kind,
        "seed": seed,
        "cases": 0,
        "codes": {},
        "broken": [],
        "slowest": 0.0,
        "seconds": 0.0,
    }
    fresh |= {"commit": commit(), "machine": describe()}
    if path.exists():
        noted: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if noted["commit"] == fresh["commit"]:
            return noted
    return fresh


def fuzz(server: Server, make: Maker, kind: str, *, cases: int, seed: int, out: Path) -> list[str]:
    """Runs what is left of the cases, and returns those that broke a promise."""
    path = out / f"{kind}-{seed}.json"
    facts = go_on(path, kind, seed)
    while facts["cases"] < cases:
        start = time.monotonic()
        stop = min(cases, facts["cases"] + STRIDE)
        tally = run_cases(server, kind, make, range(facts["cases"], stop), seed=seed, keep=out / "broken")
        codes = Counter({int(code): count for code, count in facts["codes"].items()}) + tally.codes
        facts |= {
            "cases": stop,
            "codes": {str(code): codes[code] for code in sorted(codes)},
            "broken": facts["broken"] + tally.broken,
            "slowest": round(max(facts["slowest"], tally.slowest), 3),
            "seconds": round(facts["seconds"] + time.monotonic() - start, 1),
        }
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
        rate = facts["cases"] / facts["seconds"]
        print(
            f"{kind}: {stop:,} of {cases:,}, {rate:.0f}/s, exit codes {facts['codes']}, {len(facts['broken'])} broken",
            flush=True,
        )
        for one in tally.broken:
            print(one, flush=True)
    return list(facts["broken"])


def main() -> None:
    """Runs, records, and ends with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/fuzz"))
    options = parser.parse_args()
    server = Server()
    broken: list[str] = []
    with TemporaryDirectory(prefix="seqtool-fuzz-bases-") as place:
        made = makers(Path(place))
        for kind in options.kinds or KINDS:
            if options.only is not None:
                tally = run_cases(
                    server, kind, made[kind], [options.only], seed=options.seed, keep=options.out / "broken"
                )
                print(tally)
            else:
                broken += fuzz(server, made[kind], kind, cases=options.cases, seed=options.seed, out=options.out)
    server.close()
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
