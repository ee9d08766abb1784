"""The container's files, as far as a machine without Docker can tell: what they name is there, and runs."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from serving import serving

from webapp.terminal.cli import main

ROOT = Path(__file__).parent.parent


def instructions():
    """(instruction, the rest of its line) of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def last_stage():
    found = instructions()
    return found[max(place for place, (word, _) in enumerate(found) if word == "FROM") :]


def the(word, stage):
    (rest,) = [rest for found, rest in stage if found == word]
    return rest


def taken(*command):
    """Whether `kb` has this command with these options."""
    name, *arguments = command
    main.commands[name].make_context(name, list(arguments))


def services():
    """compose.yaml, with the defaults of its variables."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))


def test_every_instruction_is_one_of_dockers_and_every_base_is_pinned_and_slim():
    known = {"FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK"}
    known |= {"ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions()} <= known
    bases = {rest.split()[0] for word, rest in instructions() if word == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1\d-slim-\w+", bases.pop())


def test_what_is_copied_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    copied = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    sources = [source for rest in copied if not rest[0].startswith("--") for source in rest[:-1]]
    assert len(sources) > 5
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored
    # And nothing else goes along, the library and the environment least of all.
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)


def test_all_that_setuptools_wants_is_copied():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    copied = " ".join(rest for word, rest in instructions() if word == "COPY").split()
    for needed in (
        *re.findall(r'^(?:readme = |license-files = \[)"(.+?)"', project, re.MULTILINE),
        "kb",
        "search",
    ):
        assert needed in copied


def test_it_runs_as_nobody_with_a_health_check_and_writes_to_volumes_only():
    stage = last_stage()
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", the("USER", stage))
    written = json.loads(the("VOLUME", stage))
    environment = dict(pair.split("=", 1) for pair in shlex.split(the("ENV", stage)))
    assert {environment["KB_DIR"], environment["KB_CACHE"]} == set(written)
    words = [word for word, _ in stage]
    assert words.index("RUN") < words.index("USER") < words.index("CMD")
    assert not any("pip" in rest for word, rest in stage if word == "RUN")


def test_the_commands_are_kbs_own():
    stage = last_stage()
    assert json.loads(the("ENTRYPOINT", stage)) == ["kb"]
    taken(*json.loads(the("CMD", stage)))


def test_the_health_check_passes_while_it_serves_by_another_name_and_fails_when_it_does_not(tmp_path):
    command = json.loads(the("HEALTHCHECK", last_stage()).partition("CMD ")[2])
    assert command[0] == "python"

    def health(address):
        script = command[-1].replace("http://127.0.0.1:8000", address)
        return subprocess.run(
            [sys.executable, *command[1:-1], script], stderr=subprocess.DEVNULL, check=False
        )

    options = ("--kb", str(tmp_path / "none"), "--host", "0.0.0.0", "--name", "kb.example.org")
    with serving(*options) as (_process, address):
        address = address.replace("localhost", "127.0.0.1")
        assert health(address).returncode == 0
    assert health(address).returncode != 0


@pytest.mark.parametrize("name", ["serve", "watch"])
def test_a_service_is_locked_down_and_its_command_is_kbs(name, tmp_path, monkeypatch):
    service = services()["services"][name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    # The folder of the container is not here.
    command, *arguments = shlex.split(service["command"])
    taken(command, *(str(tmp_path) if word == "/articles" else word for word in arguments))


def test_the_services_share_a_library_that_one_of_them_writes_from_a_folder_it_only_reads():
    described = services()
    serve, watch = (described["services"][name] for name in ("serve", "watch"))
    assert set(serve["volumes"]) == {"library:/library", "cache:/cache"}
    assert set(watch["volumes"]) - set(serve["volumes"]) == {"./articles:/articles:ro"}
    assert set(described["volumes"]) == {"library", "cache"}
    assert all(port.startswith("127.0.0.1:") for port in serve["ports"])
    assert "ports" not in watch
