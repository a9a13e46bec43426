"""The tables of an archive, as numbered migrations. A released migration is never edited; a new one is added.

To read an archive by hand, begin with the views: `capture_list`, `record_list`, `article_list`, `run_list`, `missing`.
"""

from __future__ import annotations

from archive.store import schema_of_crawls as crawls

# "TThu" in the file header's application id (SQLite file format, section 1.3.15) tells our files from other databases.
APPLICATION_ID = 0x54546875

_V1 = """
CREATE TABLE file (                     -- one row: what this file says of itself
  id INTEGER PRIMARY KEY CHECK (id = 1),
  whole INTEGER NOT NULL                -- 1: nothing lies in a write-ahead log only; complete without its -wal
) STRICT;
INSERT INTO file VALUES (1, 1);

CREATE TABLE runs (                     -- one row per crawl run or adopted file
  id INTEGER PRIMARY KEY,
  root INTEGER NOT NULL REFERENCES runs(id), -- first run of the chain of resumptions; itself if it resumed none
  portal TEXT NOT NULL,                 -- code of the portal, or host and path of a plain URL
  kind TEXT NOT NULL DEFAULT 'crawl',   -- crawl, adopt
  started TEXT NOT NULL,                -- UTC, ISO 8601 with microseconds, as all times here
  ended TEXT,
  outcome TEXT,                         -- NULL while it runs; finished, interrupted, stopped, failed
  detail TEXT,                          -- why it ended, one sentence
  settings TEXT NOT NULL DEFAULT '{}',  -- JSON: what the run was told
  lease TEXT,                           -- JSON: host, pid and start of the process that runs it; NULL once it ended
  warcinfo TEXT                         -- WARC-Record-ID of the run's warcinfo record
) STRICT;
CREATE UNIQUE INDEX runs_one_per_portal ON runs(portal) WHERE lease IS NOT NULL;

CREATE TABLE records (                  -- one row per WARC record, in the order in which they were kept
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,       -- WARC-Record-ID without its angle brackets
  type TEXT NOT NULL,                   -- warcinfo, request, response, revisit, metadata, resource, conversion, ...
  run INTEGER NOT NULL REFERENCES runs(id),
  capture INTEGER REFERENCES captures(id), -- the capture event it belongs to
  target_uri TEXT,
  time TEXT,                            -- WARC-Date
  length INTEGER NOT NULL,              -- of the block, bytes
  block_sha256 BLOB NOT NULL,           -- of the block, recomputed when it came in
  payload_sha256 BLOB,                  -- of the entity body without transfer coding; NULL: the record has no payload
  framed_sha256 BLOB,                   -- of the body as framed on the wire; only where a revisit may stand for it
  refers_to TEXT,                       -- WARC-Refers-To: the record that a revisit stands for
  coding TEXT NOT NULL DEFAULT 'gzip',  -- how the member is kept: gzip (one gzip member) or identity (plain record)
  member_length INTEGER NOT NULL        -- of the member as kept, all parts together, bytes
) STRICT;
CREATE INDEX records_by_capture ON records(capture);
CREATE INDEX records_by_payload ON records(payload_sha256) WHERE type = 'response' AND payload_sha256 IS NOT NULL;

CREATE TABLE parts (                    -- the members' bytes; a member is its parts in order
  record INTEGER NOT NULL REFERENCES records(id),
  number INTEGER NOT NULL,              -- 0, 1, 2 ...
  bytes BLOB NOT NULL,
  PRIMARY KEY (record, number)
) STRICT;

CREATE TABLE captures (                 -- one row per exchange, answered or not; what CDX lists
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  url TEXT NOT NULL,
  key TEXT NOT NULL,                    -- SURT
  time TEXT NOT NULL,                   -- the same instant as its records' WARC-Date
  method TEXT NOT NULL,
  status INTEGER,                       -- NULL: no answer that could be read
  media_type TEXT,
  location TEXT,                        -- where a redirect leads, absolute
  record INTEGER REFERENCES records(id),-- the response or revisit record; NULL: no answer
  length INTEGER NOT NULL DEFAULT 0,    -- of that record's block, bytes
  truncated TEXT,                       -- WARC-Truncated
  failure TEXT,                         -- kind and cause, where the attempt failed
  via TEXT,                             -- the page that led here
  hops TEXT                             -- the path from the start, in Heritrix' letters
) STRICT;
CREATE INDEX captures_by_key ON captures(key, time);
CREATE INDEX captures_by_run ON captures(run);

CREATE TABLE rules (                    -- cleaning rules as they were used, by digest
  digest TEXT PRIMARY KEY,              -- sha256:...
  body TEXT NOT NULL                    -- canonical JSON
) STRICT;

CREATE TABLE articles (                 -- one row per article address
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  revision INTEGER                      -- the newest of its revisions (revisions.id)
) STRICT;

CREATE TABLE revisions (                -- one row per state of an article; the former ones stay
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles(id),
  capture INTEGER NOT NULL REFERENCES captures(id), -- the capture it was cleaned from
  rules TEXT REFERENCES rules(digest),
  cleaner TEXT NOT NULL,                -- version of the cleaner and of the parsers it used
  content_sha256 BLOB NOT NULL,         -- of the cleaned content; equal content makes no new revision
  title TEXT, published TEXT,           -- copies out of body, for lists
  body TEXT NOT NULL                    -- the article as the contract's JSON
) STRICT;
CREATE INDEX revisions_by_article ON revisions(article);
CREATE INDEX revisions_by_capture ON revisions(capture);

-- Folded text (no diacritics, đ as d, tone placement evened out) of the newest revision; rowid is articles.id.
-- Contentless: to take a row out, the same folded text has to be given again.
CREATE VIRTUAL TABLE search USING fts5(title, text, content='', tokenize='unicode61 remove_diacritics 0');

CREATE TABLE frontier (                 -- the queue of a chain of runs; emptied when the chain finishes
  id INTEGER PRIMARY KEY,
  root INTEGER NOT NULL REFERENCES runs(id),
  url TEXT NOT NULL,
  kind TEXT NOT NULL,
  priority INTEGER NOT NULL,
  via TEXT,
  hops TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before TEXT,
  state TEXT NOT NULL DEFAULT 'queued', -- queued, captured (kept, not yet read), done, failed
  capture INTEGER REFERENCES captures(id),
  UNIQUE (root, url)
) STRICT;
CREATE INDEX frontier_next ON frontier(root, priority, id) WHERE state = 'queued';
CREATE INDEX frontier_later ON frontier(root, not_before) WHERE state = 'queued' AND not_before IS NOT NULL;
CREATE INDEX frontier_captured ON frontier(root) WHERE state = 'captured';

CREATE TABLE refusals (                 -- addresses that were not asked for, and why
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  url TEXT NOT NULL,
  key TEXT NOT NULL,
  reason TEXT NOT NULL,                 -- robots, scope, budget, scheme, private, redirects, retries, trap, alias, soft-404
  detail TEXT NOT NULL DEFAULT '',
  via TEXT,
  time TEXT NOT NULL,
  UNIQUE (run, url, reason)
) STRICT;
CREATE INDEX refusals_by_key ON refusals(key);

CREATE TABLE refusal_counts (           -- how often a reason kept addresses of a host out; refusals has the first 100
  run INTEGER NOT NULL REFERENCES runs(id),
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY (run, host, reason)
) STRICT, WITHOUT ROWID;

CREATE VIEW capture_list AS
  SELECT c.id, c.time, c.status, c.media_type, c.url, r.type AS record_type, r.record_id, c.truncated, c.failure, c.via,
         c.run
  FROM captures c LEFT JOIN records r ON r.id = c.record;
CREATE VIEW record_list AS
  SELECT id, type, record_id, target_uri, time, length, 'sha256:' || lower(hex(block_sha256)) AS block_digest,
         'sha256:' || lower(hex(payload_sha256)) AS payload_digest, coding, member_length, capture, run
  FROM records;
CREATE VIEW article_list AS
  SELECT a.id, v.published, v.title, a.url, c.time AS captured, v.id AS revision
  FROM articles a JOIN revisions v ON v.id = a.revision JOIN captures c ON c.id = v.capture;
CREATE VIEW run_list AS
  SELECT r.id, r.portal, r.started, r.ended, coalesce(r.outcome, 'running') AS outcome, r.detail,
         (SELECT count(*) FROM captures c WHERE c.run = r.id) AS captures,
         (SELECT count(*) FROM captures c WHERE c.run = r.id AND c.failure IS NOT NULL) AS failures,
         (SELECT coalesce(sum(f.refused), 0) FROM refusal_counts f WHERE f.run = r.id) AS refusals
  FROM runs r;
CREATE VIEW missing AS                  -- why is this page missing?
  SELECT url, time, 'refused: ' || reason AS why, detail, via FROM refusals
  UNION ALL SELECT url, time, 'failed', failure, via FROM captures WHERE failure IS NOT NULL
  UNION ALL SELECT url, time, 'status ' || status, coalesce(location, ''), via FROM captures WHERE status >= 300;
"""

