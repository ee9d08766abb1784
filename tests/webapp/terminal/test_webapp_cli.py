"""The command line: options, exit codes, one-line errors, JSON and nothing else."""

import errno
import json
import os
import subprocess
import sys
import unicodedata

import pytest
from click.testing import CliRunner
from webapp_doubles import FakeEngine, stored

import search
from kb.build import BuildReport
from kb.building.watch import Change, Watcher
from kb.documents import Document
from kb.errors import InputError, LibraryLocked, LibraryMissing
from kb.models import SkippedSource
from search.disk.layout import FORMAT_VERSION
from webapp import errors
from webapp.terminal.cli import main
from webapp.terminal.json_text import json_text

ENGLISH = stored("en/coffee.txt", "Coffee and sleep\n\nMany drink coffee to stay awake.")
POLISH = stored("pl/kawa.txt", "Kawa i sen\n\nWielu pije coffee, żeby nie zasnąć.", "pl")

TWIN = stored("en/kawa.txt", "Coffee, sleep\n\nMany drink coffee so as not to fall asleep.")
TEA = stored("en/tea.txt", "Tea\n\nIt is poured over leaves.")


@pytest.fixture
def engine(monkeypatch):
    fake = FakeEngine(ENGLISH, POLISH, TWIN, TEA)
    monkeypatch.setattr(search, "open", lambda path, **_options: fake)
    return fake


def run(*arguments, **options):
    return CliRunner().invoke(main, arguments, **options)


def one_line(result):
    assert result.stdout == ""
    assert result.stderr.startswith("kb: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


COMMANDS = {
    "build": ["--model", "--cluster", "--text-field", "--title-field", "--rehash", "--shards", "--kb"],
    "add": ["--text-field", "--title-field", "--rehash", "--kb"],
    "remove": ["--kb"],
    "restore": ["--kb"],
    "watch": ["--text-field", "--title-field", "--kb"],
    "upgrade": ["--model", "--kb"],
    "backup": ["--force", "--kb"],
    "restore-backup": ["--force", "--kb"],
    "status": ["--json", "--kb"],
    "list": ["-n", "--sort", "--folder", "--since", "--until", "--in", "--json", "--kb"],
    "show": ["--removed", "--json", "--kb"],
    "completion": ["--print"],
    "verify": ["--repair", "--kb"],
    "search": [
        *("-n", "--all-versions", "--newest", "--folder", "--since", "--until"),
        *("--in", "--query-language", "--json", "--kb"),
    ],
    "ask": ["--per-language", "--brief", "--in", "--query-language", "--json", "--reader", "--kb"],
    "lookup": ["--from", "--format", "--json", "--kb"],
    "translations": ["--json", "--kb"],
    "evaluate": ["--json", "--plot", "--half", "--sample", "--model", "--reader", "--kb"],
    "export": ["--kb"],
    "publish": ["--to", "--shards", "--kb"],
    "mcp": ["--port", "--reader", "--kb"],
    "serve": [
        *("--host", "--port", "--name", "--trusted-proxy", "--forwarded-prefix", "--rate", "--searches"),
        *("--waiting", "--log-json", "--translate", "--log-queries", "--reader", "--kb"),
    ],
}


def test_the_commands_and_options_are_those_of_the_contract():
    found = {
        name: [option.opts[0] for option in command.params if option.param_type_name == "option"]
        for name, command in main.commands.items()
    }
    assert found == {name: [*options, "--debug"] for name, options in COMMANDS.items()}


def test_kb_and_to_are_one_option_everywhere():
    named = {
        name: option.opts
        for name, command in main.commands.items()
        for option in command.params
        if option.name == "library"
    }
    assert set(named) == set(COMMANDS) - {"completion", "publish"}  # which goes from one to the other
    assert all(options == ["--kb", "--to"] for options in named.values())


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (["-tea", "coffee"], "-tea coffee"),
        (["--", "-tea", "coffee"], "-tea coffee"),
        (["-tea coffee", "-n", "3"], "-tea coffee"),
        (["-n3", "coffee", "-nettle"], "coffee -nettle"),
        (["coffee", "at", "-18"], "coffee at -18"),
        (["--", "--json"], "--json"),
    ],
)
@pytest.mark.parametrize("command", ["search", "ask"])
def test_words_of_a_query_may_begin_with_a_minus(engine, command, given, asked):
    if command == "ask":
        given = [one for one in given if one not in ("-n", "3", "-n3")]
    run(command, *given)
    assert (command, asked) in engine.calls


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_in_80_columns(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert all(len(line) <= 80 for line in result.stdout.split("\n"))


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["search", "coffee"], 0),
        (["search", "xyzzy"], 1),
        (["search", " "], 2),
        (["search", "coffee", "--in", "fr"], 2),
        (["search", "coffee", "-n", "0"], 2),
        (["ask", "coffee", "--in", "pl,en"], 0),
        (["ask", "xyzzy"], 1),
        (["ask", ""], 2),
        (["ask", "x" * 10_001], 2),
        (["show", "pl/kawa.txt"], 0),
        (["show", "pl/kawa.txt", "--removed"], 0),
        (["show", "nowhere.txt"], 1),
        (["lookup", "coffee"], 0),
        (["lookup", "xyzzy"], 1),
        (["lookup", "--from", "en"], 2),
        (["lookup", "coffee", "--format", "xls"], 2),
        (["translations", "pl/kawa.txt"], 0),
        (["translations", "en/tea.txt"], 1),
        (["translations", "nowhere.txt"], 1),
        (["restore", "pl/kawa.txt", "x–y"], 2),
        (["evaluate", "questions.jsonl"], 2),
        (["status"], 0),
        (["nonsense"], 2),
        (["search"], 2),
        (["search", "coffee", "--nonsense"], 2),
    ],
)
def test_exit_codes(engine, arguments, exit_code):
    result = run(*arguments)
    assert result.exit_code == exit_code
    if exit_code == 2:
        one_line(result)


