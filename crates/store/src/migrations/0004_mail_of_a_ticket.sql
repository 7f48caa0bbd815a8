-- The ticket that a mail is about; null for passcodes, and for what older nodes queued.
ALTER TABLE outbox ADD COLUMN ticket BYTEA;
CREATE INDEX outbox_by_ticket ON outbox (tenant_id, ticket) WHERE state = 'queued' AND ticket IS NOT NULL;
