-- What is found by person: asked when somebody wants to have all of it, or to have it gone.
CREATE INDEX "upload_user_id_idx" ON "upload" ("user_id");
CREATE INDEX "playlist_name_owner_id_idx" ON "playlist_name" ("owner_id");
