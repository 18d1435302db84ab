import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isObjectType,
} from 'graphql'

type Rooms = ReadonlyMap<string, GraphQLSchema>

/** Types of which a field's objects can be: those that all rooms which answer the field have heard of. */
export function commonPossibleTypes(
  rooms: Rooms,
  supergraphSchema: GraphQLSchema,
): (parent: string, field: string, type: GraphQLNamedType) => readonly string[] {
  const known = new Map<string, string[]>()
  const concrete = (schema: GraphQLSchema, type: GraphQLNamedType): string[] => {
    const local = schema.getType(type.name)
    if (isAbstractType(local)) return schema.getPossibleTypes(local).map(({ name }) => name)
    const whole = supergraphSchema.getType(type.name)
    return isAbstractType(whole)
      ? supergraphSchema.getPossibleTypes(whole).map(({ name }) => name)
      : [type.name]
  }
  for (const schema of rooms.values()) {
    for (const parent of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      for (const field of Object.values(parent.getFields())) {
        const type = getNamedType(field.type)
        if (!isCompositeType(type)) continue
        const coordinate = `${parent.name}.${field.name}`
        const here = concrete(schema, type).filter((name) => supergraphSchema.getType(name) !== undefined)
        known.set(coordinate, known.get(coordinate)?.filter((name) => here.includes(name)) ?? here)
      }
    }
  }
  return (parent, field, type) => {
    const owner = supergraphSchema.getType(parent)
    const family = [parent, ...(isObjectType(owner) ? owner.getInterfaces().map(({ name }) => name) : [])]
    const here = family.map((name) => known.get(`${name}.${field}`)).find((found) => found !== undefined)
    return here ?? concrete(supergraphSchema, type)
  }
}

/** The values of an enum that clients and all rooms know. */
export function commonEnumValues(
  rooms: Rooms,
  apiSchema: GraphQLSchema,
): (name: string) => readonly string[] {
  const valuesIn = (schema: GraphQLSchema, name: string): string[] | undefined => {
    const type = schema.getType(name)
    return isEnumType(type) ? type.getValues().map((value) => value.name) : undefined
  }
  return (name) => {
    const known = [apiSchema, ...rooms.values()].flatMap((schema) => {
      const values = valuesIn(schema, name)
      return values === undefined ? [] : [values]
    })
    return (known[0] ?? []).filter((value) => known.every((values) => values.includes(value)))
  }
}
