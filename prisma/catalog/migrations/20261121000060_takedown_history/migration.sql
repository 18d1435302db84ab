-- What was taken down and brought back stays on record. At most one take-down of a thing stands at a time.
ALTER TABLE "takedown"
  DROP CONSTRAINT "takedown_pkey",
  ADD COLUMN "id" BIGSERIAL NOT NULL,
  ADD COLUMN "restored_by" TEXT,
  ADD COLUMN "restored_at" TIMESTAMPTZ(3),
  ADD CONSTRAINT "takedown_pkey" PRIMARY KEY ("id"),
  ADD CONSTRAINT "takedown_restored_by_somebody" CHECK (("restored_by" IS NULL) = ("restored_at" IS NULL));
CREATE UNIQUE INDEX "takedown_standing_key" ON "takedown" ("node_id") WHERE "restored_at" IS NULL;
-- Those that stand are listed by themselves: they may be few among many.
CREATE INDEX "takedown_standing_idx" ON "takedown" ("id") WHERE "restored_at" IS NULL;
