import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'
import { parseFieldSet } from '../../planning/field-set.ts'

/** What subgraphs say of their fields that a world has to be true to. */
export interface Facts {
  /** Leaf fields that are part of a key: they spell their object's number. */
  keys: ReadonlySet<string>
  /** Objects within a key: they have their owner's number. */
  identities: ReadonlySet<string>
  /** By `room Type`: the keys by which the room resolves the type. */
  resolvable: ReadonlyMap<string, readonly SelectionSetNode[]>
  /** By `Type.field`: what the field's value is made of. */
  requires: ReadonlyMap<string, SelectionSetNode>
  /** `room Type.field` that another room has taken over. */
  overridden: ReadonlySet<string>
}

export function factsOf(subgraphs: Readonly<Record<string, DocumentNode>>): Facts {
  const keys = new Set<string>()
  const identities = new Set<string>()
  const resolvable = new Map<string, SelectionSetNode[]>()
  const requires = new Map<string, SelectionSetNode>()
  const overridden = new Set<string>()
  const noteKey = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) continue
      const name = selection.name.value
      if (selection.selectionSet === undefined) keys.add(name)
      else identities.add(name)
      if (selection.selectionSet !== undefined) noteKey(selection.selectionSet)
    }
  }
  for (const [room, document] of Object.entries(subgraphs)) {
    for (const definition of document.definitions) {
      if (!('fields' in definition) || !('directives' in definition)) continue
      const type = definition.name.value
      for (const directive of definition.directives ?? []) {
        if (directive.name.value !== 'key') continue
        const key = parseFieldSet(String(argument(directive, 'fields')))
        noteKey(key)
        if (argument(directive, 'resolvable') === false) continue
        resolvable.set(`${room} ${type}`, [...(resolvable.get(`${room} ${type}`) ?? []), key])
      }
      for (const field of definition.fields ?? []) {
        for (const directive of field.directives ?? []) {
          const coordinate = `${type}.${field.name.value}`
          if (directive.name.value === 'requires') {
            requires.set(coordinate, parseFieldSet(String(argument(directive, 'fields'))))
          }
          if (directive.name.value === 'override') {
            overridden.add(`${String(argument(directive, 'from'))} ${coordinate}`)
          }
        }
      }
    }
  }
  return { keys, identities, resolvable, requires, overridden }
}

function argument(directive: ConstDirectiveNode, name: string): unknown {
  const node = directive.arguments?.find((given) => given.name.value === name)
  return node === undefined ? undefined : valueFromASTUntyped(node.value)
}
