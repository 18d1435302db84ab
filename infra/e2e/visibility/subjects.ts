import { type DocumentNode, Kind } from 'graphql'
import { readSchema } from '#shared/schema.ts'
import { ROOMS } from '../../../schema/supergraph.ts'

/**
 * The types that tell of a playlist: those of the playlists room that no other room has something to say of. A type that the room gets
 * later is among them.
 */
export function findSubjects(): ReadonlySet<string> {
  const others = new Set(
    ROOMS.filter((room) => room !== 'playlists').flatMap((room) => objectNames(readSchema(room), false)),
  )
  return new Set(objectNames(readSchema('playlists'), true).filter((name) => !others.has(name)))
}

/** Without the roots; `withStubs` also those that a room only knows the key of. */
function objectNames(document: DocumentNode, withStubs: boolean): string[] {
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return []
    const isStub = node.directives?.some(({ arguments: given }) =>
      given?.some(
        ({ name, value }) => name.value === 'resolvable' && 'value' in value && value.value === false,
      ),
    )
    const isRoot = ['Query', 'Mutation', 'Subscription'].includes(node.name.value)
    return isRoot || (isStub && !withStubs) ? [] : [node.name.value]
  })
}
