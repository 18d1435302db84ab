import {
  type DocumentNode,
  execute,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import type { RoomRequest, RoomResponse } from '#shared/room.ts'
import { createChance, hash } from './chance.ts'
import { commonEnumValues, commonPossibleTypes } from './common-knowledge.ts'
import type { Facts } from './facts.ts'
import { plain } from './plain.ts'
import { askRequired, readRequired } from './required-values.ts'

/** An object of the world: everything about it follows from its type and its number. */
interface Thing {
  __typename: string
  number: number
  /** What a room was told of it: `@requires` are read from here. */
  representation?: Record<string, unknown>
}

/** A made-up world that subgraphs and the undivided schema tell the same of: each value follows from where it is asked. */
export interface World {
  /** Answers as the room would. */
  ask(room: string, request: Pick<RoomRequest, 'query' | 'variables'>): Promise<RoomResponse>
  /** Answers as one server with everything in it would. */
  askWhole(document: DocumentNode, variables: Record<string, unknown>): Promise<RoomResponse>
}

export interface WorldOptions {
  rooms: ReadonlyMap<string, GraphQLSchema>
  apiSchema: GraphQLSchema
  supergraphSchema: GraphQLSchema
  facts: Facts
  /** Whether there are errors, and nulls that should not be. */
  isTroubled?: boolean
}

const TEXTS = ['plain', 'say "so"', 'back\\slash', 'two\nlines', 'naïve ☃', '😀', 'half \ud83d', '\u2028', '']

export function createWorld({
  rooms,
  apiSchema,
  supergraphSchema,
  facts,
  isTroubled = false,
}: WorldOptions): World {
  const names = Object.values(supergraphSchema.getTypeMap())
    .filter(isObjectType)
    .map(({ name }) => name)
    .sort()
  const possible = commonPossibleTypes(rooms, supergraphSchema)
  const enumValues = commonEnumValues(rooms, apiSchema)
  const known = askRequired(supergraphSchema, (thing, { type, name }, args) =>
    value(type, name, thing as Thing, spell(args), thing.__typename),
  )
  const documents = new Map<string, DocumentNode>()
  for (const [room, schema] of rooms) answerEntities(room, schema)

  const resolve: GraphQLFieldResolver<Thing | undefined, string | undefined> = (source, args, room, info) => {
    const { fieldName, parentType, returnType } = info
    const thing = source ?? { __typename: parentType.name, number: 0 }
    if (facts.overridden.has(`${room} ${parentType.name}.${fieldName}`)) {
      throw new Error(`${room} no longer answers ${parentType.name}.${fieldName}`)
    }
    const required = requiredBy(thing.__typename, fieldName)
    if (required === undefined) return value(returnType, fieldName, thing, spell(args), parentType.name)
    const told = room === undefined ? known(thing, required) : readRequired(thing.representation, required)
    return `${fieldName} of ${spell(told)}`
  }
  const typeResolver = (thing: Thing): string => thing.__typename

  return {
    async ask(room, { query, variables = {} }) {
      const schema = rooms.get(room)
      if (schema === undefined) throw new Error(`There is no room ${room}`)
      const document = documents.get(query) ?? parse(query)
      documents.set(query, document)
      const request = { schema, document, variableValues: variables, contextValue: room }
      return plain(await execute({ ...request, fieldResolver: resolve, typeResolver }))
    },
    async askWhole(document, variableValues) {
      const request = { schema: apiSchema, document, variableValues, fieldResolver: resolve, typeResolver }
      return plain(await execute(request))
    },
  }

  function requiredBy(typename: string, field: string): SelectionSetNode | undefined {
    const type = supergraphSchema.getType(typename)
    const family = [typename, ...(isObjectType(type) ? type.getInterfaces().map(({ name }) => name) : [])]
    return family.map((name) => facts.requires.get(`${name}.${field}`)).find((fields) => fields !== undefined)
  }

  function value(
    type: GraphQLOutputType,
    field: string,
    thing: Thing,
    args: string,
    parent: string,
    place = '',
  ): unknown {
    if (facts.identities.has(field)) {
      return { __typename: getNamedType(type).name, number: thing.number }
    }
    const chance = createChance(hash(`${field} ${thing.number} ${args} ${place}`))
    const isKey = facts.keys.has(field)
    if (isTroubled && !isKey && chance.onceIn(25)) throw new Error(`No ${field} of ${thing.number}`)
    if (isNonNullType(type)) {
      if (isTroubled && !isKey && chance.onceIn(40)) return null
      return present(type.ofType, chance)
    }
    return chance.onceIn(8) && !isKey ? null : present(type, chance)

    function present(given: GraphQLOutputType, random: typeof chance): unknown {
      if (isListType(given)) {
        return Array.from({ length: random.below(4) }, (_, index) => {
          try {
            return value(given.ofType, field, thing, args, parent, `${place}${index} `)
          } catch (error) {
            return error
          }
        })
      }
      if (isCompositeType(given)) {
        const typename = random.pick(possible(parent, field, given))
        return { __typename: typename, number: random.below(5) * names.length + names.indexOf(typename) }
      }
      if (isKey) return getNamedType(given).name === 'Int' ? thing.number : `${thing.number}`
      if (isEnumType(given)) return random.pick(enumValues(given.name))
      return scalar(getNamedType(given), random)
    }
  }

  function answerEntities(room: string, schema: GraphQLSchema): void {
    const field = schema.getQueryType()?.getFields()['_entities']
    if (field === undefined) return
    field.resolve = (_source, args) =>
      (args['representations'] as Record<string, unknown>[]).map((representation): Thing | Error => {
        const typename = String(representation['__typename'])
        const keys = facts.resolvable.get(`${room} ${typename}`) ?? []
        const numbers = keys.map((key) => numberIn(representation, key))
        const number = numbers.find((found) => found !== undefined)
        if (number === undefined) return new Error(`${room} resolves no ${typename} by that key`)
        const isConcrete = isObjectType(schema.getType(typename))
        return {
          __typename: isConcrete ? typename : (names[number % names.length] ?? typename),
          number,
          representation,
        }
      })
  }

  /** The number that every leaf of the key spells. */
  function numberIn(told: unknown, { selections }: SelectionSetNode): number | undefined {
    const object = (told ?? {}) as Record<string, unknown>
    const numbers = selections.map((selection) => {
      if (selection.kind !== Kind.FIELD) return undefined
      const { name, selectionSet } = selection
      const item = object[name.value]
      if (selectionSet !== undefined) return numberIn(item, selectionSet)
      return item === undefined ? undefined : Number(item)
    })
    const [first] = numbers
    return numbers.every((number) => number === first) ? first : undefined
  }
}

function scalar({ name }: GraphQLNamedType, random: ReturnType<typeof createChance>): unknown {
  if (name === 'Int') return random.below(2000) - 1000
  if (name === 'Float') return (random.below(2000) - 1000) / 8
  if (name === 'Boolean') return random.onceIn(2)
  return `${random.pick(TEXTS)}${random.below(100)}`
}

/** A value as text, whatever the order of its keys. */
function spell(args: unknown): string {
  return JSON.stringify(args, (_, given: unknown) =>
    typeof given === 'object' && given !== null && !Array.isArray(given)
      ? Object.fromEntries(Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1)))
      : given,
  )
}
