import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Arguments, Directives } from '../directives.ts'
import { isIncluded } from '../execute/conditions.ts'
import type { Fragments } from '../execute/selection.ts'
import type { Limits } from '../limits.ts'
import { type Amount, evaluate, sum, times, type Variables } from './amount.ts'
import { createArgumentCost } from './argument-cost.ts'
import { listSizeOf, NO_SIZES } from './list-size.ts'
import { weightAt } from './weight.ts'

/** What an operation costs with these variables: roughly, the objects that are looked up for it. QUERY_TOO_COMPLEX above the limit. */
export type CostOf = (variables: Variables) => number

const MUTATION = 10

/** Of an object that is looked up: a type is in memory. */
const A_TYPE = 0.05

const INTROSPECTION = new Set(['__schema', '__type'])

/**
 * Cost by the specification of `@cost` and `@listSize`, https://ibm.github.io/graphql-specs/cost-spec.html, as Apollo reads it: an
 * object costs 1 and a leaf nothing unless `@cost` says otherwise, lists multiply what is in them, and a mutation costs 10 more.
 * It is known before any room is asked.
 */
export function createCost(
  schema: GraphQLSchema,
  directives: Pick<Directives, 'cost' | 'listSize'>,
  limits: Pick<Limits, 'cost' | 'listSize' | 'pageSize'>,
): (operation: OperationDefinitionNode, fragments: Fragments) => CostOf {
  const costOfArguments = createArgumentCost(directives.cost)
  const typeCount = Object.keys(schema.getTypeMap()).length

  return (operation, fragments) => {
    const root = schema.getRootType(operation.operation)
    const base = operation.operation === 'mutation' ? MUTATION : 0
    const amount = root == null ? 0 : sum([base, costOfSelections(operation.selectionSet, root, NO_SIZES)])
    return (variables) => {
      const cost = evaluate(amount, variables)
      if (cost <= limits.cost) return cost
      throw new AppError(
        'QUERY_TOO_COMPLEX',
        `The document costs ${Math.ceil(cost)}, more than ${limits.cost}: ask for smaller pages`,
      )
    }

    function costOfSelections(
      { selections }: SelectionSetNode,
      type: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
    ): Amount {
      return sum(
        selections.map((selection) => unlessLeftOut(selection, costOfSelection(selection, type, sizes))),
      )
    }

    function costOfSelection(
      selection: SelectionNode,
      type: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
    ): Amount {
      if (selection.kind === Kind.FIELD) {
        if (INTROSPECTION.has(selection.name.value)) return costOfIntrospection(selection)
        const field = isUnionType(type) ? undefined : type.getFields()[selection.name.value]
        return field === undefined ? 0 : costOfField(selection, field, type, sizes)
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      const condition = schema.getType(fragment?.typeCondition?.name.value ?? type.name)
      return fragment === undefined || !isCompositeType(condition)
        ? 0
        : costOfSelections(fragment.selectionSet, condition, sizes)
    }

    /** Each selection is made of a good part of the schema's types, and none of it is looked up anywhere. */
    function costOfIntrospection({ selectionSet }: FieldNode): number {
      return (selectionSet ? countSelections(selectionSet) : 0) * typeCount * A_TYPE
    }

    function countSelections({ selections }: SelectionSetNode): number {
      let count = 0
      for (const selection of selections) {
        const below =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
        count += 1 + (below?.selectionSet ? countSelections(below.selectionSet) : 0)
      }
      return count
    }

    function costOfField(
      node: FieldNode,
      field: GraphQLField<unknown, unknown>,
      parent: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
    ): Amount {
      const type = getNamedType(field.type)
      const isList = isListType(getNullableType(field.type))
      const size = listSizeOf(node, field, listSizeAt(parent, field.name), limits)
      const below =
        isCompositeType(type) && node.selectionSet
          ? costOfSelections(node.selectionSet, type, size.ofChildren ?? (isList ? NO_SIZES : sizes))
          : 0
      const each = sum([weightOf(parent, field, type), below])
      const count = countIn(field.type, sizes.get(field.name) ?? size.own, limits.listSize)
      return sum([times(count, each), costOfArguments(parent.name, field, node)])
    }
  }

  function weightOf(
    parent: GraphQLCompositeType,
    { name }: GraphQLField<unknown, unknown>,
    type: GraphQLNamedType,
  ): number {
    const ofField = greatest(
      implementations(parent).map((owner) => weightAt(directives.cost, `${owner}.${name}`)),
    )
    const ofType = greatest(implementations(type).map((target) => weightAt(directives.cost, target)))
    return ofField ?? ofType ?? (isCompositeType(type) ? 1 : 0)
  }

  function listSizeAt(parent: GraphQLCompositeType, field: string): Arguments | undefined {
    const said = implementations(parent).map((owner) => directives.listSize.get(`${owner}.${field}`))
    return said.find((listSize) => listSize !== undefined)
  }

  /** The type, and all that an object of it may be: what costs more there must not be had for less through an interface. */
  function implementations(type: GraphQLNamedType): string[] {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : []
    return [type, ...types].map(({ name }) => name)
  }
}

function countIn(type: GraphQLOutputType, outermost: Amount, listSize: number): Amount {
  const list = getNullableType(type)
  return isListType(list) ? times(outermost, countIn(list.ofType, listSize, listSize)) : 1
}

/** What `@skip` and `@include` leave out costs nothing. */
function unlessLeftOut({ directives = [] }: SelectionNode, amount: Amount): Amount {
  if (directives.length === 0) return amount
  return (variables) =>
    isIncluded(directives, (name) => variables[name] === true) ? evaluate(amount, variables) : 0
}

function greatest(weights: readonly (number | undefined)[]): number | undefined {
  const known = weights.filter((weight) => weight !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}
