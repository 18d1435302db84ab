import {
  buildSchema,
  type ConstDirectiveNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isObjectType,
  Kind,
  parse,
  print,
  printSchema,
  type ScalarTypeDefinitionNode,
} from 'graphql'
import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { createLogger } from '#shared/telemetry.ts'
import type { Caller, Rights } from '../caller.ts'
import { coerceVariables } from '../engine.ts'
import { type Chance, createChance } from '../execute/testing/chance.ts'
import type { Comparison } from '../execute/testing/differential.ts'
import { cadenza, type Graph } from '../execute/testing/graphs.ts'
import { faultsOf } from '../execute/testing/judgement.ts'
import { RANDOM_GRAPHS, randomGraph } from '../execute/testing/random-graph.ts'
import { randomOperation } from '../execute/testing/random-operation.ts'
import { createWorld } from '../execute/testing/world.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { createOperations } from '../operations.ts'
import { loadSupergraph } from '../supergraph.ts'

/** For each supergraph; raise them for a long run. */
const GUARDINGS = 1
const OPERATIONS = 50

const SCOPES = ['a', 'b', 'c']
const logger = createLogger('test', 'silent')
const limits = Object.fromEntries(
  Object.entries(DEFAULT_LIMITS).map(([name, value]) => [name, typeof value === 'number' ? 1e9 : value]),
) as unknown as Limits

/** The scopes that a coordinate wants all of; those that are not in it want none. */
type Guarding = ReadonlyMap<string, readonly string[]>

function guardAtRandom(schema: GraphQLSchema, chance: Chance): Guarding {
  const guarding = new Map<string, string[]>()
  const guard = (coordinate: string, times: number): void => {
    if (chance.onceIn(times))
      guarding.set(
        coordinate,
        SCOPES.filter(() => chance.onceIn(2)),
      )
  }
  for (const type of Object.values(schema.getTypeMap())) {
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
      type as never,
    )
    if (type.name.startsWith('__')) continue
    if (isEnumType(type) || (isObjectType(type) && !isRoot)) guard(type.name, 8)
    if (isObjectType(type))
      for (const field of Object.keys(type.getFields())) guard(`${type.name}.${field}`, isRoot ? 10 : 5)
  }
  return guarding
}

/** The supergraph with the guards in it, as composition writes them. */
function withGuards(sdl: string, guarding: Guarding): string {
  const guarded = <Node extends { directives?: readonly ConstDirectiveNode[] }>(
    node: Node,
    coordinate: string,
  ): Node => {
    const scopes = guarding.get(coordinate)
    if (scopes === undefined) return node
    const text =
      scopes.length === 0 ? '@authenticated' : `@requiresScopes(scopes: [${JSON.stringify(scopes)}])`
    const [scalar] = parse(`scalar Any ${text}`, { noLocation: true }).definitions
    const { directives = [] } = scalar as ScalarTypeDefinitionNode
    return { ...node, directives: [...(node.directives ?? []), ...directives] }
  }
  const document = parse(sdl, { noLocation: true })
  const definitions = document.definitions.map((node) => {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION) return guarded(node, node.name.value)
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return node
    const fields = node.fields?.map((field) => guarded(field, `${node.name.value}.${field.name.value}`)) ?? []
    return guarded({ ...node, fields }, node.name.value)
  })
  return print({ ...document, definitions })
}

/** An undivided schema whose resolvers throw where the caller lacks a scope. */
function guardedSchema(schema: GraphQLSchema, mayRead: (coordinate: string) => boolean): GraphQLSchema {
  const guarded = buildSchema(printSchema(schema), { assumeValidSDL: true })
  const refuse = (): never => {
    throw new GraphQLError('You may not read this')
  }
  for (const type of Object.values(guarded.getTypeMap())) {
    if (isAbstractType(type))
      type.resolveType = ({ __typename: name }: { __typename: string }) => (mayRead(name) ? name : refuse())
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (!mayRead(`${type.name}.${field.name}`) || !mayRead(getNamedType(field.type).name))
        field.resolve = refuse
    }
  }
  return guarded
}

interface Answer {
  data: unknown
  errors: readonly GraphQLFormattedError[]
}

async function compare(graph: Graph, seed: number): Promise<{ withheld: number; faulty: unknown[] }> {
  const chance = createChance(seed)
  const guarding = guardAtRandom(graph.apiSchema, chance)
  const { rooms, apiSchema, supergraphSchema, facts } = graph
  const world = createWorld({ rooms, apiSchema, supergraphSchema, facts })
  const supergraph = await loadSupergraph(withGuards(graph.sdl, guarding), () => world.ask, limits, logger)
  const operations = createOperations(supergraph, { limits, isProduction: false })
  const outcome = { withheld: 0, faulty: [] as unknown[] }

  const viewers = [null, [], ...SCOPES.map((scope) => [scope]), SCOPES].map((scopes) => {
    const rights: Rights | null = scopes && { scopes: new Set(scopes), policies: new Set() }
    const mayRead = (coordinate: string): boolean =>
      guarding.get(coordinate)?.every((scope) => scopes?.includes(scope)) !== false &&
      (scopes !== null || !guarding.has(coordinate))
    const undivided = guardedSchema(apiSchema, mayRead)
    return { rights, whole: createWorld({ rooms, apiSchema: undivided, supergraphSchema, facts }) }
  })

  for (let turn = 0; turn < OPERATIONS; turn++) {
    const viewer = chance.pick(viewers)
    const { rights } = viewer
    const { source, variables } = randomOperation(
      apiSchema,
      seed * OPERATIONS + turn,
      turn % 7 || !apiSchema.getMutationType() ? 'query' : 'mutation',
    )
    const { data = null, errors = [] } = await viewer.whole.askWhole(parse(source), variables)
    const whole: Answer = { data, errors }
    try {
      const operation = operations.ready(source, undefined, rights)
      if (operation.variant !== '') outcome.withheld++
      const given = coerceVariables(operation, variables)
      const answer = await operation.execute({ variables: given, caller: { rights } as Caller })
      const ours: Answer = { ...answer, data: answer.data === null ? null : JSON.parse(answer.data) }
      const comparison: Partial<Comparison> = { ours, whole, stock: whole, calls: { ours: 1, stock: 1 } }
      const faults = faultsOf(comparison as Comparison)
      if (faults.length > 0) outcome.faulty.push({ seed, turn, faults, source, rights })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const isAnyTold = Object.values(data ?? {}).some(
        (value) => value !== null && !TYPENAMES.has(String(value)),
      )
      if (isAnyTold) outcome.faulty.push({ seed, turn, refused: error.message, source, data })
    }
  }
  return outcome
}

const TYPENAMES = new Set(['Query', 'Mutation'])

test.each([
  { name: 'our own supergraph', compose: cadenza },
  ...RANDOM_GRAPHS.map((seed) => ({
    name: `the random supergraph ${seed}`,
    compose: () => randomGraph(seed),
  })),
])(
  '$name with guards is answered as by resolvers that throw',
  async ({ compose }) => {
    const graph = compose()
    const first = Math.floor(Math.random() * 1e6)
    let withheld = 0
    for (let seed = first; seed < first + GUARDINGS; seed++) {
      const outcome = await compare(graph, seed)
      expect(outcome.faulty).toEqual([])
      withheld += outcome.withheld
    }

    expect(withheld).toBeGreaterThan((GUARDINGS * OPERATIONS) / 10)
  },
  60_000,
)
