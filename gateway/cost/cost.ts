import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
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
import { costOfIntrospection } from './introspection-cost.ts'
import { listSizeOf, NO_SIZES } from './list-size.ts'
import { createFieldWeight, implementationsOf } from './weight.ts'

/**
 * What an operation costs with these variables: roughly, the objects that are looked up for it. QUERY_TOO_COMPLEX above the limit,
 * and where the answer could have more fields than anybody reads: leaves cost nothing, but they are written.
 */
export type CostOf = (variables: Variables) => number

/** What a field counts: for each item of its list, and once. */
type Weigh = (
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
) => { each: number; once: Amount }

const ofFields: Weigh = () => ({ each: 1, once: 0 })

const MUTATION = 10

/**
 * Cost by the specification of `@cost` and `@listSize`, https://ibm.github.io/graphql-specs/cost-spec.html, as Apollo reads it: an
 * object costs 1 and a leaf nothing unless `@cost` says otherwise, lists multiply what is in them, and a mutation costs 10 more.
 * It is known before any room is asked.
 */
export function createCost(
  schema: GraphQLSchema,
  directives: Pick<Directives, 'cost' | 'listSize'>,
  limits: Pick<Limits, 'cost' | 'answerFields' | 'listSize' | 'pageSize'>,
): (operation: OperationDefinitionNode, fragments: Fragments) => CostOf {
  const costOfArguments = createArgumentCost(directives.cost)
  const weightOf = createFieldWeight(schema, directives.cost)

  const ofCost: Weigh = (node, field, parent) => ({
    each: weightOf(parent, field),
    once: costOfArguments(parent.name, field, node),
  })

  return (operation, fragments) => {
    const root = schema.getRootType(operation.operation)
    if (root == null) return () => 0
    const cost = sum([
      operation.operation === 'mutation' ? MUTATION : 0,
      costOfIntrospection(schema, operation, fragments),
      measure(operation.selectionSet, root, NO_SIZES, ofCost),
    ])
    const fields = measure(operation.selectionSet, root, NO_SIZES, ofFields)
    return (variables) => {
      const costs = evaluate(cost, variables)
      if (costs > limits.cost) tooMuch(`costs ${Math.ceil(costs)}, more than ${limits.cost}`)
      const answers = evaluate(fields, variables)
      if (answers > limits.answerFields) tooMuch(`asks for more than ${limits.answerFields} fields`)
      return costs
    }

    function measure(
      { selections }: SelectionSetNode,
      type: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
      weigh: Weigh,
    ): Amount {
      return sum(
        selections.map((selection) =>
          unlessLeftOut(selection, measureSelection(selection, type, sizes, weigh)),
        ),
      )
    }

    function measureSelection(
      selection: SelectionNode,
      type: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
      weigh: Weigh,
    ): Amount {
      if (selection.kind === Kind.FIELD) {
        const field = isUnionType(type) ? undefined : type.getFields()[selection.name.value]
        return field === undefined ? 0 : measureField(selection, field, type, sizes, weigh)
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      const condition = schema.getType(fragment?.typeCondition?.name.value ?? type.name)
      return fragment === undefined || !isCompositeType(condition)
        ? 0
        : measure(fragment.selectionSet, condition, sizes, weigh)
    }

    function measureField(
      node: FieldNode,
      field: GraphQLField<unknown, unknown>,
      parent: GraphQLCompositeType,
      sizes: ReadonlyMap<string, Amount>,
      weigh: Weigh,
    ): Amount {
      const type = getNamedType(field.type)
      const isList = isListType(getNullableType(field.type))
      const size = listSizeOf(node, field, listSizeAt(parent, field.name), limits)
      const inside = size.ofChildren ?? (isList ? NO_SIZES : sizes)
      const below =
        isCompositeType(type) && node.selectionSet ? measure(node.selectionSet, type, inside, weigh) : 0
      const { each, once } = weigh(node, field, parent)
      const count = countIn(field.type, sizes.get(field.name) ?? size.own, limits.listSize)
      return sum([times(count, sum([each, below])), once])
    }
  }

  function listSizeAt(parent: GraphQLCompositeType, field: string): Arguments | undefined {
    const said = implementationsOf(schema, parent).map((owner) =>
      directives.listSize.get(`${owner}.${field}`),
    )
    return said.find((listSize) => listSize !== undefined)
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

function tooMuch(what: string): never {
  throw new AppError('QUERY_TOO_COMPLEX', `The document ${what}: ask for smaller pages`)
}
