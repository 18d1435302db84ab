-- The one device of a user that may stream: whoever starts last holds it. playback_ids: its last few, the newest first; taken_from:
-- the device that lost it by the last start.
CREATE TABLE "stream_lease" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "playback_ids" TEXT[],
  "taken_from" TEXT,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "stream_lease_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "stream_lease_check" CHECK ("playback_ids" IS NOT NULL)
) WITH (fillfactor = 70);

-- Devices that lost the stream to another one, until they start again.
CREATE TABLE "stream_revocation" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "revoked_by" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "stream_revocation_pkey" PRIMARY KEY ("user_id", "device_id")
);

-- What plays, as it was at an instant: whoever knows the rate knows where it is now. "id" is a user's, or a listening session's. The
-- row is the lock of the player, and its revision goes up with each change. item_id is null when nothing is chosen.
CREATE TABLE "player" (
  "id" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "playing" BOOLEAN NOT NULL,
  "position_ms" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "rate" DOUBLE PRECISION NOT NULL,
  "repeat" TEXT NOT NULL,
  "shuffle_seed" INTEGER,
  "context_id" TEXT,
  "item_id" INTEGER,
  "playable_id" TEXT,
  "next_item_id" INTEGER NOT NULL,
  CONSTRAINT "player_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "player_position_check" CHECK ("position_ms" >= 0),
  CONSTRAINT "player_rate_check" CHECK ("rate" > 0),
  CONSTRAINT "player_repeat_check" CHECK ("repeat" IN ('OFF', 'ONE', 'ALL')),
  CONSTRAINT "player_item_check" CHECK (("item_id" IS NULL) = ("playable_id" IS NULL))
) WITH (fillfactor = 70);

-- Apart from the player, which changes more often and is small. Items in the order they were put in, what each plays, and the ids
-- once more in the order they are played.
CREATE TABLE "player_queue" (
  "player_id" TEXT NOT NULL,
  "item_ids" INTEGER[],
  "playable_ids" TEXT[],
  "turns" INTEGER[],
  CONSTRAINT "player_queue_pkey" PRIMARY KEY ("player_id"),
  CONSTRAINT "player_queue_check" CHECK (
    coalesce(cardinality("item_ids") = cardinality("playable_ids") AND cardinality("item_ids") = cardinality("turns"), false))
);

-- How far somebody has come in an episode; "at" is when, so that a late report takes nobody back.
CREATE TABLE "resume_point" (
  "user_id" TEXT NOT NULL,
  "episode_id" TEXT NOT NULL,
  "position_ms" INTEGER NOT NULL,
  "completed" BOOLEAN NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "resume_point_pkey" PRIMARY KEY ("user_id", "episode_id")
);
