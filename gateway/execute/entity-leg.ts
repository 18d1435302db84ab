import { unreadable } from '../rooms/faults.ts'
import { createIsAsked } from './asked.ts'
import { type Fault, faultOfRoom, type ResponsePath } from './fault.ts'
import { collect, pathsTo, type Route } from './places.ts'
import { createRepresent } from './representation.ts'
import { createRewrite, renamesOf } from './rewrite.ts'
import { type Run, report } from './run.ts'
import type { Types } from './selection.ts'
import type { Leg } from './step.ts'
import { ABSENT, give, isTree, type Keys, merge, own, ownBelow, type Tree } from './tree.ts'
import type { Writes } from './writes.ts'

/** Objects of one route, each with the rank of its representation; -1 for one that has none. */
interface Stop {
  targets: readonly Tree[]
  ranks: readonly number[]
}

/** What one leg asks in one request: every distinct representation once, as JSON text, and whom each of them stands for. */
export interface Load {
  representations: readonly string[]
  stops: readonly Stop[]
  /** Whether every object has its representation. */
  isComplete: boolean
}

export const NO_LOAD: Load = { representations: [], stops: [], isComplete: true }

export interface EntityLeg {
  /** @param left what another leg could not represent: then only that */
  load(run: Run, left?: Load): Load
  /** Gives each answered entity to all its places. Throws when the list is not one entity for each representation. */
  deliver(load: Load, entities: unknown, isShared: boolean): void
  /** Reports an error of the room at every place of the representation it is about. */
  blame(run: Run, load: Load, error: unknown, path: ResponsePath): void
  /** Every place the load is about. */
  places(run: Run, load: Load): ResponsePath[]
}

interface Way {
  route: Route
  contested: Keys | null
  written: Keys | null
}

export function createEntityLeg({ node, routes }: Leg, writes: Writes, types: Types): EntityLeg {
  const isAsked = createIsAsked(node)
  const represent = createRepresent(node, types.isSubtype)
  const rewriteInput = createRewrite(node.inputRewrites, types.isSubtype)
  const rewriteOutput = createRewrite(node.outputRewrites, types.isSubtype)
  const renames = renamesOf(node.outputRewrites)
  const ways = routes.map(
    (route): Way => ({ route, contested: writes.contested(route), written: writes.written(route) }),
  )

  const rewriteText = (text: string): string => JSON.stringify(rewriteInput?.(JSON.parse(text)))

  return {
    load(run, left) {
      if (isAsked !== null && !isAsked(run.isTrue)) return NO_LOAD
      const rankOf = new Map<string, number>()
      let isComplete = true
      const stops = ways.map(({ route }, index): Stop => {
        const targets = left === undefined ? collect(run.root, route) : leftOf(left.stops[index])
        const ranks = targets.map((target) => {
          const text = represent(target)
          if (text === null) {
            isComplete = false
            return -1
          }
          const known = rankOf.get(text)
          if (known !== undefined) return known
          rankOf.set(text, rankOf.size)
          return rankOf.size - 1
        })
        return { targets, ranks }
      })
      const representations = [...rankOf.keys()]
      return {
        representations: rewriteInput ? representations.map(rewriteText) : representations,
        stops,
        isComplete,
      }
    },

    deliver(load, entities, isShared) {
      const { length } = load.representations
      if (!Array.isArray(entities) || entities.length !== length) {
        throw unreadable(node.serviceName, new Error(`${length} entities were asked for`))
      }
      for (const [index, way] of ways.entries()) {
        const stop = load.stops[index]
        if (stop !== undefined) deliverTo(way, stop, entities, isShared || index > 0)
      }
    },

    blame(run, load, error, [rank, ...rest]) {
      const below = rest.map((key) => renames.get(`${key}`) ?? key)
      const fault = (place: ResponsePath): Fault => faultOfRoom(error, node.serviceName, [...place, ...below])
      for (const place of placesOf(run, load, (meant) => meant === rank)) report(run, fault(place))
    },

    places: (run, load) => placesOf(run, load, (rank) => rank >= 0),
  }

  /**
   * Adopts the entities at one route. Places of one representation share what is below it, except where another fetch merges
   * in; a second route, or another request, never shares what the plan is going to write to.
   */
  function deliverTo(
    way: Way,
    { targets, ranks }: Stop,
    entities: readonly unknown[],
    isShared: boolean,
  ): void {
    const parts: (Tree | undefined)[] = []
    const keysOf: (readonly string[])[] = []
    for (let index = 0; index < targets.length; index++) {
      const rank = ranks[index] ?? -1
      const target = targets[index]
      const entity = entities[rank]
      if (target !== undefined && entity === null) target[ABSENT] = true
      if (target === undefined || !isTree(entity)) continue
      let part = parts[rank]
      if (part === undefined) {
        part = parts[rank] = prepare(entity, target, way, isShared)
        keysOf[rank] = Object.keys(part)
      } else if (way.contested !== null) part = own(part, way.contested) as Tree
      if (way.contested !== null) merge(target, part, way.contested)
      else give(target, part, keysOf[rank] ?? [])
    }
  }

  function prepare(entity: Tree, target: Tree, { written }: Way, isShared: boolean): Tree {
    const part = rewriteOutput === null ? entity : (rewriteOutput(typed(entity, target)) as Tree)
    return withoutAbstractType(isShared ? ownBelow(part, written) : part)
  }

  /** A room that knows an interface as an object answers the interface's name: no news of what the object is. */
  function withoutAbstractType(part: Tree): Tree {
    const typename = part['__typename']
    if (typeof typename !== 'string' || !types.isAbstract(typename)) return part
    const { __typename: _, ...rest } = part
    return rest
  }

  function placesOf(run: Run, { stops }: Load, isMeant: (rank: number) => boolean): ResponsePath[] {
    return ways.flatMap(({ route }, index) => {
      const { targets = [], ranks = [] } = stops[index] ?? {}
      const meant = new Set(targets.filter((_, at) => isMeant(ranks[at] ?? -1)))
      return pathsTo(run.root, route, (tree) => meant.has(tree))
    })
  }
}

function leftOf({ targets, ranks }: Stop = { targets: [], ranks: [] }): Tree[] {
  return targets.filter((_, index) => ranks[index] === -1)
}

/** Rewrites go by type: an entity whose room was not asked for it is of the type that was asked about. */
function typed(entity: Tree, target: Tree): Tree {
  return entity['__typename'] === undefined ? { ...entity, __typename: target['__typename'] } : entity
}
