import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'

function refuse(name: string, value: unknown): never {
  throw new GraphQLError(`${name} cannot hold ${String(JSON.stringify(value)).slice(0, 60)}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  })
}

function textScalar(
  name: string,
  description: string,
  isValid: (text: string) => boolean,
): GraphQLScalarType {
  const parse = (value: unknown): string =>
    typeof value === 'string' && isValid(value) ? value : refuse(name, value)
  return new GraphQLScalarType<string, string>({
    name,
    description,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
    serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  })
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** The custom scalars of the schema. Instants go in and out as ISO 8601 text; rows may hold a Date. */
export const scalars = {
  DateTime: textScalar(
    'DateTime',
    'ISO 8601 instant; we answer in UTC',
    (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  ),
  Date: textScalar(
    'Date',
    'ISO 8601 calendar date',
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  ),
  // Any two capitals pass here: whether the country exists is the room's to say, in userErrors with COUNTRY_UNKNOWN.
  CountryCode: textScalar('CountryCode', 'ISO 3166-1 alpha-2', (text) => text.length <= 8),
  URL: textScalar('URL', 'Absolute URL', (text) => URL.canParse(text)),
  Long: new GraphQLScalarType<number, number>({
    name: 'Long',
    description: '64-bit integer as a JSON number, at most 2^53-1',
    parseValue: (value) => (Number.isSafeInteger(value) ? (value as number) : refuse('Long', value)),
    parseLiteral: (node) => {
      const value = node.kind === Kind.INT ? Number(node.value) : Number.NaN
      return Number.isSafeInteger(value) ? value : refuse('Long', value)
    },
    serialize: (value) => {
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : refuse('Long', String(value))
    },
  }),
}
