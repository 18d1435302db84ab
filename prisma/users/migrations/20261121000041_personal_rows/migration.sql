-- Jobs as their owners see them: a row a room says how far it is, and where its part of an export lies. user_id goes with the person once every
-- room has erased them.
CREATE TABLE "privacy_job" (
  "id" TEXT NOT NULL,
  "user_id" TEXT,
  "kind" TEXT NOT NULL,
  "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "privacy_job_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "privacy_job_kind_check" CHECK ("kind" IN ('EXPORT', 'ERASE'))
);
CREATE INDEX "privacy_job_user_id_idx" ON "privacy_job" ("user_id");
CREATE INDEX "privacy_job_requested_at_idx" ON "privacy_job" ("requested_at");

CREATE TABLE "privacy_job_room" (
  "job_id" TEXT NOT NULL,
  "room" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'QUEUED',
  "key" TEXT,
  "bytes" BIGINT,
  "sha256" TEXT,
  CONSTRAINT "privacy_job_room_pkey" PRIMARY KEY ("job_id", "room"),
  CONSTRAINT "privacy_job_room_state_check" CHECK ("state" IN ('QUEUED', 'DONE', 'FAILED')),
  CONSTRAINT "privacy_job_room_part_check" CHECK (num_nulls("key", "bytes", "sha256") IN (0, 3)),
  CONSTRAINT "privacy_job_room_job_fkey" FOREIGN KEY ("job_id") REFERENCES "privacy_job" ("id") ON DELETE CASCADE
);

-- Sessions of accounts that are no more, for as long as one of their access tokens may be alive: the door asks for them.
CREATE TABLE "ended_session" (
  "id" TEXT NOT NULL,
  "ended_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "ended_session_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "ended_session_ended_at_idx" ON "ended_session" ("ended_at");

-- Who follows somebody: asked when they are erased.
CREATE INDEX "follow_subject_id_idx" ON "follow" ("subject_id");

-- Whether followers see what one plays. Nothing of it is kept while it is off.
ALTER TABLE "account" ADD COLUMN "shares_plays" BOOLEAN NOT NULL DEFAULT false;

-- What people did that their followers may see: a row a play, a follow, a list saved or made public. "origin" is what it came from (a
-- playback, or verb and subject), so that what is told twice is here once.
CREATE TABLE "activity" (
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "actor_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "verb" TEXT NOT NULL,
  "subject_id" TEXT NOT NULL,
  "origin" TEXT NOT NULL,
  CONSTRAINT "activity_pkey" PRIMARY KEY ("seq"),
  CONSTRAINT "activity_verb_check" CHECK ("verb" IN ('PLAYED', 'FOLLOWED', 'SAVED', 'PUBLISHED')),
  CONSTRAINT "activity_actor_fkey" FOREIGN KEY ("actor_id") REFERENCES "account" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "activity_actor_id_origin_key" ON "activity" ("actor_id", "origin");
CREATE INDEX "activity_actor_id_at_seq_idx" ON "activity" ("actor_id", "at" DESC, "seq" DESC);
-- Whether the same track was played again within the hour.
CREATE INDEX "activity_actor_id_subject_id_at_idx" ON "activity" ("actor_id", "subject_id", "at");
CREATE INDEX "activity_subject_id_idx" ON "activity" ("subject_id");
CREATE INDEX "activity_at_idx" ON "activity" ("at");

INSERT INTO "activity" ("actor_id", "at", "verb", "subject_id", "origin")
SELECT "user_id", "at", 'FOLLOWED', "subject_id", 'FOLLOWED:' || "subject_id" FROM "follow"
 WHERE "at" > clock_timestamp() - INTERVAL '90 days';

-- Whose a list is, and whether everybody may see it: a copy kept by events of the playlists.
CREATE TABLE "playlist" (
  "id" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "is_public" BOOLEAN NOT NULL,
  "revision" INTEGER NOT NULL,
  CONSTRAINT "playlist_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "playlist_owner_id_idx" ON "playlist" ("owner_id");
