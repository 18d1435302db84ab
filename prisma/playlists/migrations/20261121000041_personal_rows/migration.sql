-- Who was ever let into a list, and stays here after leaving it: items and edits, which have no index by person, name nobody else beside the
-- owner.
CREATE TABLE "contributor" (
  "user_id" TEXT NOT NULL,
  "playlist_id" TEXT NOT NULL,
  CONSTRAINT "contributor_pkey" PRIMARY KEY ("user_id", "playlist_id"),
  CONSTRAINT "contributor_playlist_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlist" ("id") ON DELETE CASCADE
);
CREATE INDEX "contributor_playlist_id_idx" ON "contributor" ("playlist_id");

INSERT INTO "contributor" ("user_id", "playlist_id")
SELECT "user_id", "playlist_id" FROM "collaborator"
 UNION SELECT "added_by", "playlist_id" FROM "playlist_item" JOIN "playlist" ON "playlist"."id" = "playlist_id" WHERE "added_by" <> "owner_id"
 UNION SELECT "actor_id", "playlist_id" FROM "playlist_op" JOIN "playlist" ON "playlist"."id" = "playlist_id" WHERE "actor_id" <> "owner_id";

CREATE FUNCTION "note_contributor"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO contributor (user_id, playlist_id) VALUES (NEW.user_id, NEW.playlist_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER "collaborator_is_contributor" AFTER INSERT ON "collaborator"
  FOR EACH ROW EXECUTE FUNCTION "note_contributor"();

-- Deleted lists, which the other index of owners leaves out.
CREATE INDEX "playlist_deleted_owner_idx" ON "playlist" ("owner_id") WHERE "deleted_at" IS NOT NULL;
