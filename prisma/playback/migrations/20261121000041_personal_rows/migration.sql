-- What is found by person: asked when somebody wants to have all of it, or to have it gone.
CREATE INDEX "playback_session_user_id_idx" ON "playback_session" ("user_id");
CREATE INDEX "listening_session_host_id_idx" ON "listening_session" ("host_id");
CREATE INDEX "playlist_copy_owner_id_idx" ON "playlist_copy" ("owner_id");
CREATE INDEX "playlist_copy_member_ids_idx" ON "playlist_copy" USING gin ("member_ids");
