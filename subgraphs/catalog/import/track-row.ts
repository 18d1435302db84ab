import { z } from 'zod'
import { ImportFault } from './import-fault.ts'

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/

const text = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(1_000, 'has more than 1,000 characters')
  .refine((value) => !value.includes('\0'), 'has a NUL character')

function number(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .trim()
    .regex(NUMBER, 'is not a number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `is not within ${min} and ${max}`)
}

function integer(min: number, max: number): z.ZodType<number, string> {
  return number(min, max).refine(Number.isInteger, 'is not a whole number')
}

const share = number(0, 1)

/** A date as far as it is known: a year alone is its first day, a month too. Year 0 is how the source says "unknown". */
const releaseDate = z
  .string()
  .trim()
  .regex(/^(\d{4}(-\d\d(-\d\d)?)?)?$/, 'is not YYYY, YYYY-MM or YYYY-MM-DD')
  .transform((date) => (date === '' || date.startsWith('0000') ? null : `${date}-01-01`.slice(0, 10)))
  .refine((date) => date === null || isDay(date), 'is not a day of the calendar')

const trackRow = z.object({
  track_id: text,
  track_name: text,
  track_artist: text,
  track_popularity: integer(0, 100),
  track_album_id: text,
  track_album_name: text,
  track_album_release_date: releaseDate,
  danceability: share,
  energy: share,
  key: integer(0, 11),
  loudness: number(-100, 20),
  mode: integer(0, 1),
  speechiness: share,
  acousticness: share,
  instrumentalness: share,
  valence: share,
  tempo: number(0, 1_000),
  duration_ms: integer(1, 86_400_000),
})

/** One row of a track file, checked. */
export type SourceTrackRow = z.infer<typeof trackRow>

/** Turns the cells of a record into a row, or says what is wrong with it. */
export type RowReader = (cells: readonly string[]) => SourceTrackRow | { fault: string }

/** Knows from the header which column is where; columns of no use to us are passed over. Throws when one is missing. */
export function createRowReader(header: readonly string[], file: string): RowReader {
  const names = header.map((name) => name.trim())
  const wanted = Object.keys(trackRow.shape)
  const missing = wanted.filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw new ImportFault(`${file} has no column ${missing.join(', ')}: its first line must name the columns`)
  const places = wanted.map((name) => [name, names.indexOf(name)] as const)

  return (cells) => {
    if (cells.length !== names.length)
      return { fault: `it has ${cells.length} columns, the first line ${names.length}` }
    const parsed = trackRow.safeParse(Object.fromEntries(places.map(([name, place]) => [name, cells[place]])))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    return { fault: `${issue?.path.join('.')} ${issue?.message}` }
  }
}

function isDay(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date)
}
