import { isDeepStrictEqual } from 'node:util'
import { type Accepted, coerceVariables } from '../engine.ts'
import type { Graph, Graphs } from '../graphs.ts'
import { sharingOf } from './sharing.ts'

/** A subscription's operation as the supergraph of the moment has it. */
export interface LiveOperation {
  /** Prepared for the supergraph that is served now where it still means the same there, else as it was. */
  current(): Accepted
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
    current() {
      if (graphs.current === seen) return accepted
      seen = graphs.current
      const next = preparedFor(seen, accepted, given)
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
): Accepted | null {
  try {
    const next = graph.operations.ready(operation.source, operation.operationName)
    const isSame =
      isDeepStrictEqual(next.primary, operation.primary) &&
      isDeepStrictEqual(sharingOf(next, graph.directives), sharingOf(operation, before.directives))
    return isSame ? { graph, operation: next, variables: coerceVariables(next, given) } : null
  } catch {
    return null
  }
}
