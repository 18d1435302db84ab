import { AppError } from '#shared/errors.ts'
import { commonPath, faultOfRoom, pathOf, type ResponsePath } from './fault.ts'
import { collect, pathsTo, type Route } from './places.ts'
import type { FetchNode } from './plan.ts'
import { createRewrite, renamesOf } from './rewrite.ts'
import { roomOperation } from './room-call.ts'
import { type Act, ask, membersText, type RoomAnswer, type Run, report } from './run.ts'
import type { IsSubtype } from './selection.ts'
import { isTree, merge, own, ownBelow, type Tree } from './tree.ts'
import { answeredKeys, type Writes } from './writes.ts'

/** Compiles a fetch that needs nothing of the objects it gives fields to: those of an operation's root, almost always. */
export function createRootFetch(node: FetchNode, route: Route, writes: Writes, isSubtype: IsSubtype): Act {
  const room = node.serviceName
  const rewrite = createRewrite(node.outputRewrites, isSubtype)
  const renames = renamesOf(node.outputRewrites)
  const contested = writes.contested(route)
  const written = writes.written(route)
  const keys = answeredKeys(node)
  const operation = roomOperation(node.operation, node.operationName)
  const usages = node.variableUsages ?? []

  return (run) => {
    const targets = collect(run.root, route)
    if (targets.length === 0) return undefined
    return ask(
      run,
      room,
      operation,
      membersText(run, usages),
      [],
      (answer) => adopt(run, answer, targets),
      () => locate(run),
    )
  }

  function adopt(run: Run, answer: RoomAnswer, targets: readonly Tree[]): void {
    const errors = Array.isArray(answer.errors) ? answer.errors : []
    for (const error of errors) {
      const path = pathOf(error)?.map((key) => renames.get(`${key}`) ?? key)
      const places = path && pathsTo(run.root, route, () => true).map((place) => [...place, ...path])
      for (const place of places ?? [locate(run)]) report(run, faultOfRoom(error, room, place))
    }
    if (!isTree(answer.data)) {
      if (errors.length === 0) throw new AppError('UNAVAILABLE', `The ${room} room answered nothing`)
      return
    }
    const rewritten = rewrite === null ? answer.data : rewrite(answer.data)
    if (!isTree(rewritten)) return
    let part = answer.isShared ? ownBelow(rewritten, written) : rewritten
    for (const [index, target] of targets.entries()) {
      if (index > 0 && contested !== null) part = own(part, contested) as Tree
      merge(target, part, contested)
    }
  }

  /** Where the whole fetch belongs: to its one field, or to the object its fields have in common. */
  function locate(run: Run): ResponsePath {
    const places = pathsTo(run.root, route, () => true)
    return commonPath(places.flatMap((place) => keys.map((key) => [...place, renames.get(key) ?? key])))
  }
}
