-- The outbox in partitions of a week (UTC): what everybody has read goes with its table, not row by row. `outbox_kept` is what is kept of all
-- that is older, the last one is open to the end of time, so that no event ever has no place: subgraphs/_shared/log-partitions.ts.
-- "seq" alone is unique, for it is generated; the key of a partitioned table has to hold what it is partitioned by.
ALTER TABLE "outbox" RENAME TO "outbox_before";
ALTER TABLE "outbox_before" RENAME CONSTRAINT "outbox_pkey" TO "outbox_before_pkey";
ALTER INDEX "outbox_xid_seq_idx" RENAME TO "outbox_before_xid_seq_idx";
ALTER TABLE "outbox_before" ALTER COLUMN "seq" DROP IDENTITY;

CREATE TABLE "outbox" (
  "id" TEXT NOT NULL,
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "topic" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq", "at")
) PARTITION BY RANGE ("at");
CREATE INDEX "outbox_xid_seq_idx" ON "outbox" ("xid", "seq");

DO $$
DECLARE
  this_week TIMESTAMPTZ := date_trunc('week', clock_timestamp(), 'UTC');
  next_week TIMESTAMPTZ := this_week + INTERVAL '168 hours';
  part TEXT := 'CREATE TABLE %I PARTITION OF "outbox" FOR VALUES FROM (%s) TO (%s)';
BEGIN
  EXECUTE format(part, 'outbox_kept', 'MINVALUE', quote_literal(this_week));
  EXECUTE format(part, to_char(this_week AT TIME ZONE 'UTC', '"outbox_"YYYYMMDD'), quote_literal(this_week), quote_literal(next_week));
  EXECUTE format(part, to_char(next_week AT TIME ZONE 'UTC', '"outbox_"YYYYMMDD'), quote_literal(next_week), 'MAXVALUE');
END $$;

INSERT INTO "outbox" ("id", "seq", "xid", "at", "topic", "key", "payload") OVERRIDING SYSTEM VALUE
SELECT "id", "seq", "xid", "at", "topic", "key", "payload" FROM "outbox_before";
SELECT setval(pg_get_serial_sequence('outbox', 'seq'), (SELECT coalesce(max("seq"), 0) + 1 FROM "outbox_before"), false);
DROP TABLE "outbox_before";
