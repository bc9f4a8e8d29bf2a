-- The event log of the installation. Owned by bus_owner, who cannot log in; services reach it only
-- through the functions of 0002, which look at session_user (current_user is the owner in there).
--
-- L1  A position is given only to an event whose transaction has committed: publishers insert into
--     `incoming`, and `sequence()` moves what it can see into `event`.
-- L2  Positions of a partition become visible in order and without gaps: `sequence()` holds the
--     partition's row in `head` until it commits.
-- L3  A partition of a group has one owner; whoever is not the owner can neither read on nor move
--     the position. An owner is alive while its session holds the advisory lock of its member id.

CREATE TABLE principal (
  role name PRIMARY KEY,
  service text NOT NULL
);

CREATE TABLE topic_grant (
  role name NOT NULL REFERENCES principal ON DELETE CASCADE,
  action text NOT NULL CHECK (action IN ('publish', 'subscribe')),
  topic text NOT NULL,
  PRIMARY KEY (role, action, topic)
);

CREATE TABLE topic (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9.-]{0,100}$'),
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 256),
  retention interval NOT NULL
);

CREATE TABLE head (
  topic text NOT NULL REFERENCES topic,
  partition integer NOT NULL,
  position bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE TABLE incoming (
  id bigint GENERATED ALWAYS AS IDENTITY,
  topic text NOT NULL,
  partition integer NOT NULL,
  key text NOT NULL,
  envelope text NOT NULL,
  failure text,
  PRIMARY KEY (topic, partition, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE event (
  topic text NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  key text NOT NULL,
  envelope text NOT NULL,
  failure text,
  sequenced_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, position)
);

CREATE TABLE member (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_name text NOT NULL,
  joined_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE consumer (
  group_name text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  owner integer,
  PRIMARY KEY (group_name, topic, partition)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
