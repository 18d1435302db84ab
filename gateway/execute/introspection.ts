import {
  executeSync,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { refuse, type Write } from './completion.ts'
import type { Fragments } from './selection.ts'

/** Writes `__schema` or `__type` by graphql-js over the schema clients see; once for all when no variable is in it. */
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
  let known: string | undefined
  return (_, completion) => {
    if (known !== undefined) return known
    const { data, errors } = executeSync({ schema, document, variableValues: completion.variables })
    if (errors?.[0] !== undefined || data == null) {
      return refuse(completion, errors?.[0]?.message ?? 'No introspection')
    }
    const text = JSON.stringify(Object.values(data)[0])
    if (used.size === 0) known = text
    return text
  }
}
