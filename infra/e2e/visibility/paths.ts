import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql'

/** A field as it is asked for, and on which object type where its parent is an interface or a union. */
export interface PathStep {
  on: GraphQLObjectType
  field: GraphQLField<unknown, unknown>
}

/** Fields within one another, from a root to a type that tells of a private thing. */
export type Path = readonly PathStep[]

const MAX_STEPS = 8

/**
 * Every path from `root` to one of `subjects`, and those of root fields that name one (`isAbout`), whatever they return. A path goes
 * through no type twice, though it may end at one it has been through: what comes after that has been asked on the way.
 */
export function findPaths(
  schema: GraphQLSchema,
  root: GraphQLObjectType,
  subjects: ReadonlySet<string>,
  isAbout: (field: GraphQLField<unknown, unknown>) => boolean,
): Path[] {
  const paths: Path[] = []
  const reaching = typesReaching(schema, subjects)

  const walk = (type: GraphQLCompositeType, path: Path, visited: ReadonlySet<string>): void => {
    for (const on of objectsOf(schema, type)) {
      const [last] = path.slice(-1)
      const isEnd = subjects.has(on.name) || (path.length === 1 && last !== undefined && isAbout(last.field))
      if (last !== undefined && isEnd) paths.push(withLeaf(path, on))
      if (visited.has(on.name) || path.length === MAX_STEPS) continue
      for (const field of Object.values(on.getFields())) {
        const next = getNamedType(field.type)
        const isReaching = isCompositeType(next) && reaching.has(next.name)
        if (!isCompositeType(next) || !(isReaching || (path.length === 0 && isAbout(field)))) continue
        walk(next, [...path, { on, field }], new Set([...visited, on.name]))
      }
    }
  }
  walk(root, [], new Set())
  return paths
}

/** The path, told apart by the type it ends at: the leaves of that are what is asked for in the end. */
function withLeaf(path: Path, on: GraphQLObjectType): Path {
  const [leaf] = leavesOf(on)
  return leaf === undefined ? path : [...path, { on, field: leaf }]
}

/** Fields without fields of their own, which need no argument, and which the room that is asked has. */
export function leavesOf(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter(({ type: value, args, astNode }) => {
    const isExternal = astNode?.directives?.some(({ name }) => name.value === 'external') === true
    return !isExternal && !isCompositeType(getNamedType(value)) && args.length === 0
  })
}

/** The object types that a value of `type` may have. */
export function objectsOf(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
}

/** The names of all types from which a subject can be reached, themselves included. */
function typesReaching(schema: GraphQLSchema, subjects: ReadonlySet<string>): ReadonlySet<string> {
  const reaching = new Set(subjects)
  const types = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type))
  const isReaching = (type: GraphQLCompositeType): boolean => {
    if (isAbstractType(type)) return schema.getPossibleTypes(type).some(({ name }) => reaching.has(name))
    return (
      isObjectType(type) &&
      Object.values(type.getFields()).some((field) => reaching.has(getNamedType(field.type).name))
    )
  }
  for (let size = -1; size < reaching.size; ) {
    size = reaching.size
    for (const type of types) if (isReaching(type)) reaching.add(type.name)
  }
  return reaching
}
