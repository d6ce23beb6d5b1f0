/** "acdl": marks the file as ours (SQLite's application_id). */
export const APPLICATION_ID = 0x6163646c;

/**
 * Times are milliseconds since 1970; ids are text; JSON is text. A session is live until `closed_at` is set, and a
 * start reads the entries of live sessions only. `entry.id` is the order of arrival over all sessions.
 */
const FIRST = `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    chart_version INTEGER,
    opened_at INTEGER,
    closed_at INTEGER,
    -- The entry with which a replay may begin, besides the opening; null: with the first.
    replay_from INTEGER
  );
  CREATE INDEX session_live ON session (id) WHERE closed_at IS NULL;
  CREATE INDEX session_closed ON session (closed_at) WHERE closed_at IS NOT NULL;

  -- An id is never given twice, or an entry in the place of a deleted one would be behind the index of sessions.
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES session (id),
    seq INTEGER,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    checksum INTEGER NOT NULL
  );

  -- Which entries a session has, for entries up to indexed.up_to; it follows in steps, as an index of its own would
  -- cost one page per session in every transaction.
  CREATE TABLE entry_index (
    session INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (session, id)
  ) WITHOUT ROWID;
  CREATE TABLE indexed (up_to INTEGER NOT NULL);
  INSERT INTO indexed VALUES (0);

  CREATE TABLE lead (
    id INTEGER PRIMARY KEY,
    lead_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    columns TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'reserved', 'done')),
    turn INTEGER NOT NULL,
    session_id TEXT,
    last_call_id TEXT
  );
  CREATE INDEX lead_waiting ON lead (turn) WHERE state = 'waiting';
  CREATE INDEX lead_turn ON lead (turn);

  CREATE TABLE attempt (
    call_id TEXT PRIMARY KEY,
    lead_id TEXT,
    outcome TEXT,
    ended_at INTEGER,
    disposition TEXT,
    notes TEXT NOT NULL DEFAULT '',
    disposed_at INTEGER
  );
  CREATE INDEX attempt_of_lead ON attempt (lead_id);
`;

/** Lists that are searched and imported, and figures of agents. `phone` outlives the lead that a cleared list forgets. */
const FIGURES = `
  ALTER TABLE attempt ADD COLUMN phone TEXT;
  ALTER TABLE attempt ADD COLUMN agent_id TEXT;
  ALTER TABLE attempt ADD COLUMN talk_ms INTEGER;
  ALTER TABLE attempt ADD COLUMN waited_ms INTEGER;
  UPDATE attempt SET phone = (SELECT lead.phone FROM lead WHERE lead.lead_id = attempt.lead_id);
  -- A lead of an import that is not complete is not in the list yet.
  ALTER TABLE lead ADD COLUMN import_id TEXT;
  CREATE TABLE import_open (import_id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE INDEX attempt_of_phone ON attempt (phone);
  CREATE INDEX attempt_of_agent ON attempt (agent_id, ended_at);
  CREATE INDEX attempt_ended ON attempt (ended_at);
  CREATE INDEX lead_phone ON lead (phone);
  CREATE INDEX lead_state ON lead (state);
`;

/** Entries are about 1 KB: pages of twice SQLite's default waste less of themselves (8 % more entries a second). */
export const PAGE_BYTES = 8192;

/** The n-th brings a store from version n to n + 1 (SQLite's user_version). Released ones are never edited. */
export const MIGRATIONS: readonly string[] = [FIRST, FIGURES];

export const SCHEMA_VERSION = MIGRATIONS.length;
