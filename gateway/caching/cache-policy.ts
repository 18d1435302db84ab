import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Directives } from '../directives.ts'
import type { Fragments } from '../execute/selection.ts'

/** For how long and whom something may be kept. */
export interface CachePolicy {
  /** Seconds; 0 where it may not be kept at all. */
  readonly maxAge: number
  /** PUBLIC: the same for everybody who sees the same of what is public. PRIVATE: only for the caller it was made for. */
  readonly scope: 'PUBLIC' | 'PRIVATE'
  /** The object types in it: when one of them changes, it is stale. */
  readonly types: ReadonlySet<string>
}

/** Reads policies from `@cacheControl` as Apollo defines it, from `@viewer`, from who has to have rights, and from `expiresAt`. */
export interface CachePolicies {
  /** Of a query's answer; nothing else is kept. */
  ofOperation(operation: OperationDefinitionNode, fragments: Fragments): CachePolicy
  /** Of what a room answers to `_entities` with these selections. */
  ofEntities(selectionSet: SelectionSetNode, fragments: Fragments): CachePolicy
}

/** What is good until a moment of its own (a signed URL, an invitation) is never kept: neither it nor what stands beside it. */
const EXPIRY = /expiresAt$/i

/**
 * Policies are read once an operation, so they hold for every answer it can have: the minimum over all object types that may
 * stand at a place, whether or not `@skip` leaves something out.
 */
export function createCachePolicies(schema: GraphQLSchema, directives: Directives): CachePolicies {
  const { cacheControl, viewer, authenticated, requiresScopes, policy } = directives
  const guards = [authenticated, requiresScopes, policy]

  const objectsOf = (type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
    isObjectType(type) ? [type] : schema.getPossibleTypes(type)

  const read = (fragments: Fragments) => {
    const types = new Set<string>()
    let maxAge = Number.POSITIVE_INFINITY
    let scope: CachePolicy['scope'] = 'PUBLIC'

    const restrict = (seconds: unknown, whose: unknown): void => {
      if (typeof seconds === 'number') maxAge = Math.min(maxAge, Math.max(0, seconds))
      if (whose === 'PRIVATE') scope = 'PRIVATE'
    }

    const readField = (
      parent: GraphQLObjectType,
      name: string,
      isRoot: boolean,
    ): GraphQLCompositeType | null => {
      const field = parent.getFields()[name]
      const target = field && getNamedType(field.type)
      const place = `${parent.name}.${name}`
      if (viewer.has(place) || guards.some((guard) => guard.has(place))) scope = 'PRIVATE'
      if (target === undefined || EXPIRY.test(name)) {
        maxAge = 0
        return null
      }
      const below = isCompositeType(target) ? target : null
      const ofType = (below && cacheControl.get(below.name)) ?? {}
      const ofField = cacheControl.get(place) ?? {}
      const isInherited = ofField['inheritMaxAge'] === true && ofType['maxAge'] == null
      const seconds = (isInherited ? null : ofField['maxAge']) ?? ofType['maxAge']
      const isAsParent = below === null || isInherited || ofType['inheritMaxAge'] === true
      restrict(seconds ?? (isAsParent && !isRoot ? null : 0), ofField['scope'] ?? ofType['scope'])
      if (below !== null) readType(below)
      return below
    }

    /** Objects that may be of several types are as little to be kept as the least of them. */
    const readType = (type: GraphQLCompositeType): void => {
      for (const object of objectsOf(type)) {
        const { maxAge: seconds, scope: whose } = cacheControl.get(object.name) ?? {}
        if (object.name !== type.name) restrict(seconds, whose)
        if (guards.some((guard) => guard.has(object.name) || guard.has(type.name))) scope = 'PRIVATE'
        if (Object.keys(object.getFields()).some((name) => EXPIRY.test(name))) maxAge = 0
      }
    }

    const readSelections = (
      { selections }: SelectionSetNode,
      parents: readonly GraphQLObjectType[],
      isRoot: boolean,
    ): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const { name, selectionSet } = selection
          if (name.value === '__typename') continue
          const targets = parents.map((parent) => readField(parent, name.value, isRoot))
          const below = new Set(targets.flatMap((target) => (target === null ? [] : objectsOf(target))))
          for (const object of below) types.add(object.name)
          if (selectionSet !== undefined) readSelections(selectionSet, [...below], false)
          continue
        }
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
        if (fragment === undefined) continue
        const condition = schema.getType(fragment.typeCondition?.name.value ?? '')
        const meant = isCompositeType(condition) ? new Set(objectsOf(condition)) : null
        const narrowed = meant === null ? parents : parents.filter((parent) => meant.has(parent))
        readSelections(fragment.selectionSet, narrowed, isRoot)
      }
    }

    const outcome = (): CachePolicy => ({ maxAge: Number.isFinite(maxAge) ? maxAge : 0, scope, types })
    return { restrict, readType, readSelections, outcome }
  }

  /** Whether of a type that says nothing, fields alone are asked for that do. */
  const isToldByFields = ({ name: type }: GraphQLCompositeType, { selections }: SelectionSetNode): boolean =>
    selections.every(
      (field) =>
        field.kind === Kind.FIELD &&
        (field.name.value === '__typename' ||
          typeof cacheControl.get(`${type}.${field.name.value}`)?.['maxAge'] === 'number'),
    )

  return {
    ofOperation({ operation, selectionSet }, fragments) {
      const root = schema.getQueryType()
      if (operation !== 'query' || root == null) return NEVER
      const { readSelections, outcome } = read(fragments)
      readSelections(selectionSet, [root], true)
      return outcome()
    },

    ofEntities({ selections }, fragments) {
      const { restrict, readType, readSelections, outcome } = read(fragments)
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD && selection.name.value === '__typename') continue
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
        const type = schema.getType(
          (fragment?.kind !== Kind.FIELD && fragment?.typeCondition?.name.value) || '',
        )
        if (fragment === undefined || fragment.kind === Kind.FIELD || !isCompositeType(type)) return NEVER
        const hint = cacheControl.get(type.name)
        restrict(
          hint?.['maxAge'] ?? (isToldByFields(type, fragment.selectionSet) ? null : 0),
          hint?.['scope'],
        )
        readType(type)
        readSelections(fragment.selectionSet, objectsOf(type), false)
      }
      return outcome()
    },
  }
}

const NEVER: CachePolicy = { maxAge: 0, scope: 'PRIVATE', types: new Set() }
