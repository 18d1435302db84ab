import { getOperationAST, Kind, parse, print } from 'graphql'
import type { RoomOperation } from '../execute/room-call.ts'
import { fragmentsOf } from '../execute/selection.ts'
import type { CachePolicies, CachePolicy } from './cache-policy.ts'
import { createNumbers } from './numbers.ts'

/** What an operation asks of entities under one name, where the answers may be kept for everybody. */
export interface EntityQuestion {
  policy: CachePolicy
  /** The selection: equal for equal questions to one room, whatever operations they stand in. */
  id: number
}

/** An operation's questions by response name; null where nothing of its answers may be kept. */
export type EntityQuestions = ReadonlyMap<string, EntityQuestion> | null

/** Reads operations of rooms, each once. */
export function createEntityQuestions(
  policies: CachePolicies,
): (room: string, operation: RoomOperation) => EntityQuestions {
  const known = new WeakMap<RoomOperation, EntityQuestions>()
  const numberOf = createNumbers()

  const read = (room: string, { query }: RoomOperation): EntityQuestions => {
    const document = parse(query, { noLocation: true })
    const fragments = fragmentsOf(document)
    const fragmentTexts = [...fragments.values()].map(print).join('\n')
    const questions = new Map<string, EntityQuestion>()
    for (const field of getOperationAST(document)?.selectionSet.selections ?? []) {
      if (field.kind !== Kind.FIELD || field.selectionSet === undefined) continue
      const { alias, name, selectionSet } = field
      const policy = policies.ofEntities(selectionSet, fragments)
      if (policy.maxAge === 0 || policy.scope === 'PRIVATE') continue
      const id = numberOf(`${room}\n${print(selectionSet)}\n${fragmentTexts}`)
      questions.set((alias ?? name).value, { policy, id })
    }
    return questions.size === 0 ? null : questions
  }

  return (room, operation) => {
    let questions = known.get(operation)
    if (questions === undefined) {
      questions = read(room, operation)
      known.set(operation, questions)
    }
    return questions
  }
}
