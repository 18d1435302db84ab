import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Room } from '#shared/room.ts'
import { createBudget } from './budget.ts'
import type { Directives } from './directives.ts'
import type { CallRoom } from './execute/run.ts'
import { createOperations, type Operations } from './operations.ts'
import { loadSupergraph, roomsOf } from './supergraph.ts'

/** One supergraph as it is served: replaced as a whole when another one comes. */
export interface Graph {
  readonly apiSchema: GraphQLSchema
  readonly directives: Directives
  readonly operations: Operations
  readonly rooms: ReadonlyMap<string, Room>
  readonly spend: ReturnType<typeof createBudget>
}

/** The supergraph that is served now. */
export interface Graphs {
  readonly current: Graph
  /**
   * Serves another supergraph from now on, once the operations that clients are known to send are planned for it. Requests and
   * subscriptions that are under way end on the one they began with. Rejects, and changes nothing, where it cannot be loaded.
   */
  replace(sdl: string): Promise<void>
  close(): Promise<void>
}

export interface GraphsOptions {
  /** A room by its name and the address that the supergraph has for it; undefined when it is not there. */
  openRoom(name: string, url: string): Room | undefined
  createCall(rooms: ReadonlyMap<string, Room>): CallRoom
  isProduction: boolean
  logger: Logger
}

export async function createGraphs(sdl: string, options: GraphsOptions): Promise<Graphs> {
  let addresses = new Map<string, string>()
  let current = await load(sdl, new Map())

  async function load(text: string, standing: ReadonlyMap<string, Room>): Promise<Graph> {
    const wanted = roomsOf(text)
    const rooms = new Map<string, Room>()
    for (const [name, url] of wanted) {
      const known = addresses.get(name) === url ? standing.get(name) : undefined
      const room = known ?? options.openRoom(name, url)
      if (room !== undefined) rooms.set(name, room)
    }
    const supergraph = await loadSupergraph(text, options.createCall(rooms), options.logger)
    addresses = wanted
    const { apiSchema, directives } = supergraph
    const operations = createOperations(supergraph, options.isProduction)
    return { apiSchema, directives, rooms, operations, spend: createBudget(apiSchema) }
  }

  return {
    get current() {
      return current
    },
    async replace(text) {
      const [before, next] = [current, await load(text, current.rooms)]
      await warmUp(next.operations, before.operations.known())
      current = next
      const kept = new Set(next.rooms.values())
      for (const room of before.rooms.values()) if (!kept.has(room)) void room.close?.()
    },
    async close() {
      await Promise.all([...current.rooms.values()].map((room) => room.close?.()))
    },
  }
}

/** Plans what is known to be asked for, one operation at a time: requests get their turn in between. */
export async function warmUp(
  operations: Operations,
  known: readonly { source: string; operationName: string | undefined }[],
): Promise<void> {
  for (const { source, operationName } of known) {
    await new Promise((resolve) => setImmediate(resolve))
    try {
      operations.ready(source, operationName)
    } catch {
      // It does not fit this supergraph: whoever sends it again will be told.
    }
  }
}
