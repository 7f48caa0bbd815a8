-- The base of the store, in the words that both engines share; schema.rs says what each @word becomes.
-- Three column types: TEXT, BIGINT, BYTEA. Ids are 16 bytes, instants microseconds, truths 0 or 1.
-- Every table but the last five begins its key with the tenant; those five are for every shard (sql.rs, `Across::Reference`).
-- Later migrations first only add (columns that may be null, tables, indexes) and take away a release later, when no old
-- node can be running any more.

CREATE TABLE directory_user (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  user_principal_name TEXT NOT NULL,
  mail_nickname TEXT NOT NULL,
  display_name TEXT NOT NULL,
  mail TEXT,
  user_type TEXT NOT NULL,
  external_user_state TEXT,
  external_user_state_changed_at BIGINT,
  creation_type TEXT,
  account_enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  age_group TEXT,
  city TEXT,
  company_name TEXT,
  consent_provided_for_minor TEXT,
  country TEXT,
  department TEXT,
  employee_id TEXT,
  employee_type TEXT,
  fax_number TEXT,
  given_name TEXT,
  job_title TEXT,
  mobile_phone TEXT,
  office_location TEXT,
  on_premises_immutable_id TEXT,
  password_policies TEXT,
  postal_code TEXT,
  preferred_language TEXT,
  show_in_address_list BIGINT,
  state TEXT,
  street_address TEXT,
  surname TEXT,
  usage_location TEXT,
  extension_attribute_1 TEXT,
  extension_attribute_2 TEXT,
  extension_attribute_3 TEXT,
  extension_attribute_4 TEXT,
  extension_attribute_5 TEXT,
  extension_attribute_6 TEXT,
  extension_attribute_7 TEXT,
  extension_attribute_8 TEXT,
  extension_attribute_9 TEXT,
  extension_attribute_10 TEXT,
  extension_attribute_11 TEXT,
  extension_attribute_12 TEXT,
  extension_attribute_13 TEXT,
  extension_attribute_14 TEXT,
  extension_attribute_15 TEXT,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
)@rows;
CREATE UNIQUE INDEX directory_user_by_upn ON directory_user (tenant_id, user_principal_name);
CREATE INDEX directory_user_by_name ON directory_user (tenant_id, display_name, id) WHERE deleted_at IS NULL;
CREATE INDEX directory_user_by_state ON directory_user (tenant_id, external_user_state, id) WHERE deleted_at IS NULL;
CREATE INDEX directory_user_by_type ON directory_user (tenant_id, user_type, id) WHERE deleted_at IS NULL;
CREATE INDEX directory_user_by_creation ON directory_user (tenant_id, created_at, id) WHERE deleted_at IS NULL;

-- Every name a live user can be found by: one row a name, whose kinds are bits (addresses.rs).
CREATE TABLE user_address (
  tenant_id BYTEA NOT NULL,
  key TEXT NOT NULL,
  user_id BYTEA NOT NULL,
  kinds BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, key, user_id)
)@keyed;
-- With the kinds it answers by itself: without them SQLite, which keeps no statistics here, prefers to read the whole table.
CREATE INDEX user_address_by_user ON user_address (tenant_id, user_id, kinds);

-- Words of display names, for $search; an index by word comes with its first reader.
CREATE TABLE user_word (
  tenant_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  word TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, word)
)@keyed;

CREATE TABLE invitation (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  user_id BYTEA NOT NULL,
  status TEXT NOT NULL,
  ended_why TEXT,
  status_at BIGINT,
  address_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
)@rows;
CREATE INDEX invitation_by_user ON invitation (tenant_id, user_id);

CREATE TABLE ticket (
  tenant_id BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  invitation_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (tenant_id, hash)
)@keyed;
CREATE INDEX ticket_by_user ON ticket (tenant_id, user_id, created_at);

CREATE TABLE consent (
  tenant_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  invitation_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  consent_version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, invitation_id, at)
)@rows;

CREATE TABLE block_list (
  tenant_id BYTEA NOT NULL,
  key TEXT NOT NULL,
  address TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, key)
)@keyed;

-- What changed, in order: seq within a node's sight, stamp across PostgreSQL's concurrent transactions.
CREATE TABLE change_log (
  tenant_id BYTEA NOT NULL,
  seq @sequence,
  stamp @stamp,
  epoch BIGINT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id BYTEA NOT NULL,
  change TEXT NOT NULL,
  properties TEXT,
  at BIGINT NOT NULL,
  @sequence_key
)@rows;

CREATE TABLE audit (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  activity TEXT NOT NULL,
  correlation BYTEA NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
)@rows;
CREATE INDEX audit_by_activity ON audit (tenant_id, activity, id);

CREATE TABLE audit_target (
  tenant_id BYTEA NOT NULL,
  target TEXT NOT NULL,
  audit_id BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, target, audit_id)
)@keyed;

CREATE TABLE outbox (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  lane TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  lease_until BIGINT,
  begun_at BIGINT,
  attempts BIGINT NOT NULL,
  state TEXT NOT NULL,
  reply TEXT,
  sealed BYTEA,
  PRIMARY KEY (tenant_id, id)
)@rows;
CREATE INDEX outbox_due ON outbox (tenant_id, lane, due_at) WHERE state = 'queued';

CREATE TABLE flow (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  public_id BYTEA NOT NULL,
  invitation_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
)@rows;

CREATE TABLE passcode (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  flow BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  used_at BIGINT,
  dropped_at BIGINT,
  PRIMARY KEY (tenant_id, id)
)@keyed;
CREATE INDEX passcode_by_flow ON passcode (tenant_id, flow, created_at);

CREATE TABLE counter_event (
  tenant_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  key BYTEA NOT NULL,
  at BIGINT NOT NULL,
  id BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, kind, key, at, id)
)@keyed;

CREATE TABLE session (
  tenant_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
)@rows;

CREATE TABLE idempotency (
  tenant_id BYTEA NOT NULL,
  scope BYTEA NOT NULL,
  body BYTEA NOT NULL,
  invitation_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  correlation BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, scope)
)@rows;
CREATE INDEX idempotency_by_user ON idempotency (tenant_id, user_id);

CREATE TABLE application (
  tenant_id BYTEA NOT NULL,
  app_id BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, app_id)
)@rows;

CREATE TABLE application_secret (
  tenant_id BYTEA NOT NULL,
  app_id BYTEA NOT NULL,
  key_id BYTEA NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id, app_id, key_id)
)@rows;

CREATE TABLE policy (
  tenant_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id)
)@rows;

CREATE TABLE tenant (
  tenant_id BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (tenant_id)
)@rows;

CREATE TABLE verified_domain (
  name TEXT NOT NULL,
  tenant_id BYTEA NOT NULL,
  is_default BIGINT NOT NULL,
  is_initial BIGINT NOT NULL,
  PRIMARY KEY (name)
)@rows;
CREATE INDEX verified_domain_by_tenant ON verified_domain (tenant_id);

CREATE TABLE signing_key (
  kid TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  certificate BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (kid)
)@rows;

CREATE TABLE setting (
  name TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (name)
)@rows;

CREATE TABLE server_meta (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
)@rows;
