-- Schedules with policies: what is due is written down as firings, and a firing starts its run.

ALTER TABLE schedule
  ALTER COLUMN next_at DROP NOT NULL,
  -- The last time by the clock that was dealt with.
  ADD COLUMN last_at timestamptz,
  -- Delay after the run before, and the last time that came of it.
  ADD COLUMN after_ms bigint,
  ADD COLUMN after_done timestamptz,
  -- Events before this are none of the schedule's.
  ADD COLUMN since timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN paused_at timestamptz,
  ADD COLUMN paused_by text,
  -- The latest firing that started no run, and why.
  ADD COLUMN left_out jsonb,
  -- Who starts its runs at the moment: one process at a time, so that overlaps are seen. The lease is
  -- for that alone; what makes a run start once is its key.
  ADD COLUMN claimed_by text,
  ADD COLUMN claimed_until timestamptz;
CREATE INDEX schedule_after ON schedule (workflow_id) WHERE after_ms IS NOT NULL;
CREATE INDEX schedule_on ON schedule (workflow_id) WHERE spec ? 'on';

-- Written in the statement that moves the schedule on, gone when its run is durable. The run's key is
-- (schedule, key), so starting twice starts one run.
CREATE TABLE schedule_firing (
  tenant_id    text NOT NULL,
  workflow_id  text NOT NULL REFERENCES schedule (workflow_id) ON DELETE CASCADE,
  key          text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('time', 'after', 'event', 'backfill')),
  nominal_at   timestamptz NOT NULL,
  -- The run's input (see codec); absent: the nominal time.
  input        bytea,
  requested_by text,
  PRIMARY KEY (workflow_id, key)
);
SELECT tenant_table('schedule_firing', system => true);

-- Which schedule started a run, and for which time.
ALTER TABLE run ADD COLUMN scheduled_by text, ADD COLUMN nominal_time timestamptz;
CREATE INDEX run_scheduled ON run (scheduled_by, id DESC) WHERE scheduled_by IS NOT NULL;
CREATE INDEX run_scheduled_going ON run (scheduled_by) WHERE scheduled_by IS NOT NULL AND ended_at IS NULL;
