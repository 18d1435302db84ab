import { getOperationAST, parse } from 'graphql'
import type { RoomCall, RoomOperation } from '../execute/room-call.ts'
import type { CallRoom, RoomAnswer } from '../execute/run.ts'
import { fragmentsOf } from '../execute/selection.ts'
import { isTree } from '../execute/tree.ts'
import { doorCallsCached } from '../telemetry.ts'
import { byteSize } from './byte-size.ts'
import type { CachePolicies, CachePolicy } from './cache-policy.ts'
import type { EntityCacheOptions } from './entity-cache.ts'

/** Calls as `call` does, unless it is about root fields all of which may be kept for everybody, and their values are. */
export function cacheRootFields(call: CallRoom, { shelf, policies, changes }: EntityCacheOptions): CallRoom {
  const policyOf = createPolicyReader(policies)
  // Of the next supergraph, a room of the same name may be another.
  const graph = nextGraph++

  return (room, request) => {
    if (request.kind === 'mutation' || request.batches.length > 0) return call(room, request)
    const policy = policyOf(request.operation)
    if (policy.maxAge === 0 || policy.scope === 'PRIVATE') return call(room, request)
    const aspect = `${graph} ${room} ${JSON.stringify(request.caller.view)}`
    const data = shelf.get(request.body, aspect)
    if (data === undefined) return callAndKeep(room, request, policy, aspect)
    doorCallsCached.inc({ room })
    if (request.trace) request.trace.isCached = true
    return Promise.resolve({ data, isShared: true })
  }

  async function callAndKeep(
    room: string,
    request: RoomCall,
    { maxAge: seconds, types }: CachePolicy,
    aspect: string,
  ): Promise<RoomAnswer> {
    const asOf = changes.now()
    const answer = await call(room, request)
    const { data, errors } = answer
    if (!isTree(data) || (errors != null && errors.length > 0)) return answer
    shelf.put(request.body, aspect, data, { seconds, bytes: byteSize(data), about: [...types], asOf })
    return { ...answer, isShared: true }
  }
}

let nextGraph = 1

function createPolicyReader(policies: CachePolicies): (operation: RoomOperation) => CachePolicy {
  const known = new WeakMap<RoomOperation, CachePolicy>()
  return (operation) => {
    let policy = known.get(operation)
    if (policy === undefined) {
      const document = parse(operation.query, { noLocation: true })
      const definition = getOperationAST(document)
      if (definition == null) throw new Error(`Nothing is asked: ${operation.query}`)
      policy = policies.ofOperation(definition, fragmentsOf(document))
      known.set(operation, policy)
    }
    return policy
  }
}
