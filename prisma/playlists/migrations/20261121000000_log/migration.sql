-- What happened in this room, written in the transaction that made it happen; and how far it has read the other rooms.
-- xid lets a reader skip rows that a running transaction could still slip in front of.
CREATE TABLE "outbox" (
  "id" TEXT NOT NULL,
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "topic" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);
CREATE INDEX "outbox_xid_seq_idx" ON "outbox" ("xid", "seq");

CREATE TABLE "log_position" (
  "consumer" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "xid" xid8 NOT NULL,
  "seq" BIGINT NOT NULL,
  CONSTRAINT "log_position_pkey" PRIMARY KEY ("consumer", "source")
);

CREATE TABLE "inbox" (
  "consumer" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer", "event_id")
);

CREATE TABLE "dead_letter" (
  "consumer" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "topic" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  "reason" TEXT NOT NULL,
  CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("consumer", "event_id")
);
