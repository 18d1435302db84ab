import { z } from 'zod'
import { encodeCursor, readPage } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'

type PageArgs = Parameters<typeof readPage>[0]

const whole = z.string().regex(/^\d{1,9}$/)
const number = z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/)
const version = z.string().max(60)

/** Beside a list that is ranked anew for each request: how many were shown, and by which model. */
const rankCursor = z.tuple([z.literal('rank'), version, whole])
/** The same for a person's own: `seq` is the last play that was known when the list began, so that playing on leaves it be. */
const tasteCursor = z.tuple([z.literal('taste'), version, whole, z.string().regex(/^\d{1,18}$/)])
/** Beside a chart: the place of the last track shown, which stays while everything cools at the same rate. */
const chartCursor = z.tuple([z.literal('chart'), z.union([number, z.literal('')]), number, z.string()])

export interface ChartPosition {
  /** null: nobody has played it lately. */
  readonly heat: number | null
  readonly popularity: number
  readonly id: string
}

export interface RankPage {
  first: number
  /** How many were shown before. */
  offset: number
}

export type TastePage =
  | { first: number; kind: 'start' }
  | { first: number; kind: 'taste'; offset: number; seq: bigint }
  | { first: number; kind: 'chart'; position: ChartPosition }

export function readRankPage(args: PageArgs): RankPage {
  const { first, after } = readPage(args)
  if (after === null) return { first, offset: 0 }
  return { first, offset: Number(parse(rankCursor, after)[2]) }
}

export function readChartPage(args: PageArgs): { first: number; position: ChartPosition | null } {
  const { first, after } = readPage(args)
  return { first, position: after === null ? null : toPosition(parse(chartCursor, after)) }
}

export function readTastePage(args: PageArgs): TastePage {
  const { first, after } = readPage(args)
  if (after === null) return { first, kind: 'start' }
  const cursor = parse(z.union([tasteCursor, chartCursor]), after)
  if (cursor[0] === 'chart') return { first, kind: 'chart', position: toPosition(cursor) }
  return { first, kind: 'taste', offset: Number(cursor[2]), seq: BigInt(cursor[3]) }
}

export function rankCursorAt(version: string, shown: number): string {
  return encodeCursor('rank', version, shown)
}

export function tasteCursorAt(version: string, shown: number, seq: bigint): string {
  return encodeCursor('taste', version, shown, String(seq))
}

export function chartCursorAt({ heat, popularity, id }: ChartPosition): string {
  return encodeCursor('chart', heat ?? '', popularity, id)
}

function toPosition([, heat, popularity, id]: z.infer<typeof chartCursor>): ChartPosition {
  return { heat: heat === '' ? null : Number(heat), popularity: Number(popularity), id }
}

function parse<Shape extends z.ZodType>(shape: Shape, position: string[]): z.infer<Shape> {
  const parsed = shape.safeParse(position)
  if (!parsed.success) throw new AppError('BAD_USER_INPUT', 'This cursor is not of this list')
  return parsed.data
}
