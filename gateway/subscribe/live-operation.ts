import { isDeepStrictEqual } from 'node:util'
import type { Rights } from '../caller.ts'
import { type Accepted, coerceVariables } from '../engine.ts'
import type { Graph, Graphs } from '../graphs.ts'
import { sharingOf } from './sharing.ts'

/** A subscription's operation as the supergraph of the moment has it. */
export interface LiveOperation {
  /** Prepared for the supergraph that is served now, and whoever asks, where it still means the same there, else as it was. */
  current(rights: Rights | null): Accepted
  release(): void
}

/** Holds the graph that it goes by: its rooms stay open for it. `given` are the variables as the client sent them. */
export function createLiveOperation(
  graphs: Graphs,
  first: Accepted,
  given: Record<string, unknown>,
): LiveOperation {
  let accepted = first
  let seen = first.graph
  let release = graphs.hold(first.graph)
  return {
    current(rights) {
      if (graphs.current === seen) return accepted
      seen = graphs.current
      const next = preparedFor(seen, accepted, given, rights)
      if (next === null) return accepted
      accepted = next
      release()
      release = graphs.hold(seen)
      return accepted
    },
    release: () => release(),
  }
}

/** Null where the stream that is open would not be the one to open there, or what may be shared is not the same. */
function preparedFor(
  graph: Graph,
  { operation, graph: before }: Accepted,
  given: Record<string, unknown>,
  rights: Rights | null,
): Accepted | null {
  try {
    const next = graph.operations.ready(operation.source, operation.operationName, rights)
    const isSame =
      isDeepStrictEqual(next.primary, operation.primary) &&
      isDeepStrictEqual(sharingOf(next, graph.directives), sharingOf(operation, before.directives))
    return isSame ? { graph, operation: next, variables: coerceVariables(next, given) } : null
  } catch {
    return null
  }
}
