import {
  astFromValue,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  print,
} from 'graphql'
import { type Chance, createChance } from '../../../gateway/execute/testing/chance.ts'

/** A document as large as may be, through as many types and rooms as it finds: what planning takes longest for. The same for a seed. */
export function largeDocument(
  schema: GraphQLSchema,
  seed: number,
  selections: number,
  depth: number,
): string {
  const chance = createChance(seed)
  let left = 1 + chance.below(selections)
  const root = schema.getQueryType()
  if (root == null) throw new Error('There is nothing to query')
  return selectionSet(root, 1)

  function selectionSet(type: GraphQLCompositeType, level: number): string {
    const places = new Set<string>()
    for (let count = 1 + chance.below(5); count > 0 && left > 0; count--) {
      left--
      places.add(
        isObjectType(type) || (!isUnionType(type) && chance.onceIn(2))
          ? field(type, level)
          : fragment(type, level),
      )
    }
    return `{ ${[...places].join(' ') || '__typename'} }`
  }

  function fragment(type: GraphQLCompositeType, level: number): string {
    const types = isObjectType(type) ? [type] : schema.getPossibleTypes(type)
    const on = chance.pick(types)
    return `... on ${on.name} ${selectionSet(on, level)}`
  }

  function field(type: Exclude<GraphQLCompositeType, { getTypes: unknown }>, level: number): string {
    const fields = Object.values(type.getFields())
    const composite = fields.filter((one) => isCompositeType(getNamedType(one.type)))
    const isDeep = level >= depth || composite.length === 0 || chance.onceIn(4)
    const leaves = fields.filter((one) => !composite.includes(one))
    const chosen = isDeep ? leaves : composite
    if (chosen.length === 0) return '__typename'
    const { name, args, type: given } = chance.pick(chosen)
    const target = getNamedType(given)
    const needed = args.filter(
      (argument) => isNonNullType(argument.type) && argument.defaultValue === undefined,
    )
    const values = needed.map((argument) => `${argument.name}: ${literal(argument.type, chance)}`)
    const below = isCompositeType(target) ? ` ${selectionSet(target, level + 1)}` : ''
    return `${name}${values.length > 0 ? `(${values.join(', ')})` : ''}${below}`
  }
}

function literal(given: GraphQLInputType, chance: Chance): string {
  const type = getNullableType(given)
  if (isListType(type)) return `[${literal(type.ofType, chance)}]`
  if (isEnumType(type)) return chance.pick(type.getValues()).name
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type))
    return `{ ${needed.map((field) => `${field.name}: ${literal(field.type, chance)}`).join(', ')} }`
  }
  const value =
    type.name === 'Int' || type.name === 'Float' ? 1 : type.name === 'Boolean' ? true : '2026-01-01'
  const node = astFromValue(value, type)
  return node == null ? 'null' : print(node)
}
