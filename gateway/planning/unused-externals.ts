import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from './field-set.ts'
import {
  argumentOf,
  definitionsByName,
  type FieldsDefinition,
  fieldOf,
  isFieldsDefinition,
  nameOfType,
} from './supergraph-definitions.ts'

/** Takes fields from rooms that have them for others' sake only (`@external`) and name them nowhere: Apollo refuses such rooms. */
export function withoutUnusedExternals(supergraph: DocumentNode): DocumentNode {
  const types = definitionsByName(supergraph)
  const used = usedFields(types)
  const isUnused = (type: FieldsDefinition, field: string, graph: string): boolean =>
    !used.has(`${graph} ${type.name.value}.${field}`) && !isOfInterface(type, field, graph)
  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) => {
      if (!isFieldsDefinition(definition)) return definition
      const fields = (definition.fields ?? []).map((field) => ({
        ...field,
        directives: (field.directives ?? []).filter(
          (directive) =>
            argumentOf(directive, 'external') !== true ||
            !isUnused(definition, field.name.value, String(argumentOf(directive, 'graph'))),
        ),
      }))
      return { ...definition, fields }
    }),
  }

  /** Whether an interface of the type has the field in this room, so that the type has to have it there. */
  function isOfInterface({ directives = [] }: FieldsDefinition, field: string, graph: string): boolean {
    return directives.some((directive) => {
      if (directive.name.value !== 'join__implements' || argumentOf(directive, 'graph') !== graph)
        return false
      const declared = fieldOf(types.get(String(argumentOf(directive, 'interface'))), field)
      if (declared === undefined) return false
      const graphs = (declared.directives ?? []).filter(({ name }) => name.value === 'join__field')
      return graphs.length === 0 || graphs.some((join) => argumentOf(join, 'graph') === graph)
    })
  }
}

/** Every field that a room's `@key`, `@requires` or `@provides` names: `GRAPH Type.field`. */
function usedFields(types: ReadonlyMap<string, FieldsDefinition>): Set<string> {
  const used = new Set<string>()
  const note = (text: unknown, type: string, graph: unknown): void => {
    if (typeof text === 'string') walk(parseFieldSet(text), type, String(graph))
  }
  const walk = ({ selections }: SelectionSetNode, type: string, graph: string): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, selection.typeCondition?.name.value ?? type, graph)
        continue
      }
      const name = selection.name.value
      for (const owner of [type, ...implementersOf(type, types)]) used.add(`${graph} ${owner}.${name}`)
      const field = fieldOf(types.get(type), name)
      if (selection.selectionSet && field) walk(selection.selectionSet, nameOfType(field.type), graph)
    }
  }
  for (const [type, { directives = [], fields = [] }] of types) {
    for (const directive of directives) {
      note(argumentOf(directive, 'key'), type, argumentOf(directive, 'graph'))
    }
    for (const field of fields) {
      for (const directive of field.directives ?? []) {
        const graph = argumentOf(directive, 'graph')
        note(argumentOf(directive, 'requires'), type, graph)
        note(argumentOf(directive, 'provides'), nameOfType(field.type), graph)
      }
    }
  }
  return used
}

function implementersOf(name: string, types: ReadonlyMap<string, FieldsDefinition>): string[] {
  return [...types.values()]
    .filter(({ interfaces = [] }) => interfaces.some((implemented) => implemented.name.value === name))
    .map((type) => type.name.value)
}
