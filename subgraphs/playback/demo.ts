import { createHash } from 'node:crypto'
import { derivedId } from '#shared/id.ts'
import { publish } from '#shared/outbox.ts'
import { COUNTED_AFTER_MS } from './config.ts'
import { type CountedPlay, playCounted } from './events.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { PlayPartitions } from './services/play-partitions.ts'

/** What of the demo catalogue this room needs. */
export interface PlaybackDemo {
  readonly albums: readonly {
    readonly key: string
    readonly tracks: readonly {
      readonly key: string
      readonly artists: readonly string[]
      readonly durationMs: number
      /** 0-100, the logarithm of how much it is played. */
      readonly popularity: number
      readonly markets: readonly string[]
    }[]
  }[]
}

interface DemoPlay extends CountedPlay {
  durationMs: number
  heardMs: number
}

const COUNTRIES = [
  { code: 'US', share: 5 },
  { code: 'GB', share: 3 },
  { code: 'SE', share: 2 },
] as const
const DEVICES = [
  { kind: 'PHONE', share: 6 },
  { kind: 'DESKTOP', share: 2 },
  { kind: 'SPEAKER', share: 1 },
  { kind: 'CAR', share: 1 },
] as const
/** About so many plays in all. */
const PLAYS = 2_400
/** So many points of popularity are e times the plays. */
const POINTS = 13.2
const LISTENERS_PER_SHARE = 40
const PREMIUM_SHARE = 0.6
/** How many of the plays went on to the end; the others were left when they had just counted. */
const ENDED_SHARE = 0.8
const DAY_MS = 24 * 3_600_000
/** Most plays are of two weeks; the others go back so far that there is a whole month to be closed, whatever the day. */
const LATELY_SHARE = 0.8
const LATELY_DAYS = 14
const DAYS = 63

/**
 * Writes two months of plays up to `now` for the demo's tracks, as many as their popularity says, where they may be heard:
 * the events, the counts and the history that real plays would have left. The same every time, and only once for each track.
 */
export async function loadDemoPlays(
  db: PrismaClient,
  partitions: PlayPartitions,
  demo: PlaybackDemo,
  now: number,
): Promise<void> {
  const plays = playsOf(demo, now)
  await partitions.ensure(plays.map(({ startedAt }) => startedAt))
  await db.$transaction(
    async (tx) => {
      const written = await tx.$queryRaw<{ id: string }[]>`
        INSERT INTO play_count (playable_id, plays)
        SELECT id, count(*) FROM unnest(${plays.map(({ playableId }) => playableId)}::text[]) AS id GROUP BY id ORDER BY id
        ON CONFLICT DO NOTHING RETURNING playable_id AS id`
      const isNew = new Set(written.map(({ id }) => id))
      const fresh = plays
        .filter(({ playableId }) => isNew.has(playableId))
        .sort((one, other) => one.at.getTime() - other.at.getTime())
      await tx.$executeRaw`
        INSERT INTO play (playback_id, started_at, user_id, playable_id, album_id, artist_ids, device_id, device_kind, country, tier,
                          duration_ms, heard_ms, is_counted)
        SELECT "playbackId", "startedAt", "userId", "playableId", "albumId", "artistIds", "deviceId", "deviceKind", country, tier,
               "durationMs", "heardMs", true
          FROM jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) AS play
               ("playbackId" text, "startedAt" timestamptz, "userId" text, "playableId" text, "albumId" text, "artistIds" text[],
                "deviceId" text, "deviceKind" text, country text, tier text, "durationMs" int, "heardMs" int)`
      await publish(
        tx,
        fresh.map(({ durationMs, heardMs, ...play }) => playCounted(play)),
      )
    },
    { timeout: 30_000 },
  )
}

function playsOf(demo: PlaybackDemo, now: number): DemoPlay[] {
  const tracks = demo.albums
    .flatMap(({ key: albumKey, tracks }) => tracks.map((track) => ({ ...track, albumKey })))
    .map((track) => ({
      ...track,
      countries: COUNTRIES.filter(({ code }) => track.markets.includes(code)),
      weight: Math.exp(track.popularity / POINTS),
    }))
    .filter(({ countries }) => countries.length > 0)
  const whole = tracks.reduce((sum, { weight }) => sum + weight, 0)
  return tracks.flatMap((track) => {
    const chance = chancesOf(`track ${track.key}`)
    // What the fraction leaves is left to chance, or the many little-known tracks would have no play at all.
    const count = Math.floor((PLAYS * track.weight) / whole + chance())
    // Some are on the rise and heard mostly of late, some on the wane.
    const wane = 0.6 + 1.2 * chance()
    return Array.from({ length: count }, (_, index) => {
      const seed = `${track.key}:${index}`
      const chance = chancesOf(`play ${seed}`)
      const country = pick(track.countries, chance())
      const userId = listenerOf(country, chance())
      const age = chance()
      const device = pick(DEVICES, chance())
      const tier = chance() < PREMIUM_SHARE ? 'PREMIUM' : 'FREE'
      const isEnded = chance() < ENDED_SHARE
      const isRecent = chance() < LATELY_SHARE
      const days = isRecent ? age ** wane * LATELY_DAYS : LATELY_DAYS + age * (DAYS - LATELY_DAYS)
      const at = Math.floor(now - days * DAY_MS)
      const durationMs = Math.max(track.durationMs, COUNTED_AFTER_MS)
      return {
        playbackId: derivedId('playback', `demo:${seed}`),
        playableId: derivedId('track', `demo:${track.key}`),
        userId,
        country: country.code,
        at: new Date(at),
        startedAt: new Date(at - COUNTED_AFTER_MS),
        artistIds: track.artists.map((key) => derivedId('artist', `demo:${key}`)),
        albumId: derivedId('album', `demo:${track.albumKey}`),
        deviceId: derivedId('device', `${userId} ${device.kind}`),
        deviceKind: device.kind,
        tier,
        durationMs,
        heardMs: isEnded ? durationMs : COUNTED_AFTER_MS,
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
