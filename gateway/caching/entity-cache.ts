import { pathOf } from '../execute/fault.ts'
import { type Batch, RoomCall } from '../execute/room-call.ts'
import type { CallRoom, RoomAnswer } from '../execute/run.ts'
import { isTree, type Tree } from '../execute/tree.ts'
import { unreadable } from '../rooms/faults.ts'
import { doorCallsCached, doorEntities } from '../telemetry.ts'
import { byteSize } from './byte-size.ts'
import type { CachePolicies } from './cache-policy.ts'
import type { Changes } from './changes.ts'
import { createEntityQuestions, type EntityQuestion, type EntityQuestions } from './entity-questions.ts'
import type { Shelf } from './shelf.ts'

/** One batch of a call: what is known of it, and the places of what is not. */
interface Search {
  batch: Batch
  question: EntityQuestion | undefined
  aspect: string
  found: readonly (Tree | undefined)[]
  missing: readonly number[]
}

export interface EntityCacheOptions {
  /** Entities by what identifies them, each in the forms in which it was asked for. */
  shelf: Shelf<Tree>
  policies: CachePolicies
  changes: Changes
}

/**
 * Calls as `call` does, but only for entities that are not kept. Kept is what is public and has a time to live in all that is
 * selected of it; never what is missing, nor anything of an answer with errors.
 */
export function cacheEntities(call: CallRoom, { shelf, policies, changes }: EntityCacheOptions): CallRoom {
  const questionsOf = createEntityQuestions(policies)

  return (room, request) => {
    // A mutation reads what it has written.
    const isReadable = request.batches.length > 0 && request.kind !== 'mutation'
    const questions = isReadable ? questionsOf(room, request.operation) : null
    return questions === null ? call(room, request) : callForRest(room, request, questions)
  }

  async function callForRest(
    room: string,
    request: RoomCall,
    questions: NonNullable<EntityQuestions>,
  ): Promise<RoomAnswer> {
    const searches = request.batches.map((batch) => search(batch, questions, request))
    note(room, searches, request)
    if (searches.every(({ missing }) => missing.length === 0)) {
      doorCallsCached.inc({ room })
      if (request.trace) request.trace.isCached = true
      return { data: withFound(room, searches, {}), isShared: true }
    }
    const asOf = changes.now()
    const { data, errors } = await call(room, withoutFound(request, searches))
    if (!isTree(data)) return { data, errors: moved(errors, searches) }
    const all = withFound(room, searches, data)
    if (errors == null || errors.length === 0) for (const each of searches) keep(each, all, asOf)
    return { data: all, errors: moved(errors, searches), isShared: true }
  }

  function search(batch: Batch, questions: NonNullable<EntityQuestions>, request: RoomCall): Search {
    const question = questions.get(batch.field)
    const { representations } = batch
    const aspect = question ? `${question.id} ${JSON.stringify(request.caller.view)} ${request.members}` : ''
    const found = representations.map((text) => (question ? shelf.get(text, aspect) : undefined))
    const missing = found.flatMap((entity, index) => (entity === undefined ? [index] : []))
    return { batch, question, aspect, found, missing }
  }

  function keep({ batch, question, aspect, found, missing }: Search, data: Tree, asOf: number): void {
    const entities = data[batch.field]
    if (question === undefined || !Array.isArray(entities) || entities.length !== found.length) return
    const { maxAge: seconds, types } = question.policy
    for (const index of missing) {
      const [text, entity] = [batch.representations[index], entities[index] as unknown]
      if (text === undefined || !isTree(entity)) continue
      const terms = {
        seconds,
        bytes: byteSize(entity),
        about: [...namesOf(text), ...nameOf(entity), ...types],
        asOf,
      }
      shelf.put(text, aspect, entity, terms)
    }
  }
}

function note(room: string, searches: readonly Search[], { trace }: RoomCall): void {
  for (const { question, found, missing } of searches) {
    if (question === undefined) continue
    const hits = found.length - missing.length
    if (hits > 0) doorEntities.inc({ room, outcome: 'cached' }, hits)
    if (missing.length > 0) doorEntities.inc({ room, outcome: 'asked' }, missing.length)
    if (trace) trace.cached += hits
  }
}

/** The same call without the entities that are known. */
function withoutFound(request: RoomCall, searches: readonly Search[]): RoomCall {
  if (searches.every(({ found, missing }) => found.length === missing.length)) return request
  const batches = searches.map(({ batch, missing }) => ({
    ...batch,
    representations: missing.map((index) => batch.representations[index] ?? ''),
  }))
  return new RoomCall(request.operation, request.members, batches, request)
}

/** An answer to the whole call: what was found, and in between what the room has answered to the rest. */
function withFound(room: string, searches: readonly Search[], data: Tree): Tree {
  const all = { ...data }
  for (const { batch, found, missing } of searches) {
    if (found.length === missing.length) continue
    const answered = data[batch.field] ?? []
    if (!Array.isArray(answered) || answered.length !== missing.length) {
      throw unreadable(room, new Error(`${missing.length} entities were asked for`))
    }
    const entities: unknown[] = [...found]
    for (const [rank, index] of missing.entries()) entities[index] = answered[rank]
    all[batch.field] = entities
  }
  return all
}

/** Errors at the places that their entities have in the whole call. */
function moved(errors: RoomAnswer['errors'], searches: readonly Search[]): RoomAnswer['errors'] {
  if (!Array.isArray(errors)) return errors
  return errors.map((error) => {
    const [field, rank, ...rest] = pathOf(error) ?? []
    const missing = searches.find(({ batch }) => batch.field === field)?.missing
    const index = typeof rank === 'number' ? missing?.[rank] : undefined
    return index === undefined || field === undefined ? error : { ...error, path: [field, index, ...rest] }
  })
}

/** An entity is whatever one of its identifying fields says it is. */
function namesOf(representation: string): string[] {
  const { __typename, ...fields } = JSON.parse(representation) as Record<string, unknown>
  const values = Object.values(fields).filter((value) => typeof value !== 'object')
  return values.map((value) => entityName(String(__typename), String(value)))
}

/** And what the room says it is, where it does: it may have been asked for by another key, or as one of its interfaces. */
function nameOf({ __typename, id }: Tree): string[] {
  return typeof __typename === 'string' && typeof id === 'string' ? [entityName(__typename, id)] : []
}

/** Under which name a change of one entity is known. */
export function entityName(typename: string, key: string): string {
  return `${typename} ${key}`
}
