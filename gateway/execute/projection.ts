import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql'
import { sourceOf } from './aliases.ts'
import { type Completion, excuse, land, refuse, type Write } from './completion.ts'
import type { Denial } from './denial.ts'
import { createIntrospectionWriter } from './introspection.ts'
import { quote } from './json-text.ts'
import { createLeafWriter } from './leaf.ts'
import { type Selector, selectFields } from './selection.ts'
import { ABSENT, isInherited, readOwn, type Tree } from './tree.ts'

interface FieldWriter {
  key: string
  /** The name under which the rooms' answer has it. */
  source: string
  /** Everything between the field before and this one's value. */
  prefix: string
  write: Write
  isInherited: boolean
}

type WriteObject = (tree: Tree, completion: Completion) => string | undefined

/**
 * Compiles an operation over a schema into the function that writes a tree of room answers as JSON text: exactly what is
 * selected, in its order, with null where the schema or the rooms say so. Undefined when the whole of it is null.
 */
export function createProjection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selector: Selector,
): WriteObject {
  const root = schema.getRootType(operation.operation)
  if (root == null) throw new Error(`The schema has no ${operation.operation}`)
  return createObjectWriter(root, [operation])

  /** The writer of objects whose type is known: `type` is abstract only when the room did not say, or does not know itself. */
  function createObjectWriter(
    type: GraphQLCompositeType,
    parents: readonly { selectionSet?: FieldNode['selectionSet'] }[],
  ): WriteObject {
    const selectionSets = parents.flatMap(({ selectionSet }) => selectionSet ?? [])
    const fields: FieldWriter[] = []
    let prefix = '{'
    for (const [key, nodes] of selectFields(selector, selectionSets, type.name)) {
      prefix += `${quote(key)}:`
      if (nodes[0]?.name.value === TypeNameMetaFieldDef.name && isObjectType(type)) {
        prefix += `"${type.name}",`
        continue
      }
      const source = sourceOf(selector.aliases, key, nodes)
      const write = createFieldWriter(type, nodes)
      fields.push({ key, source, prefix, write, isInherited: isInherited(source) })
      prefix = ','
    }
    const suffix = prefix === ',' ? '}' : `${prefix.replace(/,$/, '')}}`
    return (tree, completion) => writeFields(tree, fields, suffix, completion)
  }

  function createFieldWriter(parent: GraphQLCompositeType, nodes: readonly FieldNode[]): Write {
    const name = nodes[0]?.name.value ?? ''
    if (name === TypeNameMetaFieldDef.name) {
      return (_, completion) => refuse(completion, `The type of an object of ${parent.name} is not known.`)
    }
    if (parent === root && (name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name)) {
      const definitions = operation.variableDefinitions ?? []
      return createIntrospectionWriter(schema, nodes, selector.fragments, definitions)
    }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
    if (field === undefined) throw new Error(`There is no field ${parent.name}.${name}`)
    const denial = selector.denials?.ofField(parent, nodes)
    if (denial !== undefined) return createDenialWriter(denial, !isNonNullType(field.type))
    return createWriter(field.type, selector.denials?.allowed(nodes) ?? nodes, `${parent.name}.${name}`)
  }

  function createWriter(type: GraphQLOutputType, nodes: readonly FieldNode[], coordinate: string): Write {
    if (isNonNullType(type)) {
      const write = createNonNullWriter(type.ofType, nodes, coordinate)
      const complaint = `Cannot return null for non-nullable field ${coordinate}.`
      return (value, completion) => (value == null ? refuse(completion, complaint) : write(value, completion))
    }
    const write = createNonNullWriter(type, nodes, coordinate)
    return (value, completion) => (value == null ? 'null' : (write(value, completion) ?? land(completion)))
  }

  function createNonNullWriter(
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    coordinate: string,
  ): Write {
    if (isListType(type)) return createListWriter(createWriter(type.ofType, nodes, coordinate), coordinate)
    if (isCompositeType(type)) return createCompositeWriter(type, nodes, coordinate)
    if (isNonNullType(type)) throw new Error('A type is never non-null twice')
    return createLeafWriter(type)
  }

  /** Picks the writer by the object's own type; writers of the types that occur are compiled when they first do. */
  function createCompositeWriter(
    declared: GraphQLCompositeType,
    nodes: readonly FieldNode[],
    coordinate: string,
  ): Write {
    const writers = new Map<unknown, WriteObject>()
    const learn = (typename: unknown): WriteObject | undefined => {
      const type = schema.getType(String(typename))
      if (!isCompositeType(type) || !selector.isSubtype(declared.name, type.name)) return undefined
      const denial = selector.denials?.ofType(type)
      const writer = denial ? createDenialWriter(denial, false) : createObjectWriter(type, nodes)
      writers.set(typename, writer)
      return writer
    }
    return (value, completion) => {
      if (typeof value !== 'object' || Array.isArray(value)) {
        return refuse(completion, `Expected an object for ${coordinate}.`)
      }
      const tree = value as Tree
      const typename = tree['__typename'] ?? declared.name
      const write = writers.get(typename) ?? learn(typename)
      return write === undefined
        ? refuse(completion, `Invalid __typename found for object at ${coordinate}.`)
        : write(tree, completion)
    }
  }
}

/** Writes nothing of what rooms answer, and why. */
function createDenialWriter({ message, code }: Denial, isNullable: boolean) {
  return (_: unknown, completion: Completion): string | undefined => {
    refuse(completion, message, code)
    return isNullable ? land(completion) : undefined
  }
}

function createListWriter(write: Write, coordinate: string): Write {
  return (value, completion) => {
    if (!Array.isArray(value)) return refuse(completion, `Expected a list for ${coordinate}.`)
    const path = completion.trail?.path
    let text = '['
    for (let index = 0; index < value.length; index++) {
      path?.push(index)
      const item = write(value[index], completion)
      path?.pop()
      if (item === undefined) return undefined
      text += index === 0 ? item : `,${item}`
    }
    return `${text}]`
  }
}

function writeFields(
  tree: Tree,
  fields: readonly FieldWriter[],
  suffix: string,
  completion: Completion,
): string | undefined {
  const path = completion.trail?.path
  let text = ''
  for (const field of fields) {
    const { key, source } = field
    path?.push(key)
    const part = field.write(field.isInherited ? readOwn(tree, source) : tree[source], completion)
    path?.pop()
    if (part === undefined) {
      if (tree[ABSENT]) excuse(completion)
      return undefined
    }
    text += field.prefix + part
  }
  return text + suffix
}
