BEGIN TRANSACTION;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    root TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    blocks TEXT NOT NULL,
    source_text TEXT NOT NULL,
    encoding TEXT NOT NULL,
    source_meta TEXT NOT NULL,
    date TEXT,
    url TEXT,
    author TEXT,
    lines BLOB NOT NULL,
    words INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    sentences INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
);
INSERT INTO "articles" VALUES(1,'3c53402469d0','baker.md','/home/someone/pages','The baker','en','The baker opens at five and sells the first rolls to those who deliver the milk.','d5049ad2751c984ebd3787c49006bd60e383f76fed498e70983f6e381574b450','4','[["paragraph", 0, 80, 0, null]]','# The baker

The baker opens at five and sells the first rolls to those who deliver the milk.
','utf-8','{"format": "markdown", "title": null, "language": null, "cleaned": false}',NULL,NULL,NULL,X'1C24141A3DC2889BA92AE1644E025F80C705C9D7ECC7DB0D791F369668C24BDB',16,1,1,1,NULL);
INSERT INTO "articles" VALUES(2,'e1e2343eff8a','ferry.html','/home/someone/pages','The ferry','en','The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.','a7b473b3db524b89288f58f77c10570ed5e3585ba5dfa906933c3c24da4c3c12','4','[["paragraph", 0, 89, 0, null], ["paragraph", 91, 170, 0, null]]','Home Boats Contact

The ferry

The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.

Imprint, privacy and all rights reserved by the harbour office.','utf-8','{"format": "blocks", "title": "The ferry", "language": "en", "cleaned": false, "blocks": "[[\"paragraph\", 0, 18, 0, null], [\"heading\", 20, 29, 2, null], [\"paragraph\", 31, 120, 0, null], [\"paragraph\", 122, 201, 0, null], [\"paragraph\", 203, 266, 0, null]]", "dropped": [[0, 18, "navigation (<nav>)", 0.95], [203, 266, "the page''s foot (<footer>)", 0.95]]}',NULL,NULL,NULL,X'997FA89F974A96FDA92AE1644E025F80434E1DAFAF50602A7114D20ABD527C2D2E9CD6B0D54AA86927DCDE292896E295B031EF060DB2DFE3',34,1,2,1,2);
INSERT INTO "articles" VALUES(3,'e1e2343eff8a','ferry.html','/home/someone/pages','The ferry','en','The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.

Imprint, privacy and all rights reserved by the harbour office.','a7b473b3db524b89288f58f77c10570ed5e3585ba5dfa906933c3c24da4c3c12','4','[["paragraph", 0, 89, 0, null], ["paragraph", 91, 170, 0, null], ["paragraph", 172, 235, 0, null]]','Home Boats Contact

The ferry

The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.

Imprint, privacy and all rights reserved by the harbour office.','utf-8','{"format": "blocks", "title": "The ferry", "language": "en", "cleaned": false, "blocks": "[[\"paragraph\", 0, 18, 0, null], [\"heading\", 20, 29, 2, null], [\"paragraph\", 31, 120, 0, null], [\"paragraph\", 122, 201, 0, null], [\"paragraph\", 203, 266, 0, null]]", "dropped": [[0, 18, "navigation (<nav>)", 0.95], [203, 266, "the page''s foot (<footer>)", 0.95]]}',NULL,NULL,NULL,X'997FA89F974A96FDA92AE1644E025F80434E1DAFAF50602A7114D20ABD527C2D2E9CD6B0D54AA86927DCDE292896E295B031EF060DB2DFE3',44,1,3,2,NULL);
CREATE TABLE files (
    root TEXT NOT NULL, source TEXT NOT NULL,
    signature TEXT NOT NULL, pipeline TEXT NOT NULL, held TEXT NOT NULL, skipped TEXT NOT NULL,
    PRIMARY KEY (root, source)
) WITHOUT ROWID;
INSERT INTO "files" VALUES('/home/someone/pages','baker.md','','4/None','[["baker.md", "d5049ad2751c984ebd3787c49006bd60e383f76fed498e70983f6e381574b450"]]','[]');
INSERT INTO "files" VALUES('/home/someone/pages','ferry.html','','4/None','[["ferry.html", "a7b473b3db524b89288f58f77c10570ed5e3585ba5dfa906933c3c24da4c3c12"]]','[]');
CREATE TABLE meta (
    name TEXT NOT NULL, value TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
INSERT INTO "meta" VALUES('created','2026-11-30T16:54:15+00:00',1,NULL);
INSERT INTO "meta" VALUES('updated','2026-11-30T16:54:15+00:00',1,2);
INSERT INTO "meta" VALUES('updated','2026-11-30T16:55:28+00:00',2,NULL);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, language TEXT NOT NULL, heading TEXT NOT NULL
);
INSERT INTO "passages" VALUES(1,1,0,0,80,'The baker opens at five and sells the first rolls to those who deliver the milk.','en','');
INSERT INTO "passages" VALUES(2,2,0,0,170,'The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.','en','');
INSERT INTO "passages" VALUES(3,3,0,0,235,'The ferry leaves the harbour at six, even when the fog has not yet lifted from the water.

Those who come late wait for the next one, which leaves at nine in the morning.

Imprint, privacy and all rights reserved by the harbour office.','en','');
CREATE TABLE removed (
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    reason TEXT NOT NULL, score REAL NOT NULL
);
INSERT INTO "removed" VALUES(2,0,18,'navigation (<nav>)',0.95);
INSERT INTO "removed" VALUES(2,203,266,'the page''s foot (<footer>)',0.95);
INSERT INTO "removed" VALUES(3,0,18,'navigation (<nav>)',0.95);
CREATE TABLE repairs (
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    after TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE restored (
    source TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
INSERT INTO "restored" VALUES('ferry.html',203,266,'Imprint, privacy and all rights reserved by the harbour office.',2,NULL);
CREATE TABLE sentences (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    kind TEXT NOT NULL
);
INSERT INTO "sentences" VALUES(1,1,0,0,80,'paragraph');
INSERT INTO "sentences" VALUES(2,2,0,0,89,'paragraph');
INSERT INTO "sentences" VALUES(3,2,1,91,170,'paragraph');
INSERT INTO "sentences" VALUES(4,3,0,0,89,'paragraph');
INSERT INTO "sentences" VALUES(5,3,1,91,170,'paragraph');
INSERT INTO "sentences" VALUES(6,3,2,172,235,'paragraph');
CREATE TABLE skipped (
    source TEXT NOT NULL, root TEXT NOT NULL, reason TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX articles_live ON articles (source) WHERE until IS NULL;
CREATE INDEX articles_id ON articles (id);
CREATE INDEX articles_source ON articles (source);
CREATE INDEX articles_until ON articles (until);
CREATE INDEX removed_article ON removed (article);
CREATE INDEX repairs_article ON repairs (article);
CREATE INDEX passages_article ON passages (article);
CREATE INDEX sentences_passage ON sentences (passage);
CREATE INDEX restored_source ON restored (source);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('articles',3);
INSERT INTO "sqlite_sequence" VALUES('passages',3);
INSERT INTO "sqlite_sequence" VALUES('sentences',6);
COMMIT;
