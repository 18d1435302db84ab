-- An item that moves leaves its place behind, as one that is removed does: a row without an item to show, which keeps the rank
-- whatever has been given new ranks since. A place is known by the revision that made it; `left_by` is the item that left it, and
-- `left_for` the place it went to. Undoing a move exchanges the two.
ALTER TABLE "playlist_item"
  ADD COLUMN "placed_at" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "left_by" TEXT,
  ADD COLUMN "left_for" INTEGER,
  ADD CONSTRAINT "playlist_item_left_check"
    CHECK (("left_by" IS NULL) = ("left_for" IS NULL) AND ("left_by" IS NULL OR "removed_at_revision" IS NOT NULL));
CREATE INDEX "playlist_item_gone_idx" ON "playlist_item" ("playlist_id", "removed_at_revision") WHERE "removed_at_revision" IS NOT NULL;

-- An edit is undone once; its undoing is an edit that can be undone in turn.
ALTER TABLE "playlist_op" ADD COLUMN "undoes" INTEGER;
CREATE UNIQUE INDEX "playlist_op_undoes_key" ON "playlist_op" ("playlist_id", "undoes") WHERE "undoes" IS NOT NULL;
