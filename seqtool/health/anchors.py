"""Words that both sides share: numbers, names, marks, and in summaries what was copied. The rarer, the more they say."""

from __future__ import annotations

import numpy as np

from seqtool.health.rows import Floats, Rows

# A word in more than this share of the lines is shared by chance too often, and there would be too many places to look at.
_MOST_SHARE = 1 / 30
_AT_ONCE = 2_000_000


def shared_weight(src: Rows, tgt: Rows, kinds: int, reach: int) -> Floats:
    """For each source line and offset (N, 2 * reach + 1), the weight of the words it shares with the target line so far behind it: the sum
    of the logarithms of how rare they are."""
    count, width = len(src), 2 * reach + 1
    weights = np.zeros(count * width, np.float32)
    src_share, tgt_share = src.frequencies(kinds), tgt.frequencies(kinds)
    common = np.maximum(src_share, tgt_share)
    used = (src_share > 0) & (tgt_share > 0) & (common <= max(3.0, count * _MOST_SHARE))
    used[0] = False
    worth = np.log(count / np.maximum(common, 1)).astype(np.float32)
    stride = np.int64(count + 2 * reach + 2)
    # A key is a word and a line: the target's are sorted, so that those within reach of a source line are neighbours.
    keep = used[tgt.ids]
    keys = np.sort(tgt.ids[keep] * stride + tgt.line_of_word()[keep] + reach)
    keep = used[src.ids]
    ids, lines = src.ids[keep].astype(np.int64), src.line_of_word()[keep]
    for first in range(0, len(ids), _AT_ONCE // width):
        some, at = ids[first : first + _AT_ONCE // width], lines[first : first + _AT_ONCE // width]
        low = np.searchsorted(keys, some * stride + at)
        found = np.searchsorted(keys, some * stride + at + 2 * reach, side="right") - low
        owner = np.repeat(np.arange(len(some)), found)
        places = np.arange(len(owner)) + np.repeat(low - (np.cumsum(found) - found), found)
        offsets = keys[places] - some[owner] * stride - at[owner]
        base, stop = int(at[0]), int(at[-1]) + 1
        sums = np.bincount((at[owner] - base) * width + offsets, worth[some[owner]], (stop - base) * width)
        weights[base * width : stop * width] += sums.astype(np.float32)
    return weights.reshape(count, width)
