import type { Lasting } from '#shared/log-partitions.ts'
import { privacyAnsweredTopic } from '#shared/privacy/requests.ts'
import { PLAYLIST_CHANGED } from './events.ts'

/** What becomes of what this room has said once a week of it is old, and read by all. What is not named here stays for ever. */
export const lasting: Lasting = {
  // What was done to items and members says nothing of those that it leaves alone.
  state: [PLAYLIST_CHANGED],
  news: [privacyAnsweredTopic('playlists')],
}
