import type { Caller } from '../caller.ts'
import type { CallRoom } from '../execute/run.ts'
import type { Tree } from '../execute/tree.ts'
import type { CallsGraph } from '../supergraph.ts'
import { doorCacheBytes } from '../telemetry.ts'
import { type Answers, callerName, createAnswers, type Outcome } from './answers.ts'
import { createCachePolicies } from './cache-policy.ts'
import { createChanges } from './changes.ts'
import { cacheEntities, entityName } from './entity-cache.ts'
import { cacheRootFields } from './root-cache.ts'
import { shareCalls } from './shared-calls.ts'
import { createShelf, type Shelf } from './shelf.ts'

export interface CachingOptions {
  /** What identical queries share while they are under way: nothing, their calls of rooms, or whole answers and the calls. */
  share: 'nothing' | 'calls' | 'answers'
  /** Memory for entities and root fields that the supergraph says may be kept, in bytes; 0 keeps none. */
  entityBytes: number
  /** Memory for whole answers that it says may be kept, in bytes; 0 keeps none. */
  answerBytes: number
}

/** What is right for any rooms: no room can tell those apart whose calls are shared, and nothing is older than a request. */
export const DEFAULT_CACHING: CachingOptions = { share: 'calls', entityBytes: 0, answerBytes: 0 }

/** What is told when something changes, so that it is not kept any longer. */
export interface Evictions {
  /** The entity of this type with this key has changed. */
  evict(typename: string, key: string): void
  /** Anything may have changed. */
  evictAll(): void
}

/** What the door does not do twice. One for all the supergraphs it comes to serve. */
export interface Caching<Answer> extends Evictions {
  /** Calls rooms as `call` does where the answer is not at hand. */
  wrap(call: CallRoom, graph: CallsGraph): CallRoom
  /** Whether anything is kept that has to be let go of. */
  readonly isKeeping: boolean
  readonly answers: Answers<Answer>
  /** A caller's mutation has ended: whoever asks from now on is answered from now on. */
  seal(caller: Caller): void
}

export function createCaching<Answer extends Outcome>(options: CachingOptions): Caching<Answer> {
  const changes = createChanges()
  const shelf = <Value extends object>(cache: string, limit: number): Shelf<Value> | null =>
    limit === 0 ? null : createShelf(limit, changes, (bytes) => doorCacheBytes.set({ cache }, bytes))
  const entities = shelf<Tree>('entities', options.entityBytes)
  const era = { now: 0 }
  const answers = createAnswers<Answer>({
    era,
    isShared: options.share === 'answers',
    shelf: shelf('answers', options.answerBytes),
    changes,
  })

  return {
    wrap(call, { supergraphSchema, directives }) {
      const shared = options.share === 'nothing' ? call : shareCalls(call, era)
      if (entities === null) return shared
      const policies = createCachePolicies(supergraphSchema, directives)
      const kept = { shelf: entities, policies, changes }
      return cacheRootFields(cacheEntities(shared, kept), kept)
    },
    isKeeping: options.entityBytes > 0 || options.answerBytes > 0,
    answers,
    seal(caller) {
      era.now++
      changes.note(callerName(caller))
    },
    evict(typename, key) {
      era.now++
      changes.note(entityName(typename, key))
      changes.note(typename)
    },
    evictAll() {
      era.now++
      changes.noteAll()
    },
  }
}