def test_a_question_and_a_term_need_no_quotes(engine):
    run("ask", "who", "drinks", "coffee?", "--in", "en", "and", "why")
    run("lookup", "coffee", "cup")
    assert engine.calls[-2:] == [("ask", "who drinks coffee? and why"), ("lookup", "coffee cup")]


def test_a_brief_answer_has_one_quote_of_each_language_and_where_it_stands(engine):
    shown = run("ask", "coffee", "sleep", "--brief").stdout.splitlines()
    assert len(shown) == 1 + 2 * 2
    assert [line[:3] for line in shown[1::2]] == ["en ", "pl "]
    quoted = engine.ask("coffee sleep").by_language["pl"][0]
    assert f"  pl/kawa.txt {quoted.start}–{quoted.end}" in shown


def test_so_many_quotes_of_each_language_as_are_asked_for(engine):
    for given, count in ((["--per-language", "1"], 1), ([], 2)):
        document = json.loads(run("ask", "coffee", "sleep", "--json", *given).stdout)
        assert len(document["by_language"]["en"]) == count
    assert run("ask", "coffee", "--per-language", "21").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["build", "https://example.org/rye.html"], "save it first"),
        (["add", "HTTP://example.org"], "save it first"),
        (["watch", "ftp://example.org/texts"], "save it first"),
        (["status", "--kb", "http://example.org:8000"], "a library is a folder"),
        (["search", "rye", "--to", "https://example.org"], "a library is a folder"),
    ],
)
def test_an_address_of_the_web_is_named_as_one(arguments, remedy):
    result = run(*arguments)
    assert result.exit_code == 2
    said = one_line(result)
    assert "is an address of the web" in said
    assert remedy in said


