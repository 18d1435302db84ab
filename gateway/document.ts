import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { AppError, type ErrorCode } from '#shared/errors.ts'
import { type Fragments, fragmentsOf } from './execute/selection.ts'
import { enforceLimits, type Limits } from './limits.ts'
import { hideSchema } from './masking.ts'

/** A document that fits the schema and the limits, with the operation that is wanted of it. */
export interface ValidDocument {
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
  readonly fragments: Fragments
  /** The units that its guess at a secret costs; 0 where it makes none. */
  readonly guess: number
  readonly tokens: number
}

export interface DocumentOptions {
  limits: Limits
  /** No introspection, and no word of what else there is. */
  isProduction: boolean
}

/** Reads documents; throws GraphQLErrors with the code of the stage that refused them, the cheapest stage first. */
export function createDocumentReader(
  schema: GraphQLSchema,
  { limits, isProduction }: DocumentOptions,
): (source: string, operationName: string | undefined) => ValidDocument {
  const rules = isProduction ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules

  return (source, operationName) => {
    const document = read(source, limits.tokens)
    const guess = enforceLimits(document, limits)
    const [fault] = validate(schema, document, rules, { maxErrors: 10, hideSuggestions: isProduction })
    if (fault !== undefined) {
      const message = isProduction ? hideSchema(fault) : fault.message
      throw coded(fault, 'GRAPHQL_VALIDATION_FAILED', message)
    }
    return { ...withoutPlaces(source, operationName), guess, tokens: document.tokenCount ?? 0 }
  }
}

/**
 * The document as it is kept. Its nodes know no places: behind those hang all tokens of the text, comments among them, which no
 * limit counts.
 */
function withoutPlaces(
  source: string,
  operationName: string | undefined,
): Pick<ValidDocument, 'document' | 'definition' | 'fragments'> {
  const document = parse(source, { noLocation: true })
  const definition = getOperationAST(document, operationName)
  if (!definition) throw new AppError('BAD_USER_INPUT', whichOperation(operationName))
  return { document, definition, fragments: fragmentsOf(document) }
}

function read(source: string, maxTokens: number): DocumentNode {
  try {
    return parse(source, { maxTokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const isTooLong = error.message.endsWith('tokens. Parsing aborted.')
    throw coded(error, isTooLong ? 'QUERY_TOO_COMPLEX' : 'GRAPHQL_PARSE_FAILED')
  }
}

function coded(fault: GraphQLError, code: ErrorCode, message = fault.message): GraphQLError {
  const { nodes, source, positions } = fault
  return new GraphQLError(message, {
    extensions: { code },
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
  })
}

function whichOperation(operationName: string | undefined): string {
  if (operationName === undefined)
    return 'The document has several operations: say which one in operationName'
  return `The document has no operation ${operationName.slice(0, 60)}`
}
