import {
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'

interface Typed {
  __typename: string
}

type Ask = (thing: Typed, field: GraphQLField<unknown, unknown>, args: Record<string, unknown>) => unknown

/** What is required of a thing, as `ask` tells of it; what fails is null, as it is for a room that is told of it. */
export function askRequired(
  schema: GraphQLSchema,
  ask: Ask,
): (thing: Typed, fields: SelectionSetNode) => unknown {
  return known

  function known(thing: unknown, fields: SelectionSetNode): unknown {
    if (Array.isArray(thing)) return thing.map((item) => known(item, fields))
    if (thing == null || thing instanceof Error) return null
    const { __typename } = thing as Typed
    const type = schema.getType(__typename)
    if (!isObjectType(type)) return null
    const found: Record<string, unknown> = {}
    for (const selection of fields.selections) {
      if (selection.kind === Kind.FIELD) found[selection.name.value] = knownField(thing as Typed, selection)
      if (selection.kind !== Kind.INLINE_FRAGMENT) continue
      const condition = schema.getType(selection.typeCondition?.name.value ?? __typename)
      const applies = condition === type || (isAbstractType(condition) && schema.isSubType(condition, type))
      if (applies) Object.assign(found, known(thing, selection.selectionSet))
    }
    return found
  }

  function knownField(thing: Typed, node: FieldNode): unknown {
    const type = schema.getType(thing.__typename)
    const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined) throw new Error(`There is no ${thing.__typename}.${node.name.value}`)
    const args = getArgumentValues(field, node)
    try {
      const found = ask(thing, field, args) ?? null
      return node.selectionSet === undefined ? found : known(found, node.selectionSet)
    } catch {
      return null
    }
  }
}

/** What is required of a thing, as the room was told; throws where it was not. */
export function readRequired(told: unknown, fields: SelectionSetNode, isCertain = true): unknown {
  if (Array.isArray(told)) return told.map((item) => readRequired(item, fields))
  if (told === null) return null
  const object = (told ?? {}) as Record<string, unknown>
  const found: Record<string, unknown> = {}
  for (const selection of fields.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      Object.assign(found, readRequired(object, selection.selectionSet, false))
    } else if (selection.kind === Kind.FIELD) {
      const { name, selectionSet } = selection
      const item = object[name.value]
      if (item === undefined && isCertain) throw new Error(`${name.value} is required and was not told`)
      if (item !== undefined) found[name.value] = selectionSet ? readRequired(item, selectionSet) : item
    }
  }
  return found
}
