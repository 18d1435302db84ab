import type { FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws'
import type { Change, Track } from '../../../web/playlist-client/change.ts'
import type { Transport } from '../../../web/playlist-client/outbox.ts'

/** What one client has been told of a list, message by message, over all its connections. */
export interface Witness extends Transport {
  /** Edits that were told, once each if all is well. */
  told(): number
  /** How often the whole list was told; more than once when history did not reach. */
  snapshots(): number
  missing(): number
  repeated(): number
  /** Edits of a revision before one that had been told. */
  disordered(): number
}

/** Stands between a playlist client and its socket, and holds what comes against what has come. */
export function createWitness(transport: Transport): Witness {
  const seen = new Set<number>()
  let last: number | null = null
  let snapshots = 0
  let missing = 0
  let repeated = 0
  let disordered = 0

  function note({ kind, revision }: Change<Track>): void {
    if (kind === 'SNAPSHOT') {
      if (last !== revision) snapshots++
      last = revision
      return
    }
    if (kind !== 'EDIT') return
    if (seen.has(revision)) repeated++
    else if (last !== null && revision <= last) disordered++
    else if (last === null || revision > last + 1) missing += revision - (last ?? 0) - 1
    seen.add(revision)
    last = Math.max(last ?? 0, revision)
  }

  return {
    subscribe<Data, Extensions>(
      payload: SubscribePayload,
      sink: Sink<FormattedExecutionResult<Data, Extensions>>,
    ): () => void {
      return transport.subscribe<Data, Extensions>(payload, {
        ...sink,
        next(result) {
          const data = result.data as { playlistChanged?: Change<Track> } | null | undefined
          if (data?.playlistChanged !== undefined) note(data.playlistChanged)
          sink.next(result)
        },
      })
    },
    told: () => seen.size,
    snapshots: () => snapshots,
    missing: () => missing,
    repeated: () => repeated,
    disordered: () => disordered,
  }
}
