-- Answers by turn: asking again with the same turn id gives the same answer.
CREATE TABLE turn_answer (
  turn_id text PRIMARY KEY,
  tenant_id text NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX turn_answer_age ON turn_answer (created_at);
SELECT tenant_table('turn_answer', system => true);
REVOKE UPDATE, DELETE ON turn_answer FROM agent_app;
REVOKE INSERT, UPDATE ON turn_answer FROM agent_system;
