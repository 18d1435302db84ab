-- More copies of what other rooms own: which tracks are on an album, and what is in a playlist, in order, and who may see it.
ALTER TABLE "device" ADD COLUMN "public_key" TEXT;

CREATE TABLE "album_track" (
  "track_id" TEXT NOT NULL,
  "album_id" TEXT,
  "disc" INTEGER NOT NULL,
  "number" INTEGER NOT NULL,
  "version" BIGINT NOT NULL,
  CONSTRAINT "album_track_pkey" PRIMARY KEY ("track_id")
);
CREATE INDEX "album_track_album_id_idx" ON "album_track" ("album_id", "disc", "number", "track_id");

-- "revision" is that of the items. Without an owner the list itself has not been heard of yet.
CREATE TABLE "playlist_copy" (
  "id" TEXT NOT NULL,
  "owner_id" TEXT,
  "visibility" TEXT NOT NULL DEFAULT 'PRIVATE',
  "is_deleted" BOOLEAN NOT NULL DEFAULT false,
  "details_revision" INTEGER NOT NULL DEFAULT 0,
  "revision" INTEGER NOT NULL DEFAULT 0,
  "item_ids" TEXT[] DEFAULT '{}',
  "track_ids" TEXT[] DEFAULT '{}',
  "member_ids" TEXT[] DEFAULT '{}',
  CONSTRAINT "playlist_copy_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "playlist_copy_check" CHECK (
    coalesce(cardinality("item_ids") = cardinality("track_ids") AND "member_ids" IS NOT NULL, false))
);

-- Offline. The account's row is the lock of everything of one user: quotas are counted with it held.
CREATE TABLE "offline_account" (
  "user_id" TEXT NOT NULL,
  CONSTRAINT "offline_account_pkey" PRIMARY KEY ("user_id")
);

-- "key_id" names the content key that all files of this device are encrypted with; "used" is how many tracks it holds, "revision" goes up
-- with each change of one of them, and "counter" with each licence.
CREATE TABLE "offline_device" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "key_id" TEXT NOT NULL,
  "revision" INTEGER NOT NULL DEFAULT 0,
  "used" INTEGER NOT NULL DEFAULT 0,
  "counter" INTEGER NOT NULL DEFAULT 1,
  "licensed_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "offline_device_pkey" PRIMARY KEY ("user_id", "device_id"),
  CONSTRAINT "offline_device_used_check" CHECK ("used" BETWEEN 0 AND 10000)
);

-- What a device was asked to hold: tracks, albums, playlists. A device without any holds no place among the five.
CREATE TABLE "offline_source" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "source_id" TEXT NOT NULL,
  "quality" TEXT NOT NULL,
  CONSTRAINT "offline_source_pkey" PRIMARY KEY ("user_id", "device_id", "source_id")
);
CREATE INDEX "offline_source_source_id_idx" ON "offline_source" ("source_id");

-- What it therefore holds: one row a track, which stays when it goes, so that the device hears of it. "revision" is the device's when the
-- row last changed, one for each; "due_at" is when somebody may take up the packaging (again).
CREATE TABLE "offline_track" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "track_id" TEXT NOT NULL,
  "quality" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "is_removed" BOOLEAN NOT NULL,
  "state" TEXT NOT NULL,
  "attempt" INTEGER NOT NULL DEFAULT 0,
  "due_at" TIMESTAMPTZ(3) NOT NULL,
  "path" TEXT,
  "bytes" BIGINT,
  CONSTRAINT "offline_track_pkey" PRIMARY KEY ("user_id", "device_id", "track_id"),
  CONSTRAINT "offline_track_state_check" CHECK ("state" IN ('QUEUED', 'PACKAGING', 'READY', 'FAILED'))
);
CREATE INDEX "offline_track_revision_idx" ON "offline_track" ("user_id", "device_id", "revision");
CREATE INDEX "offline_track_due_at_idx" ON "offline_track" ("due_at") WHERE "state" IN ('QUEUED', 'PACKAGING') AND NOT "is_removed";
CREATE INDEX "offline_track_path_idx" ON "offline_track" ("path") WHERE "is_removed" AND "path" IS NOT NULL;

-- Listening together: a session has a player of its own, under its id, and everybody is in one at most.
CREATE TABLE "listening_session" (
  "id" TEXT NOT NULL,
  "host_id" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "listening_session_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "listening_member" (
  "user_id" TEXT NOT NULL,
  "session_id" TEXT NOT NULL,
  "joined_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "listening_member_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "listening_member_session_fkey" FOREIGN KEY ("session_id") REFERENCES "listening_session" ("id") ON DELETE CASCADE
);
CREATE INDEX "listening_member_session_id_idx" ON "listening_member" ("session_id", "joined_at");
