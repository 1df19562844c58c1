-- One file is one ADSync database. Narrow indexes, attribute layers as blobs, no row per value.
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE connector (ordinal INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, body BLOB NOT NULL,
                        schema BLOB NOT NULL);
CREATE TABLE secret (connector TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE rule (number INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE watermark (connector INTEGER NOT NULL, partition TEXT NOT NULL, value BLOB NOT NULL, taken TEXT NOT NULL,
                        PRIMARY KEY (connector, partition)) WITHOUT ROWID;

CREATE TABLE cs (
    number INTEGER PRIMARY KEY,
    connector INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    dn TEXT NOT NULL,
    dn_hash INTEGER NOT NULL,
    anchor,
    anchor_hash INTEGER,
    mv INTEGER NOT NULL,
    linked_by INTEGER NOT NULL,
    linking_rule TEXT NOT NULL,
    owned INTEGER NOT NULL,
    pending_import INTEGER NOT NULL,
    pending_export INTEGER NOT NULL,
    unconfirmed_operation INTEGER NOT NULL,
    base BLOB,
    pending BLOB,
    unapplied BLOB,
    unconfirmed BLOB
);
-- an expression, so that the planner never takes this wide one where a narrow one answers
CREATE INDEX cs_space ON cs (connector * 4 + kind);
CREATE INDEX cs_dn ON cs (dn_hash);
CREATE INDEX cs_anchor ON cs (anchor_hash) WHERE anchor_hash IS NOT NULL;
CREATE INDEX cs_mv ON cs (mv) WHERE mv != 0;
CREATE INDEX cs_pending_import ON cs (connector, number) WHERE pending_import != 0;
CREATE INDEX cs_pending_export ON cs (connector, number) WHERE pending_export != 0;

-- who gave which value, as most objects have it in common: attribute, rule, place among the givers of the object
CREATE TABLE pattern (number INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE);
-- givers: the number of the one connector-space object that gave all, or a list of them
CREATE TABLE mv (number INTEGER PRIMARY KEY, object_type TEXT NOT NULL, body BLOB NOT NULL, pattern INTEGER NOT NULL,
                 givers NOT NULL);
CREATE VIEW metaverse AS
    SELECT mv.number, mv.object_type, mv.body, pattern.body AS pattern, mv.givers
    FROM mv JOIN pattern ON pattern.number = mv.pattern;

-- the highest number an object of a namespace ever had and lost: numbers, and the GUIDs made of them, never come back
CREATE TABLE spent (namespace TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO spent VALUES ('cs', 0), ('mv', 0);
CREATE TRIGGER cs_spent AFTER DELETE ON cs WHEN old.number > (SELECT number FROM spent WHERE namespace = 'cs')
    BEGIN UPDATE spent SET number = old.number WHERE namespace = 'cs'; END;
CREATE TRIGGER mv_spent AFTER DELETE ON mv WHEN old.number > (SELECT number FROM spent WHERE namespace = 'mv')
    BEGIN UPDATE spent SET number = old.number WHERE namespace = 'mv'; END;

-- look-up of metaverse objects by the values of join attributes; hash of attribute and folded value
CREATE TABLE join_value (hash INTEGER NOT NULL, mv INTEGER NOT NULL, PRIMARY KEY (hash, mv)) WITHOUT ROWID;
-- who refers to a connector-space object
CREATE TABLE reference (target INTEGER NOT NULL, source INTEGER NOT NULL, PRIMARY KEY (target, source)) WITHOUT ROWID;

CREATE TABLE run (
    number INTEGER PRIMARY KEY, identifier TEXT NOT NULL, connector TEXT NOT NULL, connector_name TEXT NOT NULL,
    profile TEXT NOT NULL, run_number INTEGER NOT NULL, started TEXT NOT NULL, ended TEXT, result TEXT NOT NULL
);
CREATE TABLE step (
    run INTEGER NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL, partition TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT, result TEXT NOT NULL, counters TEXT NOT NULL, connection TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE object_error (
    cs INTEGER NOT NULL, phase TEXT NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL,
    error_type TEXT NOT NULL, text TEXT NOT NULL, detail TEXT NOT NULL,
    first_occurred TEXT NOT NULL, last_occurred TEXT NOT NULL, retry_count INTEGER NOT NULL,
    PRIMARY KEY (cs, phase)
) WITHOUT ROWID;
CREATE TABLE step_error (
    run INTEGER NOT NULL, step INTEGER NOT NULL, ordinal INTEGER NOT NULL, cs INTEGER NOT NULL, dn TEXT NOT NULL,
    error_type TEXT NOT NULL, text TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (run, step, ordinal)
) WITHOUT ROWID;
CREATE TABLE event (
    number INTEGER PRIMARY KEY, time TEXT NOT NULL, provider TEXT NOT NULL, id INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL
);
-- source anchors whose password reached the tenant at least once
CREATE TABLE password_sent (anchor TEXT PRIMARY KEY) WITHOUT ROWID;
