"""Train, ship and trust your own machine-translation or summarization model from the command line.

In Python: `from seqtool import Translator`, then `Translator.load("runs/quickstart").translate(lines)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.translator import Translator as Translator

__version__ = "0.1.0"
__all__ = ["Translator", "__version__"]


def __getattr__(name: str) -> object:
    """Imports the translator when it is asked for: `import seqtool` and `seqtool --help` stay quick."""
    if name == "Translator":
        from seqtool.translator import Translator

        return Translator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