def test_the_status_is_there_for_programs(engine):
    assert json.loads(run("status", "--json").stdout) == engine.status().to_dict()


def test_the_articles_are_listed_for_people_and_for_programs(engine):
    shown = run("list", "--sort", "source").stdout
    assert shown.splitlines()[:2] == ["Coffee and sleep", "  English · en/coffee.txt"]
    assert "  also in English (en/kawa.txt)" in shown
    assert "1 of 4 articles" in run("list", "-n", "1").stdout
    document = json.loads(run("list", "KAWA", "--in", "pl", "--json").stdout)
    assert document == engine.browse(title="kawa", languages=["pl"]).to_dict()
    assert document["total"] == 1
    assert run("list", "no such title").exit_code == 1
    assert "has to be a year" in one_line(run("list", "--since", "May"))


def test_what_is_found_can_be_narrowed(engine):
    document = json.loads(run("search", "coffee", "--folder", "pl", "--newest", "--json").stdout)
    assert [hit["article"]["source"] for hit in document["hits"]] == ["pl/kawa.txt"]


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", "data/bash-completion/completions/kb"),
        ("zsh", "data/zsh/site-functions/_kb"),
        ("fish", "config/fish/completions/kb.fish"),
    ],
)
def test_completion_is_installed_where_the_shell_looks_for_it(tmp_path, shell, file):
    folders = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    result = run("completion", shell, env=folders)
    assert result.stdout.startswith(f"written: {tmp_path / file}\n")
    script = (tmp_path / file).read_text(encoding="utf-8")
    assert "_KB_COMPLETE" in script
    assert script == run("completion", shell, "--print").stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["kb", "trans"], ["translations"]),
        (["kb", "ask", "--per"], ["--per-language"]),
        (["kb", "ask", "who", "drinks", "--br"], ["--brief"]),
        (["kb", "evaluate", "x", "--half", "re"], ["report"]),
    ],
)
def test_what_is_being_typed_is_completed(typed, offered):
    asked = {"_KB_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(typed)}
    result = run(prog_name="kb", env={**asked, "COMP_CWORD": str(len(typed) - 1)})
    assert result.stdout.splitlines() == [f"plain,{one}" for one in offered]


def test_an_unknown_language_is_refused_with_those_the_library_has(engine):
    assert "the library has en, pl" in one_line(run("ask", "coffee", "--in", "pl,fr"))


def test_translations_are_listed_and_counted(engine):
    shown = run("translations", "pl/kawa.txt").stdout
    assert "English · en/kawa.txt" in shown
    assert "translation, 97% likely; 100% of it is in this one, 90% of this one in it" in shown
    document = json.loads(run("translations", "pl/kawa.txt", "--json").stdout)
    assert [one["article"]["source"] for one in document["translations"]] == ["en/kawa.txt"]


def test_json_is_the_engine_s_own_and_nothing_else(engine):
    for arguments, document in (
        (["search", "coffee", "--json"], engine.search("coffee").to_dict()),
        (["ask", "coffee", "--in", "pl", "--json"], engine.ask("coffee", languages=["pl"]).to_dict()),
        (["search", "xyzzy", "--json"], engine.search("xyzzy").to_dict()),
    ):
        result = run(*arguments)
        assert json.loads(result.stdout) == document
        assert "żeby nie zasnąć" in result.stdout or "xyzzy" in arguments
        assert result.stderr == ""


def test_json_is_utf_8_and_nothing_of_it_reaches_a_terminal_raw():
    said = "Łódź، ночь 夜 \x1b[31m\x9b31m \u202eback \ud800 \x7f"
    text = json_text({"said": said})
    assert "Łódź، ночь 夜" in text
    assert json.loads(text) == {"said": said}
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cs")]
    assert "\u202e" not in text
    text.encode("utf-8")


def test_an_article_as_json_has_its_text_and_what_was_removed(engine):
    document = json.loads(run("show", "pl/kawa.txt", "--json").stdout)
    assert document["id"] == POLISH.id
    assert document["text"] == POLISH.article.text
    assert document["removed"] == []


def test_a_missing_library_is_exit_code_3(monkeypatch):
    def missing(path, **_options):
        raise LibraryMissing(f"{path}: no library here\nbuild one with `kb build`")

    monkeypatch.setattr(search, "open", missing)
    result = run("search", "coffee", "--kb", "some\x1b[31mwhere")
    assert result.exit_code == 3
    assert one_line(result) == "kb: some␛[31mwhere: no library here build one with `kb build`\n"


def test_a_traceback_only_for_those_who_ask(monkeypatch):
    monkeypatch.setattr(search, "open", lambda path, **_options: 1 / 0)
    result = run("status")
    assert result.exit_code == errors.BUG
    assert "--debug" in one_line(result)
    for arguments in (["--debug", "status"], ["status", "--debug"]):
        assert "Traceback" in run(*arguments).stderr


def test_building_passes_on_what_was_asked_and_reports(monkeypatch, tmp_path):
    called = {}

    def build(sources, to, *, model=None, cache=None, progress=None, rehash=False, **fields):
        called.update(sources=[str(source) for source in sources], to=str(to), model=model)
        called.update(fields=(fields["text_field"], fields["title_field"]), rehash=rehash)
        progress("reading", 2, 2)
        return BuildReport(added=("a.txt", "b.txt"), skipped=(SkippedSource("c.txt", "is empty"),))

    monkeypatch.setattr(search, "build", build)
    asked = ("--text-field", "details", "--title-field", "label")
    result = run("build", *asked, env={"KB_DIR": str(tmp_path), "KB_MODEL": None})
    assert called == {
        "sources": ["corpus"],
        "to": str(tmp_path),
        "model": None,
        "fields": ("details", "label"),
        "rehash": False,
    }
    assert result.exit_code == 0
    assert result.stdout == f"2 added\nlibrary: {tmp_path}\n"
    assert result.stderr == "reading: 2 of 2\nskipped c.txt: is empty\n"
    run("build", "one", "two", "--rehash", "--to", "there", "--model", "m", env={"KB_DIR": str(tmp_path)})
    named = {"sources": ["one", "two"], "to": "there", "model": "m", "fields": (None, None)}
    assert called == {**named, "rehash": True}


def test_lines_of_json_come_from_standard_input(monkeypatch, tmp_path):
    given = {}

    def taking(name):
        def work(documents, to, **options):
            given[name] = list(documents)
            bad = tuple(one for one in given[name] if isinstance(one, SkippedSource))
            return BuildReport(added=("a",), skipped=bad)

        return work

    for name in ("build", "add"):
        monkeypatch.setattr(search, name, taking(name))
        rows = '{"source": "a", "body": "Ein Satz."}\n{"source": "b"\n'
        result = run(name, "-", "--text-field", "body", "--kb", str(tmp_path), input=rows)
        assert result.exit_code == 0
        assert result.stdout == f"1 added\nlibrary: {tmp_path}\n"
        assert result.stderr.startswith("skipped line 2: is no JSON (character 15: ")
        assert given[name][0] == Document("a", "Ein Satz.")
        assert "stands alone" in one_line(run(name, "-", "texts"))
    assert "read once only" in one_line(run("build", "-", "--cluster", "auto"))


def test_keeping_a_library_says_what_came_of_it(monkeypatch, tmp_path):
    kb, file = tmp_path / "kb", tmp_path / "kb.backup"
    asked = []
    monkeypatch.setattr(search, "upgrade", lambda library, **options: 11)
    monkeypatch.setattr(search, "backup", lambda library, to, **options: to.write_bytes(b"x" * 2_000_000))
    monkeypatch.setattr(search, "restore_backup", lambda file, to, **options: asked.append(options) or 12)
    upgraded = run("upgrade", "--kb", str(kb)).stdout
    assert upgraded == f"{kb}: is of format {FORMAT_VERSION} now; it was of format 11\n"
    assert run("backup", str(file), "--kb", str(kb)).stdout == f"{file}: 2.0 MB, read again and sound\n"
    result = run("restore-backup", str(file), "--to", str(kb), "--force")
    assert asked[-1] == {"overwrite": True}
    assert result.stdout.splitlines() == [
        f"{kb}: is what it was, checked whole",
        f"it is of format 12: `kb upgrade` brings it to format {FORMAT_VERSION}",
    ]
    for command in (["upgrade"], ["backup", str(file)], ["restore-backup", str(file)]):
        server = run(*command, "--kb", "milvus+http://milvus.example.org:19530/articles")
        assert "name its home with --kb .kb-articles" in one_line(server)


def test_watching_goes_on_after_a_held_lock_and_other_errors_that_pass(monkeypatch, tmp_path):
    told = []

    class Watched(Watcher):
        def __init__(self, paths):
            pass

        def changes(self, stop):
            yield from [Change()] * 4

        def failed(self):
            told.append("failed")

        def done(self):
            told.append("done")

    unread = SkippedSource("b.txt", "cannot be read (stale file handle)", passing=True)
    outcomes = iter(
        [
            LibraryLocked("kb: process 7 is writing to it"),
            OSError(errno.EIO, "Input/output error"),
            InputError("folder: no such file or folder"),
            BuildReport(unchanged=("b.txt",), skipped=(unread,)),
            BuildReport(unchanged=("b.txt",)),
        ]
    )

    def build(sources, to, **options):
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(search, "build", build)
    monkeypatch.setattr("kb.building.watch.Watcher", Watched)
    result = run("watch", str(tmp_path), env={"KB_DIR": str(tmp_path / "kb")})
    assert result.exit_code == 0
    assert told == ["failed", "failed", "failed", "failed", "done"]
    for said in ("process 7", "Input/output error", "no such file", "stale file handle"):
        assert said in result.stderr


def test_a_name_that_is_no_utf_8_names_its_article(tmp_path, tiny_cache):
    pages = tmp_path / "pages"
    pages.mkdir()
    name = os.fsdecode(b"caf\xe9.md")
    (pages / name).write_text("# Le café\n\nLe café ouvre à sept heures du matin.\n", "utf-8")
    search.build([pages], tmp_path / "kb", cache=tiny_cache)
    environment = {"KB_DIR": str(tmp_path / "kb"), "KB_CACHE": str(tiny_cache)}
    shown = run("show", name, env=environment)
    assert (shown.exit_code, "ouvre à sept heures" in shown.stdout) == (0, True)
    missing = run("show", os.fsdecode(b"th\xe9.md"), env=environment)
    assert missing.exit_code == 1
    assert "no such article" in missing.stderr


def test_verifying_lists_what_is_wrong(monkeypatch):
    monkeypatch.setattr(search, "verify", lambda path, cache: ("a is cut short", "b is gone"))
    result = run("verify")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("a is cut short\nb is gone\n")
    assert "kb verify --repair" in result.stderr
    monkeypatch.setattr(search, "verify", lambda path, cache: ())
    result = run("verify", "--kb", "there")
    assert (result.exit_code, result.stdout) == (0, "there: all is well\n")


def kb(*arguments, **options):
    environment = {**os.environ, "KB_DIR": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from webapp.terminal.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, **options)


def test_help_loads_nothing_heavy():
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"  # what measures coverage may have loaded
        "sys.argv = ['kb', '--help']\n"
        "try:\n    from webapp.terminal.cli import main; main()\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'numpy', 'flask', 'torch', 'rich', 'whoosh', 'onnxruntime', 'search', 'sqlite3'}\n"
        "print('LOADED', sorted(heavy & (set(sys.modules) - before)))\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "side by side" in result.stdout
    assert result.stdout.endswith("LOADED []\n")


def test_without_a_command_the_help_is_shown_and_the_use_is_wrong():
    result = kb()
    assert result.returncode == 2
    assert "Usage: kb" in result.stderr


def test_a_reader_that_goes_away_is_no_error(library):
    script = "from webapp.terminal.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        script,
        "show",
        "pl-obsluga-klienta-a-lojalnosc.txt",
        "--kb",
        str(library),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


def test_the_real_command_over_a_missing_library(tmp_path):
    result = kb("search", "coffee", "--kb", str(tmp_path / "none"))
    assert result.returncode == 3
    assert result.stdout == ""
    assert result.stderr.startswith(f"kb: {tmp_path / 'none'}")
    assert result.stderr.count("\n") == 1


def test_the_real_command_answers_from_a_real_library(library):
    question = "how does service relate to loyalty"
    result = kb("ask", question, "--kb", str(library), "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert set(answer["by_language"]) == {"pl", "tl", "nb", "ru", "lv"}
    shown = kb("ask", question, "--kb", str(library))
    for autonym in ("polski", "Tagalog", "norsk bokmål", "русский", "latviešu"):
        assert f"\n{autonym}\n" in shown.stdout
    found = kb("search", "lojalność klientów", "--in", "pl", "-n", "3", "--kb", str(library), "--json")
    assert {hit["article"]["language"] for hit in json.loads(found.stdout)["hits"]} == {"pl"}
    status = kb("status", "--kb", str(library))
    assert "latviešu (lv)" in status.stdout
    removed = kb("show", "nb-kundens-lojalitet.txt", "--removed", "--kb", str(library))
    assert "forretningsrådgivning" in removed.stdout
    assert kb("verify", "--kb", str(library)).returncode == 0


def test_a_term_is_printed_for_translators_tools(engine):
    assert run("lookup", "coffee", "--format", "tsv").stdout.startswith("concept\tlanguage\tterm\t")
    assert "<term>coffee</term>" in run("lookup", "coffee", "--format", "tbx").stdout
    document = json.loads(run("lookup", "coffee", "--json").stdout)
    assert document == {"entries": [entry.to_dict() for entry in engine.lookup("coffee")]}


def test_without_a_term_the_whole_dictionary_is_printed(engine):
    concepts = list(engine.dictionary())
    document = json.loads(run("lookup", "--json").stdout)
    assert document == {"concepts": [{"entries": [one.to_dict() for one in each]} for each in concepts]}
    assert run("lookup", "--format", "tbx").stdout.count("<conceptEntry") == len(concepts)
    assert len(run("lookup").stdout.splitlines()) == len(concepts)


def test_what_was_taken_out_of_a_whole_library_is_summed(tmp_path):
    from kb.store.removals import removals
    from webapp.terminal import output as terminal

    found = removals(
        {"a.html": 1000, "b.txt": 200},
        [("menu", 2, 90, 1.8), ("cookie notice", 1, 150, 0.7)],
        [("a.html", 2, 90), ("b.txt", 1, 150)],
        1,
    )
    assert (found.articles, found.characters, found.removed) == (2, 1200, 240)
    assert [one.reason for one in found.reasons] == ["cookie notice", "menu"]
    assert found.reasons[1].score == pytest.approx(0.9)
    assert [(one.source, one.share) for one in found.sources] == [("b.txt", 0.75)]
    out = terminal.console()
    with out.capture() as shown:
        terminal.removals(out, found)
    assert "240 of 1,200 characters removed (20.0%)" in shown.get()
    assert json.loads(json.dumps(found.to_dict()))["sources"] == [
        {"source": "b.txt", "spans": 1, "characters": 150, "share": 0.75}
    ]


def test_show_without_a_source_asks_for_one_or_for_removed():
    assert "name a SOURCE" in one_line(run("show"))
