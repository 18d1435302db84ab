-- A person's library: its row is the lock of what the person saves and files, and counts it.
CREATE TABLE "library" (
  "user_id" TEXT NOT NULL,
  "saved_tracks" INTEGER NOT NULL DEFAULT 0,
  "saved_albums" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "library_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "library_saved_tracks_check" CHECK ("saved_tracks" BETWEEN 0 AND 10000),
  CONSTRAINT "library_saved_albums_check" CHECK ("saved_albums" BETWEEN 0 AND 10000)
);

CREATE TABLE "saved" (
  "user_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "saved_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "saved_pkey" PRIMARY KEY ("user_id", "id"),
  CONSTRAINT "saved_kind_check" CHECK ("kind" IN ('TRACK', 'ALBUM'))
);
CREATE INDEX "saved_newest_idx" ON "saved" ("user_id", "kind", "saved_at" DESC, "id" DESC);

-- A person's own tree of lists. A list is in one folder of a person at most.
CREATE TABLE "folder" (
  "id" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "parent_id" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "folder_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "folder_parent_fkey" FOREIGN KEY ("parent_id") REFERENCES "folder" ("id"),
  CONSTRAINT "folder_name_check" CHECK (char_length("name") BETWEEN 1 AND 200)
);
CREATE INDEX "folder_owner_idx" ON "folder" ("owner_id", "created_at", "id");
CREATE INDEX "folder_parent_idx" ON "folder" ("parent_id");

CREATE TABLE "filed_playlist" (
  "user_id" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  "folder_id" TEXT NOT NULL,
  "filed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "filed_playlist_pkey" PRIMARY KEY ("user_id", "playlist_id"),
  CONSTRAINT "filed_playlist_folder_fkey" FOREIGN KEY ("folder_id") REFERENCES "folder" ("id"),
  CONSTRAINT "filed_playlist_playlist_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlist" ("id") ON DELETE CASCADE
);
CREATE INDEX "filed_playlist_folder_idx" ON "filed_playlist" ("folder_id", "filed_at" DESC, "playlist_id" DESC);

-- Which album a track is on: what can be saved, and what a list's mosaic is made of. The log of the catalogue, which was whole
-- until now, is read once more for it.
ALTER TABLE "track" ADD COLUMN "album_id" TEXT;
CREATE INDEX "track_album_idx" ON "track" ("album_id") WHERE NOT "is_removed";
DELETE FROM "inbox" WHERE "consumer" = 'playlists.tracks';
DELETE FROM "log_position" WHERE "consumer" = 'playlists.tracks';
