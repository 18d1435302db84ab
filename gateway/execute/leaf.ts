import { type GraphQLEnumType, type GraphQLLeafType, type GraphQLScalarType, isEnumType } from 'graphql'
import { refuse, type Write } from './completion.ts'
import { quote, toJson } from './json-text.ts'

const MAX_INT = 2 ** 31

const BUILT_IN: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  String: (value) => (typeof value === 'string' ? quote(value) : undefined),
  ID: (value) =>
    typeof value === 'string' ? quote(value) : Number.isInteger(value) ? `"${value}"` : undefined,
  Boolean: (value) => (typeof value === 'boolean' ? `${value}` : undefined),
  Int: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= -MAX_INT && value < MAX_INT
      ? `${value === 0 ? 0 : value}`
      : undefined,
  // JSON.stringify spells -0 and 1e21 as JSON does; a plain number is the same either way.
  Float: (value) => (typeof value === 'number' && Number.isFinite(value) ? JSON.stringify(value) : undefined),
}

/**
 * The writer of a non-null leaf: what its type does not allow (an integer out of range, a value of an enum that clients do not
 * know, a number that is none) is refused.
 */
export function createLeafWriter(type: GraphQLLeafType): Write {
  const spell = isEnumType(type) ? createEnumSpelling(type) : createScalarSpelling(type)
  const complaint = `Invalid value found for type ${type.name}.`
  return (value, completion) => spell(value) ?? refuse(completion, complaint)
}

function createEnumSpelling(type: GraphQLEnumType): (value: unknown) => string | undefined {
  const names = new Map<unknown, string>(type.getValues().map(({ name }) => [name, `"${name}"`]))
  return (value) => names.get(value)
}

function createScalarSpelling(type: GraphQLScalarType): (value: unknown) => string | undefined {
  const builtIn = Object.hasOwn(BUILT_IN, type.name) ? BUILT_IN[type.name] : undefined
  if (builtIn !== undefined) return builtIn
  // A custom scalar is the room's business, but NaN is no JSON: at its top it is refused, as for Float.
  return (value) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : toJson(value))
}
