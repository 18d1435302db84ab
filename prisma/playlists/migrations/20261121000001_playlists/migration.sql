-- A list's row is the lock of its edits: whoever writes anything of a list holds it first. Room is left on the page, so that
-- the counter that every edit turns does not touch an index.
CREATE TABLE "playlist" (
  "id" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT,
  "visibility" TEXT NOT NULL,
  "collaborative" BOOLEAN NOT NULL,
  "revision" INTEGER NOT NULL,
  "item_count" INTEGER NOT NULL DEFAULT 0,
  "follower_count" INTEGER NOT NULL DEFAULT 0,
  "rank_epoch" INTEGER NOT NULL DEFAULT 0,
  "request_hash" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "deleted_at" TIMESTAMPTZ(3),
  CONSTRAINT "playlist_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "playlist_name_check" CHECK (char_length("name") BETWEEN 1 AND 200),
  CONSTRAINT "playlist_description_check" CHECK (char_length("description") <= 2000),
  CONSTRAINT "playlist_visibility_check" CHECK ("visibility" IN ('PUBLIC', 'PRIVATE')),
  CONSTRAINT "playlist_revision_check" CHECK ("revision" > 0),
  CONSTRAINT "playlist_item_count_check" CHECK ("item_count" BETWEEN 0 AND 10000),
  CONSTRAINT "playlist_follower_count_check" CHECK ("follower_count" >= 0)
) WITH (fillfactor = 60);
CREATE INDEX "playlist_owner_idx" ON "playlist" ("owner_id", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;

-- A removed item stays as a tombstone with its rank, so that it can still be an anchor. Ranks are compared byte by byte, and no
-- two rows of a list share one; checked at the end of a statement, so that one statement can re-key a stretch of a list.
-- No foreign key to playlist: the writer holds its row.
CREATE TABLE "playlist_item" (
  "id" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  "track_id" TEXT NOT NULL,
  "rank" TEXT COLLATE "C" NOT NULL,
  "added_at" TIMESTAMPTZ(3) NOT NULL,
  "added_by" TEXT NOT NULL,
  "removed_at_revision" INTEGER,
  CONSTRAINT "playlist_item_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "playlist_item_rank_key" UNIQUE ("playlist_id", "rank") DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX "playlist_item_visible_idx" ON "playlist_item" ("playlist_id", "rank") WHERE "removed_at_revision" IS NULL;
CREATE INDEX "playlist_item_track_idx" ON "playlist_item" ("playlist_id", "track_id") WHERE "removed_at_revision" IS NULL;

-- What each revision did, and the details as they then were. The parent of a revision is the one before it.
CREATE TABLE "playlist_op" (
  "playlist_id" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "actor_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "nonce" TEXT,
  "ops" JSONB NOT NULL,
  "details" JSONB NOT NULL,
  CONSTRAINT "playlist_op_pkey" PRIMARY KEY ("playlist_id", "revision"),
  CONSTRAINT "playlist_op_kind_check" CHECK ("kind" IN ('CREATE', 'ADD', 'REMOVE', 'MOVE', 'UPDATE', 'DELETE'))
);

-- The first answer to a nonce, edits that found nothing to do included.
CREATE TABLE "playlist_answer" (
  "playlist_id" TEXT NOT NULL,
  "actor_id" TEXT NOT NULL,
  "nonce" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "request_hash" TEXT NOT NULL,
  "answer" JSONB NOT NULL,
  CONSTRAINT "playlist_answer_pkey" PRIMARY KEY ("playlist_id", "actor_id", "nonce")
);

CREATE TABLE "collaborator" (
  "playlist_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "collaborator_pkey" PRIMARY KEY ("playlist_id", "user_id"),
  CONSTRAINT "collaborator_role_check" CHECK ("role" IN ('EDITOR', 'VIEWER')),
  CONSTRAINT "collaborator_playlist_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlist" ("id") ON DELETE CASCADE
);
CREATE INDEX "collaborator_user_idx" ON "collaborator" ("user_id", "joined_at" DESC, "playlist_id" DESC);

CREATE TABLE "invite" (
  "token_hash" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "revoked_at" TIMESTAMPTZ(3),
  CONSTRAINT "invite_pkey" PRIMARY KEY ("token_hash"),
  CONSTRAINT "invite_role_check" CHECK ("role" IN ('EDITOR', 'VIEWER')),
  CONSTRAINT "invite_playlist_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlist" ("id") ON DELETE CASCADE
);

CREATE TABLE "follower" (
  "playlist_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "followed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "follower_pkey" PRIMARY KEY ("playlist_id", "user_id"),
  CONSTRAINT "follower_playlist_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlist" ("id") ON DELETE CASCADE
);
CREATE INDEX "follower_user_idx" ON "follower" ("user_id", "followed_at" DESC, "playlist_id" DESC);

-- This room's copy of what it must know of a track, kept by catalog.track-changed.v1.
CREATE TABLE "track" (
  "id" TEXT NOT NULL,
  "duration_ms" INTEGER NOT NULL,
  "is_removed" BOOLEAN NOT NULL,
  "version" BIGINT NOT NULL,
  CONSTRAINT "track_pkey" PRIMARY KEY ("id")
);
