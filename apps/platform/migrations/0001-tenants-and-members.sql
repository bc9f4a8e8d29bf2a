CREATE TABLE tenant (
  tenant_id text PRIMARY KEY,
  name text NOT NULL CHECK (name <> ''),
  timezone text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
SELECT tenant_table('tenant', system => true);

CREATE TABLE member (
  tenant_id text NOT NULL REFERENCES tenant,
  id text NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  email text NOT NULL,
  roles text[] NOT NULL CHECK (cardinality(roles) > 0),
  issuer text,
  subject text,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK ((issuer IS NULL) = (subject IS NULL))
);
CREATE UNIQUE INDEX member_email ON member (tenant_id, lower(email));
CREATE UNIQUE INDEX member_subject ON member (tenant_id, issuer, subject);
SELECT tenant_table('member', system => true);

-- Who signs in as whom, across tenants. Request handlers cannot read it; they can only ask
-- find_sign_in() about one verified identity.
CREATE TABLE sign_in (
  tenant_id text NOT NULL,
  member_id text NOT NULL,
  email text NOT NULL,
  issuer text,
  subject text,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, member_id)
);
CREATE INDEX sign_in_email ON sign_in (email);
CREATE INDEX sign_in_subject ON sign_in (issuer, subject);
SELECT system_table('sign_in');

CREATE FUNCTION member_sign_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = platform, pg_temp AS $$
BEGIN
  INSERT INTO sign_in VALUES
    (NEW.tenant_id, NEW.id, lower(NEW.email), NEW.issuer, NEW.subject, NEW.created_at)
  ON CONFLICT (tenant_id, member_id) DO UPDATE
    SET email = excluded.email, issuer = excluded.issuer, subject = excluded.subject;
  RETURN NULL;
END $$;
CREATE TRIGGER member_sign_in AFTER INSERT OR UPDATE OF email, issuer, subject ON member
  FOR EACH ROW EXECUTE FUNCTION member_sign_in();

-- The member that this identity is bound to, else the oldest one that waits for its first sign-in
-- with this verified e-mail address.
CREATE FUNCTION find_sign_in(asked_issuer text, asked_subject text, asked_email text)
RETURNS TABLE (tenant_id text, member_id text, bound boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = platform, pg_temp AS $$
  SELECT s.tenant_id, s.member_id, s.subject IS NOT NULL FROM sign_in s
  WHERE (s.issuer = asked_issuer AND s.subject = asked_subject)
    OR (s.subject IS NULL AND s.email = lower(asked_email))
  ORDER BY s.subject IS NULL, s.created_at, s.member_id
  LIMIT 1
$$;