_V2 = """
CREATE TABLE schedules (                -- which portals are crawled when
  portal TEXT PRIMARY KEY,              -- as in runs.portal
  target TEXT NOT NULL,                 -- what `tangthu crawl` is given: a code, a name or an address
  cron TEXT,                            -- when, as a cron expression of five fields ...
  every INTEGER,                        -- ... or seconds between the starts of two runs
  zone TEXT NOT NULL DEFAULT 'Asia/Ho_Chi_Minh', -- the time zone that cron is meant in
  options TEXT NOT NULL DEFAULT '[]',   -- JSON: further arguments of `tangthu crawl`
  paused INTEGER NOT NULL DEFAULT 0,
  created TEXT NOT NULL,
  CHECK ((cron IS NULL) <> (every IS NULL))
) STRICT;
ALTER TABLE runs ADD COLUMN wish TEXT;  -- what its operator asked of a running crawl: stop, pause; NULL: to go on
"""

# A body that is no JSON is the audit's finding; here it has no facets.
_NEWEST = """FROM articles a JOIN revisions v ON v.id = a.revision JOIN captures c ON c.id = v.capture"""
_EACH = "json_each(CASE WHEN json_valid(v.body) THEN v.body ELSE '{}' END, "

_V3 = f"""
CREATE TABLE facets (                   -- what searches and lists of articles are narrowed by; of the newest revisions
  kind TEXT NOT NULL,                   -- portal, section, author; attachments (value: yes)
  value TEXT NOT NULL,
  article INTEGER NOT NULL REFERENCES articles(id),
  PRIMARY KEY (kind, value, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX facets_by_article ON facets(article);
INSERT OR IGNORE INTO facets SELECT 'portal', r.portal, a.id {_NEWEST} JOIN runs r ON r.id = c.run;
INSERT OR IGNORE INTO facets SELECT 'section', j.value, a.id {_NEWEST}, {_EACH} '$.section') j WHERE j.type = 'text';
INSERT OR IGNORE INTO facets SELECT 'author', j.value, a.id {_NEWEST}, {_EACH} '$.authors') j WHERE j.type = 'text';
INSERT OR IGNORE INTO facets SELECT 'attachments', 'yes', a.id {_NEWEST}, {_EACH} '$.attachments') j;
ALTER TABLE articles ADD COLUMN dated TEXT; -- when the newest revision says it was published, else when it was captured
UPDATE articles SET dated = (SELECT coalesce(v.published, c.time) FROM revisions v JOIN captures c ON c.id = v.capture
  WHERE v.id = articles.revision);
CREATE INDEX articles_by_date ON articles(dated);
"""

