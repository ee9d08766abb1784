from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import kb
from kb import errors

MODULES = [module.name for module in pkgutil.walk_packages(kb.__path__, "kb.")]


@pytest.mark.parametrize("name", ["kb", *MODULES])
def test_all_names_what_is_there(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    assert all(hasattr(module, public) for public in module.__all__)
    assert len(module.__all__) == len(set(module.__all__))


@pytest.mark.parametrize("path", sorted(Path(kb.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_every_error_is_ours() -> None:
    named = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(error, errors.KBError) for error in named)
    assert str(errors.SourceRefused("a.txt", "is empty; fill it")) == "a.txt: is empty; fill it"


def test_the_package_is_typed() -> None:
    assert (Path(kb.__file__).parent / "py.typed").exists()
