-- Whom this room has erased: the SHA-256 of each id, so that what a log tells of them late brings nobody back.
CREATE TABLE "erased_person" (
  "hash" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "erased_person_pkey" PRIMARY KEY ("hash")
);

-- This room's part of privacy jobs. SETTLING: the person is erased, and looked for once more at due_at, when no request that was on its way
-- then can be any more; until that, user_id stays.
CREATE TABLE "privacy_part" (
  "job_id" TEXT NOT NULL,
  "user_id" TEXT,
  "kind" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'QUEUED',
  "tries" INTEGER NOT NULL DEFAULT 0,
  "reason" TEXT,
  "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "privacy_part_pkey" PRIMARY KEY ("job_id"),
  CONSTRAINT "privacy_part_kind_check" CHECK ("kind" IN ('EXPORT', 'ERASE')),
  CONSTRAINT "privacy_part_state_check" CHECK ("state" IN ('QUEUED', 'SETTLING', 'DONE', 'FAILED')),
  CONSTRAINT "privacy_part_person_check" CHECK ("user_id" IS NOT NULL OR "state" IN ('DONE', 'FAILED'))
);
CREATE INDEX "privacy_part_due_at_idx" ON "privacy_part" ("due_at") WHERE "state" IN ('QUEUED', 'SETTLING');
