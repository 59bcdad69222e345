"""Words that both sides share: numbers, names, marks, and in summaries what was copied. The rarer, the more they say."""

from __future__ import annotations

import numpy as np

from seqtool.health.rows import Floats, Rows

# A word in more than this share of the lines is shared by chance too often, and there would be too many places to look at.
_MOST_SHARE = 1 / 30
_AT_ONCE = 50_000


def worth_of_words(src: Rows, tgt: Rows, kinds: int) -> Floats:
    """What sharing a word says (W,): the logarithm of how rare it is on the side that has it more often; 0 where it is too usual, or not on
    both sides."""
    on_src, on_tgt = src.frequencies(kinds), tgt.frequencies(kinds)
    common = np.maximum(on_src, on_tgt)
    used = (on_src > 0) & (on_tgt > 0) & (common <= max(3.0, len(src) * _MOST_SHARE))
    used[0] = False  # it stands for many words
    return np.where(used, np.log(len(src) / np.maximum(common, 1)), 0.0).astype(np.float32)


def shared_weight(src: Rows, tgt: Rows, worth: Floats, reach: int, ahead: int = 0) -> Floats:
    """For each source line and offset (N, 2 * reach + 1), the worth of the words it shares with the target line so far behind it; line 0
    of the sources is line `ahead` of the targets."""
    count, width = len(src), 2 * reach + 1
    weights = np.zeros(count * width, np.float32)
    stride = np.int64(max(count + ahead, len(tgt)) + 2 * reach + 1)
    known = np.append(worth, np.float32(0.0))  # words that came after the worth was counted have none
    src_worth, tgt_worth = (known[np.minimum(rows.ids, len(worth))] for rows in (src, tgt))
    # A key is a word and a line: the target's are sorted, so that those within reach of a source line are neighbours.
    keep = tgt_worth > 0
    keys = np.sort(tgt.ids[keep] * stride + tgt.line_of_word()[keep] + reach)
    keep = src_worth > 0
    ids, lines, src_worth = src.ids[keep].astype(np.int64), src.line_of_word()[keep], src_worth[keep]
    for first in range(0, len(ids), _AT_ONCE):
        some, at, worths = (one[first : first + _AT_ONCE] for one in (ids, lines, src_worth))
        lowest = some * stride + at + ahead
        low = np.searchsorted(keys, lowest)
        found = np.searchsorted(keys, lowest + 2 * reach, side="right") - low
        owner = np.repeat(np.arange(len(some)), found)
        places = np.arange(len(owner)) + np.repeat(low - (np.cumsum(found) - found), found)
        base, stop = int(at[0]), int(at[-1]) + 1
        cells = (at[owner] - base) * width + keys[places] - lowest[owner]
        sums = np.bincount(cells, worths[owner], (stop - base) * width)
        weights[base * width : stop * width] += sums.astype(np.float32)
    return weights.reshape(count, width)
