import type { Connection, Edge } from '#shared/connection.ts'
import type { Account, DeviceKind } from './generated/prisma/client.ts'

/** An account as everything but the password check sees it. */
export type AccountRow = Omit<Account, 'passwordHash' | 'sharesPlaysSince'>

/** What `User` is resolved from. */
export interface UserSource extends AccountRow {
  /** Whether the one who asks is this very person: what is theirs alone is null otherwise. */
  readonly isSelf: boolean
}

/** What `Device` is resolved from. */
export interface DeviceRow {
  id: string
  userId: string
  name: string
  kind: DeviceKind
  lastSeenAt: Date
  /** Whether a session on it is alive. */
  isActive: boolean
}

/** What `Session` is resolved from: the answer to signing up, signing in and refreshing. */
export interface SessionSource {
  accessToken: string
  accessTokenExpiresAt: Date
  refreshToken: string
  user: UserSource
  deviceId: string | null
}

export interface FollowRow {
  seq: bigint
  subjectId: string
}

export type FollowEdge = Edge<FollowRow>
export type FollowPage = Connection<FollowRow> & { totalCount: number }

/** What `Followed` is resolved from: the catalogue fills in an artist. */
export type FollowedSource = UserSource | { id: string }

/** What another room resolves, by the key that names it. */
export interface ForeignKey {
  ref: string
}

export type ActivityVerb = 'PLAYED' | 'FOLLOWED' | 'SAVED' | 'PUBLISHED'

/** Something a person did that their followers see. */
export interface ActivityRow {
  seq: bigint
  actorId: string
  at: Date
  verb: ActivityVerb
  subjectId: string
}

export type ActivityPage = Connection<ActivityRow>
/** What `ActivitySubject` is resolved from: but for a user, another room fills it in. */
export type ActivitySubjectSource = UserSource | { id: string } | ForeignKey

export type JobState = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED'

/** A privacy job as whoever asks may see it. */
export interface PrivacyJobRow {
  id: string
  kind: 'EXPORT' | 'ERASE'
  requestedAt: Date
  /** Null once the person is erased. */
  userId: string | null
  rooms: { room: string; state: 'QUEUED' | 'DONE' | 'FAILED' }[]
}
