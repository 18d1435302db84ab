import { type DocumentNode, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import type { RoomRequest, RoomResponse } from './room.ts'

/** Resolves events of one subscription, jointly with others where they make the same of the same event. */
export type EventResolution = (event: unknown, resolve: () => Promise<RoomResponse>) => Promise<RoomResponse>

type Operation = Pick<RoomRequest, 'variables' | 'operationName'> & { document: DocumentNode }

/**
 * Many follow one thing with the same words. Where the schema says by `@sharedEvents` that an event is the same for all who get it,
 * and nothing with `@viewer` is selected, those who get the very same object at about the same time have it resolved once.
 */
export function createEventSharing(schema: GraphQLSchema): (operation: Operation) => EventResolution {
  const shapes = new WeakMap<DocumentNode, Shape | null>()
  const running = new WeakMap<object, Map<string, Promise<RoomResponse>>>()
  let documents = 0

  function shapeOf(document: DocumentNode): Shape | null {
    const known = shapes.get(document)
    if (known !== undefined) return known
    const shape = findShape(schema, document, `${documents++}`)
    shapes.set(document, shape)
    return shape
  }

  return ({ document, variables = {}, operationName = '' }) => {
    const shape = shapeOf(document)
    if (shape === null) return (_, resolve) => resolve()
    const key = JSON.stringify([shape.document, operationName, shape.shapedBy.map((name) => variables[name])])

    return (event, resolve) => {
      const subject = (event as Record<string, unknown>)[shape.field]
      if (typeof subject !== 'object' || subject === null) return resolve()
      const ofSubject = running.get(subject) ?? new Map<string, Promise<RoomResponse>>()
      running.set(subject, ofSubject)
      const standing = ofSubject.get(key)
      if (standing !== undefined) return standing
      const resolving = resolve().finally(() => setImmediate(() => ofSubject.delete(key)))
      ofSubject.set(key, resolving)
      return resolving
    }
  }
}

/** What makes two operations the same for an event. */
interface Shape {
  document: string
  /** The subscription's field. */
  field: string
  /** The variables that stand below it: those of the field itself decide only which events there are. */
  shapedBy: string[]
}

/** Null where an event may be another for another viewer. */
function findShape(schema: GraphQLSchema, document: DocumentNode, name: string): Shape | null {
  const types = new TypeInfo(schema)
  const shapedBy = new Set<string>()
  const fields: string[] = []
  let isShared = true
  const isAtRoot = (): boolean => types.getParentType() === schema.getSubscriptionType()
  visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.VARIABLE_DEFINITION]: () => false,
      [Kind.ARGUMENT]: () => (isAtRoot() && types.getDirective() == null ? false : undefined),
      [Kind.VARIABLE](node) {
        shapedBy.add(node.name.value)
      },
      [Kind.FIELD](node) {
        const said = types.getFieldDef()?.astNode?.directives?.map((directive) => directive.name.value) ?? []
        if (isAtRoot()) fields.push(node.name.value)
        isShared &&= isAtRoot() ? said.includes('sharedEvents') : !said.includes('viewer')
      },
    }),
  )
  const [field] = fields
  if (!isShared || field === undefined || fields.length > 1) return null
  return { document: name, field, shapedBy: [...shapedBy].sort() }
}
