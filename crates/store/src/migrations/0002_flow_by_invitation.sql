-- The flows of one invitation, so that a new one can take the place of those that lie about.
CREATE INDEX flow_by_invitation ON flow (tenant_id, invitation_id, expires_at);
