import { type ConstDirectiveNode, type DocumentNode, Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from './field-set.ts'
import { argumentOf, definitionsByName, roomNames } from './supergraph-definitions.ts'

/** What rooms want to be told of an object before they answer. */
export interface Needs {
  /** What the field's `@requires` names; undefined where it has none. */
  ofField(room: string, type: string, field: string): SelectionSetNode | undefined
  /** The keys by which a room resolves objects of the type, also where it knows them as their interface only. */
  keys(room: string, type: string): readonly SelectionSetNode[]
  /** Every field that a key or a `@requires` names: plans ask for these on their own account. */
  names: ReadonlySet<string>
}

export function readNeeds(supergraph: DocumentNode): Needs {
  const rooms = roomNames(supergraph)
  const types = definitionsByName(supergraph)
  const required = new Map<string, SelectionSetNode>()
  const keys = new Map<string, SelectionSetNode[]>()
  const names = new Set<string>()

  const roomOf = (directive: ConstDirectiveNode): string =>
    rooms.get(String(argumentOf(directive, 'graph'))) ?? ''
  const read = (directive: ConstDirectiveNode, argument: string): SelectionSetNode | undefined => {
    const text = argumentOf(directive, argument)
    if (typeof text !== 'string') return undefined
    const fields = parseFieldSet(text)
    for (const name of fieldNames(fields)) names.add(name)
    return fields
  }
  for (const [type, { directives = [], fields = [] }] of types) {
    for (const directive of directives) {
      const key = read(directive, 'key')
      if (key === undefined || argumentOf(directive, 'resolvable') === false) continue
      const coordinate = `${roomOf(directive)} ${type}`
      keys.set(coordinate, [...(keys.get(coordinate) ?? []), key])
    }
    for (const field of fields) {
      for (const directive of field.directives ?? []) {
        const requires = read(directive, 'requires')
        if (requires === undefined) continue
        required.set(`${roomOf(directive)} ${type}.${field.name.value}`, requires)
      }
    }
  }
  return {
    ofField: (room, type, field) => required.get(`${room} ${type}.${field}`),
    keys: (room, type) => {
      const family = [type, ...(types.get(type)?.interfaces ?? []).map(({ name }) => name.value)]
      return family.flatMap((name) => keys.get(`${room} ${name}`) ?? [])
    },
    names,
  }
}

function fieldNames({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    const below =
      'selectionSet' in selection && selection.selectionSet ? fieldNames(selection.selectionSet) : []
    return selection.kind === Kind.FIELD ? [selection.name.value, ...below] : below
  })
}
