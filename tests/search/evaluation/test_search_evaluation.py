"""Evaluation: measures worked out by hand, the forms of data sets, and both kinds from end to end."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from kb.errors import InputError, UsageError
from kb.progress import silent
from search.evaluation import datasets, known_items, labelled, measures, pools, sentences
from search.evaluation.datasets import Judgement, LabelledQuestion
from search.evaluation.evaluate import evaluate
from search.evaluation.reports import LABELS, LEGS, ORDERS
from search.models import KEYWORDS, Candidate

# --- measures


def test_average_precision_is_divided_by_all_that_is_relevant():
    # Relevant at places 1 and 4 of three: (1/1 + 2/4) / 3.
    found = measures.per_question(measures.AP50, {"q": {"a": 1, "b": 1, "c": 1}}, {"q": ["a", "x", "y", "b"]})
    assert found["q"] == pytest.approx((1 + 2 / 4) / 3)


def test_average_precision_looks_at_fifty():
    places = [f"x{number}" for number in range(50)]
    assert measures.per_question(measures.AP50, {"q": {"a": 1}}, {"q": [*places, "a"]})["q"] == 0
    assert measures.per_question(measures.AP50, {"q": {"a": 1}}, {"q": [*places[:49], "a"]})["q"] == 1 / 50


def test_reciprocal_rank_is_of_the_first_that_answers_among_ten():
    judged = {"q": {"helps": 1, "answers": 2}}
    assert (
        measures.per_question(measures.RR10_ANSWERS, judged, {"q": ["helps", "x", "answers"]})["q"] == 1 / 3
    )
    assert measures.per_question(measures.RR10, judged, {"q": ["x", "helps", "answers"]})["q"] == 1 / 2
    late = [*"0123456789", "answers"]
    assert measures.per_question(measures.RR10, judged, {"q": late})["q"] == 0


def test_gain_is_the_grade():
    # (1/log2(2) + 2/log2(4)) over the best order's 2/log2(2) + 1/log2(3).
    found = measures.per_question(measures.NDCG10, {"q": {"a": 1, "b": 2}}, {"q": ["a", "x", "b"]})
    assert found["q"] == pytest.approx((1 + 2 / 2) / (2 + 1 / np.log2(3)))


def test_the_order_given_counts_not_the_names():
    judged = {"q": {"b": 1}}
    assert measures.per_question(measures.RR10, judged, {"q": ["z", "b", "a"]})["q"] == 1 / 2


def test_a_question_that_found_nothing_has_zero():
    judged = {"1": {"a": 1}, "2": {"a": 1}}
    assert measures.per_question(measures.RR10, judged, {"1": ["a"], "2": []}) == {"1": 1.0, "2": 0.0}
    assert measures.per_question(measures.RR10, judged, {}) == {"1": 0.0, "2": 0.0}


def test_auroc_counts_pairs_in_order_and_halves_ties():
    # Of six pairs: 0.9 beats both, 0.5 ties one and beats one, 0.2 loses to one and beats one.
    assert measures.auroc([0.9, 0.5, 0.2], [0.5, 0.1]) == pytest.approx((2 + 1.5 + 1) / 6)
    assert measures.auroc([1.0], [0.0]) == 1
    assert measures.auroc([], [0.0]) is None


def test_average_precision_of_scores_counts_what_was_not_found_as_nothing():
    lost = float("-inf")
    # Relevant at ranks 1 and 3, and one that was never looked at: (1/1 + 2/3 + 0) / 3.
    assert measures.average_precision([0.2, 0.9, 0.5, lost, 0.1], [1, 0, 3]) == pytest.approx((1 + 2 / 3) / 3)
    assert measures.average_precision([lost, lost], [0]) == 0
    assert measures.average_precision([1.0, 1.0], [1]) == 1 / 2


def test_a_mean_of_nothing_is_nothing():
    assert measures.mean([]) is None
    assert measures.mean([True, False]) == 0.5


@pytest.mark.parametrize(
    ("quote", "other", "same"),
    [
        ("Yeast makes gas.", "Yeast  makes\ngas.", True),
        ("caf\u00e9 au lait", "cafe\u0301 au lait", True),
        ("It rises. Yeast makes gas.", "Yeast makes gas.", True),
        ("Yeast makes gas and so it rises.", "1. Yeast makes gas and so it goes up.", True),
        ("Yeast makes gas.", "Salt slows it down.", False),
        ("", "Yeast makes gas.", False),
        # 60 % of the shorter, in one run: six characters of ten are enough, five are not.
        ("abcdefWXYZ", "0123abcdef45", True),
        ("abcdeVWXYZ", "0123abcde4567", False),
    ],
)
def test_the_same_sentence_may_be_cut_otherwise(quote, other, same):
    assert measures.same_sentence(quote, other) is same
    assert measures.same_sentence(other, quote) is same


def test_long_quotes_keep_their_common_letters():
    sentence = "the bees eat the honey and then they leave the hive and the old queen leaves with them " * 3
    assert measures.same_sentence(sentence + "x" * 40, "y" * 40 + sentence)


def test_without_its_library_measuring_says_what_to_install(monkeypatch, pool_set):
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(UsageError, match="evaluate"):
        evaluate(pool_set)


# --- data sets


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


BREAD = {
    "en": "Bread rises because yeast eats sugar and gives off gas.",
    "de": "Brot geht auf, weil die Hefe Zucker frisst und Gas abgibt.",
}
TIDES = {
    "en": "The Moon pulls the sea, and so it rises and falls twice a day.",
    "de": "Der Mond zieht das Meer an, und so steigt und fällt es zweimal am Tag.",
}
BEES = {
    "en": "A swarm of bees leaves the hive with the old queen in May.",
    "de": "Ein Bienenschwarm verlässt den Stock im Mai mit der alten Königin.",
}
PARAGRAPHS = (BREAD, TIDES, BEES)
ASKED = (
    {"en": "Why does bread rise?", "de": "Warum geht Brot auf?"},
    {"en": "What moves the sea?", "de": "Was bewegt das Meer?"},
    {"en": "When do bees swarm?", "de": "Wann schwärmen Bienen?"},
)


@pytest.fixture
def pool_set(tmp_path):
    folder = tmp_path / "pools"
    for name, texts, key in (("passages", PARAGRAPHS, "text"), ("questions", ASKED, "question")):
        write_lines(
            folder / f"{name}.jsonl",
            [
                {"paragraph": number, "language": language, key: text}
                for number, versions in enumerate(texts)
                for language, text in versions.items()
            ],
        )
    return folder


CUT = {
    "en": [BREAD["en"], "Bakers weigh their flour.", "Salt keeps the crumb firm."],
    "de": [BREAD["de"], "Bäcker wiegen ihr Mehl.", "Salz hält die Krume fest."],
}


@pytest.fixture
def sentence_set(tmp_path):
    folder = tmp_path / "sentences"
    cut = [(0, language, texts) for language, texts in CUT.items()]
    cut += [(1, language, [TIDES[language], BEES[language]]) for language in TIDES]
    write_lines(
        folder / "sentences.jsonl",
        [{"paragraph": one, "language": language, "sentences": texts} for one, language, texts in cut],
    )
    write_lines(
        folder / "questions.jsonl",
        [
            {"id": name, "paragraph": paragraph, "language": language, "question": text, "answer": answer}
            for name, paragraph, answer, asked in (("rise", 0, 0, ASKED[0]), ("swarm", 1, 1, ASKED[2]))
            for language, text in asked.items()
        ],
    )
    return folder


@pytest.fixture
def labelled_set(tmp_path):
    folder = tmp_path / "labelled"
    for name, versions in (("bread", BREAD), ("tides", TIDES)):
        for language, text in versions.items():
            path = folder / "library" / language / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {name}\n\n{text}\n", "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bees.md").write_text(f"# Bees\n\n{BEES['en']}\n", "utf-8")
    answers = [
        {"source": f"{language}/bread.md", "grade": 2, "quotes": [BREAD[language]]} for language in BREAD
    ]
    write_lines(
        folder / "questions" / "bread.jsonl",
        [
            {"id": "b1", "language": "en", "shape": "reason", "question": ASKED[0]["en"], "answers": answers},
            {"id": "b2", "language": "en", "shape": "other", "question": "Who won the cup?", "answers": []},
        ],
    )
    bees = [{"source": "bees.md", "grade": 2, "quotes": [BEES["en"]]}]
    write_lines(
        folder / "questions" / "bees.jsonl",
        [{"id": "s1", "language": "de", "shape": "other", "question": ASKED[2]["de"], "answers": bees}],
    )
    (folder / "dataset.json").write_text('{"libraries": {"bees.jsonl": "../elsewhere"}}', "utf-8")
    return folder


def test_a_folder_of_pools(pool_set):
    held = datasets.read(pool_set)
    assert (held.languages, held.paragraphs, len(held.passages), len(held.questions)) == (
        ("de", "en"),
        (0, 1, 2),
        6,
        6,
    )


def test_a_folder_of_labels_may_point_to_other_articles(labelled_set):
    held = datasets.read(labelled_set)
    assert [(one.sources.name, [q.id for q in one.questions]) for one in held.collections] == [
        ("elsewhere", ["s1"]),
        ("library", ["b1", "b2"]),
    ]
    question = held.collections[1].questions[0]
    assert [label.source for label in question.answering] == ["en/bread.md", "de/bread.md"]


def spoil(path, old, new):
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("passages.jsonl", '"text"', '"texts"', r"passages.jsonl:1: has no 'text'"),
        ("passages.jsonl", '"paragraph": 1', '"paragraph": 0', "twice"),
        ("passages.jsonl", "}\n", "\n", "passages.jsonl:1: is not as docs/evaluation.md"),
        ("passages.jsonl", '"paragraph": 1', '"paragraph": "x"', "passages.jsonl:3: is not as"),
        ("questions.jsonl", '"paragraph": 2', '"paragraph": 7', "paragraph 7"),
        ("questions.jsonl", '"de"', '"klingon"', "questions.jsonl:2: 'klingon' is no language"),
    ],
)
def test_a_wrong_line_of_a_pool_set_is_named(pool_set, file, old, new, message):
    spoil(pool_set / file, old, new)
    with pytest.raises(InputError, match=message):
        datasets.read(pool_set)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("sentences.jsonl", '"sentences"', '"texts"', r"sentences.jsonl:1: has no 'sentences'"),
        ("sentences.jsonl", '"paragraph": 1', '"paragraph": 0', "twice"),
        ("questions.jsonl", '"swarm"', '"rise"', "twice"),
        ("questions.jsonl", '"answer": 1', '"answer": 2', "en/swarm .* not there"),
        ("questions.jsonl", '"paragraph": 0', '"paragraph": 7', "en/rise .* not there"),
    ],
)
def test_a_wrong_line_of_a_sentence_set_is_named(sentence_set, file, old, new, message):
    spoil(sentence_set / file, old, new)
    with pytest.raises(InputError, match=message):
        datasets.read(sentence_set)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("questions/bread.jsonl", '"b2"', '"s1"', "'s1' twice"),
        ("questions/bread.jsonl", '"quotes": [', '"quotes": [], "x": [', "b1 .* quotes nothing"),
        ("questions/bread.jsonl", '"answers": [{"source"', '"answers": [{"file"', "has no 'source'"),
        ("questions/bread.jsonl", '"shape"', '"form"', "bread.jsonl:1: has no 'shape'"),
        ("dataset.json", "{", "", "dataset.json: should read"),
    ],
)
def test_a_wrong_line_of_a_labelled_set_is_named(labelled_set, file, old, new, message):
    spoil(labelled_set / file, old, new)
    with pytest.raises(InputError, match=message):
        datasets.read(labelled_set)


def test_a_set_without_questions_is_refused(pool_set, labelled_set):
    (pool_set / "questions.jsonl").write_text("\n", "utf-8")
    with pytest.raises(InputError, match="holds no question"):
        datasets.read(pool_set)
    for path in (labelled_set / "questions").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="has no question in"):
        evaluate(labelled_set)


def test_another_folder_is_no_data_set(tmp_path):
    with pytest.raises(InputError, match="is no data set"):
        datasets.read(tmp_path)


def test_halves_are_fixed_for_good():
    assert [datasets.half_of(name) for name in ("bees-01", "bees-02", "bees-03", "bees-04")] == HALVES_OF_BEES


# SHA-256 of the id, its last bit.
HALVES_OF_BEES = ["fit", "report", "report", "report"]


# --- pools


def test_paragraphs_are_scattered_as_the_data_sets_readme_says(pool_set):
    drawn = np.random.default_rng(0).integers(0, 2, 3)
    kept = pools.scattered(datasets.read(pool_set))
    assert [(one.paragraph, one.language) for one in kept] == [
        (number, ("de", "en")[language]) for number, language in enumerate(drawn)
    ]


def test_measures_of_pools_by_hand(pool_set):
    asked = pools.questions(datasets.read(pool_set), 2)  # German asked 2nd, 4th, 6th: only English ones stay
    assert [(one.key, one.question.language) for one in asked] == [("0", "en"), ("1", "en"), ("2", "en")]
    right = {one.key: [one.source("de"), one.source("en")] for one in asked}
    wrong = "en/00009.md"
    whole = {
        "0": [right["0"][1], right["0"][0]],  # both: 1
        "1": [wrong, right["1"][0]],  # one, second: (1/2)/2
        "2": [],
    }
    parallel = {
        ("both", ""): whole,
        ("both", "en"): {"0": [right["0"][1]], "1": [wrong, right["1"][1]], "2": []},
        ("both", "de"): {"0": [right["0"][0]], "1": [right["1"][0]], "2": [right["2"][0]]},
    }
    kept = {("both", ""): {one.key: [wrong, one.source(one.scattered)] for one in asked}}
    found = {name: by_leg["both"] for name, by_leg in pools.figures(asked, parallel, kept).items()}
    assert found == pytest.approx(
        {
            "parallel_map": (1 + 1 / 4 + 0) / 3,
            "parallel_own_language": 1.0,  # of the two that found anything, both begin with English
            "scattered_mrr": 1 / 2,
            "filtered_same_mrr": (1 + 1 / 2 + 0) / 3,
            "filtered_cross_mrr": 1.0,
        }
    )
    reciprocal, gain = pools.matrices(asked, parallel)
    assert (reciprocal.rows, reciprocal.columns) == (("en",), ("de", "en"))
    assert reciprocal.values[0] == pytest.approx((1.0, 1 / 2))
    assert gain.values[0] == pytest.approx((1.0, (1 + 1 / np.log2(3)) / 3))


# --- sentences


def test_measures_of_sentences_by_hand(sentence_set):
    held = datasets.read(sentence_set)
    pool = sentences.Pool(held)
    assert [pool.languages[at] for at in pool.answers(held.questions[0]).values()] == ["en", "de"]
    first = held.questions[0]  # "rise", in English: English sentences 0 to 2, German 3 to 5, then the others
    scores = np.full(len(pool.texts), -np.inf, np.float32)
    scores[[0, 4, 3]] = 3, 2, 1  # the German answer is behind another sentence of its paragraph
    found = sentences.figures(pool, [first], {"ask": [scores]})
    assert found == {
        "sentence_map": {"ask": pytest.approx((1 + 2 / 3) / 2)},
        "sentence_same": {"ask": 1.0},
        "sentence_other": {"ask": 0.0},
    }
    (matrix,) = sentences.matrices(pool, [first], {"ask": [scores]})
    assert (matrix.rows, matrix.columns, matrix.values) == (("en",), ("de", "en"), ((0.0, 1.0),))
    unseen = sentences.figures(pool, [first], {"ask": [np.full(len(pool.texts), -np.inf, np.float32)]})
    assert {by_order["ask"] for by_order in unseen.values()} == {0.0}


def test_a_candidate_counts_for_the_sentence_that_it_mostly_is(sentence_set):
    pool = sentences.Pool(datasets.read(sentence_set))
    answer, weighed = CUT["en"][0], CUT["en"][1]
    begin = len(answer) + 1
    found = pool.scores(
        [
            Candidate("en/00000.md", begin, begin + 12, 4.0),  # a piece of another: the better of both counts
            Candidate("en/00000.md", 5, len(answer), 5.0),  # the answer but for its first letters
            Candidate("en/00000.md", begin, begin + len(weighed), 1.0),
        ]
    )
    assert found[:3].tolist() == [-1.0, 0.0, -np.inf]
    assert not np.isfinite(found[3:]).any()


# --- labelled questions


def quote(source, text):
    return SimpleNamespace(quote=text, article=SimpleNamespace(source=source))


class FakeEngine:
    """Two articles that answer, a third that does not, and set answers."""

    def __init__(self, answers, hits):
        self.answers, self.hits = answers, hits

    def articles(self):
        languages = {"en/bread.md": "en", "de/bread.md": "de", "pl/chleb.md": "pl"}
        return [SimpleNamespace(source=source, language=code) for source, code in languages.items()]

    def search(self, text, limit, leg, collapse):
        assert not collapse
        return [SimpleNamespace(article=SimpleNamespace(source=source)) for source in self.hits[text]]

    def ask(self, text):
        found, confidence, evidence = self.answers[text]
        grouped = {}
        for item in evidence if found else ():
            grouped.setdefault(item.article.source[:2], []).append(item)
        shape = KEYWORDS if text == "just words" else "reason"
        return SimpleNamespace(
            found=found, confidence=confidence, evidence=evidence, by_language=grouped, shape=shape
        )


def question(text, *answers):
    return LabelledQuestion(text, "en", "reason", text, answers)


BOTH = (Judgement("en/bread.md", 2, (BREAD["en"],)), Judgement("de/bread.md", 2, (BREAD["de"],)))


def test_measures_of_labelled_questions_by_hand():
    questions = [
        question("right", *BOTH, Judgement("pl/chleb.md", 1)),
        question("wrong place", *BOTH),
        question("refused", BOTH[0]),
        question("unanswerable"),
        question("answered all the same"),
        question("just words", *BOTH),
    ]
    answers = {
        "right": (
            True,
            0.9,
            [quote("en/bread.md", BREAD["en"][:40]), quote("de/bread.md", "Hefe ist teuer.")],
        ),
        # The right words in another article are not the labelled answer.
        "wrong place": (True, 0.8, [quote("pl/chleb.md", BREAD["en"]), quote("de/bread.md", BREAD["de"])]),
        "refused": (False, 0.3, [quote("en/bread.md", BREAD["en"])]),
        "unanswerable": (False, 0.1, []),
        "answered all the same": (True, 0.8, [quote("pl/chleb.md", "Chleb drożeje.")]),
        "just words": (False, 0.0, []),  # nobody asked: a reply of articles is no refusal
    }
    hits = {
        "right": ["pl/chleb.md", "en/bread.md"],
        "wrong place": ["de/bread.md", "en/bread.md"],
        "refused": [],
        "just words": ["en/bread.md"],
    }
    asked = labelled.ask_all(FakeEngine(answers, hits), questions, silent)
    found = {name: by_leg["both"] for name, by_leg in labelled.figures(asked).items()}
    ideal = 2 + 2 / np.log2(3) + 1 / 2
    assert found == pytest.approx(
        {
            "ndcg": ((1 + 2 / np.log2(3)) / ideal + 1 + 0 + 2 / (2 + 2 / np.log2(3))) / 4,
            "mrr": (1 / 2 + 1 + 0 + 1) / 4,
            "language_recall": (1 / 2 + 1 + 0 + 1 / 2) / 4,
            "evidence_precision": 2 / 3,  # "right" and "refused": whether it was shown is measured apart
            "evidence_languages": 2 / 5,
            "card_precision": 3 / 5,
            "card_recall": 3 / 5,  # of another sentence of the right article, too
            "confidence_auroc": (2 + 1.5 + 1) / 6,
            "refused_answerable": 1 / 3,
            "answered_unanswerable": 1 / 2,
            "questions_asked": 5 / 6,
        }
    )
    by_language, by_shape = labelled.matrices(asked)
    assert by_language.rows == ("en",)
    assert by_shape.rows == ("reason",)
    assert dict(zip(by_shape.columns, by_shape.values[0], strict=True)) == pytest.approx(
        {
            "nDCG@10": found["ndcg"],
            "MRR@10": found["mrr"],
            "languages in hits": found["language_recall"],
            "first quote": 2 / 3,
            "languages quoted": 2 / 5,
            "answered": 2 / 3,
            "refused": 1 / 2,
        }
    )


def test_a_label_of_an_article_that_is_not_there_is_refused():
    lost = question("where", Judgement("fr/pain.md", 2, ("…",)))
    with pytest.raises(InputError, match=r"fr/pain\.md"):
        labelled.ask_all(FakeEngine({}, {}), [lost], silent)


# --- from end to end, with the bundled model


@pytest.mark.slow
def test_evaluating_pools(pool_set):
    report = evaluate(pool_set)
    assert (report.kind, report.questions) == ("pools", 6)
    assert set(report.figures) == {name for name in LABELS if name.startswith(("parallel", "scatt", "filt"))}
    assert all(set(by_leg) == set(LEGS) for by_leg in report.figures.values())
    assert report.figures["parallel_map"]["both"] > 0.9
    assert json.loads(json.dumps(report.to_dict()))["matrices"][0]["rows"] == ["de", "en"]


@pytest.mark.slow
def test_evaluating_sentences(sentence_set):
    report = evaluate(sentence_set)
    assert (report.kind, report.questions) == ("sentences", 4)
    assert set(report.figures) == {name for name in LABELS if name.startswith("sentence_")}
    assert all(tuple(by_order) == ORDERS for by_order in report.figures.values())
    assert report.figures["sentence_map"]["ask"] > 0.9
    assert report.figures["sentence_same"]["ask"] == 1


@pytest.mark.slow
def test_evaluating_labels(labelled_set):
    report = evaluate(labelled_set, half="all")
    assert (report.kind, report.questions) == ("labelled", 3)
    assert report.figures["mrr"]["both"] == 1
    assert report.figures["known_first"]["both"] > 0.8
    assert report.matrices[-1].rows == known_items.KINDS
    assert [one.id for one in report.outcomes] == ["s1", "b1", "b2"]


@pytest.fixture
def questions_only(tmp_path):
    asked = {"id": "", "language": "de", "shape": "other", "question": "Wer gewann den Pokal?", "answers": []}
    rows = [{**asked, "id": f"bees-0{number}"} for number in range(1, 5)]
    write_lines(tmp_path / "set" / "questions" / "cup.jsonl", rows)
    return tmp_path / "set"


def test_questions_without_articles_are_asked_of_the_library_that_is_named(questions_only, library):
    with pytest.raises(UsageError, match="name the library"):
        evaluate(questions_only)
    report = evaluate(questions_only, library=library)
    assert [one.id for one in report.outcomes] == ["bees-02", "bees-03", "bees-04"]
    sample = evaluate(questions_only, library=library, half="all", sample=3)
    assert [one.id for one in sample.outcomes] == ["bees-01", "bees-04"]


@pytest.mark.parametrize("options", [{"half": "left"}, {"sample": 0}])
def test_options_that_make_no_sense(pool_set, options):
    with pytest.raises(UsageError):
        evaluate(pool_set, **options)
