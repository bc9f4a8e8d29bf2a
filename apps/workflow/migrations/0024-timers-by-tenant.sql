-- Timers are read tenant by tenant, from one place to the next: whoever has a million of them due holds up
-- nobody else, and what has fired already is not looked at again.
CREATE INDEX timer_by_tenant ON timer (tenant_id, due_at, run_id);
DROP INDEX timer_due;
