-- What a revision compiled to when it was shown; null: it did not compile, or is older than this column.
ALTER TABLE draft_revision ADD COLUMN ir_hash text;
