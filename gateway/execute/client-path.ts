import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql'
import { sourceOf } from './aliases.ts'
import type { ResponsePath } from './fault.ts'
import { type Selector, selectFields } from './selection.ts'
import { isTree, readOwn } from './tree.ts'

/**
 * A path of the rooms' answers in the names that the client gave to what is there. From where it leads to something that the client
 * did not ask for, the names are the rooms'.
 */
export function clientPath(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selector: Selector,
  root: unknown,
  path: ResponsePath,
): ResponsePath {
  let type: GraphQLNamedType | null | undefined = schema.getRootType(operation.operation)
  let parents: readonly Pick<FieldNode, 'selectionSet'>[] = [operation]
  let value = root
  const named: (string | number)[] = []
  for (const key of path) {
    if (typeof key === 'number') {
      named.push(key)
      value = Array.isArray(value) ? value[key] : undefined
      continue
    }
    const typename: unknown = isTree(value) ? (value['__typename'] ?? type?.name) : type?.name
    const selected = selectFields(
      selector,
      parents.flatMap(({ selectionSet }) => selectionSet ?? []),
      String(typename),
    )
    const found = [...selected].find(([name, nodes]) => sourceOf(selector.aliases, name, nodes) === key)
    if (found === undefined) return [...named, ...hiddenPath(path.slice(named.length), selected)]
    const [name, nodes] = found
    named.push(name)
    value = isTree(value) ? readOwn(value, key) : undefined
    type = typeOfField(schema.getType(String(typename)), nodes[0])
    parents = nodes
  }
  return named
}

/** A field that only a room needs has its own name; in parentheses where the client gave that name to something else, which is well. */
function hiddenPath([first, ...rest]: ResponsePath, taken: ReadonlyMap<string, unknown>): ResponsePath {
  return typeof first === 'string' && taken.has(first) ? [`(${first})`, ...rest] : [first ?? '', ...rest]
}

function typeOfField(
  type: GraphQLNamedType | undefined,
  node: FieldNode | undefined,
): GraphQLNamedType | undefined {
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined
  return getNamedType(type.getFields()[node?.name.value ?? '']?.type)
}
