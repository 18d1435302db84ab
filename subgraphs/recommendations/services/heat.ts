import { LRUCache } from 'lru-cache'
import type { PrismaClient } from '../generated/prisma/client.ts'

/**
 * How much each track was played in the last 28 days, a play of three days ago counting half of one now, as the logarithm
 * to base 2 of what that is worth at a fixed moment: cooling moves all of them alike, so two that are compared today compare
 * the same tomorrow.
 */
export interface Heat {
  readonly byTrack: ReadonlyMap<string, number>
  /** What a logarithm is worth in plays at the time of reading. */
  plays(heat: number): number
}

export interface HeatReader {
  /** Of a country, or of the world; at most `refreshMs` old. */
  read(country: string | null): Promise<Heat>
}

const HALF_LIFE_S = 3 * 24 * 3_600
/** 2026-01-01: near enough that the logarithms keep their digits. */
const EPOCH_S = 1_767_225_600
const DIGITS = 1e6

export function createHeatReader(db: PrismaClient, options: { refreshMs: number }): HeatReader {
  const kept = new LRUCache<string, { until: number; heat: Promise<Heat> }>({ max: 64 })

  async function readNow(country: string | null): Promise<Heat> {
    const rows = await db.$queryRaw<{ id: string; plays: number; now: number }[]>`
      SELECT track_id AS id, extract(epoch FROM now())::float8 AS now,
             sum(power(2, -greatest(extract(epoch FROM now() - at), 0) / ${HALF_LIFE_S}::float8)) AS plays
        FROM play
       WHERE at > now() - interval '28 days' AND (${country}::text IS NULL OR country = ${country})
       GROUP BY track_id`
    const age = ((rows[0]?.now ?? EPOCH_S) - EPOCH_S) / HALF_LIFE_S
    const byTrack = new Map(
      rows.map(({ id, plays }) => [id, Math.round((Math.log2(plays) + age) * DIGITS) / DIGITS]),
    )
    return { byTrack, plays: (heat) => 2 ** (heat - age) }
  }

  return {
    read(country) {
      const key = country ?? 'world'
      const known = kept.get(key)
      if (known !== undefined && performance.now() < known.until) return known.heat
      const entry = { until: Number.POSITIVE_INFINITY, heat: readNow(country) }
      kept.set(key, entry)
      entry.heat.then(
        () => {
          entry.until = performance.now() + options.refreshMs
        },
        () => kept.delete(key),
      )
      return entry.heat
    },
  }
}