_V4 = """
CREATE TABLE site_models (              -- what was learned of a host from the archive's own captures
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,                   -- with its port, if that is not the scheme's
  run INTEGER REFERENCES runs(id),      -- at whose end it was learned; NULL: by `tangthu clean`
  time TEXT NOT NULL,
  given TEXT REFERENCES rules(digest),  -- the rules that somebody had written for the host; NULL: none
  rules TEXT NOT NULL REFERENCES rules(digest), -- these with what was learned
  cleaner TEXT NOT NULL,                -- version that learned
  votes TEXT NOT NULL,                  -- JSON: what each of the learned rules was voted by
  settled TEXT NOT NULL                 -- JSON: places of containers where the search without it had found the same articles
) STRICT;
CREATE INDEX site_models_by_host ON site_models(host);

CREATE TABLE lessons (                  -- the captures that a site model was learned from
  model INTEGER NOT NULL REFERENCES site_models(id),
  capture INTEGER NOT NULL REFERENCES captures(id),
  payload_sha256 BLOB NOT NULL,
  PRIMARY KEY (model, capture)
) STRICT, WITHOUT ROWID;

CREATE TABLE site_votes (               -- how well a host's site model fitted the pages of a run
  run INTEGER NOT NULL REFERENCES runs(id),
  host TEXT NOT NULL,
  model INTEGER NOT NULL REFERENCES site_models(id),
  looked INTEGER NOT NULL,              -- so many pages of the kinds it is for were looked at ...
  fits INTEGER NOT NULL,                -- ... and so many had its container,
  titles INTEGER NOT NULL,              -- of these so many the title
  dates INTEGER NOT NULL,               -- and the date where it says
  drift TEXT,                           -- what has changed since it was learned, one sentence; NULL: nothing
  PRIMARY KEY (run, host)
) STRICT, WITHOUT ROWID;
"""

