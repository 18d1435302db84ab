import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Violation } from './completion.ts'
import { isTree } from './tree.ts'

export type ResponsePath = readonly (string | number)[]

/** An error of an answer, not yet masked. `cause` is what was thrown, for the log. */
export interface Fault extends GraphQLFormattedError {
  readonly cause?: unknown
}

/** A room's failing answer can belong to many places; an answer never carries more errors than this. */
export const MAX_FAULTS = 1000

/** An error as a room reported it; a room may send anything, so nothing is taken for granted. */
export function faultOfRoom(error: unknown, room: string, path: ResponsePath): Fault {
  const { message, extensions } = isTree(error) ? error : {}
  return {
    message: typeof message === 'string' && message !== '' ? message : `The ${room} room reported an error`,
    ...(path.length > 0 && { path }),
    extensions: {
      code: 'DOWNSTREAM_SERVICE_ERROR',
      ...(isTree(extensions) && extensions),
      serviceName: room,
    },
  }
}

/** The error of a call that failed as a whole; a deliberate one keeps its code. */
export function faultOfCall(error: unknown, room: string, path: ResponsePath): Fault {
  const isDeliberate = error instanceof GraphQLError
  return {
    message: error instanceof Error ? error.message : `The ${room} room failed`,
    ...(path.length > 0 && { path }),
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      ...(isDeliberate && error.extensions),
      serviceName: room,
    },
    cause: error,
  }
}

/** The path of a room's error, or undefined when it has none that makes sense. */
export function pathOf(error: unknown): ResponsePath | undefined {
  const path = isTree(error) ? error['path'] : undefined
  if (!Array.isArray(path) || path.length === 0) return undefined
  return path.every((key) => typeof key === 'string' || typeof key === 'number') ? path : undefined
}

/** The longest path that leads to all of them. */
export function commonPath(paths: readonly ResponsePath[]): ResponsePath {
  const [first = [], ...others] = paths
  const end = first.findIndex((key, depth) => others.some((path) => path[depth] !== key))
  return end === -1 ? first : first.slice(0, end)
}

/**
 * The violations that no error explains: an error above the value, or anywhere inside the place that went null for it, already
 * says why. Every other one becomes an error of its own, as an undivided schema would report it.
 */
export function unexplained(violations: readonly Violation[], faults: readonly Fault[]): Fault[] {
  const ends = new Set<string>()
  const passed = new Set<string>()
  for (const { path = [] } of faults) {
    ends.add(JSON.stringify(path))
    for (let depth = 0; depth <= path.length; depth++) passed.add(JSON.stringify(path.slice(0, depth)))
  }
  const isExplained = ({ path, landed }: Violation): boolean =>
    passed.has(JSON.stringify(landed)) ||
    path.some((_, depth) => ends.has(JSON.stringify(path.slice(0, depth)))) ||
    ends.has(JSON.stringify(path))
  return violations
    .filter((violation) => !isExplained(violation))
    .map(({ message, path, code }) => ({ message, path, extensions: { code } }))
}
