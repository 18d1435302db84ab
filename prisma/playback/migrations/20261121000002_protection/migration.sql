-- Whoever began a playback, as their sign-in said: a key is asked for by its URL alone, and the newer of this and our copy decides.
ALTER TABLE "playback_session"
  ADD COLUMN "presentation" TEXT NOT NULL DEFAULT 'FULL',
  ADD COLUMN "tier" TEXT NOT NULL DEFAULT 'FREE',
  ADD COLUMN "account_version" BIGINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "playback_session_presentation_check" CHECK ("presentation" IN ('FULL', 'PREVIEW'));

ALTER TABLE "playable" ADD COLUMN "is_removed" BOOLEAN NOT NULL DEFAULT false;

-- What HIGH and LOSSLESS are encrypted with, a key a file, for ever: sealed files are cached for a year. "wrapped" is nonce, AES-256-GCM
-- of the 16 bytes, and tag; "kek" names the key it is wrapped with.
CREATE TABLE "content_key" (
  "asset_id" TEXT NOT NULL,
  "quality" TEXT NOT NULL,
  "kek" TEXT NOT NULL,
  "wrapped" BYTEA NOT NULL,
  CONSTRAINT "content_key_pkey" PRIMARY KEY ("asset_id", "quality")
);
CREATE INDEX "content_key_kek_idx" ON "content_key" ("kek");
