"""Nothing that is read can run code: no pickle, and nothing that reads one on the way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.cli.processes import PACKAGE_ROOT

SOURCES = sorted((PACKAGE_ROOT / "seqtool").rglob("*.py"))

# Modules that execute what they read.
MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "jsonpickle", "dbm"}
# Functions of others that unpickle, always or when they are told to, and such as load code by its name.
CALLS = {
    *("torch.load", "torch.save", "torch.jit.load", "torch.package.PackageImporter", "torch.hub.load"),
    *("np.load", "numpy.load", "np.save", "numpy.save", "np.savez", "numpy.savez", "np.fromstring"),
    *("pandas.read_pickle", "pd.read_pickle", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.Loader"),
    *("eval", "exec", "compile", "__import__", "importlib.import_module", "runpy.run_path"),
    *("os.system", "os.popen", "subprocess.run", "subprocess.Popen"),
}
WORDS = re.compile(
    r"allow_pickle|weights_only|trust_remote_code\s*=\s*True|UnsafeLoader|FullLoader|register_custom_ops|custom_ops_library"
)


def test_the_package_imports_nothing_that_executes_what_it_reads() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not MODULES & {name.partition(".")[0] for name in names}, path


def test_the_package_calls_nothing_that_unpickles() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in CALLS, f"{path}:{node.lineno}"


def test_the_package_turns_no_such_thing_on() -> None:
    for path in SOURCES:
        assert not WORDS.search(path.read_text("utf-8")), path


def test_no_pickle_and_no_archive_is_shipped() -> None:
    """Recipes and data are text."""
    for folder in ("recipes", "data"):
        for path in (PACKAGE_ROOT / folder).rglob("*"):
            if path.is_file():
                assert not foreign(path), path


def foreign(path: Path) -> bool:
    """Whether a file begins as a pickle, or as the archive that torch.save and numpy write."""
    with path.open("rb") as stream:
        head = stream.read(8)
    return head[:1] == b"\x80" or head.startswith((b"PK\x03\x04", b"\x93NUMPY", b"ccopy_reg", b"(dp0"))
