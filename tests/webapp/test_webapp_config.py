"""Option before environment before default; nobody else reads the environment."""

import re
from pathlib import Path

import kb
import search
import webapp
from webapp import config


def test_the_default_is_the_folder_kb_here():
    assert config.load(environment={}) == config.Settings(Path(".kb"), None, None)


def test_the_environment_wins_over_the_default():
    given = {"KB_DIR": "/lib", "KB_MODEL": "some/model", "KB_CACHE": "/cache"}
    assert config.load(environment=given) == config.Settings(Path("/lib"), "some/model", Path("/cache"))


def test_an_option_wins_over_the_environment():
    given = {"KB_DIR": "/lib", "KB_MODEL": "some/model"}
    assert config.load("/mine", "other", given) == config.Settings(Path("/mine"), "other", None)
    given["KB_READER"] = "some/reader"
    assert config.load(environment=given).reader == "some/reader"
    assert config.load(environment=given, reader="bundled").reader == "bundled"


def test_an_empty_variable_counts_as_none():
    assert config.load(environment={"KB_DIR": "", "KB_MODEL": ""}) == config.Settings()


def test_no_other_module_reads_the_environment():
    readers = [
        path.name
        for package in (kb, search, webapp)
        for path in Path(package.__file__).parent.rglob("*.py")
        if re.search(r"os\.environ|getenv|envvar", path.read_text("utf-8"))
    ]
    assert readers == ["config.py"]


def test_a_library_on_a_server_has_a_home_here():
    address = "milvus+http://milvus.example:19530/docs"
    settings = config.load(address, environment={})
    assert settings == config.Settings(Path(".kb-docs"), address=address)
    assert settings.opened == address
    assert config.load(environment={"KB_DIR": address, "KB_HOME": "/home/docs"}).library == Path("/home/docs")
    assert config.load(environment={}).opened == Path(".kb")
    in_postgres = "postgresql://me:secret@db1,db2/texts?sslmode=require&library=docs"
    assert config.load(in_postgres, environment={}) == config.Settings(Path(".kb-docs"), address=in_postgres)
