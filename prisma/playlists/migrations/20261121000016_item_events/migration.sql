-- Other rooms keep copies of what is in a list and of who may see it: those that are there before anybody says so are said once.
INSERT INTO "outbox" ("id", "topic", "key", "payload")
SELECT gen_random_uuid()::text, 'playlists.items-changed.v1', list.id,
       jsonb_build_object('playlistId', list.id, 'revision', list.revision, 'ops', jsonb_build_array(
         jsonb_build_object('kind', 'ItemsAdded', 'after', NULL, 'items', (
           SELECT jsonb_agg(jsonb_build_object('id', item.id, 'trackId', item.track_id) ORDER BY item.rank)
             FROM "playlist_item" AS item WHERE item.playlist_id = list.id AND item.removed_at_revision IS NULL))))
  FROM "playlist" AS list WHERE list.deleted_at IS NULL AND list.item_count > 0;

INSERT INTO "outbox" ("id", "topic", "key", "payload")
SELECT gen_random_uuid()::text, 'playlists.member-changed.v1', playlist_id,
       jsonb_build_object('playlistId', playlist_id, 'userId', user_id, 'isMember', true)
  FROM "collaborator";
