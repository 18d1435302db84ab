import {
  executeSync,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { refuse, type Write } from './completion.ts'
import type { Fragments } from './selection.ts'

/** What was asked of a schema before, by the text of the question: it is long, and most tools ask the same. */
const texts = new WeakMap<GraphQLSchema, LRUCache<string, string>>()
const REMEMBERED_CHARACTERS = 8 * 1024 * 1024

/** Writes `__schema` or `__type` by graphql-js over the schema clients see. */
export function createIntrospectionWriter(
  schema: GraphQLSchema,
  nodes: readonly FieldNode[],
  fragments: Fragments,
  variableDefinitions: readonly VariableDefinitionNode[],
): Write {
  const definitions = [...fragments.values()]
  const used = new Set<string>()
  for (const node of [...nodes, ...definitions]) {
    visit(node, {
      Variable({ name }) {
        used.add(name.value)
      },
    })
  }
  const document = {
    kind: Kind.DOCUMENT as const,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION as const,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: variableDefinitions.filter(({ variable }) => used.has(variable.name.value)),
        selectionSet: { kind: Kind.SELECTION_SET as const, selections: nodes },
      },
      ...definitions,
    ],
  }
  const known = textsOf(schema)
  const question = used.size === 0 ? print(document) : null
  return (_, completion) => {
    const before = question === null ? undefined : known.get(question)
    if (before !== undefined) return before
    const { data, errors } = executeSync({ schema, document, variableValues: completion.variables })
    if (errors?.[0] !== undefined || data == null) {
      return refuse(completion, errors?.[0]?.message ?? 'No introspection')
    }
    const text = JSON.stringify(Object.values(data)[0])
    if (question !== null) known.set(question, text)
    return text
  }
}

function textsOf(schema: GraphQLSchema): LRUCache<string, string> {
  let known = texts.get(schema)
  if (known === undefined) {
    known = new LRUCache({
      maxSize: REMEMBERED_CHARACTERS,
      sizeCalculation: (text, question) => text.length + question.length + 1,
    })
    texts.set(schema, known)
  }
  return known
}
