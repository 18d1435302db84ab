import { createHash } from 'node:crypto'
import { derivedId } from '#shared/id.ts'
import { publish } from '#shared/outbox.ts'
import { playCounted } from './events.ts'
import type { PrismaClient } from './generated/prisma/client.ts'

/** What of the demo catalogue this room needs. */
export interface PlaybackDemo {
  readonly albums: readonly {
    readonly tracks: readonly {
      readonly key: string
      /** 0-100, the logarithm of how much it is played. */
      readonly popularity: number
      readonly markets: readonly string[]
    }[]
  }[]
}

interface DemoPlay {
  playbackId: string
  playableId: string
  userId: string
  country: string
  at: number
}

const COUNTRIES = [
  { code: 'US', share: 5 },
  { code: 'GB', share: 3 },
  { code: 'SE', share: 2 },
] as const
/** About so many plays in all. */
const PLAYS = 2_400
/** So many points of popularity are e times the plays. */
const POINTS = 13.2
const LISTENERS_PER_SHARE = 40
const DAY_MS = 24 * 3_600_000
const DAYS = 14

/**
 * Writes two weeks of plays up to `now` for the demo's tracks, as many as their popularity says, where they may be heard:
 * the events and the counts that real plays would have left. The same every time, and only once for each track.
 */
export async function loadDemoPlays(db: PrismaClient, demo: PlaybackDemo, now: number): Promise<void> {
  const plays = playsOf(demo, now)
  await db.$transaction(
    async (tx) => {
      const written = await tx.$queryRaw<{ id: string }[]>`
        INSERT INTO play_count (playable_id, plays)
        SELECT id, count(*) FROM unnest(${plays.map(({ playableId }) => playableId)}::text[]) AS id GROUP BY id ORDER BY id
        ON CONFLICT DO NOTHING RETURNING playable_id AS id`
      const isNew = new Set(written.map(({ id }) => id))
      const fresh = plays
        .filter(({ playableId }) => isNew.has(playableId))
        .sort((one, other) => one.at - other.at)
      await publish(
        tx,
        fresh.map(({ playbackId, userId, at, ...play }) =>
          playCounted(userId, { ...play, id: playbackId }, at),
        ),
      )
    },
    { timeout: 30_000 },
  )
}

function playsOf(demo: PlaybackDemo, now: number): DemoPlay[] {
  const tracks = demo.albums
    .flatMap((album) => album.tracks)
    .map((track) => ({
      ...track,
      countries: COUNTRIES.filter(({ code }) => track.markets.includes(code)),
      weight: Math.exp(track.popularity / POINTS),
    }))
    .filter(({ countries }) => countries.length > 0)
  const whole = tracks.reduce((sum, { weight }) => sum + weight, 0)
  return tracks.flatMap(({ key, weight, countries }) => {
    const chance = chancesOf(`track ${key}`)
    // What the fraction leaves is left to chance, or the many little-known tracks would have no play at all.
    const count = Math.floor((PLAYS * weight) / whole + chance())
    // Some are on the rise and heard mostly of late, some on the wane.
    const wane = 0.6 + 1.2 * chance()
    const playableId = derivedId('track', `demo:${key}`)
    return Array.from({ length: count }, (_, index) => {
      const seed = `${key}:${index}`
      const chance = chancesOf(`play ${seed}`)
      const country = pick(countries, chance())
      return {
        playbackId: derivedId('playback', `demo:${seed}`),
        playableId,
        userId: listenerOf(country, chance()),
        country: country.code,
        at: Math.floor(now - chance() ** wane * DAYS * DAY_MS),
      }
    })
  })
}

/** Nobody's account, since the demo's people begin with an empty history; some of a country's listeners hear far more than others. */
function listenerOf({ code, share }: (typeof COUNTRIES)[number], chance: number): string {
  return derivedId('user', `demo-listener:${code}:${Math.floor(share * LISTENERS_PER_SHARE * chance ** 2)}`)
}

function pick<Option extends { readonly share: number }>(options: readonly Option[], chance: number): Option {
  let rest = chance * options.reduce((sum, { share }) => sum + share, 0)
  const found = options.find(({ share }) => {
    rest -= share
    return rest < 0
  })
  return (found ?? options[0]) as Option
}

/** Up to eight numbers in [0, 1), always the same for the same seed. */
function chancesOf(seed: string): () => number {
  const bytes = createHash('sha256').update(seed).digest()
  let index = 0
  return () => bytes.readUInt32LE(4 * (index++ % 8)) / 2 ** 32
}
