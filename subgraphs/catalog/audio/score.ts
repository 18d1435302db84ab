import { z } from 'zod'

const share = z.number().min(0).max(1)

/** What a piece is composed from: the track's id and its own audio features. Durations in ms, tempo in beats a minute. */
export const scoreSchema = z.object({
  seed: z.string().min(1),
  durationMs: z
    .number()
    .int()
    .min(4_000)
    .max(10 * 60_000),
  tempo: z.number().positive(),
  key: z.number().int().min(0).max(11),
  mode: z.union([z.literal(0), z.literal(1)]),
  energy: share,
  valence: share,
  danceability: share,
  acousticness: share,
  instrumentalness: share,
})

export type Score = z.infer<typeof scoreSchema>

/**
 * The tempo a piece is played at: the track's own, doubled or halved into 54 to 200 beats a minute, since features
 * count 30 and 240 for what people hear as 60 and 120.
 */
export function playedTempo(tempo: number): number {
  let played = tempo
  while (played < 54) played *= 2
  while (played > 200) played /= 2
  return played
}
