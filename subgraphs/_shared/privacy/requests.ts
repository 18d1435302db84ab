import { z } from 'zod'
import { eventType } from '../event-type.ts'

/** Everybody who keeps anything of a person. */
export const PRIVACY_ROOMS: readonly string[] = [
  'users',
  'catalog',
  'playlists',
  'playback',
  'recommendations',
]

/** Said by users, keyed by the job: every room named does its part of it. Said again for rooms that failed. */
export const PRIVACY_REQUESTED = 'users.privacy-requested.v1'

export const privacyRequested = z.object({
  jobId: z.string(),
  userId: z.string(),
  kind: z.enum(['EXPORT', 'ERASE']),
  rooms: z.array(z.string()),
})
export type PrivacyRequest = z.infer<typeof privacyRequested>

export const sayPrivacyRequested = eventType(PRIVACY_REQUESTED, privacyRequested)

/** What a room has put into the storage for an export. */
export const exportedPart = z.object({ key: z.string(), bytes: z.int(), sha256: z.string() })
export type ExportedPart = z.infer<typeof exportedPart>

export const privacyAnswered = z.object({
  jobId: z.string(),
  room: z.string(),
  state: z.enum(['DONE', 'FAILED']),
  /** Of an export that is done; null else. */
  part: exportedPart.nullable(),
})
export type PrivacyAnswer = z.infer<typeof privacyAnswered>

/** Said by each room, keyed by the job: its part is done, or cannot be. It names no person. */
export function privacyAnsweredTopic(room: string): string {
  return `${room}.privacy-answered.v1`
}

/** Where a job's parts lie in the storage. */
export function privacyFolder(jobId: string): string {
  return `privacy/${jobId}/`
}
