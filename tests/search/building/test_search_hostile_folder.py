"""A folder with one file of each format and every hostile kind becomes a library of exactly the good ones."""

import zipfile

import pytest
from kb_samples import BAD, BAD_RECORDS, GOOD, PL, write, write_sparse

import search

ODD_MEMBERS = {
    "../up.txt": "a name that leads out of the archive",
    "/etc/root.txt": "an absolute name",
    "C:/windows.txt": "an absolute name",
    "good.txt": None,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    base = tmp_path_factory.mktemp("hostile")
    folder = write(base / "files", {**GOOD, **BAD, **BAD_RECORDS})
    write_sparse(folder / "large.txt", 200_000_000)
    write_sparse(folder / "large.zip", 200_000_000)
    (base / "secret.txt").write_text("Secret\n\nNothing that is outside may be read.", "utf-8")
    (folder / "link.txt").symlink_to(base / "secret.txt")
    (base / "elsewhere").mkdir()
    (folder / "linked").symlink_to(base / "elsewhere")
    with zipfile.ZipFile(folder / "names.zip", "w") as archive:
        for name in ODD_MEMBERS:
            archive.writestr(name, f"Chleb\n\n{PL}")
    report = search.build([folder], base / "kb")
    with search.open(base / "kb") as engine:
        yield report, engine


def test_exactly_the_bad_ones_are_reported_each_with_its_remedy(built):
    report, engine = built
    refused = {f"names.zip#{name}" for name, why in ODD_MEMBERS.items() if why}
    named = {
        *BAD,
        *(f"{name}#1" for name in BAD_RECORDS),
        *refused,
        "large.txt",
        "large.zip",
        "link.txt",
        "linked",
    }
    assert {one.source for one in report.skipped} == named
    assert all("; " in one.reason for one in report.skipped)
    assert {source for source, _ in engine.status().skipped} == named
    why = {one.source: one.reason for one in report.skipped}
    for name, said in ODD_MEMBERS.items():
        assert said is None or said in why[f"names.zip#{name}"]


def test_all_the_good_ones_are_in_the_library_and_found(built):
    report, engine = built
    sources = {one.source for one in engine.articles()}
    assert len(sources) == len(GOOD) + 1
    assert "names.zip#good.txt" in sources
    assert set(report.added) == sources
    assert engine.search("kto karmi zakwas mąką", collapse=False).total >= 3
    assert all("outside" not in engine.article(source).article.text for source in sources)


def test_the_same_folder_again_changes_nothing(built):
    report, engine = built
    again = search.build([engine.path.parent / "files"], engine.path)
    assert not again.touched
    assert again.skipped == report.skipped
