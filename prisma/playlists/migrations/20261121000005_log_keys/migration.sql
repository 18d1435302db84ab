-- Whether a list has a later event: the clearing of the log asks for each.
CREATE INDEX "outbox_key_idx" ON "outbox" ("key", "xid", "seq");
