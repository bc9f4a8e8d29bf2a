-- Business systems of tenants: what their documents say, where calls go, and what they may use.

CREATE TABLE connector (
  tenant_id        text NOT NULL,
  id               text NOT NULL,
  name             text NOT NULL,
  title            text NOT NULL,
  description      text,
  version          text NOT NULL,
  document_hash    text NOT NULL,
  source_url       text,
  servers          jsonb NOT NULL,
  security_schemes jsonb NOT NULL,
  open_questions   jsonb NOT NULL,
  notices          jsonb NOT NULL,
  operation_count  integer NOT NULL,
  base_url         text,
  created_at       timestamptz(3) NOT NULL,
  updated_at       timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
SELECT tenant_table('connector');

-- Documents by the SHA-256 of their text; never changed. Versions of workflows pin the hash, so a
-- document outlives its connector. `operations` is what the importer made of `source`.
CREATE TABLE connector_document (
  tenant_id  text NOT NULL,
  hash       text NOT NULL,
  source     bytea NOT NULL,
  operations bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);
ALTER TABLE connector_document ALTER COLUMN source SET STORAGE EXTERNAL;
ALTER TABLE connector_document ALTER COLUMN operations SET STORAGE EXTERNAL;
SELECT tenant_table('connector_document');

-- Internal addresses that an admin approved for one connector.
CREATE TABLE connector_address (
  tenant_id    text NOT NULL,
  connector_id text NOT NULL,
  host         text NOT NULL,
  port         integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  approved_by  text NOT NULL,
  approved_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, connector_id, host, port),
  FOREIGN KEY (tenant_id, connector_id) REFERENCES connector (tenant_id, id) ON DELETE CASCADE
);
SELECT tenant_table('connector_address');

-- Sealed with the installation's key. A credential is only ever sent to the origin it was given for.
CREATE TABLE connector_credential (
  tenant_id    text NOT NULL,
  connector_id text NOT NULL,
  scheme       text NOT NULL,
  origin       text NOT NULL,
  sealed       text NOT NULL,
  set_by       text NOT NULL,
  set_at       timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, connector_id, scheme),
  FOREIGN KEY (tenant_id, connector_id) REFERENCES connector (tenant_id, id) ON DELETE CASCADE
);
SELECT tenant_table('connector_credential');

-- Counts the changes of a tenant's catalogue; its row is also the lock that orders imports.
CREATE TABLE connector_catalogue (
  tenant_id text PRIMARY KEY,
  version   bigint NOT NULL
);
SELECT tenant_table('connector_catalogue');
