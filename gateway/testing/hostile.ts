/** A request that no honest client sends, and what becomes of it. */
export interface HostileRequest {
  name: string
  body: string | Buffer
  contentType?: string
  /** The code it is refused with; null for what is harmless once it is measured, and answered. */
  code: string | null
}

const many = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ')
const nest = (depth: number, field = 'a'): string => `${`${field} { `.repeat(depth)}a${' }'.repeat(depth)}`

/** Selections double with each of `k` levels, and each level is in another room than the one above. */
export const fragmentBomb = (k: number): string => {
  const levels = many(
    k,
    (at) =>
      `fragment F${at} on Track { artists { topTracks(first: 1) { ...F${at + 1} } related(first: 1) { nodes { topTracks(first: 1) { ...F${at + 1} } } } } }`,
  )
  return `{ track(id: "track_1") { ...F0 } } ${levels} fragment F${k} on Track { title playCount }`
}
/** The same through an interface and with inline fragments. */
export const nodeBomb = (k: number): string => {
  const levels = many(
    k,
    (at) =>
      `fragment F${at} on Node { ... on Track { album { ...F${at + 1} } similar(first: 1) { nodes { ...F${at + 1} } } } ... on Album { artists { ...F${at + 1} } tracks(first: 1) { nodes { ...F${at + 1} } } } }`,
  )
  return `{ node(id: "track_1") { ...F0 } } ${levels} fragment F${k} on Node { id }`
}

const document = (
  name: string,
  query: string,
  code: string | null,
  variables: object = {},
): HostileRequest => ({
  name,
  body: JSON.stringify({ query, variables }),
  code,
})

const TOO_COMPLEX = 'QUERY_TOO_COMPLEX'

/** Documents, variables and bodies that are too much, or not what they seem. Made for our own supergraph. */
export function hostileRequests(): HostileRequest[] {
  return [
    document('17 levels', `{ ${nest(16)} }`, TOO_COMPLEX),
    document('5,000 levels', `{ ${nest(5_000)} }`, TOO_COMPLEX),
    document(
      '5,000 levels of lists in an argument',
      `{ node(id: ${'['.repeat(5_000)}${']'.repeat(5_000)}) { id } }`,
      TOO_COMPLEX,
    ),
    document(
      '100 levels through fragments',
      `{ ...F0 } ${many(100, (at) => `fragment F${at} on Query { a { ...F${at + 1} } }`)} fragment F100 on Query { a }`,
      TOO_COMPLEX,
    ),
    document(
      '300 inline fragments in one another',
      `{ ${'... { '.repeat(300)}__typename${' }'.repeat(300)} }`,
      null,
    ),
    document('101 aliases of one field', `{ ${many(101, (at) => `a${at}: __typename`)} }`, TOO_COMPLEX),
    document('10,000 aliases', `{ ${many(10_000, (at) => `a${at}: __typename`)} }`, TOO_COMPLEX),
    document('10,000 times the same field', `{ ${'__typename '.repeat(10_000)} }`, TOO_COMPLEX),
    document('11 root fields', `{ ${many(11, (at) => `f${at}: node(id: "${at}") { id }`)} }`, TOO_COMPLEX),
    document(
      'an alias of 100,000 characters',
      `{ trending { nodes { ${'x'.repeat(100_000)}: id } } }`,
      TOO_COMPLEX,
    ),
    document('51 directives', `{ __typename ${'@skip(if: false) '.repeat(51)} }`, TOO_COMPLEX),
    document('10,000 directives', `{ __typename ${'@a '.repeat(10_000)} }`, TOO_COMPLEX),
    document(
      '1,000 operations',
      many(1_000, (at) => `query Q${at} { __typename }`),
      TOO_COMPLEX,
    ),
    document(
      '100 unused fragments',
      `{ __typename } ${many(100, (at) => `fragment F${at} on Query { a }`)}`,
      'GRAPHQL_VALIDATION_FAILED',
    ),
    document(
      'a circle of fragments',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      TOO_COMPLEX,
    ),
    document('a circle with a field in it', '{ ...A } fragment A on Query { viewer { ...A } }', TOO_COMPLEX),
    ...[4, 5, 6, 7, 8, 9].map((k) =>
      document(`a bomb of fragments, k = ${k}`, fragmentBomb(k), k < 4 ? null : TOO_COMPLEX),
    ),
    ...[4, 5, 6, 7, 8, 9].map((k) =>
      document(`a bomb over an interface, k = ${k}`, nodeBomb(k), TOO_COMPLEX),
    ),
    document('a bomb of 64 levels', fragmentBomb(64), TOO_COMPLEX),
    document(
      '50 x 50 x 50 nodes',
      '{ artist(id: "a") { albums(first: 50) { nodes { tracks(first: 50) { nodes { similar(first: 50) { nodes { id } } } } } } } }',
      TOO_COMPLEX,
    ),
    document(
      'answers of megabytes by aliases',
      `{ artist(id: "a") { topTracks(first: 100) { similar(first: 100) { nodes { ${many(15, (at) => `a${at}: id b${at}: title`)} } } } } }`,
      TOO_COMPLEX,
    ),
    document('a page of a million', '{ trending(first: 1000000) { nodes { id } } }', TOO_COMPLEX),
    document(
      '60 fields that conflict',
      `{ viewer { ${many(60, (at) => `a: ${at % 2 ? 'id' : 'displayName'}`)} } }`,
      TOO_COMPLEX,
    ),
    document(
      'guesses at passwords by aliases',
      `mutation { ${many(10, (at) => `a${at}: signIn(input: { email: "a@b.c", password: "${at}", device: { name: "x", kind: WEB } }) { userErrors { code } }`)} }`,
      TOO_COMPLEX,
    ),
    document('one token of 250 KB', 'x'.repeat(250_000), 'GRAPHQL_PARSE_FAILED'),
    document('one string of 250 KB', `"${'x'.repeat(250_000)}"`, 'GRAPHQL_PARSE_FAILED'),
    document('an unfinished string of 250 KB', `{ node(id: "${'x'.repeat(250_000)}`, 'GRAPHQL_PARSE_FAILED'),
    document('a number of 250 KB', `{ node(id: ${'9'.repeat(250_000)}) { id } }`, null),
    document('a comment of 250 KB', `#${'x'.repeat(250_000)}\n{ __typename }`, null),
    document('250,000 commas', `{${','.repeat(250_000)}__typename}`, null),
    document(
      'an operation with a name of 250 KB',
      `query ${'x'.repeat(250_000)} { nothing }`,
      'GRAPHQL_VALIDATION_FAILED',
    ),
    document('variables of 65 KB', '{ __typename }', TOO_COMPLEX, { pad: 'x'.repeat(65_536) }),
    document('variables of 9 levels', '{ __typename }', TOO_COMPLEX, {
      a: { a: { a: { a: { a: { a: { a: { a: {} } } } } } } },
    }),
    {
      name: 'variables of 100,000 levels',
      body: `{"query":"{ __typename }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      code: TOO_COMPLEX,
    },
    {
      name: 'extensions of 100,000 levels',
      body: `{"query":"{ __typename }","extensions":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      code: null,
    },
    {
      name: 'a body of 100,000 levels',
      body: `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      code: 'BAD_USER_INPUT',
    },
    {
      name: 'the same key 20,000 times',
      body: `{${'"query":"{ a }",'.repeat(15_000)}"query":"{ nothing }"}`,
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    { name: 'a body of 10 MB', body: Buffer.alloc(10_000_000, 'x'), code: TOO_COMPLEX },
    { name: 'a body of 60 MB', body: Buffer.alloc(60_000_000, 'x'), code: TOO_COMPLEX },
    {
      name: 'one token of 40 MB',
      body: Buffer.concat([Buffer.from('{"query":"'), Buffer.alloc(40_000_000, 'x'), Buffer.from('"}')]),
      code: TOO_COMPLEX,
    },
    {
      name: 'an array of 1,000 requests',
      body: JSON.stringify(Array(1_000).fill({ query: '{ __typename }' })),
      code: 'BAD_USER_INPUT',
    },
    {
      name: 'UTF-8 cut in the middle',
      body: Buffer.from([...Buffer.from('{"query":"{ a '), 0xe2, 0x98]),
      code: 'BAD_USER_INPUT',
    },
    {
      name: 'UTF-8 written longer than it is',
      body: Buffer.from([...Buffer.from('{"query":"{ a '), 0xc0, 0xaf, ...Buffer.from('}"}')]),
      code: 'BAD_USER_INPUT',
    },
    { name: 'half a surrogate pair', body: '{"query":"{ node(id: \\"\\ud83d\\") { id } }"}', code: null },
    { name: 'UTF-16', body: Buffer.from('{"query":"{ __typename }"}', 'utf16le'), code: 'BAD_USER_INPUT' },
    {
      name: 'UTF-7',
      body: '{"query":"{ __typename }"}',
      contentType: 'application/json; charset=utf-7',
      code: 'BAD_USER_INPUT',
    },
    {
      name: 'an upload',
      body: '--x\r\n\r\n--x--',
      contentType: 'multipart/form-data; boundary=x',
      code: 'BAD_USER_INPUT',
    },
    { name: 'nothing', body: '', code: 'BAD_USER_INPUT' },
    { name: 'NUL', body: Buffer.alloc(1_000), code: 'BAD_USER_INPUT' },
    ...pollution(),
  ]
}

/** Names that are something else where objects inherit. */
function pollution(): HostileRequest[] {
  const raw = (name: string, body: string, code: string | null): HostileRequest => ({ name, body, code })
  return [
    raw(
      '__proto__ as a variable',
      '{"query":"query ($__proto__: String) { __typename }","variables":{"__proto__":{"polluted":1}}}',
      'GRAPHQL_VALIDATION_FAILED',
    ),
    raw(
      '__proto__ among the variables',
      '{"query":"{ __typename }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
      null,
    ),
    raw(
      '__proto__ of the request',
      '{"query":"{ __typename }","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      null,
    ),
    raw(
      '__proto__ in an input',
      '{"query":"mutation ($i: SignInInput!) { signIn(input: $i) { userErrors { code } } }","variables":{"i":{"__proto__":{"polluted":1},"email":"a@b.c"}}}',
      'BAD_USER_INPUT',
    ),
    raw(
      '__proto__ in a literal',
      '{"query":"mutation { signIn(input: { __proto__: { polluted: 1 } }) { userErrors { code } } }"}',
      'GRAPHQL_VALIDATION_FAILED',
    ),
    raw(
      'aliases',
      '{"query":"{ __proto__: trending { __proto__: nodes { __proto__: id constructor: id prototype: id } } constructor: trending { prototype: nodes { polluted: id } } }"}',
      null,
    ),
    raw(
      'fragments',
      '{"query":"{ ...__proto__ ...constructor } fragment __proto__ on Query { toString: __typename } fragment constructor on Query { valueOf: __typename }"}',
      null,
    ),
    raw('an operation', '{"query":"query __proto__ { __typename }","operationName":"__proto__"}', null),
    raw(
      'an operation that is not there',
      '{"query":"query a { __typename } query b { __typename }","operationName":"constructor"}',
      'BAD_USER_INPUT',
    ),
    raw(
      'extensions',
      '{"query":"{ __typename }","extensions":{"__proto__":{"polluted":1},"persistedQuery":{"__proto__":{"polluted":1}}}}',
      'BAD_USER_INPUT',
    ),
    raw('a persisted document', '{"documentId":"__proto__"}', 'PERSISTED_QUERY_NOT_FOUND'),
  ]
}
