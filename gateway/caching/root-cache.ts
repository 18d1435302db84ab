import { getOperationAST, parse } from 'graphql'
import type { RoomCall, RoomOperation } from '../execute/room-call.ts'
import type { CallRoom, RoomAnswer } from '../execute/run.ts'
import { fragmentsOf } from '../execute/selection.ts'
import { isTree } from '../execute/tree.ts'
import { doorCallsCached } from '../telemetry.ts'
import { byteSize } from './byte-size.ts'
import type { CachePolicies, CachePolicy } from './cache-policy.ts'
import type { EntityCacheOptions } from './entity-cache.ts'
import { createNumbers } from './numbers.ts'

/** An operation that asks for root fields, all of which may be kept for everybody. */
interface RootQuestion {
  policy: CachePolicy
  /** Equal for equal texts to one room. */
  id: number
}

/** Calls as `call` does, unless it is about root fields all of which may be kept for everybody, and their values are. */
export function cacheRootFields(call: CallRoom, { shelf, policies, changes }: EntityCacheOptions): CallRoom {
  const questionOf = createRootQuestions(policies)

  return (room, request) => {
    if (request.kind === 'mutation' || request.batches.length > 0) return call(room, request)
    const question = questionOf(room, request.operation)
    if (question === null) return call(room, request)
    const subject = `${question.id} ${request.members}`
    const data = shelf.get(subject, request.caller.view)
    if (data === undefined) return callAndKeep(room, request, question.policy, subject)
    doorCallsCached.inc({ room })
    if (request.trace) request.trace.isCached = true
    return Promise.resolve({ data, isShared: true })
  }

  async function callAndKeep(
    room: string,
    request: RoomCall,
    { maxAge: seconds, types }: CachePolicy,
    subject: string,
  ): Promise<RoomAnswer> {
    const asOf = changes.now()
    const answer = await call(room, request)
    const { data, errors } = answer
    if (!isTree(data) || (errors != null && errors.length > 0)) return answer
    const terms = { seconds, bytes: byteSize(data), about: [...types], asOf }
    shelf.put(subject, request.caller.view, data, terms)
    return { ...answer, isShared: true }
  }
}

/** Reads operations of rooms, each once; null where nothing of the answers may be kept. */
function createRootQuestions(
  policies: CachePolicies,
): (room: string, operation: RoomOperation) => RootQuestion | null {
  const known = new WeakMap<RoomOperation, RootQuestion | null>()
  const numberOf = createNumbers()
  return (room, operation) => {
    let question = known.get(operation)
    if (question === undefined) {
      const document = parse(operation.query, { noLocation: true })
      const definition = getOperationAST(document)
      const policy = definition && policies.ofOperation(definition, fragmentsOf(document))
      const isKept = policy && policy.maxAge > 0 && policy.scope === 'PUBLIC'
      question = isKept ? { policy, id: numberOf(`${room}\n${operation.query}`) } : null
      known.set(operation, question)
    }
    return question
  }
}
