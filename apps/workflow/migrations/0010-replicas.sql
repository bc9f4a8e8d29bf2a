-- The processes that share the partitions. A lease says only who is alive, by the clock of the
-- database; what fences a process that was overtaken is `partition.epoch`.
CREATE TABLE replica (
  -- Where the others reach it. A process that comes with the address of another has replaced it.
  url         text PRIMARY KEY,
  -- One life of one process.
  id          text NOT NULL UNIQUE,
  renewed_at  timestamptz NOT NULL,
  lease_until timestamptz NOT NULL,
  -- It is giving its partitions away and is to get no others.
  leaving     boolean NOT NULL DEFAULT false
);

SELECT system_table('replica');
