import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
} from 'graphql'
import type { Applications } from '../directives.ts'

/** What `@cost` says there; undefined where it says nothing that makes sense. */
export function weightAt(cost: Applications, coordinate: string): number | undefined {
  const weight = cost.get(coordinate)?.['weight']
  // Apollo has an integer, IBM a string.
  const number = typeof weight === 'string' || typeof weight === 'number' ? Number(weight) : Number.NaN
  return number >= 0 ? number : undefined
}

/** What a field weighs: as `@cost` on it says, else on its type, else 1 for an object and nothing for a leaf. */
export function createFieldWeight(schema: GraphQLSchema, cost: Applications) {
  const greatest = (coordinates: readonly string[]): number | undefined => {
    const weights = coordinates.flatMap((coordinate) => weightAt(cost, coordinate) ?? [])
    return weights.length === 0 ? undefined : Math.max(...weights)
  }
  return (parent: GraphQLCompositeType, { name, type: given }: GraphQLField<unknown, unknown>): number => {
    const type = getNamedType(given)
    const ofField = greatest(implementationsOf(schema, parent).map((owner) => `${owner}.${name}`))
    return ofField ?? greatest(implementationsOf(schema, type)) ?? (isCompositeType(type) ? 1 : 0)
  }
}

/** The type, and all that an object of it may be: what costs more there must not be had for less through an interface. */
export function implementationsOf(schema: GraphQLSchema, type: GraphQLNamedType): string[] {
  const types = isAbstractType(type) ? schema.getPossibleTypes(type) : []
  return [type, ...types].map(({ name }) => name)
}
