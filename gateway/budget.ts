import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '#shared/errors.ts'
import { LIMITS } from './limits.ts'

const DEFAULT_FIRST = 20

/**
 * Refuses what asks for more nodes than any page shows: pages within pages multiply. Counts `first` along each path, as the
 * client gave it or as it is when left out: QUERY_TOO_COMPLEX above the budget, before any room is asked.
 */
export function createBudget(schema: GraphQLSchema) {
  return (
    operation: OperationDefinitionNode,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Readonly<Record<string, unknown>>,
  ): void => {
    let nodes = 0

    const walk = (set: SelectionSetNode, type: GraphQLCompositeType, factor: number): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          const field =
            isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined
          const below = field && getNamedType(field.type)
          if (field === undefined || !isCompositeType(below) || !selection.selectionSet) continue
          const isPage = field.args.some(({ name }) => name === 'first')
          const within = isPage ? factor * firstOf(selection, variables) : factor
          if (isPage) nodes += within
          if (nodes > LIMITS.nodes) {
            throw new AppError(
              'QUERY_TOO_COMPLEX',
              `The document asks for more than ${LIMITS.nodes} nodes: ask for smaller pages`,
            )
          }
          walk(selection.selectionSet, below, within)
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          walk(selection.selectionSet, typeOf(schema, selection.typeCondition?.name.value) ?? type, factor)
        } else {
          const fragment = fragments.get(selection.name.value)
          if (fragment)
            walk(fragment.selectionSet, typeOf(schema, fragment.typeCondition.name.value) ?? type, factor)
        }
      }
    }

    const root = schema.getRootType(operation.operation)
    if (root != null) walk(operation.selectionSet, root, 1)
  }
}

/** The fragments of a document by name. */
export function fragmentsOf(definitions: readonly ASTNode[]): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((node) => [node.name.value, node]))
}

function firstOf({ arguments: given = [] }: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  const value = given.find(({ name }) => name.value === 'first')?.value
  const first =
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value]
      : value?.kind === Kind.INT
        ? Number(value.value)
        : null
  // What is out of range is the room's to refuse.
  return typeof first === 'number' ? Math.max(1, first) : DEFAULT_FIRST
}

function typeOf(schema: GraphQLSchema, name: string | undefined): GraphQLCompositeType | undefined {
  const type = name === undefined ? undefined : schema.getType(name)
  return isCompositeType(type) ? type : undefined
}
