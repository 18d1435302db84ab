import {
  type ASTNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Arguments, Directives } from '../directives.ts'
import type { ReadyOperation } from '../operations.ts'

/** What viewers of one subscription may share, beyond those whom no room can tell apart. */
export interface Sharing {
  /** What an event becomes is the same for everybody who gets it: it is resolved once, with nobody's rights. */
  readonly ofEvents: boolean
  /** So is the stream, whoever opens it and whenever: it is opened once, with nobody's rights. */
  readonly ofStream: boolean
  /** The variables that an event's result depends on. Those of the root field alone decide which events there are. */
  readonly shapedBy: readonly string[]
}

/**
 * Events are shared when the room declares it with `@sharedEvents` and nothing selected, in whichever room, is anybody's own. Whether
 * a viewer gets an event is no matter of sharing: each has a stream of its own for that, unless the stream is everybody's.
 */
export function sharingOf(operation: ReadyOperation, directives: Directives): Sharing {
  const known = sharings.get(operation)
  if (known !== undefined) return known
  const sharing = findSharing(operation, directives)
  sharings.set(operation, sharing)
  return sharing
}

/** An operation belongs to one supergraph: what that says of it does not change. */
const sharings = new WeakMap<ReadyOperation, Sharing>()

function findSharing(
  { document, definition, schema }: ReadyOperation,
  { sharedEvents, ...directives }: Directives,
): Sharing {
  const root = schema.getSubscriptionType()
  const own = separateOperations(document)[definition.name?.value ?? ''] ?? document
  const shapedBy = new Set<string>()
  const types = new TypeInfo(schema)
  let declared: Arguments | undefined
  let isPersonal = false

  const isAtRoot = (): boolean => types.getParentType() === root
  const enter = (node: ASTNode): false | undefined => {
    switch (node.kind) {
      case Kind.VARIABLE_DEFINITION:
        return false
      case Kind.ARGUMENT:
        return isAtRoot() && !types.getDirective() ? false : undefined
      case Kind.VARIABLE:
        shapedBy.add(node.name.value)
        return undefined
      case Kind.FIELD:
        isPersonal ||= coordinatesOf(types, schema, node.name.value).some((place) =>
          PERSONAL.some((name) => directives[name].has(place)),
        )
        if (isAtRoot()) declared = sharedEvents.get(`${root?.name}.${node.name.value}`)
    }
    return undefined
  }
  visit(own, visitWithTypeInfo(types, { enter }))
  const ofEvents = declared !== undefined && !isPersonal
  return { ofEvents, ofStream: ofEvents && declared?.['stream'] === true, shapedBy: [...shapedBy].sort() }
}

/** Who may read it at all is a matter of who asks, as is its value. */
const PERSONAL = ['viewer', 'authenticated', 'requiresScopes', 'policy'] as const

/** The field and its types, where it stands and wherever else it may come from. */
function coordinatesOf(types: TypeInfo, schema: GraphQLSchema, field: string): string[] {
  const parents = relativesOf(types.getParentType(), schema)
  const values = relativesOf(getNamedType(types.getType()), schema)
  return [...parents.map((name) => `${name}.${field}`), ...parents, ...values]
}

/** A type by name, with the types and interfaces that an object of it may have as well. */
function relativesOf(type: GraphQLNamedType | null | undefined, schema: GraphQLSchema): string[] {
  if (!type) return []
  const objects = isAbstractType(type) ? [...schema.getPossibleTypes(type)] : isObjectType(type) ? [type] : []
  return [type, ...objects, ...objects.flatMap((object) => object.getInterfaces())].map(({ name }) => name)
}
