"""What the pages say is so: their examples run, the reference is complete, figures are the kept ones."""

import re
import runpy
import shutil
from pathlib import Path

import pytest
from doc_blocks import Block, Page, blocks, parse_only

import kb
import search
from webapp import config, create_app

ROOT = Path(__file__).parent.parent
RUN = {"python", "pycon", "console", "sh"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if any(block.language in RUN for block in blocks(page))]
# These begin where there is no library yet.
FROM_NOTHING = {"tutorial.md"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def site():
    """The pages of the library in the working directory; a busy machine may take its time."""
    return create_app(config.load(), config.Serving(budget=120)).test_client()


@pytest.fixture
def folder(tmp_path, monkeypatch, corpus):
    """A working directory with the corpus in it."""
    shutil.copytree(corpus, tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KB_DIR", raising=False)
    return tmp_path


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name)
def test_the_examples_of_a_page_run_and_print_what_is_shown(page, folder, library, warm):
    if page.name in FROM_NOTHING:
        warm(folder / ".kb")
    else:
        shutil.copytree(library, folder / ".kb")
    running = Page(folder, site)
    for block in blocks(page):
        running.run(block)


def test_an_example_that_prints_something_else_is_noticed(folder, library):
    shutil.copytree(library, folder / ".kb")
    page = Page(folder, site)
    page.run(Block("console", "$ kb verify\n.kb: all is well\n", 1))
    for wrong in (
        Block("console", "$ kb verify\nnothing is well\n", 1),
        Block("console", "$ kb verify --kb nowhere\n", 1),
        Block("console", "$ rm -r corpus\n", 1),
        Block("pycon", ">>> 1 + 1\n3\n", 1),
        Block("python", "assert False\n", 1),
    ):
        with pytest.raises(AssertionError):
            page.run(wrong)
    with pytest.raises(Exception, match="No such option"):
        parse_only(Block("sh", "kb serve --ports 80", 1))


@pytest.mark.parametrize("package", [search, kb], ids=["search", "kb"])
def test_the_reference_has_every_public_name_once(package):
    page = (ROOT / f"docs/api/{package.__name__}.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: (\S+\.\w+)$", page, re.MULTILINE)
    # Of modules, only the errors': a function that has its module's name needs its whole path.
    modules = [path for path in listed if (ROOT / path.replace(".", "/")).with_suffix(".py").exists()]
    assert set(modules) <= {"search.errors"}
    assert sorted(path.split(".")[-1] for path in listed if path not in modules) == sorted(package.__all__)


@pytest.mark.parametrize("package", [search, kb], ids=["search", "kb"])
def test_every_public_name_says_what_it_is(package):
    for public in package.__all__:
        assert public == "LANGUAGES" or getattr(package, public).__doc__, public


def test_no_page_is_left_out_of_the_contents():
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"[\w/-]+\.md", contents))
    assert named == {page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:]}


FIGURES = runpy.run_path(str(ROOT / "docs" / "figures.py"))


def test_tables_and_plots_show_the_figures_that_are_kept():
    for path, text in FIGURES["made"]():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: `make figures` brings it up to date"


def test_every_figure_that_is_kept_is_shown():
    shown = {found for page in PAGES for found in re.findall(r"<!-- figures: ([\w-]+) -->", page.read_text())}
    assert shown == set(FIGURES["kept"]())
