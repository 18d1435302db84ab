import { type GraphQLField, type GraphQLObjectType, getNamedType, isAbstractType, isLeafType } from 'graphql'
import { fill, REPRESENTATIONS, subjectOf } from './arguments.ts'
import { leavesOf, type Path, type PathStep } from './paths.ts'

/** A document that follows some paths of one root field, and what it names by id. */
export interface Question {
  /** `Query.playlist`: the root field. */
  root: string
  kind: 'query' | 'mutation' | 'subscription'
  document: string
  /** How many it follows. */
  paths: number
  /** The type that a plain id at the root is of. */
  subject: string
  /** The types whose ids are its variables: `$Playlist` is the id of a playlist. */
  idTypes: readonly string[]
}

interface Branch {
  step: PathStep
  children: Map<string, Branch>
}

/** Many, for each document is planned once; and not all, for it is to tell what is wrong. */
const PATHS_AT_ONCE = 30

/** Questions that follow all of `paths`, which begin at one root type: a few paths each, in one field. */
export function toQuestions(paths: readonly Path[], kind: Question['kind']): Question[] {
  const groups = groupBy(paths, rootOf)
  return [...groups.values()].flatMap((group) => {
    const questions: Question[] = []
    for (let from = 0; from < group.length; from += PATHS_AT_ONCE)
      questions.push(toQuestion(group.slice(from, from + PATHS_AT_ONCE), kind))
    return questions
  })
}

/** Paths that can be asked with one field: of one root, whose id is of one type. */
function rootOf(path: Path): string {
  return `${path[0]?.field.name} ${subjectOfPath(path)}`
}

/** The type that a plain `id` at the root names: what the field returns, or of all that may be, what the path goes on with. */
function subjectOfPath([first, second]: Path): string {
  const type = first && getNamedType(first.field.type)
  const returned = isAbstractType(type) ? second?.on.name : type?.name
  return subjectOf(first?.field.name ?? '', returned ?? '')
}

/** Whether a root field is told the id of one of `types`. */
export function names(
  { name, args, type }: GraphQLField<unknown, unknown>,
  types: ReadonlySet<string>,
): boolean {
  const idTypes = new Set<string>()
  const subject = subjectOf(name, getNamedType(type).name)
  for (const argument of args) printValue(fill(argument, subject), idTypes)
  return [...idTypes].some((one) => types.has(one))
}

function toQuestion(paths: readonly Path[], kind: Question['kind']): Question {
  const [path] = paths as [Path]
  const idTypes = new Set<string>()
  const tree = new Map<string, Branch>()
  for (const one of paths) graft(tree, one)
  const subject = subjectOfPath(path)
  const selection = print([...tree.values()], subject, idTypes)
  const variables = [...idTypes]
    .map((type) => `$${type}: ${type === REPRESENTATIONS ? '[_Any!]!' : 'ID!'}`)
    .join(', ')
  return {
    root: `${path[0]?.on.name}.${path[0]?.field.name}`,
    kind,
    subject,
    paths: paths.length,
    document: `${kind}${variables === '' ? '' : ` (${variables})`} { ${selection} }`,
    idTypes: [...idTypes],
  }
}

function graft(tree: Map<string, Branch>, path: Path): void {
  let level = tree
  for (const step of path) {
    const key = `${step.on.name}.${step.field.name}`
    const branch = level.get(key) ?? { step, children: new Map() }
    level.set(key, branch)
    level = branch.children
  }
}

/** Fields of a level, each with its leaves, so that every count and cursor on the way is looked at as well. */
function print(level: readonly Branch[], subject: string, idTypes: Set<string>): string {
  return level
    .map(({ step, children }) => {
      const { name, args } = step.field
      const given = args.flatMap((argument) => {
        const value = fill(argument, subject)
        return value === undefined ? [] : [`${argument.name}: ${printValue(value, idTypes)}`]
      })
      const call = `${name}${given.length === 0 ? '' : `(${given.join(', ')})`}`
      if (children.size === 0)
        return isLeafType(getNamedType(step.field.type)) ? call : `${call} { __typename }`
      return `${call} { ${printBelow(step, children, subject, idTypes)} }`
    })
    .join(' ')
}

function printBelow(
  { field }: PathStep,
  children: ReadonlyMap<string, Branch>,
  subject: string,
  idTypes: Set<string>,
): string {
  const isAbstract = isAbstractType(getNamedType(field.type))
  const byType = groupBy([...children.values()], ({ step }) => step.on)
  return [...byType]
    .map(([on, branches]) => {
      const own = branches.filter(({ children: below }) => below.size > 0)
      const fields = `${leafNames(on, isAbstract)} ${print(own, subject, idTypes)}`
      return isAbstract ? `__typename ... on ${on.name} { ${fields} }` : fields
    })
    .join(' ')
}

/** Secrets that are made anew each time say nothing of a list. */
const FRESH = new Set(['accessToken', 'refreshToken', 'accessTokenExpiresAt'])

/**
 * The leaves of a type, and what went wrong where it is a payload. Under names with the type's own where it stands beside others, for those may
 * have fields of the same name and another type.
 */
function leafNames(type: GraphQLObjectType, isBesideOthers: boolean): string {
  const leaves = leavesOf(type).filter(({ name }) => !FRESH.has(name))
  const errors = 'userErrors' in type.getFields() ? ['userErrors { code message field }'] : []
  const names = leaves.map(({ name }) => (isBesideOthers ? `${type.name}_${name}: ${name}` : name))
  return ['__typename', ...names, ...errors].join(' ')
}

function printValue(value: unknown, idTypes: Set<string>): string {
  if (Array.isArray(value)) return `[${value.map((item) => printValue(item, idTypes)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  if ('idOf' in value) {
    idTypes.add(String(value.idOf))
    return `$${value.idOf}`
  }
  if ('enumValue' in value) return String(value.enumValue)
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}: ${printValue(item, idTypes)}`)
    .join(', ')}}`
}

function groupBy<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}
