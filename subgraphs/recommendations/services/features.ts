/** What the catalogue says of a track's sound: tempo in beats a minute, key 0-11 from C, mode 1 major, loudness in dB. */
export interface AudioFeatures {
  tempo: number
  key: number
  mode: number
  energy: number
  danceability: number
  valence: number
  acousticness: number
  instrumentalness: number
  loudness: number
  speechiness: number
}

/**
 * The axes that tracks are compared along, and how much each counts. All but the circles are brought to mean 0 and
 * deviation 1 over the catalogue, so a weight of 1 makes two tracks a deviation apart one unit apart.
 */
export const WEIGHTS = {
  energy: 0.8,
  danceability: 1,
  valence: 0.8,
  acousticness: 0.8,
  instrumentalness: 1,
  speechiness: 0.8,
  loudness: 0.8,
  tempo: 0.4,
  mode: 0.3,
  year: 2,
  // Points on circles of radius 1: half tempo and double tempo meet, and so do keys a fifth apart all the way round.
  beatX: 1,
  beatY: 1,
  fifthX: 0.3,
  fifthY: 0.3,
} as const

export type Axis = keyof typeof WEIGHTS
export const AXES = Object.keys(WEIGHTS) as readonly Axis[]
const CIRCLES: ReadonlySet<Axis> = new Set(['beatX', 'beatY', 'fifthX', 'fifthY'])
/** Beyond so many deviations a value is only said to be far out. */
const FAR = 3

/**
 * One track along AXES, before scaling. Shares crowd at 0 (most music is sung, played and not spoken): roots and a logarithm
 * spread them. An unknown year is NaN, which scaling puts in the middle.
 */
export function toCoordinates(sound: AudioFeatures, year: number | null): number[] {
  const octaves = Math.log2(Math.max(sound.tempo, 20))
  const beat = 2 * Math.PI * octaves
  // C major and A minor share their notes: a minor key stands where its relative major does.
  const major = sound.mode >= 0.5 ? sound.key : sound.key + 3
  const fifth = (2 * Math.PI * ((major * 7) % 12)) / 12
  const along: Record<Axis, number> = {
    energy: sound.energy,
    danceability: sound.danceability,
    valence: sound.valence,
    acousticness: Math.sqrt(sound.acousticness),
    instrumentalness: sound.instrumentalness ** 0.25,
    speechiness: Math.log(0.02 + sound.speechiness),
    loudness: sound.loudness,
    tempo: octaves,
    mode: sound.mode,
    year: year ?? Number.NaN,
    beatX: Math.cos(beat),
    beatY: Math.sin(beat),
    fifthX: Math.cos(fifth),
    fifthY: Math.sin(fifth),
  }
  return AXES.map((axis) => along[axis])
}

/** Rows of AXES.length coordinates, scaled in place so that plain distance between rows is the weighted one. */
export function scale(rows: Float32Array): void {
  const width = AXES.length
  for (const [column, axis] of AXES.entries()) {
    const { mean, deviation } = CIRCLES.has(axis) ? { mean: 0, deviation: 1 } : spread(rows, column, width)
    for (let at = column; at < rows.length; at += width) {
      const z = deviation === 0 ? 0 : ((rows[at] as number) - mean) / deviation
      rows[at] = WEIGHTS[axis] * (Number.isNaN(z) ? 0 : Math.max(-FAR, Math.min(FAR, z)))
    }
  }
}

function spread(rows: Float32Array, column: number, width: number): { mean: number; deviation: number } {
  let count = 0
  let sum = 0
  for (let at = column; at < rows.length; at += width) {
    const value = rows[at] as number
    if (Number.isNaN(value)) continue
    count++
    sum += value
  }
  const mean = count === 0 ? 0 : sum / count
  let squares = 0
  for (let at = column; at < rows.length; at += width) {
    const value = rows[at] as number
    if (!Number.isNaN(value)) squares += (value - mean) ** 2
  }
  return { mean, deviation: count === 0 ? 0 : Math.sqrt(squares / count) }
}
