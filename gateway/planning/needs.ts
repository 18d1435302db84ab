import type { ConstDirectiveNode, DocumentNode, SelectionSetNode } from 'graphql'
import { fieldNames, parseFieldSet } from './field-set.ts'
import { argumentOf, definitionsByName, roomNames } from './supergraph-definitions.ts'

/** What rooms want to be told of an object before they answer. */
export interface Needs {
  /** What the field's `@requires` names; undefined where it has none. */
  ofField(room: string, type: string, field: string): SelectionSetNode | undefined
  /** The keys by which a room resolves objects of the type, also where it knows them as their interface only. */
  keys(room: string, type: string): readonly SelectionSetNode[]
  /** Every field that a key or a `@requires` names: plans ask for these on their own account. */
  names: ReadonlySet<string>
  /** Whether objects of a type are of the other one too. */
  isOfType(type: string | undefined, other: string | undefined): boolean
  /** Whether a room knows an interface as an object. */
  isTypeBlind: boolean
}

export function readNeeds(supergraph: DocumentNode): Needs {
  const rooms = roomNames(supergraph)
  const types = definitionsByName(supergraph)
  const required = new Map<string, SelectionSetNode>()
  const keys = new Map<string, SelectionSetNode[]>()
  const names = new Set<string>()
  let isTypeBlind = false

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
      isTypeBlind ||= argumentOf(directive, 'isInterfaceObject') === true
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
  const familyOf = (type: string): string[] => [
    type,
    ...(types.get(type)?.interfaces ?? []).map(({ name }) => name.value),
  ]
  return {
    ofField: (room, type, field) => required.get(`${room} ${type}.${field}`),
    keys: (room, type) => familyOf(type).flatMap((name) => keys.get(`${room} ${name}`) ?? []),
    names,
    isOfType: (type = '', other = '') => familyOf(type).includes(other),
    isTypeBlind,
  }
}
