import type { Lasting } from '#shared/log-partitions.ts'
import { privacyAnsweredTopic } from '#shared/privacy/requests.ts'
import { ARTIST_CHANGED, EPISODE_CHANGED, ROWS_CHANGED, TRACK_CHANGED } from './events.ts'

/** What becomes of what this room has said once a week of it is old, and read by all. What is not named here stays for ever. */
export const lasting: Lasting = {
  state: [ARTIST_CHANGED, TRACK_CHANGED, EPISODE_CHANGED, 'catalog.audio-packaged.v1'],
  news: [ROWS_CHANGED, privacyAnsweredTopic('catalog')],
}
