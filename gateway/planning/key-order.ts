import type { DocumentNode } from 'graphql'
import { argumentOf, isFieldsDefinition } from './supergraph-definitions.ts'

/**
 * Puts the keys that rooms resolve before those they only have. To return to a room with what a `@requires` needs, Apollo's planner
 * takes the room's first key, and does not look whether that one leads anywhere.
 */
export function withResolvableKeysFirst(supergraph: DocumentNode): DocumentNode {
  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) => {
      if (!isFieldsDefinition(definition)) return definition
      const { directives = [] } = definition
      const barren = directives.filter((directive) => argumentOf(directive, 'resolvable') === false)
      return barren.length === 0
        ? definition
        : { ...definition, directives: [...directives.filter((node) => !barren.includes(node)), ...barren] }
    }),
  }
}
