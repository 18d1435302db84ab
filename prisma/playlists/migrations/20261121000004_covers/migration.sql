-- Pictures somebody chose for a list. One that has been replaced stays as long as the history does, for the edit may be undone.
ALTER TABLE "playlist" ADD COLUMN "cover_id" TEXT;
CREATE TABLE "cover" (
  "id" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  "media_type" TEXT NOT NULL,
  "width" INTEGER NOT NULL,
  "height" INTEGER NOT NULL,
  "bytes" BYTEA NOT NULL,
  "replaced_at_revision" INTEGER,
  CONSTRAINT "cover_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "cover_media_type_check" CHECK ("media_type" IN ('image/jpeg', 'image/png'))
);
ALTER TABLE "cover" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
CREATE INDEX "cover_replaced_idx" ON "cover" ("playlist_id", "replaced_at_revision");

-- The right to upload one cover, once.
CREATE TABLE "cover_ticket" (
  "token_hash" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "cover_ticket_pkey" PRIMARY KEY ("token_hash")
);
