import {
  type DocumentNode,
  execute,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql'
import type { RoomRequest, RoomResponse } from '#shared/room.ts'
import { createChance, hash } from './chance.ts'

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
  /** Fields whose value is made of other fields of their object: `Product.shipping: ['price', 'box.size']`. */
  requires?: Readonly<Record<string, readonly string[]>>
  /** Fields that identify: they spell their object's number. */
  keys?: readonly string[]
  /** Whether there are errors, and nulls that should not be. */
  isTroubled?: boolean
}

const TEXTS = ['plain', 'say "so"', 'back\\slash', 'two\nlines', 'naïve ☃', '😀', 'half \ud83d', '\u2028', '']

export function createWorld({
  rooms,
  apiSchema,
  requires = {},
  keys = ['id'],
  isTroubled = false,
}: WorldOptions): World {
  const types = Object.values(apiSchema.getTypeMap()).filter(isObjectType)
  const names = types.map(({ name }) => name).sort()
  const possible = possibleTypes(rooms, apiSchema)
  const documents = new Map<string, DocumentNode>()
  for (const schema of rooms.values()) answerEntities(schema)

  const resolve: GraphQLFieldResolver<Thing | undefined, unknown> = (source, args, _, info) => {
    const { fieldName, parentType, returnType } = info
    const thing = source ?? { __typename: parentType.name, number: 0 }
    const needed = requires[`${thing.__typename}.${fieldName}`]
    if (needed !== undefined)
      return needed.map((path) => `${path}=${JSON.stringify(read(thing, path))}`).join()
    return value(returnType, fieldName, thing, spell(args), parentType.name)
  }
  const typeResolver = (thing: Thing): string => thing.__typename

  return {
    async ask(room, { query, variables = {} }) {
      const schema = rooms.get(room)
      if (schema === undefined) throw new Error(`There is no room ${room}`)
      const document = documents.get(query) ?? parse(query)
      documents.set(query, document)
      return plain(
        await execute({ schema, document, variableValues: variables, fieldResolver: resolve, typeResolver }),
      )
    },
    async askWhole(document, variableValues) {
      const request = { schema: apiSchema, document, variableValues, fieldResolver: resolve, typeResolver }
      return plain(await execute(request))
    },
  }

  /** A required field of a thing: as the room was told, or as the world has it. */
  function read(thing: Thing, path: string): unknown {
    let found: unknown = thing.representation
    if (thing.representation !== undefined) {
      for (const key of path.split('.')) found = (found as Record<string, unknown> | null)?.[key] ?? null
      return found
    }
    found = thing
    for (const key of path.split('.')) {
      const owner = found as Thing | null
      if (owner === null) return null
      const type = apiSchema.getType(owner.__typename)
      if (!isObjectType(type)) return null
      const field = type.getFields()[key]
      if (field === undefined) return null
      try {
        found = value(field.type, key, owner, '{}', type.name) ?? null
      } catch {
        return null
      }
    }
    return found
  }

  function value(
    type: GraphQLOutputType,
    field: string,
    thing: Thing,
    args: string,
    parent: string,
    place = '',
  ): unknown {
    const chance = createChance(hash(`${field} ${thing.number} ${args} ${place}`))
    const isKey = keys.includes(field)
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
        const typename = random.pick(possible(`${parent}.${field}`, given))
        return { __typename: typename, number: random.below(5) * names.length + names.indexOf(typename) }
      }
      if (isKey) return getNamedType(given).name === 'Int' ? thing.number : `${thing.number}`
      if (isEnumType(given)) {
        const known = apiSchema.getType(given.name)
        return random.pick(isEnumType(known) ? known.getValues() : given.getValues()).value
      }
      return scalar(getNamedType(given), random)
    }
  }

  function answerEntities(schema: GraphQLSchema): void {
    const field = schema.getQueryType()?.getFields()['_entities']
    if (field === undefined) return
    field.resolve = (_source, args) => {
      const representations = args['representations'] as Record<string, unknown>[]
      return representations.map((representation): Thing => {
        const key = keys.find((name) => representation[name] !== undefined)
        const number = Number(representation[key ?? 'id'])
        const given = String(representation['__typename'])
        const isConcrete = isObjectType(schema.getType(given))
        return {
          __typename: isConcrete ? given : (names[number % names.length] ?? given),
          number,
          representation,
        }
      })
    }
  }
}

/** Types of which a field's objects can be: those that all rooms which answer the field have heard of. */
function possibleTypes(
  rooms: ReadonlyMap<string, GraphQLSchema>,
  apiSchema: GraphQLSchema,
): (coordinate: string, type: GraphQLNamedType) => readonly string[] {
  const known = new Map<string, string[]>()
  const concrete = (schema: GraphQLSchema, type: GraphQLNamedType): string[] => {
    const local = schema.getType(type.name)
    if (isAbstractType(local)) return schema.getPossibleTypes(local).map(({ name }) => name)
    const whole = apiSchema.getType(type.name)
    return isAbstractType(whole) ? apiSchema.getPossibleTypes(whole).map(({ name }) => name) : [type.name]
  }
  for (const schema of rooms.values()) {
    for (const parent of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      for (const field of Object.values(parent.getFields())) {
        const type = getNamedType(field.type)
        if (!isCompositeType(type)) continue
        const coordinate = `${parent.name}.${field.name}`
        const here = concrete(schema, type).filter((name) => apiSchema.getType(name) !== undefined)
        known.set(coordinate, known.get(coordinate)?.filter((name) => here.includes(name)) ?? here)
      }
    }
  }
  return (coordinate, type) => known.get(coordinate) ?? concrete(apiSchema, type)
}

function scalar({ name }: GraphQLNamedType, random: ReturnType<typeof createChance>): unknown {
  if (name === 'Int') return random.below(2000) - 1000
  if (name === 'Float') return (random.below(2000) - 1000) / 8
  if (name === 'Boolean') return random.onceIn(2)
  return `${random.pick(TEXTS)}${random.below(100)}`
}

/** Arguments as text, whatever their order. */
function spell(args: unknown): string {
  return JSON.stringify(args, (_, given: unknown) =>
    typeof given === 'object' && given !== null && !Array.isArray(given)
      ? Object.fromEntries(Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1)))
      : given,
  )
}

function plain(result: {
  data?: unknown
  errors?: readonly { toJSON(): unknown }[] | undefined
}): RoomResponse {
  return JSON.parse(JSON.stringify(result)) as RoomResponse
}
