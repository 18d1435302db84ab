import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  print,
  validate,
} from 'graphql'
import { type Chance, createChance } from './chance.ts'

export interface RandomOperation {
  source: string
  variables: Record<string, unknown>
}

const MAX_DEPTH = 4

const ALIASES = ['a', 'b', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '__typename', 'id']

/** A valid operation over the schema: aliases, fragments, conditions, variables and repeated fields, the same for a seed. */
export function randomOperation(schema: GraphQLSchema, seed: number, kind = 'query'): RandomOperation {
  for (let attempt = 0; attempt < 100; attempt++) {
    const operation = attemptOperation(schema, createChance(seed * 101 + attempt), kind)
    if (validate(schema, parse(operation.source)).length === 0) return operation
  }
  throw new Error(`No valid operation in a hundred for seed ${seed}`)
}

function attemptOperation(schema: GraphQLSchema, chance: Chance, kind: string): RandomOperation {
  const variables: Record<string, unknown> = {}
  const definitions: string[] = []
  const fragments: string[] = []
  /** Some operations are full of conditions. */
  const rarity = chance.onceIn(4) ? 3 : 12
  const root = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType()
  if (root == null) throw new Error(`There is no ${kind} here`)
  const body = selectionSet(root, 0)
  const header = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
  return { source: [`${kind} Random${header} ${body}`, ...fragments].join('\n'), variables }

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + chance.below(depth === 0 ? 4 : 5)
    const selections = Array.from({ length: count }, () => selection(type, depth))
    return `{ ${isAbstractType(type) && chance.onceIn(2) ? '__typename ' : ''}${selections.join(' ')} }`
  }

  function selection(type: GraphQLCompositeType, depth: number): string {
    const isUnion = !isObjectType(type) && !isInterfaceType(type)
    const isDeep = depth >= MAX_DEPTH
    if (!isDeep && (isUnion || chance.onceIn(isAbstractType(type) ? 2 : 7))) return fragment(type, depth)
    if (isUnion) return '__typename'
    if (chance.onceIn(9)) return `${chance.onceIn(2) ? 'kind: ' : ''}__typename${condition()}`
    const fields = Object.values(type.getFields()).filter(
      (field) => !isDeep || !isCompositeType(getNamedType(field.type)),
    )
    return fields.length === 0
      ? '__typename'
      : fieldText(chance.pick(fields), depth, Object.keys(type.getFields()))
  }

  function fieldText(
    field: GraphQLField<unknown, unknown>,
    depth: number,
    others: readonly string[],
  ): string {
    const type = getNamedType(field.type)
    const alias = chance.onceIn(6) ? `${chance.pick(chance.onceIn(4) ? others : ALIASES)}: ` : ''
    const below = isCompositeType(type) ? ` ${selectionSet(type, depth + 1)}` : ''
    return `${alias}${field.name}${argumentsText(field.args)}${condition()}${below}`
  }

  function fragment(type: GraphQLCompositeType, depth: number): string {
    const inside = isAbstractType(type)
      ? [type.name, ...schema.getPossibleTypes(type).map(({ name }) => name)]
      : [type.name, ...(isObjectType(type) ? type.getInterfaces().map(({ name }) => name) : [])]
    const name = chance.pick(inside)
    const on = schema.getType(name)
    if (!isCompositeType(on)) throw new Error(`${name} is no place for a fragment`)
    const body = selectionSet(on, depth + 1)
    if (!chance.onceIn(3)) return `... on ${name}${condition()} ${body}`
    fragments.push(`fragment F${fragments.length} on ${name} ${body}`)
    return `...F${fragments.length - 1}${condition()}`
  }

  function condition(): string {
    if (!chance.onceIn(rarity)) return ''
    const directive = chance.pick(['skip', 'include'])
    if (chance.onceIn(3)) return ` @${directive}(if: ${chance.onceIn(2)})`
    return ` @${directive}(if: $${chance.onceIn(4) ? defaulted() : boolean()})`
  }

  function boolean(): string {
    const name = chance.pick(['yes', 'no', 'maybe'])
    if (!Object.hasOwn(variables, name)) {
      variables[name] = name === 'maybe' ? chance.onceIn(2) : name === 'yes'
      definitions.push(`$${name}: Boolean!`)
    }
    return name
  }

  function defaulted(): string {
    const definition = '$usual: Boolean! = true'
    if (!definitions.includes(definition)) definitions.push(definition)
    return 'usual'
  }

  function argumentsText(args: readonly GraphQLArgument[]): string {
    const given = args.filter(({ type }) => isNonNullType(type) || chance.onceIn(2))
    if (given.length === 0) return ''
    return `(${given.map(({ name, type }) => `${name}: ${chance.onceIn(3) ? variable(type) : literal(type)}`).join(', ')})`
  }

  function variable(type: GraphQLInputType): string {
    const name = `v${definitions.length}`
    definitions.push(`$${name}: ${type}`)
    variables[name] = input(type)
    return `$${name}`
  }

  function literal(type: GraphQLInputType): string {
    const node = astFromValue(input(type), type)
    return node == null ? 'null' : print(node)
  }

  function input(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return input(type.ofType)
    if (isListType(type)) return Array.from({ length: chance.below(3) }, () => input(type.ofType))
    if (isInputObjectType(type)) {
      const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type))
      return Object.fromEntries(required.map((field) => [field.name, input(field.type)]))
    }
    if (isEnumType(type)) return chance.pick(type.getValues()).name
    if (type.name === 'Int' || type.name === 'Float') return chance.below(9)
    if (type.name === 'Boolean') return chance.onceIn(2)
    return `${chance.below(50)}`
  }
}
