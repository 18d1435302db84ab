import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  visit,
} from 'graphql'

/** Arguments of a directive, as plain values. */
export type Arguments = Readonly<Record<string, unknown>>

/** Where one directive stands, by coordinate (`Type`, `Type.field`, `Type.field(argument:)`), with its arguments. */
export type Applications = ReadonlyMap<string, Arguments>

/** What the supergraph says of its types and fields that the door enforces, and Apollo does not know or would refuse to load. */
export interface Directives {
  authenticated: Applications
  requiresScopes: Applications
  policy: Applications
  cost: Applications
  listSize: Applications
  cacheControl: Applications
  /** The value depends on who asks. */
  viewer: Applications
  /** What an event of this subscription becomes is the same for everybody who gets it; with `stream`, so are the events. */
  sharedEvents: Applications
}

type Name = keyof Directives

/** The specification each directive belongs to, by the name in its URL; in every supergraph they may be renamed. */
const SPECIFICATIONS: Record<Name, string> = {
  authenticated: 'authenticated',
  requiresScopes: 'requiresScopes',
  policy: 'policy',
  cost: 'cost',
  listSize: 'cost',
  cacheControl: 'cacheControl',
  viewer: 'viewer',
  sharedEvents: 'viewer',
}

/** Takes these directives out of a supergraph: what is left loads anywhere. */
export function takeDirectives(sdl: string): { sdl: string; directives: Directives } {
  const document = parse(sdl, { noLocation: true })
  const links = linksOf(document)
  const found = Object.fromEntries(Object.keys(SPECIFICATIONS).map((name) => [name, new Map()])) as Record<
    Name,
    Map<string, Arguments>
  >
  const nameOf = new Map<string, Name>()
  for (const name of Object.keys(SPECIFICATIONS) as Name[]) nameOf.set(localName(name, links), name)

  let [type, field]: [string, string] = ['', '']
  const note = (coordinate: string, nodes: readonly DirectiveNode[] | undefined): void => {
    for (const node of nodes ?? []) {
      const name = nameOf.get(node.name.value)
      if (name !== undefined) found[name].set(coordinate, argumentsOf(node as ConstDirectiveNode))
    }
  }
  const stripped = visit(document, {
    enter(node) {
      switch (node.kind) {
        case Kind.OBJECT_TYPE_DEFINITION:
        case Kind.INTERFACE_TYPE_DEFINITION:
        case Kind.UNION_TYPE_DEFINITION:
        case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        case Kind.SCALAR_TYPE_DEFINITION:
        case Kind.ENUM_TYPE_DEFINITION:
          type = node.name.value
          field = ''
          note(type, node.directives)
          return
        case Kind.FIELD_DEFINITION:
          field = node.name.value
          note(`${type}.${field}`, node.directives)
          return
        case Kind.INPUT_VALUE_DEFINITION:
          note(
            field === '' ? `${type}.${node.name.value}` : `${type}.${field}(${node.name.value}:)`,
            node.directives,
          )
      }
    },
    leave(node) {
      if (node.kind === Kind.DIRECTIVE && nameOf.has(node.name.value)) return null
      if (node.kind === Kind.DIRECTIVE && isLinkOf(node as ConstDirectiveNode, SPECIFICATION_NAMES))
        return null
      if (node.kind === Kind.DIRECTIVE_DEFINITION && nameOf.has(node.name.value)) return null
      return undefined
    },
  })
  return { sdl: print(stripped), directives: found }
}

const SPECIFICATION_NAMES = new Set(Object.values(SPECIFICATIONS))

interface Link {
  as: string | undefined
  imports: ReadonlyMap<string, string>
}

/** The specifications a supergraph links to, by name. */
function linksOf(document: DocumentNode): Map<string, Link> {
  const links = new Map<string, Link>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const node of definition.directives ?? []) {
      const specification = specificationOf(node)
      if (specification === undefined) continue
      const { as, import: imports } = argumentsOf(node)
      const names = (Array.isArray(imports) ? imports : []).map((item): [string, string] =>
        typeof item === 'string' ? [item, item] : [String(item.name), String(item.as ?? item.name)],
      )
      links.set(specification, {
        as: typeof as === 'string' ? as : undefined,
        imports: new Map(names),
      })
    }
  }
  return links
}

/** What a directive is called here: as it was imported, else after its specification (`@cost`, `@cost__listSize`). */
function localName(name: Name, links: ReadonlyMap<string, Link>): string {
  const specification = SPECIFICATIONS[name]
  const link = links.get(specification)
  const imported = link?.imports.get(`@${name}`)
  if (imported !== undefined) return imported.slice(1)
  if (link === undefined) return name
  const prefix = link.as ?? specification
  return name === specification ? prefix : `${prefix}__${name}`
}

function isLinkOf(node: ConstDirectiveNode, names: ReadonlySet<string>): boolean {
  const specification = specificationOf(node)
  return specification !== undefined && names.has(specification)
}

/** `https://specs.apollo.dev/cost/v0.1` is `cost`. */
function specificationOf(node: ConstDirectiveNode): string | undefined {
  if (node.name.value !== 'link') return undefined
  const { url } = argumentsOf(node)
  return typeof url === 'string' ? /\/([^/]+)\/v\d+\.\d+$/.exec(url)?.[1] : undefined
}

function argumentsOf({ arguments: given = [] }: ConstDirectiveNode): Arguments {
  return Object.fromEntries(
    given.map(({ name, value }) => [name.value, valueFromASTUntyped(value as ConstValueNode)]),
  )
}
