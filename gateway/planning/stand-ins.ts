import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  type NameNode,
  print,
  type SelectionSetNode,
} from 'graphql'
import { parseFieldSet, printFieldSet } from './field-set.ts'
import {
  argumentOf,
  definitionsByName,
  type FieldsDefinition,
  fieldOf,
  isFieldsDefinition,
  nameOfType,
} from './supergraph-definitions.ts'
import { withoutUnusedExternals } from './unused-externals.ts'
import { unusedName } from './unused-name.ts'

/** A field with the arguments it is asked with, under a name of its own. */
export interface StandIn {
  field: string
  arguments: readonly ArgumentNode[]
}

export type StandIns = ReadonlyMap<string, StandIn>

/**
 * Gives every field with arguments that a `@requires` names a field of its own, without arguments, in the rooms of the original.
 * Apollo's planner tells fields apart by the name they are answered under: `price(currency: "EUR")` of one `@requires` would take
 * the place of `price(currency: "USD")` of another, or of the client's.
 */
export function withStandIns(supergraph: DocumentNode): { supergraph: DocumentNode; standIns: StandIns } {
  const types = definitionsByName(supergraph)
  const taken = new Set(
    [...types.values()].flatMap(({ fields = [] }) => fields.map(({ name }) => name.value)),
  )
  const standIns = new Map<string, StandIn>()
  const nameOf = new Map<string, string>()
  /** For each type, the stand-ins it needs and what they stand for. */
  const needed = new Map<string, Map<string, string>>()

  const replaced = mapFields(supergraph, (type, field) => ({
    ...field,
    directives: (field.directives ?? []).map((directive) => replaceIn(directive, type.name.value)),
  }))
  if (standIns.size === 0) return { supergraph, standIns }
  return { supergraph: withoutUnusedExternals(addFields(replaced, needed)), standIns }

  function replaceIn(directive: ConstDirectiveNode, type: string): ConstDirectiveNode {
    const requires = argumentOf(directive, 'requires')
    if (typeof requires !== 'string') return directive
    const value = { kind: Kind.STRING as const, value: printFieldSet(replace(parseFieldSet(requires), type)) }
    return {
      ...directive,
      arguments:
        directive.arguments?.map((node) => (node.name.value === 'requires' ? { ...node, value } : node)) ??
        [],
    }
  }

  function replace(fields: SelectionSetNode, type: string): SelectionSetNode {
    const selections = fields.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const inside = selection.typeCondition?.name.value ?? type
        return { ...selection, selectionSet: replace(selection.selectionSet, inside) }
      }
      return replaceField(selection, type)
    })
    return { ...fields, selections }
  }

  function replaceField(node: FieldNode, type: string): FieldNode {
    const definition = fieldOf(types.get(type), node.name.value)
    if (definition === undefined) return node
    const { arguments: _, selectionSet, ...rest } = node
    const below = selectionSet && { selectionSet: replace(selectionSet, nameOfType(definition.type)) }
    if (definition.arguments === undefined || definition.arguments.length === 0) return { ...rest, ...below }
    return { ...rest, ...below, name: named(standInFor(node, type)) }
  }

  function standInFor(node: FieldNode, type: string): string {
    const { name, arguments: given = [] } = node
    const question = `${name.value}(${given.map(print).sort().join()})`
    let standIn = nameOf.get(question)
    if (standIn === undefined) {
      standIn = unusedName(`${name.value}__`, taken)
      nameOf.set(question, standIn)
      standIns.set(standIn, { field: name.value, arguments: given })
    }
    const here = needed.get(type) ?? new Map<string, string>()
    needed.set(type, here.set(standIn, name.value))
    return standIn
  }
}

/** Adds the stand-ins to their types, and to all types of an interface that has them. */
function addFields(
  supergraph: DocumentNode,
  needed: ReadonlyMap<string, ReadonlyMap<string, string>>,
): DocumentNode {
  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) => {
      if (!isFieldsDefinition(definition)) return definition
      const family = [definition.name, ...(definition.interfaces ?? []).map(({ name }) => name)]
      const added = new Map(family.flatMap(({ value }) => [...(needed.get(value) ?? [])]))
      const fields = [...added].flatMap(([standIn, name]) => {
        const field = fieldOf(definition, name)
        return field === undefined ? [] : [copyOf(field, standIn)]
      })
      return { ...definition, fields: [...(definition.fields ?? []), ...fields] }
    }),
  }
}

/** The same field of the same rooms under another name, without arguments. */
function copyOf({ kind, type, directives = [] }: FieldDefinitionNode, name: string): FieldDefinitionNode {
  const joins = directives.filter((directive) => directive.name.value.startsWith('join__'))
  return { kind, type, name: named(name), directives: joins }
}

function mapFields(
  supergraph: DocumentNode,
  change: (type: FieldsDefinition, field: FieldDefinitionNode) => FieldDefinitionNode,
): DocumentNode {
  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) =>
      isFieldsDefinition(definition)
        ? { ...definition, fields: (definition.fields ?? []).map((field) => change(definition, field)) }
        : definition,
    ),
  }
}

function named(value: string): NameNode {
  return { kind: Kind.NAME, value }
}
