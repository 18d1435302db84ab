import type { Lasting } from '#shared/log-partitions.ts'
import { privacyAnsweredTopic } from '#shared/privacy/requests.ts'

/** What becomes of what this room has said once a week of it is old, and read by all. What is not named here stays for ever. */
export const lasting: Lasting = {
  state: [],
  // Plays themselves are kept in their own table, by month.
  news: [
    'playback.audio-requested.v1',
    'playback.session-started.v1',
    'playback.event-reported.v1',
    'playback.events-reported.v1',
    'playback.play-counted.v1',
    'playback.play-uncounted.v1',
    privacyAnsweredTopic('playback'),
  ],
}
