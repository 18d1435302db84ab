import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Room } from '#shared/room.ts'
import type { Directives } from './directives.ts'
import type { CallRoom } from './execute/run.ts'
import type { Limits } from './limits.ts'
import { createOperations, type Operations } from './operations.ts'
import { type CallsGraph, loadSupergraph, roomsOf } from './supergraph.ts'
import { warmUp } from './warm-up.ts'

/** One supergraph as it is served: replaced as a whole when another one comes. */
export interface Graph {
  readonly apiSchema: GraphQLSchema
  readonly directives: Directives
  readonly operations: Operations
  readonly rooms: ReadonlyMap<string, Room>
}

/** The supergraph that is served now. */
export interface Graphs {
  readonly current: Graph
  /**
   * Serves another supergraph from now on, once the operations that clients are known to send are planned for it. Requests and
   * subscriptions that are under way end on the one they began with. Rejects, and changes nothing, where it cannot be loaded.
   */
  replace(sdl: string): Promise<void>
  /** Keeps the rooms of a graph open, served or not, until the returned function is called. */
  hold(graph: Graph): () => void
  close(): Promise<void>
}

export interface GraphsOptions {
  /** A room by its name and the address that the supergraph has for it; undefined when it is not there. */
  openRoom(name: string, url: string): Room | undefined
  createCall(rooms: ReadonlyMap<string, Room>, graph: CallsGraph): CallRoom
  limits: Limits
  isProduction: boolean
  logger: Logger
}

export async function createGraphs(sdl: string, options: GraphsOptions): Promise<Graphs> {
  let addresses: ReadonlyMap<string, string> = new Map()
  let current = await load(sdl, new Map())
  let turn: Promise<void> = Promise.resolve()
  const holders = new Map<Graph, number>()

  async function load(text: string, standing: ReadonlyMap<string, Room>): Promise<Graph> {
    const wanted = roomsOf(text)
    const rooms = new Map<string, Room>()
    try {
      for (const [name, url] of wanted) {
        const known = addresses.get(name) === url ? standing.get(name) : undefined
        const room = known ?? options.openRoom(name, url)
        if (room !== undefined) rooms.set(name, room)
      }
      const createCall = (graph: CallsGraph): CallRoom => options.createCall(rooms, graph)
      const supergraph = await loadSupergraph(text, createCall, options.limits, options.logger)
      const { apiSchema, directives } = supergraph
      const operations = createOperations(supergraph, options)
      addresses = wanted
      return { apiSchema, directives, rooms, operations }
    } catch (error) {
      letGo(rooms, [standing])
      throw error
    }
  }

  async function replace(text: string): Promise<void> {
    const before = current
    const next = await load(text, before.rooms)
    await warmUp(next.operations, before.operations.known())
    current = next
    retire(before)
  }

  /** Closes what only a graph needs that is no longer served, and no longer held. */
  function retire(graph: Graph): void {
    if (graph === current || holders.has(graph)) return
    const staying = [current, ...holders.keys()]
    letGo(
      graph.rooms,
      staying.map(({ rooms }) => rooms),
    )
  }

  function hold(graph: Graph): () => void {
    holders.set(graph, (holders.get(graph) ?? 0) + 1)
    return () => {
      const left = (holders.get(graph) ?? 1) - 1
      if (left > 0) holders.set(graph, left)
      else holders.delete(graph)
      retire(graph)
    }
  }

  return {
    get current() {
      return current
    },
    hold,
    replace(text) {
      const done = turn.then(() => replace(text))
      turn = done.catch(() => undefined)
      return done
    },
    async close() {
      await turn
      await Promise.all([...current.rooms.values()].map((room) => room.close?.()))
    },
  }
}

type Rooms = ReadonlyMap<string, Room>

/** Closes the rooms that are not among those that stay. A room ends what it has under way before it goes. */
function letGo(rooms: Rooms, staying: readonly Rooms[]): void {
  const stays = new Set(staying.flatMap((standing) => [...standing.values()]))
  for (const room of rooms.values()) if (!stays.has(room)) void room.close?.()
}