_FILES = """
CREATE TABLE file_texts (               -- the text inside a file that an article offers, once for each file
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,          -- of the file: of the answer's body, content codings undone
  capture INTEGER NOT NULL REFERENCES captures(id), -- the capture that it was read from
  kind TEXT NOT NULL,                   -- pdf, docx, xlsx, pptx, odf, doc, xls, rtf, encrypted, unknown
  status TEXT NOT NULL,                 -- text, scan, empty, encrypted, broken, too-large, too-hard, unknown
  pages INTEGER,                        -- pages, slides or sheets, where the file knows them
  note TEXT NOT NULL DEFAULT '',        -- why there is no text, or not all of it
  tool TEXT NOT NULL,                   -- version of the reader and of the libraries it used
  text TEXT NOT NULL
) STRICT;
CREATE TABLE file_offers (              -- which files the newest state of an article offers
  article INTEGER NOT NULL REFERENCES articles(id),
  file INTEGER NOT NULL REFERENCES file_texts(id),
  PRIMARY KEY (article, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_offers_by_file ON file_offers(file);
-- As search, over file_texts; rowid is file_texts.id. Files have no title, but what is sought may ask for one.
CREATE VIRTUAL TABLE file_search USING fts5(title, text, content='', tokenize='unicode61 remove_diacritics 0');
"""

# The index has no copy of its text, so what is taken out is written as it was put in. `fold` is the function of fold.py.
_NUMBERED = "FROM articles a JOIN revisions v ON v.id = a.revision WHERE json_valid(v.body) AND json_extract(v.body, '$.document.number') <> ''"
_TITLE = "fold(coalesce(json_extract(v.body, '$.title'), ''))"
_TOLD = (
    "coalesce(json_extract(v.body, '$.text'), '') || coalesce((SELECT group_concat(char(10, 10) || told, '') FROM ("
    "SELECT json_extract(i.value, '$.caption') AS told FROM json_each(v.body, '$.images') i UNION ALL "
    "SELECT json_extract(f.value, '$.name') FROM json_each(v.body, '$.attachments') f)), '')"
)
_V6 = f"""
INSERT INTO search (search, rowid, title, text) SELECT 'delete', a.id, {_TITLE}, fold({_TOLD}) {_NUMBERED};
INSERT INTO search (rowid, title, text)
  SELECT a.id, {_TITLE}, fold({_TOLD} || char(10, 10) || json_extract(v.body, '$.document.number')) {_NUMBERED};
"""

# The functions are those of packing.py. What the tables say of a capture is not kept once more in the articles that came from it.
_V11 = """
ALTER TABLE revisions ADD COLUMN packed BLOB NOT NULL DEFAULT x''; -- the article as the contract's JSON but its capture, zlib's form (RFC 1950)
ALTER TABLE revisions ADD COLUMN length INTEGER NOT NULL DEFAULT 0; -- of that JSON, bytes
ALTER TABLE revisions ADD COLUMN layer TEXT; -- copies out of it: who found the body (rules, site, page) ...
ALTER TABLE revisions ADD COLUMN container TEXT; -- ... and where it stands
UPDATE revisions SET body = without(body, (SELECT came_from(c.url, c.time, r.record_id, r.payload_sha256)
  FROM captures c LEFT JOIN records r ON r.id = c.record WHERE c.id = revisions.capture));
UPDATE revisions SET packed = packed(body), length = length(CAST(body AS BLOB)),
  layer = CASE WHEN json_valid(body) THEN json_extract(body, '$.cleaner.layer') END,
  container = CASE WHEN json_valid(body) THEN json_extract(body, '$.cleaner.container') END;
ALTER TABLE revisions DROP COLUMN body;
CREATE VIEW revision_list AS            -- every state of every article, its JSON opened by the sqlite3 shell's own function
  SELECT v.id, v.article, a.url, c.time AS captured, v.title, v.published, v.cleaner, v.rules, v.capture,
         CAST(sqlar_uncompress(v.packed, v.length) AS TEXT) AS body
  FROM revisions v JOIN articles a ON a.id = v.article JOIN captures c ON c.id = v.capture;
"""

_V12 = """
CREATE INDEX captures_by_location ON captures(location) WHERE location IS NOT NULL;
"""

# (number, why, SQL); numbers go up by one.
MIGRATIONS: tuple[tuple[int, str, str], ...] = (
    (1, "the first schema", _V1),
    (2, "crawls on a calendar, and runs that can be stopped from outside", _V2),
    (3, "articles narrowed by portal, section, author and attachments, and listed by date", _V3),
    (4, "site models, with the captures they were learned from", _V4),
    (5, "the text inside files is kept and found", _FILES),
    (6, "legal documents are found by their numbers", _V6),
    (7, "lists that page by requests with a body", crawls.V7),
    (8, "addresses that stand for others, patterns of addresses that bring nothing, and by which robots.txt was decided", crawls.V8),
    (9, "when which address is asked again", crawls.V9),
    (10, "what a page was the first to say", crawls.V10),
    (11, "articles are kept packed, and what the tables say of their captures only there", _V11),
    (12, "the redirects that lead to an address are looked up", _V12),
    (13, "articles at several addresses are shown once", crawls.V13),
)
