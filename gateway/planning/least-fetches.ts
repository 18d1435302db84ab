import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../execute/selection.ts'
import { argumentOf, definitionsByName } from './supergraph-definitions.ts'

/** The least number of requests to rooms that an operation can take, whoever plans it. */
export type LeastFetches = (document: DocumentNode, operationName: string | undefined) => number

/** Rooms by their values in `join__Graph`; null where it cannot be told which. */
type Rooms = ReadonlySet<unknown> | null

/**
 * Counts the places of an answer at which something is selected that no room has which the object there can come from: each
 * takes a request of its own at least. It says in a moment of a document what planning it would say after a hundred.
 *
 * @param supergraph with its `join__` directives
 * @param schema what clients see of it
 */
export function createLeastFetches(supergraph: DocumentNode, schema: GraphQLSchema): LeastFetches {
  const rooms = readRooms(supergraph)
  const roomsOf = (type: string, field: string): Rooms => rooms.get(`${type}.${field}`) ?? null

  return (document, operationName) => {
    const operation = getOperationAST(document, operationName)
    const fragments = fragmentsOf(document)
    if (!operation) return 0
    const root = schema.getRootType(operation.operation)
    return root == null
      ? 0
      : 1 + countBelow([{ set: operation.selectionSet, type: root, given: NOTHING }], null)

    /** `from` are the rooms that the objects at this place can come from. */
    function countBelow(selected: readonly Selected[], from: Rooms): number {
      const places = new Map<string, Place>()
      let isElsewhere = false
      for (const { node, parent, given } of selected.flatMap(({ set, type, given }) =>
        fieldsOf(set, type, objectsOf(type), given),
      )) {
        const field = isUnionType(parent) ? undefined : parent.getFields()[node.name.value]
        if (field === undefined) continue
        // Which implementation has it, and where from, is known only of objects.
        const having = isObjectType(parent) ? roomsOf(parent.name, field.name) : null
        isElsewhere ||= having !== null && from !== null && !meets(having, from)
        const type = getNamedType(field.type)
        if (!node.selectionSet || !isCompositeType(type)) continue
        const name = (node.alias ?? node.name).value
        const place = places.get(name) ?? { selected: [], from: new Set() }
        place.selected.push({ set: node.selectionSet, type, given })
        place.from = having === null || place.from === null ? null : new Set([...place.from, ...having])
        places.set(name, place)
      }
      let count = isElsewhere ? 1 : 0
      for (const place of places.values()) count += countBelow(place.selected, place.from)
      return count
    }

    function fieldsOf(
      { selections }: SelectionSetNode,
      parent: GraphQLCompositeType,
      objects: readonly GraphQLObjectType[],
      above: Given,
    ): { node: FieldNode; parent: GraphQLCompositeType; given: Given }[] {
      return selections.flatMap((selection) => {
        const given = narrow(above, selection.directives)
        if (given === null) return []
        if (selection.kind === Kind.FIELD) return [{ node: selection, parent, given }]
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
        const condition = schema.getType(fragment?.typeCondition?.name.value ?? parent.name)
        if (fragment === undefined || !isCompositeType(condition)) return []
        const meant = objectsOf(condition).filter((object) => objects.includes(object))
        return meant.length === 0 ? [] : fieldsOf(fragment.selectionSet, condition, meant, given)
      })
    }
  }

  function objectsOf(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isObjectType(type) ? [type] : schema.getPossibleTypes(type)
  }
}

interface Selected {
  set: SelectionSetNode
  type: GraphQLCompositeType
  given: Given
}

/** What variables have to be for something to be part of the answer. */
type Given = ReadonlyMap<string, boolean>

const NOTHING: Given = new Map()

/** What an answer has under one name, with all that is selected of it. */
interface Place {
  selected: Selected[]
  from: Rooms
}

/** The rooms that can have a field, by coordinate: also those that have it only at some places (`@provides`). */
function readRooms(supergraph: DocumentNode): Map<string, Rooms> {
  const rooms = new Map<string, Rooms>()
  for (const [type, { directives = [], fields = [] }] of definitionsByName(supergraph)) {
    const graphsIn = (nodes: typeof directives, name: string): unknown[] =>
      nodes.filter((node) => node.name.value === name).map((node) => argumentOf(node, 'graph'))
    const all = new Set(graphsIn(directives, 'join__type'))
    for (const field of fields) {
      const said = graphsIn(field.directives ?? [], 'join__field')
      // An interface that some room knows as an object has its fields from there, for all its implementations.
      const isOpen = said.includes(undefined)
      rooms.set(`${type}.${field.name.value}`, isOpen ? null : said.length === 0 ? all : new Set(said))
    }
  }
  return rooms
}

/** What also has to be for a selection with these directives; null where it is part of no answer, whatever the variables are. */
function narrow(above: Given, directives: readonly DirectiveNode[] = []): Given | null {
  let given = above
  for (const { name, arguments: [condition] = [] } of directives) {
    const isWanted = name.value === 'include'
    if (condition === undefined || !(isWanted || name.value === 'skip')) continue
    const { value } = condition
    if (value.kind === Kind.BOOLEAN && value.value !== isWanted) return null
    if (value.kind !== Kind.VARIABLE) continue
    if ((given.get(value.name.value) ?? isWanted) !== isWanted) return null
    given = new Map([...given, [value.name.value, isWanted]])
  }
  return given
}

function meets(some: ReadonlySet<unknown>, others: ReadonlySet<unknown>): boolean {
  for (const room of some) if (others.has(room)) return true
  return false
}
