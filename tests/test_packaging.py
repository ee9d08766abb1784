"""The wheel: built from the sources, installed elsewhere, used there."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("kb", "search", "webapp")


REQUIREMENTS = runpy.run_path(str(ROOT / ".ci" / "requirements.py"))


# Nothing of the project's folder is to be seen from elsewhere.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KB_DIR")}


def run(*command, **options):
    options.setdefault("env", ENVIRONMENT)
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel made from a copy of the sources, so that nothing is written into the project."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tree)
    make = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    run(sys.executable, "-c", make, tree / "dist", cwd=tree)
    (made,) = (tree / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """A fresh environment with the wheel in it, which finds the dependencies where the tests have them."""
    home = tmp_path_factory.mktemp("elsewhere") / "environment"
    venv.create(home, symlinks=os.name != "nt")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A folder named in a .pth file is searched for modules, but its own .pth files are not followed: an
    # editable install of these sources stays out of sight.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    return python


def test_the_wheel_has_everything_that_the_sources_have(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix().replace("search/rosetta/", "rosetta/") in packed
    tops = {name.split("/")[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*PACKAGES, "rosetta"}


def test_the_version_is_said_in_one_place(wheel, elsewhere, tmp_path):
    version = PROJECT["project"]["version"]
    assert wheel.name.split("-")[1] == version
    said = run(elsewhere, "-c", "from webapp.config import version; print(version())", cwd=tmp_path)
    assert said.strip() == version
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert not [path for path in files if f'"{version}"' in path.read_text(encoding="utf-8")]


def test_installed_elsewhere_it_builds_a_library_and_finds_what_is_in_it(elsewhere, tmp_path):
    texts = tmp_path / "my texts"
    texts.mkdir()
    (texts / "rye.md").write_text(
        "# Pan żytni\n\nChleb żytni piecze się na zakwasie, bo mąka żytnia nie ma glutenu jak pszenna.\n"
        "Zakwas dojrzewa przez pięć dni i wymaga dokarmiania każdego ranka.\n",
        encoding="utf-8",
    )
    kb = [elsewhere.with_name("kb" + elsewhere.suffix)]
    home = run(elsewhere, "-c", "import rosetta, search; print(rosetta.__file__)", cwd=tmp_path)
    assert Path(home.strip()).is_relative_to(elsewhere.parent.parent)
    built = run(*kb, "build", texts, "--to", tmp_path / "library", cwd=tmp_path)
    assert "1 added" in built
    found = run(*kb, "search", "rye bread", "--kb", tmp_path / "library", cwd=tmp_path)
    assert "Pan żytni" in found
    page = (
        "import re; from pathlib import Path; from webapp import create_app, config\n"
        "site = create_app(config.Settings(Path('library'))).test_client()\n"
        "text = site.get('/', headers={'Accept-Language': 'pl'}).text\n"
        "style = re.search(r'/static/\\S+\\.css', text)[0]\n"
        "print(site.get(style).status_code, 'lang=\"pl\"' in text, 'Szukaj' in text)"
    )
    assert run(elsewhere, "-c", page, cwd=tmp_path).strip() == "200 True True"


# --- what an install takes


def pinned(file):
    """The version of each package in a file of constraints or requirements, and how many hashes it has."""
    found, hashes = {}, {}
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            required, *listed = line.split(" --hash=")
            one = Requirement(required)
            if one.marker is None or one.marker.evaluate():
                (version,) = one.specifier
                assert version.operator == "=="
                name = canonicalize_name(one.name)
                found[name], hashes[name] = version.version, len(listed)
                assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", digest) for digest in listed)
    return found, hashes


def test_a_light_install_is_a_whole_one_without_what_models_by_name_need():
    light, hashes = pinned("requirements-light.txt")
    lines = REQUIREMENTS["light"]()
    left_out = {Requirement(line).name for line in {*REQUIREMENTS["dependencies"]()} - {*lines}}
    assert left_out == {"sentence-transformers", "torch"}
    # All that these need, directly or not: none is missing, none is left from before.
    assert set(light) == set(REQUIREMENTS["closure"](lines, REQUIREMENTS["UNUSED"])), (
        "`make requirements` brings it up to date"
    )
    assert all(hashes.values())
    tested = pinned("constraints.txt")[0]
    assert {name: tested.get(name) for name in light} == light
    heavy = {"sentence-transformers", "torch", "transformers", "scipy", "scikit-learn", "sympy"}
    assert not heavy & set(light)
    assert not [name for name in light if name.startswith(("nvidia", "cuda"))]


def test_on_linux_no_cuda_build_of_torch_can_be_drawn():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^torch==(\S+) ; (.+)$", text, re.MULTILINE)
    versions = {marker: version for version, marker in lines}
    # A version with "+cpu" is not on PyPI, so that a pip that is not told of another index finds none.
    elsewhere = versions['sys_platform != "linux"']
    assert versions == {'sys_platform == "linux"': f"{elsewhere}+cpu", 'sys_platform != "linux"': elsewhere}
