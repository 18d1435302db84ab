import type { Lasting } from '#shared/log-partitions.ts'
import { PRIVACY_REQUESTED, privacyAnsweredTopic } from '#shared/privacy/requests.ts'
import { ACCOUNT_CHANGED } from './events.ts'

/** What becomes of what this room has said once a week of it is old, and read by all. What is not named here stays for ever. */
export const lasting: Lasting = {
  // What is said of devices has the key of their owner, so that the last of it does not say how all of them are.
  state: [ACCOUNT_CHANGED],
  news: ['users.session-ended.v1', PRIVACY_REQUESTED, privacyAnsweredTopic('users')],
}
