import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Fragments } from '../execute/selection.ts'

/** An operation of which a caller may read a part. Neither document has named fragments. */
export interface Withheld {
  /** What is planned: nothing else is fetched. Null where nothing may be read. */
  readonly allowed: OperationDefinitionNode | null
  /** What was asked for, field by field: what an answer is written by. */
  readonly asked: OperationDefinitionNode
  /** The fields of `asked` that may not be read where they are selected, whatever object they are of. */
  readonly denied: ReadonlySet<FieldNode>
}

/** Says of a coordinate (`Type`, `Type.field`) whether it may be read. */
export type MayRead = (coordinate: string) => boolean

/**
 * Takes out of an operation what may not be read. A field goes by its own guard and that of its type, a fragment by that of the
 * type it is on. A field of an interface is some object's: where it may be read of some implementations only, it is asked of
 * those by name.
 */
export function withhold(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  mayRead: MayRead,
): Withheld {
  const denied = new Set<FieldNode>()
  const root = schema.getRootType(operation.operation)
  if (root == null) throw new Error(`The schema has no ${operation.operation}`)
  const { asked, allowed } = split(operation.selectionSet, {
    type: root,
    objects: [root],
    isOpen: mayRead(root.name),
  })
  return {
    asked: { ...operation, selectionSet: selectionSet(asked) },
    allowed: allowed.some(isOfRoom) ? { ...operation, selectionSet: selectionSet(allowed) } : null,
    denied,
  }

  function split({ selections }: SelectionSetNode, place: Place): Parts {
    // Asked of all that can be here: whatever is selected of an object that may not be read, it is null.
    for (const { name } of place.objects) mayRead(name)
    const parts = selections.map((selection) =>
      selection.kind === Kind.FIELD ? splitField(selection, place) : splitFragment(selection, place),
    )
    return { asked: parts.flatMap(({ asked }) => asked), allowed: parts.flatMap(({ allowed }) => allowed) }
  }

  function splitField(node: FieldNode, { type, objects, isOpen }: Place): Parts {
    const field = isUnionType(type) ? undefined : type.getFields()[node.name.value]
    if (field === undefined) return { asked: [node], allowed: isOpen ? [node] : [] } // __typename, __schema, __type
    const target = getNamedType(field.type)
    const isReadable = isOpen && mayRead(`${type.name}.${field.name}`) && mayRead(target.name)
    const below =
      node.selectionSet && isCompositeType(target)
        ? split(node.selectionSet, { type: target, objects: objectsOf(target), isOpen: isReadable })
        : null
    const asked: FieldNode = { ...node, ...(below && { selectionSet: selectionSet(below.asked) }) }
    if (!isReadable) {
      denied.add(asked)
      return { asked: [asked], allowed: [] }
    }
    const allowed: FieldNode = { ...node, ...(below && { selectionSet: selectionSet(below.allowed) }) }
    const readable = objects.filter((object) => isObjectType(type) || mayReadOf(object, field.name))
    if (readable.length === objects.length) return { asked: [asked], allowed: [allowed] }
    return { asked: [asked], allowed: readable.map(({ name }) => onType(name, [allowed])) }
  }

  function splitFragment(node: Exclude<SelectionNode, FieldNode>, place: Place): Parts {
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node
    const condition = schema.getType(fragment?.typeCondition?.name.value ?? place.type.name)
    if (fragment === undefined || !isCompositeType(condition)) return { asked: [], allowed: [] }
    const meant = new Set(objectsOf(condition))
    const { asked, allowed } = split(fragment.selectionSet, {
      type: condition,
      objects: place.objects.filter((object) => meant.has(object)),
      isOpen: place.isOpen && mayRead(condition.name),
    })
    const inline = (selections: readonly SelectionNode[]): SelectionNode =>
      onType(condition.name, selections, node.directives)
    return {
      asked: [inline(asked)],
      // Whether the object is of that type has to be known all the same: only then something is denied.
      allowed: [allowed.length === 0 ? TYPENAME : inline(allowed)],
    }
  }

  /** Whether a field selected through an interface may be read of an object that it turns out to be of. */
  function mayReadOf(object: GraphQLObjectType, name: string): boolean {
    const field = object.getFields()[name]
    if (field === undefined) return false
    return mayRead(object.name) && mayRead(`${object.name}.${name}`) && mayRead(getNamedType(field.type).name)
  }

  function objectsOf(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
  }
}

interface Place {
  /** The type that fields are selected on here. */
  readonly type: GraphQLCompositeType
  /** What objects can be here, by all the fragments around. */
  readonly objects: readonly GraphQLObjectType[]
  /** Whether anything may be read here. */
  readonly isOpen: boolean
}

interface Parts {
  readonly asked: readonly SelectionNode[]
  readonly allowed: readonly SelectionNode[]
}

/** Where nothing may be read of an object, it may still be there. */
function selectionSet(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: selections.length === 0 ? [TYPENAME] : selections }
}

function onType(
  type: string,
  selections: readonly SelectionNode[],
  directives?: SelectionNode['directives'],
): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    ...(directives && { directives }),
    selectionSet: selectionSet(selections),
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

function isOfRoom(selection: SelectionNode): boolean {
  if (selection.kind === Kind.FIELD) return selection.name.value !== TYPENAME.name.value
  return selection.kind === Kind.INLINE_FRAGMENT && selection.selectionSet.selections.some(isOfRoom)
}
