import { buildSubgraphSchema } from '@apollo/subgraph'
import { Kind } from 'graphql'
import { readSchema } from '#shared/schema.ts'
import { REPRESENTATIONS } from './arguments.ts'
import { type Ids, requireId } from './cast.ts'
import { findPaths } from './paths.ts'
import { type Question, toQuestions } from './question.ts'

/** What the door may ask a room alone, entities by their keys included, that comes to one of `subjects`. */
export function roomQuestions(room: string, subjects: ReadonlySet<string>): Question[] {
  const schema = buildSubgraphSchema(readSchema(room))
  const root = schema.getQueryType()
  return root
    ? toQuestions(
        findPaths(schema, root, subjects, () => false),
        'query',
      )
    : []
}

/** The variables of a room's question: the entity is named by each of its keys. */
export function variablesFor(
  room: string,
  { idTypes, subject }: Question,
  ids: Ids,
): Record<string, unknown> {
  return Object.fromEntries(
    idTypes.map((type) => [
      type,
      type === REPRESENTATIONS
        ? keysOf(room, subject).map((key) => ({ __typename: subject, [key]: requireId(ids, subject) }))
        : requireId(ids, type),
    ]),
  )
}

function keysOf(room: string, type: string): string[] {
  return readSchema(room).definitions.flatMap((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value !== type) return []
    const keys = (node.directives ?? []).filter(({ name }) => name.value === 'key')
    return keys.flatMap((key) =>
      (key.arguments ?? []).flatMap(({ name, value }) =>
        name.value === 'fields' && value.kind === Kind.STRING ? [value.value] : [],
      ),
    )
  })
}
