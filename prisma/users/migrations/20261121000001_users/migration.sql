CREATE TYPE "tier" AS ENUM ('FREE', 'PREMIUM');
CREATE TYPE "role" AS ENUM ('LISTENER', 'ADMIN');
CREATE TYPE "device_kind" AS ENUM ('WEB', 'PHONE', 'TABLET', 'DESKTOP', 'SPEAKER', 'TV', 'CAR', 'OTHER');
CREATE TYPE "session_end" AS ENUM ('SIGNED_OUT', 'DEVICE_REMOVED', 'TOKEN_REUSED');

CREATE TABLE "account" (
  "id" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "password_hash" TEXT NOT NULL,
  "display_name" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "tier" "tier" NOT NULL DEFAULT 'FREE',
  "role" "role" NOT NULL DEFAULT 'LISTENER',
  "artists" TEXT[] DEFAULT '{}',
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "account_pkey" PRIMARY KEY ("id"),
  -- Prisma's own form of a list column may be null; ours is not.
  CONSTRAINT "account_artists_present" CHECK ("artists" IS NOT NULL),
  CONSTRAINT "account_display_name_length" CHECK (char_length("display_name") BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX "account_email_key" ON "account" ("email");

CREATE TABLE "device" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "kind" "device_kind" NOT NULL,
  "public_key" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "device_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "device_name_length" CHECK (char_length("name") BETWEEN 1 AND 100),
  CONSTRAINT "device_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "account" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "device_user_id_last_seen_at_idx" ON "device" ("user_id", "last_seen_at");

CREATE TABLE "session" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "device_id" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3),
  "ended_by" "session_end",
  CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "session_end_whole" CHECK (("ended_at" IS NULL) = ("ended_by" IS NULL)),
  CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "account" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "session_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "session_user_id_idx" ON "session" ("user_id");
CREATE INDEX "session_device_id_idx" ON "session" ("device_id");
CREATE INDEX "session_ended_at_idx" ON "session" ("ended_at");
CREATE INDEX "session_expires_at_idx" ON "session" ("expires_at");

CREATE TABLE "refresh_token" (
  "hash" TEXT NOT NULL,
  "session_id" TEXT NOT NULL,
  "parent_hash" TEXT,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "used_at" TIMESTAMPTZ(3),
  CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("hash"),
  CONSTRAINT "refresh_token_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
-- A token has one successor, and a family one token that still works: whatever the program does, the database says so.
CREATE UNIQUE INDEX "refresh_token_parent_hash_key" ON "refresh_token" ("parent_hash");
CREATE UNIQUE INDEX "refresh_token_one_unused" ON "refresh_token" ("session_id") WHERE "used_at" IS NULL;
-- Deleting a session finds its tokens; clearing finds the used ones that nobody can need again.
CREATE INDEX "refresh_token_session_id_idx" ON "refresh_token" ("session_id");
CREATE INDEX "refresh_token_used_expires_at_idx" ON "refresh_token" ("expires_at") WHERE "used_at" IS NOT NULL;

CREATE TABLE "follow" (
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "user_id" TEXT NOT NULL,
  "subject_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "follow_pkey" PRIMARY KEY ("seq"),
  CONSTRAINT "follow_other" CHECK ("user_id" <> "subject_id"),
  CONSTRAINT "follow_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "account" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "follow_user_id_subject_id_key" ON "follow" ("user_id", "subject_id");
CREATE INDEX "follow_user_id_seq_idx" ON "follow" ("user_id", "seq");

CREATE TABLE "artist" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  CONSTRAINT "artist_pkey" PRIMARY KEY ("id")
);
