import { readdirSync, readFileSync } from 'node:fs'
import { printSchema, Supergraph } from '@apollo/federation-internals'
import {
  buildSchema,
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
  validate,
} from 'graphql'
import { beforeAll, expect, test } from 'vitest'
import { readSupergraph } from '../supergraph.ts'

const FOLDER = new URL('./', import.meta.url)
const variables = JSON.parse(readFileSync(new URL('variables.json', FOLDER), 'utf8')) as Record<
  string,
  unknown
>
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql'))
const operations = files.flatMap((name) =>
  parse(readFileSync(new URL(name, FOLDER), 'utf8')).definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  ),
)

let schema: GraphQLSchema

beforeAll(async () => {
  schema = buildSchema(printSchema(Supergraph.build(await readSupergraph()).apiSchema()))
})

test.each(operations.map((operation) => [operation.name?.value ?? '', operation] as const))(
  '%s is valid, and its example variables fit',
  (name, operation) => {
    const values = (variables[name] ?? {}) as Record<string, unknown>

    expect(validate(schema, { kind: Kind.DOCUMENT, definitions: [operation] })).toEqual([])
    expect(faultsOf(operation, values)).toEqual([])
  },
)

test('names are unique, and example variables belong to operations there are', () => {
  const names = operations.map((operation) => operation.name?.value)

  expect(new Set(names).size).toBe(names.length)
  expect(Object.keys(variables).filter((name) => !names.includes(name))).toEqual([])
})

/** Values that no declared variable takes, and values its type refuses. */
function faultsOf(operation: OperationDefinitionNode, values: Record<string, unknown>): string[] {
  const declared = operation.variableDefinitions ?? []
  const unknown = Object.keys(values).filter(
    (key) => !declared.some(({ variable }) => variable.name.value === key),
  )
  const refused = declared.flatMap(({ variable, type }) => {
    const inputType = typeFromAST(schema, type)
    const faults: string[] = []
    if (isInputType(inputType))
      coerceInputValue(values[variable.name.value], inputType, (path, _value, error) => {
        faults.push(`${[variable.name.value, ...path].join('.')}: ${error.message}`)
      })
    return faults
  })
  return [...unknown.map((key) => `${key} is not declared`), ...refused]
}
