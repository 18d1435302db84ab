import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getNullableType,
  isListType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Arguments } from '../directives.ts'
import type { Limits } from '../limits.ts'
import type { Amount, Variables } from './amount.ts'

/** How many items a field's list has, and the lists of fields below it that its page is spread over, by their names. */
export interface ListSize {
  readonly own: Amount
  /** Null where there is no page: then that of the field above goes on through the objects below it. */
  readonly ofChildren: ReadonlyMap<string, Amount> | null
}

const LONGEST = 2 ** 31

export const NO_SIZES: ReadonlyMap<string, Amount> = new Map()

const PAGE = {
  slicingArguments: ['first', 'last'],
  sizedFields: ['edges', 'nodes'],
  requireOneSlicingArgument: false,
}

/** Reads `@listSize`, and where there is none the conventions of pages: `first` or `last` of `edges` or `nodes`. */
export function listSizeOf(
  node: FieldNode,
  { args, type }: GraphQLField<unknown, unknown>,
  listSize: Arguments | undefined,
  limits: Pick<Limits, 'listSize' | 'pageSize'>,
): ListSize {
  const isPage = args.some(({ name }) => PAGE.slicingArguments.includes(name))
  if (listSize === undefined && !isPage) return { own: limits.listSize, ofChildren: null }
  const {
    assumedSize,
    requireOneSlicingArgument = true,
    ...said
  } = listSize ?? {
    ...PAGE,
    assumedSize: limits.pageSize,
  }
  const paths = namesIn(said['slicingArguments'])
  const assumed = typeof assumedSize === 'number' ? assumedSize : limits.listSize
  const own = sizeBy(node, args, paths, assumed, requireOneSlicingArgument !== false && paths.length > 0)
  const isSpread = listSize !== undefined || !isListType(getNullableType(type))
  const sized = isSpread ? namesIn(said['sizedFields']) : []
  return { own, ofChildren: new Map(sized.map((name) => [name, own])) }
}

function sizeBy(
  node: FieldNode,
  args: readonly GraphQLArgument[],
  paths: readonly string[],
  assumed: number,
  isOneRequired: boolean,
): Amount {
  const readers = paths.map((path) => createReader(node, args, path))
  const size = (variables: Variables): number => {
    const given = readers.map((read) => read(variables)).filter((value) => typeof value === 'number')
    if (isOneRequired && given.length !== 1)
      throw new AppError('QUERY_TOO_COMPLEX', `${node.name.value} needs exactly one of ${paths.join(', ')}`)
    // What is out of range is the room's to refuse; here it only has to stay a number that can be multiplied.
    return given.length === 0 ? assumed : Math.min(LONGEST, Math.max(0, ...given))
  }
  const isOpen = node.arguments?.some(({ value }) => holdsVariable(value)) === true
  return isOpen ? size : size({})
}

/** Reads an argument, or with a path (`input.first`) what is in it. */
function createReader(
  { arguments: given = [] }: FieldNode,
  args: readonly GraphQLArgument[],
  path: string,
): (variables: Variables) => unknown {
  const [name = '', ...keys] = path.split('.')
  const node = given.find((argument) => argument.name.value === name)?.value
  const usual = args.find((argument) => argument.name === name)?.defaultValue
  return (variables) => {
    const value = node === undefined ? undefined : valueFromASTUntyped(node, variables)
    return keys.reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key],
      value === undefined ? usual : value,
    )
  }
}

function holdsVariable(node: ValueNode): boolean {
  let holds = false
  visit(node, {
    [Kind.VARIABLE]() {
      holds = true
    },
  })
  return holds
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
