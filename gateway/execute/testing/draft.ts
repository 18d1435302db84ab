import { FEDERATION_2 } from './federation-2.ts'

/** A type of a subgraph while it is being written. */
export interface Draft {
  interfaces: Set<string>
  directives: Set<string>
  /** By name, as SDL. */
  fields: Map<string, string>
}

/** Subgraphs while they are being written. */
export interface Drafts {
  type(room: string, name: string, keyword?: 'type' | 'interface'): Draft
  enum(room: string, name: string, values: readonly string[]): void
  union(room: string, name: string, members: readonly string[]): void
  /** The input types that arguments of fields have. */
  inputs(room: string): void
  query(room: string, name: string, field: string): void
  mutation(room: string, name: string, field: string): void
  hasQuery(room: string): boolean
  sdl(): Record<string, string>
}

export function createDraft(rooms: readonly string[]): Drafts {
  const types = new Map<string, Map<string, Draft & { keyword: string }>>()
  const others = new Map<string, Map<string, string>>()
  for (const room of rooms) {
    types.set(room, new Map())
    others.set(room, new Map())
  }
  const type: Drafts['type'] = (room, name, keyword = 'type') => {
    const here = types.get(room)
    let draft = here?.get(name)
    if (draft === undefined) {
      draft = { keyword, interfaces: new Set(), directives: new Set(), fields: new Map() }
      here?.set(name, draft)
    }
    return draft
  }
  const define = (room: string, name: string, text: string): void => {
    others.get(room)?.set(name, text)
  }
  const defineEnum: Drafts['enum'] = (room, name, values) => {
    define(room, name, `enum ${name} { ${values.join(' ')} }`)
  }

  return {
    type,
    enum: defineEnum,
    union: (room, name, members) => define(room, name, `union ${name} = ${members.join(' | ')}`),
    inputs(room) {
      defineEnum(room, 'Mood', ['CALM', 'LOUD', 'ODD'])
      define(room, 'Filter', 'input Filter { least: Int! most: Int mood: Mood }')
    },
    query: (room, name, field) => void type(room, 'Query').fields.set(name, field),
    mutation: (room, name, field) => void type(room, 'Mutation').fields.set(name, field),
    hasQuery: (room) => types.get(room)?.has('Query') ?? false,
    sdl: () =>
      Object.fromEntries(
        rooms
          .filter((room) => types.get(room)?.size !== 0)
          .map((room) => [
            room,
            [
              FEDERATION_2,
              ...[...(types.get(room) ?? [])].map(typeText),
              ...(others.get(room)?.values() ?? []),
            ].join('\n'),
          ]),
      ),
  }
}

function typeText([name, { keyword, interfaces, directives, fields }]: [
  string,
  Draft & { keyword: string },
]): string {
  const implemented = interfaces.size === 0 ? '' : ` implements ${[...interfaces].join(' & ')}`
  return `${keyword} ${name}${implemented} ${[...directives].join(' ')} {\n  ${[...fields.values()].join('\n  ')}\n}`
}
