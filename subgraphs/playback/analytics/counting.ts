import { isIdOf } from '#shared/id.ts'
import { dayOf } from './days.ts'

/** A play that counts from now on (1), or counts no longer (-1). */
export interface PlayChange {
  by: 1 | -1
  playableId: string
  /** Null: nobody who may be told from another. */
  userId: string | null
  country: string | null
  startedAt: Date
  artistIds: readonly string[]
  albumId: string | null
  deviceKind: string
}

export type Dimension = 'TRACK' | 'EPISODE' | 'ARTIST' | 'ALBUM' | 'COUNTRY' | 'DEVICE'

/** What is added to the plays of one id and day (YYYY-MM-DD, UTC), in each of its 24 hours and in all. */
export interface TallyChange {
  dimension: Dimension
  id: string
  day: string
  hours: number[]
  plays: number
}

export type AudienceDimension = 'COUNTRY' | 'DEVICE' | 'TRACK'

/** What is added to the plays of an artist on a day: in a country, on a kind of device, or of a track. */
export interface AudienceChange {
  artistId: string
  dimension: AudienceDimension
  day: string
  id: string
  plays: number
}

/** What is added to the plays that one person heard of an artist on a day. */
export interface ListenerChange {
  userId: string
  artistId: string
  day: string
  plays: number
}

export interface Changes {
  tallies: TallyChange[]
  audience: AudienceChange[]
  listeners: ListenerChange[]
}

/** All that some plays change: sums, so that their order is nothing. An artist who is named twice on a track has its play once. */
export function changesOf(plays: readonly PlayChange[]): Changes {
  const tallies = new Map<string, TallyChange>()
  const audience = new Map<string, AudienceChange>()
  const listeners = new Map<string, ListenerChange>()
  for (const play of plays) {
    const { by, userId } = play
    const day = dayOf(play.startedAt)
    const hour = play.startedAt.getUTCHours()
    const artistIds = [...new Set(play.artistIds)]
    for (const [dimension, id] of idsOf(play, artistIds)) {
      const tally = entry(tallies, [dimension, id, day], () => ({
        ...{ dimension, id, day },
        ...{ hours: Array<number>(24).fill(0), plays: 0 },
      }))
      tally.hours[hour] = (tally.hours[hour] as number) + by
      tally.plays += by
    }
    for (const artistId of artistIds) {
      for (const [dimension, id] of audienceOf(play))
        entry(audience, [artistId, dimension, day, id], () => ({
          artistId,
          dimension,
          day,
          id,
          plays: 0,
        })).plays += by
      if (userId !== null)
        entry(listeners, [userId, artistId, day], () => ({ userId, artistId, day, plays: 0 })).plays += by
    }
  }
  return {
    tallies: [...tallies.values()],
    audience: [...audience.values()],
    listeners: [...listeners.values()],
  }
}

function idsOf(play: PlayChange, artistIds: readonly string[]): [Dimension, string][] {
  const { playableId, albumId, country, deviceKind } = play
  return [
    [isIdOf('track', playableId) ? 'TRACK' : 'EPISODE', playableId],
    ...artistIds.map((id): [Dimension, string] => ['ARTIST', id]),
    ...(albumId === null ? [] : [['ALBUM', albumId] satisfies [Dimension, string]]),
    ...(country === null ? [] : [['COUNTRY', country] satisfies [Dimension, string]]),
    ['DEVICE', deviceKind],
  ]
}

function audienceOf({ playableId, country, deviceKind }: PlayChange): [AudienceDimension, string][] {
  return [
    ...(country === null ? [] : [['COUNTRY', country] satisfies [AudienceDimension, string]]),
    ['DEVICE', deviceKind],
    ['TRACK', playableId],
  ]
}

function entry<Value>(map: Map<string, Value>, key: readonly string[], make: () => Value): Value {
  const name = key.join(' ')
  const known = map.get(name)
  if (known !== undefined) return known
  const made = make()
  map.set(name, made)
  return made
}
