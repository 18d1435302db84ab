-- Copies of what other rooms own, kept by their events: what a play decision needs, so that a play needs no other room.
CREATE TABLE "account" (
  "user_id" TEXT NOT NULL,
  "tier" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  CONSTRAINT "account_pkey" PRIMARY KEY ("user_id")
);

-- Keyed by owner and device: versions are the account's, and two accounts may use one device.
CREATE TABLE "device" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "is_removed" BOOLEAN NOT NULL,
  "version" BIGINT NOT NULL,
  CONSTRAINT "device_pkey" PRIMARY KEY ("user_id", "device_id")
);

-- markets: NULL is everywhere, an empty list nowhere.
CREATE TABLE "playable" (
  "id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "duration_ms" INTEGER NOT NULL,
  "markets" TEXT[],
  "is_composable" BOOLEAN NOT NULL,
  "version" BIGINT NOT NULL,
  "audio_requested_at" TIMESTAMPTZ(3),
  CONSTRAINT "playable_pkey" PRIMARY KEY ("id")
);

-- Every packaged form of a playable: a stream that was signed for an older one plays on.
CREATE TABLE "audio_asset" (
  "asset_id" TEXT NOT NULL,
  "playable_id" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  "asset" JSONB NOT NULL,
  CONSTRAINT "audio_asset_pkey" PRIMARY KEY ("asset_id", "playable_id")
);
CREATE INDEX "audio_asset_playable_id_version_idx" ON "audio_asset" ("playable_id", "version" DESC);

-- What this room owns.
CREATE TABLE "playback_session" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "playable_id" TEXT NOT NULL,
  "asset_id" TEXT NOT NULL,
  "context_id" TEXT,
  "country" TEXT NOT NULL,
  "quality" TEXT NOT NULL,
  "max_quality" TEXT,
  "duration_ms" INTEGER NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "reported_at" TIMESTAMPTZ(3),
  "last_kind" TEXT,
  "position_ms" INTEGER NOT NULL DEFAULT 0,
  "heard_ms" INTEGER NOT NULL DEFAULT 0,
  "counted_at" TIMESTAMPTZ(3),
  CONSTRAINT "playback_session_pkey" PRIMARY KEY ("id")
);

-- The events of a playback under the client's own keys: what makes a repeat harmless and a late one count. Kept for days.
CREATE TABLE "playback_event" (
  "playback_id" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "position_ms" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "received_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "playback_event_pkey" PRIMARY KEY ("playback_id", "event_id")
);
CREATE INDEX "playback_event_received_at_idx" ON "playback_event" ("received_at");

-- Plays that reached 30 seconds; apart from the playable, which another room's events rewrite.
CREATE TABLE "play_count" (
  "playable_id" TEXT NOT NULL,
  "plays" BIGINT NOT NULL,
  CONSTRAINT "play_count_pkey" PRIMARY KEY ("playable_id")
);
