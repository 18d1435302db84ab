import { quote, toJson } from './json-text.ts'
import type { FetchNode, RequiredSelection } from './plan.ts'
import type { IsSubtype } from './selection.ts'
import { ABSENT, isInherited, isTree, put, readOwn, type Tree } from './tree.ts'

/** What identifies an object to a room, as JSON text; null when the object lacks something of it. */
export type Represent = (source: Tree) => string | null

/**
 * Compiles a fetch's `requires`. A missing field leaves its selection out, wherever below it is missing: the whole where the field
 * stands bare or all is needed, else only the fragment where it stands in one. An object of which no `__typename` can be said has no
 * representation.
 */
export function createRepresent(
  { requires = [], needsAll = false }: Pick<FetchNode, 'requires' | 'needsAll'>,
  isSubtype: IsSubtype,
): Represent {
  const represent = createText(requires, { isSubtype, needsAll }, false)
  return (source) => {
    if (typeof source['__typename'] !== 'string') return null
    const text = represent(source)
    return text === NOTHING ? null : text
  }
}

const NOTHING = '{}'

interface Rules {
  isSubtype: IsSubtype
  needsAll: boolean
}

function createText(selections: readonly RequiredSelection[], rules: Rules, isInside: boolean): Represent {
  const { isSubtype, needsAll } = rules
  const bare = selections.filter((selection) => selection.kind === 'Field')
  const fragments = distinct(selections)
    .filter((selection) => selection.kind === 'InlineFragment')
    .map((fragment) => ({
      condition: fragment.typeCondition,
      selections: fragment.selections,
      represent: createText(fragment.selections, rules, isInside),
    }))
  const representBare = createFieldsText(bare, rules, isInside)
  if (fragments.length === 0) return representBare

  const ofType = new Map<unknown, Represent>()
  const createOfType = (typename: unknown): Represent => {
    const applying = fragments
      .filter(({ condition }) => condition !== undefined && isSubtype(condition, String(typename)))
      .map(({ represent }) => represent)
    const [only] = applying
    if (bare.length === 0 && applying.length === 1 && only !== undefined) {
      const key = singleKeyOf(fragments.find(({ represent }) => represent === only)?.selections ?? [])
      const represent: Represent = needsAll ? only : (source) => only(source) ?? NOTHING
      return key === undefined ? represent : remembering(represent, key)
    }
    return (source) => {
      const text = representBare(source)
      const texts = [text, ...applying.map((represent) => represent(source))]
      return text === null || (needsAll && texts.includes(null)) ? null : unite(texts)
    }
  }
  return (source) => {
    const typename = readOwn(source, '__typename')
    let represent = ofType.get(typename)
    if (represent === undefined) {
      represent = createOfType(typename)
      // A room can name as many types as it likes; what is remembered of them stays small.
      if (ofType.size < 100) ofType.set(typename, represent)
    }
    return represent(source)
  }
}

/** The one field that tells entities of a type apart, where it is one and a leaf: most often it is. */
function singleKeyOf(selections: readonly RequiredSelection[]): string | undefined {
  const [key, ...others] = selections.filter(
    (selection) => selection.kind !== 'Field' || selection.name !== '__typename',
  )
  if (others.length > 0 || key?.kind !== 'Field' || key.selections !== undefined) return undefined
  const name = key.alias ?? key.name
  return isInherited(name) ? undefined : name
}

const REMEMBERED = 500

/** The same entities come again and again, within an answer and over many: their text is made once, and found by their key. */
function remembering(represent: Represent, key: string): Represent {
  const texts = new Map<unknown, string | null>()
  return (source) => {
    const value = source[key]
    const known = texts.get(value)
    if (known !== undefined) return known
    const text = represent(source)
    // Objects would be found by what they are, not by what they say.
    if (typeof value !== 'string' && typeof value !== 'number') return text
    if (texts.size === REMEMBERED) texts.clear()
    texts.set(value, text)
    return text
  }
}

/** The planner says some things twice. */
function distinct(selections: readonly RequiredSelection[]): RequiredSelection[] {
  return [...new Map(selections.map((selection) => [JSON.stringify(selection), selection])).values()]
}

interface FieldText {
  key: string
  prefix: string
  isInherited: boolean
  represent: Represent | undefined
}

function createFieldsText(
  selections: readonly (RequiredSelection & { kind: 'Field' })[],
  rules: Rules,
  isInside: boolean,
): Represent {
  const fields = selections.map(({ alias, name, selections: below }, index): FieldText => {
    const key = alias ?? name
    return {
      key,
      prefix: `${index === 0 ? '{' : ','}${quote(name)}:`,
      isInherited: isInherited(key),
      represent: below && createText(below, rules, true),
    }
  })
  if (fields.length === 0) return () => NOTHING
  return (source) => {
    let text = ''
    for (const field of fields) {
      const value = field.isInherited ? readOwn(source, field.key) : source[field.key]
      const part = value === undefined ? textOfMissing(source, isInside) : textOf(value, field.represent)
      if (part === null) return null
      text += field.prefix + part
    }
    return `${text}}`
  }
}

/** What is missing inside of what is told is null where the owner says that there is no such thing. */
function textOfMissing(source: Tree, isInside: boolean): string | null {
  return isInside && source[ABSENT] ? 'null' : null
}

function textOf(value: unknown, represent: Represent | undefined): string | null {
  if (typeof value === 'string') return quote(value)
  if (value === null) return 'null'
  if (represent === undefined) return toJson(value) ?? 'null'
  if (!Array.isArray(value)) return isTree(value) ? represent(value) : 'null'
  const items = value.map((item) => textOf(item, represent))
  return items.includes(null) ? null : `[${items.join()}]`
}

/** One object of several that say different things of the same. */
function unite(texts: readonly (string | null)[]): string {
  const parts = texts.filter((text) => text !== null && text !== NOTHING)
  if (parts.length <= 1) return parts[0] ?? NOTHING
  return JSON.stringify(parts.map((text) => JSON.parse(text ?? 'null')).reduce(uniteValues))
}

function uniteValues(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) {
    return one.map((item, index) => uniteValues(item, other[index]))
  }
  if (!isTree(one) || !isTree(other)) return other
  const united = { ...one }
  for (const [key, value] of Object.entries(other)) {
    put(united, key, Object.hasOwn(united, key) ? uniteValues(united[key], value) : value)
  }
  return united
}
