"""Train, ship and trust your own machine-translation or summarization model from the command line.

In Python: `from seqtool import Translator`, then `Translator.load("runs/quickstart").translate(lines)`. What goes wrong is a
`SeqtoolError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.errors import SeqtoolError as SeqtoolError
    from seqtool.translator import Translator as Translator

__version__ = "0.1.0"
__all__ = ["SeqtoolError", "Translator", "__version__"]


def __getattr__(name: str) -> object:
    """Imports what is asked for: `import seqtool` and `seqtool --help` stay quick."""
    if name == "SeqtoolError":
        from seqtool.errors import SeqtoolError

        return SeqtoolError
    if name == "Translator":
        from seqtool.translator import Translator

        return Translator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
