-- high or low; null: medium.
ALTER TABLE run ADD COLUMN priority text;
