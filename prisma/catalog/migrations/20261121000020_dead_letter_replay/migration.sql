-- When an operator asked for this letter to be tried again; its consumer looks for those that are.
ALTER TABLE "dead_letter" ADD COLUMN "replay_at" TIMESTAMPTZ(3);
