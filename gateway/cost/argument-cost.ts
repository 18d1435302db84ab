import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  valueFromASTUntyped,
} from 'graphql'
import type { Applications } from '../directives.ts'
import { type Amount, sum } from './amount.ts'
import { weightAt } from './weight.ts'

/** What a field's arguments cost: an input object 1 and a scalar nothing, unless `@cost` says otherwise. */
export function createArgumentCost(cost: Applications) {
  return (
    parent: string,
    { name, args }: GraphQLField<unknown, unknown>,
    { arguments: given = [] }: FieldNode,
  ): Amount =>
    sum(
      given.map(({ name: { value: called }, value: node }): Amount => {
        const type = args.find((argument) => argument.name === called)?.type
        const own = weightAt(cost, `${parent}.${name}(${called}:)`)
        if (type === undefined || (own === undefined && isFree(type))) return 0
        return (variables) => costOf(valueFromASTUntyped(node, variables), type, own)
      }),
    )

  function isFree(type: GraphQLInputType): boolean {
    const inner = getNullableType(type)
    if (isListType(inner)) return isFree(inner.ofType)
    return !isInputObjectType(inner) && weightAt(cost, inner.name) === undefined
  }

  function costOf(value: unknown, given: GraphQLInputType, own: number | undefined): number {
    const type = getNullableType(given)
    if (value == null) return 0
    if (isListType(type)) {
      const items = Array.isArray(value) ? value : [value]
      return items.reduce((total: number, item) => total + costOf(item, type.ofType, own), 0)
    }
    const weight = own ?? weightAt(cost, type.name)
    if (!isInputObjectType(type) || typeof value !== 'object') return weight ?? 0
    let total = weight ?? 1
    for (const field of Object.values(type.getFields())) {
      const inner = (value as Record<string, unknown>)[field.name]
      total += costOf(inner, field.type, weightAt(cost, `${type.name}.${field.name}`))
    }
    return total
  }
}
