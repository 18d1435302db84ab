import { parse } from 'graphql'
import { anonymous } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import type { Caller } from '../../caller.ts'
import type { Directives } from '../../directives.ts'
import { createExecutor } from '../../execute/executor.ts'
import type { RoomCall } from '../../execute/room-call.ts'
import type { CallRoom } from '../../execute/run.ts'
import { listsGraph } from '../../execute/testing/shop.ts'
import { createStock } from '../../execute/testing/stock.ts'
import { createTrace } from '../../trace.ts'

const graph = listsGraph()
const planner = createStock(graph)

/** Nothing is said of any type or field, but for what is given. */
export function directivesOf(given: Partial<Record<keyof Directives, Record<string, object>>>): Directives {
  return new Proxy({} as Directives, {
    get: (_target, name: keyof Directives) => new Map(Object.entries(given[name] ?? {})),
  })
}

export function callerOf(name: string, country = 'SE'): Caller {
  const identity = { ...anonymous(country), userId: name }
  return { identity, headers: {}, key: name, view: country, rights: null, address: '' }
}

/** Lists of tracks over rooms that answer as the test says, with something between the executor and them. */
export function openShop(
  wrap: (call: CallRoom, graph: ReturnType<typeof listsGraph>) => CallRoom,
  answering: (room: string, call: RoomCall) => RoomResponse | Promise<RoomResponse>,
) {
  const calls: { room: string; variables: Record<string, unknown> | undefined }[] = []
  const call = wrap(async (room, request) => {
    calls.push({ room, variables: request.variables })
    return answering(room, request)
  }, graph)
  const executor = createExecutor(graph, async (room, request) => {
    const answer = await call(room, request)
    // What others have as well is to be left as it is: writing to it throws from here on.
    return answer.isShared ? freeze(answer) : answer
  })
  return {
    calls,
    compile(source: string) {
      const document = parse(source)
      const operation = executor.compile(planner.plan(document), document, undefined)
      return async (caller: Caller, variables: Record<string, unknown> = {}) => {
        const trace = createTrace()
        const { data, errors } = await operation.execute({ variables, caller, trace })
        return { data: data === null ? null : (JSON.parse(data) as unknown), errors, trace }
      }
    },
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const below of Object.values(value)) freeze(below)
  }
  return value
}
