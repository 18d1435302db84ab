-- Verdicts are written, looked up and explained recording by recording: one index does for all, and is written in its order.
ALTER TABLE "royalty_verdict" DROP CONSTRAINT "royalty_verdict_pkey";
DROP INDEX "royalty_verdict_recording_idx";
ALTER TABLE "royalty_verdict" ADD CONSTRAINT "royalty_verdict_pkey"
  PRIMARY KEY ("month", "correction", "recording_id", "started_at", "playback_id");
