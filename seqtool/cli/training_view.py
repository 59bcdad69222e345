"""Training as a person sees it: a live line, a table with a row a validation, and samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter

if TYPE_CHECKING:
    from seqtool.text.corpus import Ledger
    from seqtool.training.events import Live, Validation

# A larger share of dropped training pairs than this is more likely a mistake than a choice.
MUCH_DROPPED = 0.2


def show_ledger(reporter: Reporter, ledger: Ledger) -> None:
    """What was read and dropped, and a warning one cannot overlook where that is much."""
    reporter.info(f"training pairs: {ledger.summary()}")
    if ledger.drop_rate > MUCH_DROPPED:
        reporter.warning(
            f"{ledger.drop_rate:.0%} of the training pairs were dropped. Are the sides aligned, and are the limits data.max_src_tokens, "
            "data.max_tgt_tokens and data.max_length_ratio meant for this corpus?"
        )


class TrainingView:
    """An `Observer` that writes to standard error."""

    def __init__(self, reporter: Reporter, *, verbose: bool) -> None:
        self._reporter = reporter
        self._verbose = verbose
        self._columns: list[str] = []

    def message(self, text: str) -> None:
        """Something worth a line."""
        self._reporter.info(text)

    def warning(self, text: str) -> None:
        """Something a person should act on."""
        self._reporter.warning(text)

    def stage(self, name: str, pairs: int) -> None:
        """Preparing data: so many pairs of this stage are done."""
        self._reporter.line(f"preparing {name}: {pairs:,} pairs")

    def prepared(self, ledger: Ledger, valid_pairs: int) -> None:
        """The data is ready."""
        show_ledger(self._reporter, ledger)
        self._reporter.info(f"validation pairs: {valid_pairs:,}")

    def live(self, live: Live) -> None:
        """The line that is redrawn; with `-v` every line stays."""
        info = live.info
        left = "" if live.seconds_left is None else f"  {duration(live.seconds_left)} left"
        text = (
            f"step {info.step:,}  epoch {info.epoch}  loss {info.loss:.3f}  ppl {live.perplexity:.2f}  lr {info.learning_rate:.2e}  "
            f"{live.tokens_per_second:,.0f} tok/s  norm {info.grad_norm:.2f}{left}"
        )
        if self._verbose:
            self._reporter.info(text)
        else:
            self._reporter.line(text)

    def validated(self, validation: Validation) -> None:
        """A table row and the samples."""
        cells = {
            "step": f"{validation.step:,}",
            "epoch": str(validation.epoch),
            "loss": f"{validation.loss:.4f}",
            "ppl": f"{validation.perplexity:.2f}",
            **{name: f"{value:.2f}" for name, value in validation.scores.items()},
            "seconds": f"{validation.seconds:.1f}",
        }
        if not self._columns:
            self._columns = list(cells)
            self._reporter.info("  ".join(f"{name:>8}" for name in self._columns))
        row = "  ".join(f"{cells[name]:>8}" for name in self._columns)
        self._reporter.info(f"{row}{'  best' if validation.best else ''}")
        for sample in validation.samples:
            self._reporter.lines(f"    src {sample.src}\n    ref {sample.ref}\n    hyp {sample.hyp}")


def duration(seconds: float) -> str:
    """`3h05m`, `3m12s` or `12s`."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 60}m{whole % 60:02}s" if whole >= 60 else f"{whole}s"
