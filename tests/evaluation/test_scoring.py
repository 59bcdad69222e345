"""What is refused before anything long is done."""

from __future__ import annotations

import pytest

from seqtool.errors import ResourceError, UsageError
from seqtool.evaluation import Resampling, check_resampling
from seqtool.metrics.paired import PairedTest


def test_what_cannot_be_drawn_is_known_from_the_number_of_lines() -> None:
    test = PairedTest("ar", 10_000)
    check_resampling(Resampling(1000, 1, test), ["bleu"], 11_490)
    with pytest.raises(ResourceError, match="10,000 resamples of 90,000 lines"):
        check_resampling(Resampling(0, 1, test), ["rougeL"], 90_000)
    with pytest.raises(ResourceError, match="1,000,000 resamples of 1,000 lines"):
        check_resampling(Resampling(1_000_000, 1), ["chrf"], 1000)
    check_resampling(Resampling(1_000_000, 1), ["rougeL"], 1000)
    with pytest.raises(UsageError, match="bootstrap with 1 samples"):
        check_resampling(Resampling(1, 1), ["rougeL"], 10)
