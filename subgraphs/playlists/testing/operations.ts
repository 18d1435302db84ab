import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { readSchema } from '#shared/schema.ts'

const KEY: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } }

const schema = buildSubgraphSchema(readSchema('playlists'))

/** The playlist operations of schema/operations by name, as the door asks this room. */
export function readOperations(): Map<string, string> {
  const file = new URL('../../../schema/operations/playlists.graphql', import.meta.url)
  return new Map(
    ownPart(parse(readFileSync(file, 'utf8'))).definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? [[node.name?.value ?? '', print(node)]] : [],
    ),
  )
}

/** A document as the door asks this room: other rooms' fields become a key. */
export function ownPart(document: DocumentNode): DocumentNode {
  const typeInfo = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(typeInfo, {
      [Kind.FIELD]: (node: FieldNode) =>
        typeInfo.getFieldDef() == null && node.name.value !== '__typename' ? null : undefined,
      SelectionSet: {
        leave: (node) => (node.selections.length === 0 ? { ...node, selections: [KEY] } : undefined),
      },
    }),
  )
}
