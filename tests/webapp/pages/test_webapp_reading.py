"""Around an article's text: contents, what other languages say."""

from webapp_doubles import FakeEngine, stored

from kb.export.render import render
from webapp.pages import reading

HEADED = stored(
    "en/tea.md", "# Tea\n\n## Leaves\n\nTea has leaves.\n\n### Green & black\n\nTwo kinds.", "en"
).article
PLAIN = stored("en/plain.txt", "Plain\n\nOne two. Three four.", "en").article


def test_contents_lead_to_the_headings_of_the_rendered_article():
    body = render(HEADED)
    found = reading.contents(HEADED, body)
    assert [(one.text, one.level) for one in found] == [("Leaves", 2), ("Green & black", 3)]
    assert all(f'id="{one.id}"' in body for one in found)


def test_too_few_headings_make_no_contents():
    assert reading.contents(PLAIN, render(PLAIN)) == ()


class Recorder(FakeEngine):
    def search(self, query, **options):
        self.asked = (query, options["languages"])
        return super().search(query, **options)


def test_related_passages_are_one_of_each_other_language():
    named = [(code, number) for code in ("pl", "ru") for number in (1, 2)]
    others = [stored(f"{code}/{n}.txt", f"T{n}\n\nAbout leaves, {n}.", code) for code, n in named]
    engine = Recorder(*others)
    found = reading.related(engine, HEADED, ["en", "pl", "ru"], None)
    assert sorted(hit.article.language for hit in found) == ["pl", "ru"]
    assert engine.asked[1] == ["pl", "ru"]
    assert reading.related(engine, HEADED, ["en"], None) == ()


def test_a_quote_is_looked_for_as_text_and_not_as_a_query():
    article = stored("en/q.txt", 'Quotes\n\n"Never" -said lang:xx he. Ok.', "en").article
    engine = Recorder()
    reading.related(engine, article, ["pl"], (0, 30))
    assert not set('"“”') & set(engine.asked[0])
    assert " -" not in engine.asked[0]
    assert "lang:" not in engine.asked[0]
    assert reading.related(Recorder(), article, ["pl"], (0, 1)) == ()
