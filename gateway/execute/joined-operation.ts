import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  parse,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import type { FetchNode } from './plan.ts'
import { type RoomOperation, roomOperation } from './room-call.ts'

/** The names under which one fetch's question and answer travel. */
export interface Ticket {
  field: string
  variable: string
}

/** One operation that asks what several fetches ask. */
export interface JoinedOperation extends RoomOperation {
  /** The client's variables in it. */
  variableUsages: readonly string[]
  tickets: readonly Ticket[]
}

const FIELD = '_entities'
const VARIABLE = 'representations'

/** Whether the fetch's operation has the one form that can be joined: a query of `_entities` and nothing else. */
export function isJoinable({ operation }: FetchNode): boolean {
  const node = operationOf(parse(operation, { noLocation: true }))
  const [field, ...others] = node?.selectionSet.selections ?? []
  return (
    node?.directives?.length === 0 &&
    others.length === 0 &&
    field?.kind === Kind.FIELD &&
    field.name.value === FIELD &&
    field.alias === undefined
  )
}

/** What a fetch asks, whatever its operation is called: fetches with the same question travel as one. */
export function questionOf({ operation, requires, inputRewrites, outputRewrites }: FetchNode): string {
  const document = visit(parse(operation, { noLocation: true }), {
    OperationDefinition({ name: _, ...node }) {
      return node
    },
  })
  return JSON.stringify([print(document), requires, inputRewrites, outputRewrites])
}

/** Writes joinable fetches as one operation: each one's `_entities` under an alias, its representations and fragments numbered. */
export function joinOperations(nodes: readonly FetchNode[]): JoinedOperation {
  const [first] = nodes
  const variableUsages = [...new Set(nodes.flatMap((node) => node.variableUsages ?? []))]
  const operationName = first?.operationName
  if (nodes.length === 1 && first !== undefined) {
    const tickets = [{ field: FIELD, variable: VARIABLE }]
    return { ...roomOperation(first.operation, operationName), variableUsages, tickets }
  }
  const tickets = nodes.map((_, index): Ticket => {
    let variable = `${VARIABLE}${index}`
    while (variableUsages.includes(variable)) variable += '_'
    return { field: `${FIELD}${index}`, variable }
  })
  const variables = new Map<string, VariableDefinitionNode>()
  const fragments: FragmentDefinitionNode[] = []
  const selections: OperationDefinitionNode['selectionSet']['selections'][number][] = []
  for (const [index, { operation }] of nodes.entries()) {
    const document = renumber(
      parse(operation, { noLocation: true }),
      index,
      tickets[index] ?? { field: '', variable: '' },
    )
    const query = operationOf(document)
    for (const definition of query?.variableDefinitions ?? []) {
      variables.set(definition.variable.name.value, definition)
    }
    selections.push(...(query?.selectionSet.selections ?? []))
    fragments.push(...document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION))
  }
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...(operationOf(parse(first?.operation ?? '')) as OperationDefinitionNode),
        variableDefinitions: [...variables.values()],
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
      ...fragments,
    ],
  }
  return { ...roomOperation(print(document), operationName), variableUsages, tickets }
}

function renumber(document: DocumentNode, index: number, { field, variable }: Ticket): DocumentNode {
  const named = (node: NameNode, value: string): NameNode => ({ ...node, value })
  const numbered = (node: NameNode): NameNode => named(node, `${node.value}_${index}`)
  return visit(document, {
    Variable(node) {
      return node.name.value === VARIABLE ? { ...node, name: named(node.name, variable) } : undefined
    },
    Field(node) {
      return node.name.value === FIELD ? { ...node, alias: named(node.name, field) } : undefined
    },
    FragmentSpread(node) {
      return { ...node, name: numbered(node.name) }
    },
    FragmentDefinition(node) {
      return { ...node, name: numbered(node.name) }
    },
  })
}

function operationOf(document: DocumentNode): OperationDefinitionNode | undefined {
  return document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
}
