import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isUnionType,
  type OperationDefinitionNode,
} from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Rights } from '../caller.ts'
import type { Directives } from '../directives.ts'
import type { Denial, Denials } from '../execute/denial.ts'
import type { Fragments } from '../execute/selection.ts'
import { type Guard, readGuards } from './guards.ts'
import { type MayRead, withhold } from './withhold.ts'

/** The part of an operation that a caller may read. */
export interface Permitted {
  readonly allowed: OperationDefinitionNode
  readonly asked: OperationDefinitionNode
  readonly denials: Denials
}

/** One operation, before it is known who asks. */
export interface Guarded {
  /** Equal for callers who may read the same of it; empty for those who may read all. */
  variantOf(rights: Rights | null): string
  /** Throws UNAUTHENTICATED or FORBIDDEN where nothing may be read. */
  permit(rights: Rights | null): Permitted
}

/**
 * Enforces `@authenticated`, `@requiresScopes` and `@policy`: what a caller may not read is not planned, so no room is asked for it,
 * and stands as null in the answer, with an error, as if its resolver had thrown: UNAUTHENTICATED to nobody in particular,
 * FORBIDDEN to whoever is known but lacks the right.
 */
export function createAuthorization(
  schema: GraphQLSchema,
  directives: Directives,
): (operation: OperationDefinitionNode, fragments: Fragments) => Guarded {
  const guards = readGuards(directives)
  if (guards.size === 0) return () => OPEN

  return (operation, fragments) => {
    const met = new Set<Guard>()
    withhold(schema, operation, fragments, (coordinate) => {
      const guard = guards.get(coordinate)
      if (guard !== undefined) met.add(guard)
      return true
    })
    if (met.size === 0) return OPEN

    return {
      variantOf(rights) {
        let isWhole = true
        let variant = rights === null ? 'nobody ' : 'somebody '
        for (const guard of met) {
          const isLet = guard.lets(rights)
          isWhole &&= isLet
          variant += isLet ? '1' : '0'
        }
        return isWhole ? '' : variant
      },
      permit(rights) {
        const mayRead: MayRead = (coordinate) => guards.get(coordinate)?.lets(rights) ?? true
        const { allowed, asked, denied } = withhold(schema, operation, fragments, mayRead)
        const because = rights === null ? SIGN_IN : NO_RIGHT
        if (allowed === null) throw new AppError(because.code, because.message)
        return { allowed, asked, denials: createDenials(schema, mayRead, denied, because) }
      },
    }
  }
}

const SIGN_IN = { code: 'UNAUTHENTICATED', message: 'Sign in to read this' } as const
const NO_RIGHT = { code: 'FORBIDDEN', message: 'You may not read this' } as const

/** An operation that everybody may read all of. */
const OPEN: Guarded = {
  variantOf: () => '',
  permit() {
    throw new Error('There is nothing that could be withheld')
  },
}

function createDenials(
  schema: GraphQLSchema,
  mayRead: MayRead,
  denied: ReadonlySet<unknown>,
  because: Denial,
): Denials {
  /** An object of which only the interface is known can be any of its implementations. */
  const typesOf = (type: GraphQLCompositeType) =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type]

  return {
    ofType: (type) => (typesOf(type).every(({ name }) => mayRead(name)) ? undefined : because),
    ofField(type, nodes) {
      if (nodes.every((node) => denied.has(node))) return because
      const name = nodes[0]?.name.value ?? ''
      const isReadable = typesOf(type).every((object) => {
        const field = isUnionType(object) ? undefined : object.getFields()[name]
        return (
          field === undefined || (mayRead(`${object.name}.${name}`) && mayRead(getNamedType(field.type).name))
        )
      })
      return isReadable ? undefined : because
    },
    allowed: (nodes) => nodes.filter((node) => !denied.has(node)),
  }
}
