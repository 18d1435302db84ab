import { type DocumentNode, parse } from 'graphql'
import type { RoomResponse } from '#shared/room.ts'
import type { Caller } from '../../caller.ts'
import { type Answer, createExecutor, type PreparedOperation } from '../executor.ts'
import type { RoomCall } from '../room-call.ts'
import { composeGraph, type Graph } from './graphs.ts'
import { planOf } from './planner.ts'

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible"])`

/** Lists of tracks that somebody added: three rooms, as small as they can be. */
export const LISTS: Record<string, DocumentNode> = {
  lists: parse(`${LINK}
    type Query { list: List lists: [List!]! }
    type Mutation { touch: List }
    type Subscription { listChanged(id: ID): List! }
    type List { name: String! items: [Item] grid: [[Track]] owner: User }
    type Item { position: Int! track: Track addedBy: User! }
    type Track @key(fields: "id") { id: ID! }
    type User @key(fields: "id") { id: ID! }`),
  catalog: parse(`${LINK}
    type Query { track(id: ID!): Track any: Thing mood: Mood moods: [Mood!] stamp: Stamp size: Int ratio: Float flag: Boolean }
    union Thing = Track | Album | Secret
    type Secret @inaccessible { x: Int }
    enum Mood { CALM LOUD HIDDEN @inaccessible }
    scalar Stamp
    type Track @key(fields: "id") { id: ID! title: String! album: Album plays(first: Int): Int lengthMs: Int! }
    type Album @key(fields: "id") { id: ID! title: String! name(upper: Boolean): String }`),
  users: parse(`${LINK}
    type Query { me: User }
    type User @key(fields: "id") { id: ID! name: String! image(width: Int): String favourite: Album }
    type Album @key(fields: "id") { id: ID! fans: Int }`),
}

let lists: Graph | undefined

export function listsGraph(): Graph {
  lists ??= composeGraph(LISTS)
  return lists
}

/** What a room answers to a call. */
export type Answering = (room: string, call: RoomCall) => RoomResponse | Promise<RoomResponse>

export interface Prepared {
  operation: PreparedOperation
  calls: (RoomCall & { room: string })[]
  run(variables?: Record<string, unknown>): Promise<{ data: unknown; errors: Answer['errors'] }>
}

/** Plans and compiles the operation over rooms that answer as the test says. */
export function prepare(source: string, answering: Answering, graph: Graph = listsGraph()): Prepared {
  const document = parse(source)
  const calls: Prepared['calls'] = []
  const executor = createExecutor(graph, async (room, call) => {
    calls.push(Object.assign(call, { room }))
    return answering(room, call)
  })
  const operation = executor.compile(planOf(graph)(document, undefined), document, undefined)
  return {
    operation,
    calls,
    async run(variables = {}) {
      const { data, errors } = await operation.execute({ variables, caller: {} as Caller })
      return { data: data === null ? null : JSON.parse(data), errors }
    },
  }
}

/** Answers `_entities`, under whatever names, one by one from the representation. */
export function entities(
  call: RoomCall,
  answer: (representation: Record<string, unknown>) => unknown,
): RoomResponse {
  const fields = [
    ...call.query.matchAll(/(_entities\w*)(?:\s*:\s*_entities)?\s*\(\s*representations\s*:\s*\$(\w+)/g),
  ]
  return {
    data: Object.fromEntries(
      fields.map(([, field = '', variable = '']) => {
        const representations = (call.variables?.[variable] ?? []) as Record<string, unknown>[]
        return [field, representations.map(answer)]
      }),
    ),
  }
}
