import { AppError } from './errors.ts'

export interface Edge<Node> {
  cursor: string
  node: Node
}

/** A Relay connection: `nodes` beside `edges` for those who need no cursor. */
export interface Connection<Node, E extends Edge<Node> = Edge<Node>> {
  edges: E[]
  nodes: Node[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  totalCount: number | null
}

export interface Page {
  first: number
  /** The decoded position after which the page starts, or null for the first page. */
  after: string[] | null
}

/** `first` is 1-100, 20 if left out; a cursor that we did not make is BAD_USER_INPUT. */
export function readPage(args: {
  first?: number | null | undefined
  after?: string | null | undefined
}): Page {
  const first = args.first ?? 20
  if (first < 1 || first > 100)
    throw new AppError('BAD_USER_INPUT', `first must be from 1 to 100, not ${first}`)
  return { first, after: args.after == null ? null : decodeCursor(args.after) }
}

export function encodeCursor(...position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position.map(String))).toString('base64url')
}

export function decodeCursor(cursor: string): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(position) && position.length > 0 && position.every((part) => typeof part === 'string'))
      return position
  } catch {
    // falls through to the one answer for every cursor we did not make
  }
  throw new AppError('BAD_USER_INPUT', 'This cursor was not made by us')
}

/**
 * Shapes rows read with `LIMIT first + 1` into a connection: the extra row says that there is a next page and is left out.
 * `decorate` adds what the edge itself knows (addedAt, score …).
 */
export function toConnection<Row, E extends Edge<Row> = Edge<Row>>(
  rows: readonly Row[],
  page: Page,
  cursorOf: (row: Row) => string,
  options: { totalCount?: number | null; decorate?: (edge: Edge<Row>) => E } = {},
): Connection<Row, E> {
  const shown = rows.slice(0, page.first)
  const decorate = options.decorate ?? ((edge: Edge<Row>) => edge as E)
  const edges = shown.map((node) => decorate({ cursor: cursorOf(node), node }))
  return {
    edges,
    nodes: shown,
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: options.totalCount ?? null,
  }
}
