"""What later schemas added for crawls: lists that page by requests, aliases, budgets, robots, when which address is asked again."""

from __future__ import annotations

V7 = """
CREATE TABLE frontier_requests (        -- what a visit sends besides its address, and where in a list it stands; of few visits
  visit INTEGER PRIMARY KEY REFERENCES frontier(id) ON DELETE CASCADE,
  url TEXT NOT NULL,                    -- the address; frontier.url has method and body in its query (__wb_method=POST&...)
  method TEXT NOT NULL,
  fields TEXT NOT NULL DEFAULT '[]',    -- JSON: names and values of header fields
  body BLOB NOT NULL,
  paging TEXT NOT NULL DEFAULT ''       -- JSON: list, page, and what the pages before showed
) STRICT;
CREATE INDEX frontier_requests_by_url ON frontier_requests(url);
"""

V8 = """
CREATE TABLE aliases (                  -- addresses that are not asked for because another one stands for them
  url TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  canonical TEXT NOT NULL,              -- the address that stands for it
  reason TEXT NOT NULL,                 -- www, scheme, query, order, session, print, same text
  via TEXT,                             -- the page that named it
  run INTEGER NOT NULL REFERENCES runs(id), -- in which it was met first
  time TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_key ON aliases(key);
CREATE INDEX aliases_by_canonical ON aliases(canonical);
CREATE TABLE budgets (                  -- how many pages without new text an address pattern brought in a chain of runs that goes on
  root INTEGER NOT NULL REFERENCES runs(id),
  pattern TEXT NOT NULL,                -- host, shape of the path, names in the query
  spent INTEGER NOT NULL,               -- pages that brought nothing, less those that did
  PRIMARY KEY (root, pattern)
) STRICT, WITHOUT ROWID;
ALTER TABLE frontier ADD COLUMN text INTEGER; -- 64 bits of the SHA-256 of the page's words, so that the same text is known again
CREATE INDEX frontier_texts ON frontier(root, text) WHERE text IS NOT NULL;
CREATE TABLE robots (                   -- what was decided by: the robots.txt of an origin, each time that it was asked for
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  origin TEXT NOT NULL,                 -- scheme, host and port
  capture INTEGER REFERENCES captures(id), -- the answer that was read; NULL: none came
  verdict TEXT NOT NULL,                -- rules (it was read), none (it says nothing: all may be asked for), out (it could not be had)
  detail TEXT NOT NULL DEFAULT '',      -- why there are no rules
  agent TEXT,                           -- the group that counts for us: tangthu, *; NULL: none does
  time TEXT NOT NULL
) STRICT;
CREATE INDEX robots_by_run ON robots(run);
ALTER TABLE captures ADD COLUMN robots INTEGER REFERENCES robots(id); -- by what this address was let in
ALTER TABLE captures ADD COLUMN robots_line INTEGER; -- the line in it that decided; 0: none forbids it
ALTER TABLE refusals ADD COLUMN robots INTEGER REFERENCES robots(id); -- by what this address was kept out
ALTER TABLE refusals ADD COLUMN robots_line INTEGER;
"""

V9 = """
CREATE TABLE addresses (                -- what the runs of a portal saw of an address, and when it is asked again
  portal TEXT NOT NULL,
  url TEXT NOT NULL,
  kind TEXT NOT NULL,                   -- as in frontier, with the next three: so it is queued again
  priority INTEGER NOT NULL,
  via TEXT,
  hops TEXT NOT NULL,
  due TEXT NOT NULL,                    -- not asked again by a scheduled run before this
  seen INTEGER NOT NULL DEFAULT 0,      -- answers that told something of the page
  changes INTEGER NOT NULL DEFAULT 0,   -- so many of them another thing than the one before ...
  quiet REAL NOT NULL DEFAULT 0,        -- ... in so many seconds that are known to have been quiet
  mark TEXT,                            -- tells its newest state: digest of the article, else of the payload
  last TEXT,                            -- when it was seen last
  changed TEXT,                         -- its last change that is known of
  misses INTEGER NOT NULL DEFAULT 0,    -- 404 or 410, so many times at different times; from 2 on it is gone ...
  missing TEXT,                         -- ... since then
  failures INTEGER NOT NULL DEFAULT 0,  -- runs in a row that could not reach it: that is not gone
  PRIMARY KEY (portal, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_due ON addresses(portal, due);
ALTER TABLE runs ADD COLUMN resume TEXT; -- when its schedule goes on with a run that was stopped by its opening hours
"""

V10 = """
ALTER TABLE frontier ADD COLUMN pieces BLOB; -- fingerprints, 8 bytes each (little-endian), of what this page was the first to say
"""

V13 = """
ALTER TABLE articles ADD COLUMN says INTEGER; -- 64 bits of what its newest state says wherever it stands; NULL with revision: it is shown no longer
ALTER TABLE articles ADD COLUMN claims TEXT; -- another address that its page says is its own
UPDATE articles SET says = (SELECT says(v.packed) FROM revisions v WHERE v.id = articles.revision);
CREATE INDEX articles_by_says ON articles(says) WHERE says IS NOT NULL;
CREATE TABLE no_pages (                 -- what a portal says, with 200, at addresses that nobody made
  portal TEXT NOT NULL,
  folder TEXT NOT NULL,                 -- in which
  text INTEGER NOT NULL,                -- as in frontier
  PRIMARY KEY (portal, folder, text)
) STRICT, WITHOUT ROWID;
"""
