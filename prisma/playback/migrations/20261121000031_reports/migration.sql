-- What players said, a row for what a transaction took of a playback: what makes a repeat harmless and a late event count. "place" is
-- how many of its events were there before; "events" a list of {eventId, kind, positionMs, at (ms)}. Kept while an event of the playback
-- may still come.
CREATE TABLE "playback_report" (
  "playback_id" TEXT NOT NULL,
  "place" INTEGER NOT NULL,
  "received_at" TIMESTAMPTZ(3) NOT NULL,
  "events" JSON NOT NULL,
  CONSTRAINT "playback_report_pkey" PRIMARY KEY ("playback_id", "place")
);
CREATE INDEX "playback_report_received_at_idx" ON "playback_report" ("received_at");
INSERT INTO playback_report (playback_id, place, received_at, events)
SELECT playback_id, 0, max(received_at),
       json_agg(json_build_object('eventId', event_id, 'kind', kind, 'positionMs', position_ms, 'at',
                                  (extract(epoch FROM at) * 1000)::bigint))
  FROM playback_event GROUP BY playback_id;
DROP TABLE "playback_event";

-- Plays that count, in stripes: those who count a hit at the same time do not wait for one row. A stripe may be below zero, their sum
-- is not.
ALTER TABLE "play_count" ADD COLUMN "stripe" INTEGER NOT NULL DEFAULT 0, DROP CONSTRAINT "play_count_pkey",
  ADD CONSTRAINT "play_count_pkey" PRIMARY KEY ("playable_id", "stripe"), SET (fillfactor = 70);
