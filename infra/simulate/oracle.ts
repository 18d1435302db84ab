import type { TrackFacts } from './listener.ts'
import type { HeardPlay } from './simulation.ts'
import { judge, type Verdict } from './verdicts.ts'

/** A play by the server's word for when it began, which `check` holds against what the listener knows of it. */
export interface DatedPlay extends HeardPlay {
  startedAt: number
}

export const DIMENSIONS = ['track', 'artist', 'album', 'country', 'device'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Plays by id and by the hour (UTC) in which they began. */
export type Hourly = Record<string, Record<string, number>>

/** What every count has to be: the plays that came to 30 s, by each thing they are counted by. */
export interface Answer {
  seed: number
  events: { accepted: number; sent: number }
  playbacks: number
  plays: number
  heardMs: number
  hourly: Record<Dimension, Hourly>
  /** How many different people played something of an artist. */
  listeners: Record<string, number>
  /** Of each user, the last first. */
  history: Record<string, HistoryEntry[]>
}

interface HistoryEntry {
  playbackId: string
  trackId: string
  startedAt: string
  msPlayed: number
  counted: boolean
  /** What becomes of it when the month is closed. */
  verdict: Verdict
}

const COUNTED_MS = 30_000
const HOUR_MS = 3_600_000

/** Adds up what was really heard, one play after the other. It shares no line with the rooms. */
export function addUp(
  seed: number,
  events: Answer['events'],
  plays: readonly DatedPlay[],
  tracks: readonly TrackFacts[],
): Answer {
  const factsOf = new Map(tracks.map((track) => [track.id, track]))
  const hourly: Answer['hourly'] = { track: {}, artist: {}, album: {}, country: {}, device: {} }
  const people = new Map<string, Set<string>>()
  const history: Answer['history'] = {}
  const verdicts = judge(plays)
  const inTurn = plays.toSorted((one, other) => other.startedAt - one.startedAt)
  for (const { userId, playbackId, trackId, startedAt, heardMs, country, deviceKind } of inTurn) {
    const counted = heardMs >= COUNTED_MS
    const entry = {
      playbackId,
      trackId,
      startedAt: new Date(startedAt).toISOString(),
      msPlayed: heardMs,
      counted,
      verdict: verdicts.get(playbackId) ?? 'BILLED',
    }
    history[userId] = [...(history[userId] ?? []), entry]
    if (!counted) continue
    const { artistIds = [], albumId = null } = factsOf.get(trackId) ?? {}
    const album = albumId === null ? [] : [albumId]
    const of = { track: [trackId], artist: artistIds, album, country: [country], device: [deviceKind] }
    const hour = new Date(startedAt - (startedAt % HOUR_MS)).toISOString()
    for (const dimension of DIMENSIONS) for (const id of of[dimension]) count(hourly[dimension], id, hour)
    for (const id of artistIds) people.set(id, (people.get(id) ?? new Set()).add(userId))
  }
  return {
    ...{ seed, events, playbacks: plays.length, hourly, history },
    plays: inTurn.filter(({ heardMs }) => heardMs >= COUNTED_MS).length,
    heardMs: plays.reduce((sum, { heardMs }) => sum + heardMs, 0),
    listeners: Object.fromEntries([...people].map(([id, users]) => [id, users.size])),
  }
}

function count(tally: Hourly, id: string, hour: string): void {
  const hours = tally[id] ?? {}
  hours[hour] = (hours[hour] ?? 0) + 1
  tally[id] = hours
}

/** The same without the hours. */
export function inAll(hourly: Hourly): Record<string, number> {
  return Object.fromEntries(
    Object.entries(hourly).map(([id, hours]) => [
      id,
      Object.values(hours).reduce((sum, plays) => sum + plays, 0),
    ]),
  )
}
