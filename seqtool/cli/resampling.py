"""How often `seqtool evaluate` draws its lines anew, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.evaluation import Resampling
    from seqtool.metrics.paired import Kind


def resample(
    systems: int,
    paired: Kind | None,
    resamples: int | None,
    bootstrap: int,
    seed: int | None,
    *,
    diff: int | None,
    sliced: bool,
) -> Resampling:
    """What the options mean for so many systems. A paired bootstrap gives intervals as well, from the same lines. Randomization
    gives none: there each system has those of a bootstrap of its own.

    Raises `UsageError` where there is nothing to compare, and for numbers of nothing or that contradict each other.
    """
    from seqtool.evaluation import Resampling
    from seqtool.metrics.paired import RESAMPLES, PairedTest
    from seqtool.metrics.score import BOOTSTRAP_SEED

    if systems < 2 and (paired or diff):
        asked = f"--paired {paired}" if paired else f"--diff {diff}"
        raise UsageError("usage.evaluate", f"{asked}: a single system has none to differ from", "name two or more")
    if resamples and not paired:
        raise UsageError("usage.evaluate", f"--resamples {resamples} of what?", "add --paired bs or --paired ar")
    if seed and not (paired or bootstrap or sliced):
        raise UsageError("usage.evaluate", f"--seed {seed} of what?", "add --paired, --bootstrap or --by")
    start = seed or BOOTSTRAP_SEED
    if paired is None:
        return Resampling(bootstrap, start, None)
    test = PairedTest(paired, resamples or RESAMPLES[paired], start)
    if paired == "bs" and bootstrap not in (0, test.resamples):
        message = f"--bootstrap {bootstrap} and --paired bs with {test.resamples} resamples"
        raise UsageError("usage.evaluate", message, "leave --bootstrap out: the intervals come from the same resamples")
    return Resampling(test.resamples if paired == "bs" else bootstrap or RESAMPLES["bs"], start, test)
