import { z } from 'zod'
import { type Page, readPage } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import { isIdOf, type NodePrefix } from '#shared/id.ts'

type PageArgs = Parameters<typeof readPage>[0]

const integer = z.string().regex(/^-?\d{1,9}$/)
// PostgreSQL has no year 0.
const hasYear = (text: string): boolean => !text.startsWith('0000')
const date = z.union([z.iso.date().refine(hasYear), z.literal('-infinity')])
const rank = z.string().regex(/^-?\d{1,16}$/)
const serial = z.string().regex(/^\d{1,18}$/)
const name = z
  .string()
  .max(1_000)
  .refine((text) => !text.includes('\0'))
const idOf = (prefix: NodePrefix) => z.string().refine((id) => isIdOf(prefix, id))

/** Where a page of each list can start: the sort columns of the row before it, as a cursor holds them. */
const POSITIONS = {
  tracksOfAlbum: z.tuple([integer, integer, idOf('track')]),
  tracksOfGenre: z.tuple([integer, idOf('track')]),
  albums: z.tuple([date, idOf('album')]),
  newReleases: z.tuple([date, idOf('album')]),
  episodes: z.tuple([rank, idOf('episode')]),
  genres: z.tuple([name, idOf('genre')]),
  takedowns: z.tuple([serial]),
} as const

/** `first` and `after` of one list; a cursor of another list, or one that we did not make, is BAD_USER_INPUT. */
export function readPageOf(list: keyof typeof POSITIONS, args: PageArgs): Page {
  const page = readPage(args)
  if (page.after !== null && !POSITIONS[list].safeParse(page.after).success)
    throw new AppError('BAD_USER_INPUT', 'This cursor is not of this list')
  return page
}
