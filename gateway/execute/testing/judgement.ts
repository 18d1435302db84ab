import { isDeepStrictEqual } from 'node:util'
import type { Answered, Comparison } from './differential.ts'

/**
 * What is wrong with our answer; nothing when it is as the undivided schema's, in data and in the reasons for its nulls. Where
 * there are errors data may be stock's instead: a room that lost one field of an entity can lose the entity.
 */
export function faultsOf({ ours, stock, whole, calls }: Comparison): string[] {
  if (!isDeepStrictEqual(ours.data, whole.data)) {
    return ours.errors.length > 0 && isDeepStrictEqual(ours.data, stock.data) ? [] : ['data']
  }
  if (calls.ours === 0) return []
  const missing = unmatched(whole, ours).map((error) => `no error for ${JSON.stringify(error)}`)
  // A field that only a room needs (`@requires`) can fail unseen by the client: its path leads to nothing in the answer.
  const invented = unmatched(ours, whole).filter(({ path = [] }) => valueAt(path, ours.data) !== undefined)
  return [...missing, ...invented.map((error) => `an error too many: ${JSON.stringify(error)}`)]
}

/** What is wrong with our answer when a room was away: it says less than stock's, or something else than there is. */
export function partialFaultsOf({ ours, stock, whole, plan }: Comparison): string[] {
  const faults: string[] = []
  if (!isPartOf(ours.data, whole.data)) faults.push('something that is not')
  if (!isDeepStrictEqual(ours.data, whole.data) && ours.errors.length === 0)
    faults.push('a part without a word')
  const isComparable = isPartOf(stock.data, whole.data) && plan.aliases?.size === 0
  if (isComparable && !isPartOf(stock.data, ours.data)) faults.push('less than stock')
  return faults
}

/** What is wrong with stock's answer, by cause; undefined when it is as the undivided schema's. */
export function stockFaultOf({ stock, whole, plan }: Comparison): string | undefined {
  if (isDeepStrictEqual(stock.data, whole.data)) {
    if (unmatched(whole, stock).length > 0) return 'a null that should not be, and no error'
    return unmatched(stock, whole).length > 0 ? 'an error of a field that nobody asked for' : undefined
  }
  const [was, should] = firstDifference(stock.data, whole.data)
  const text = JSON.stringify(plan)
  if ((plan.aliases?.size ?? 0) > 0) return 'two fields of one name are taken for one'
  if (/__\d+:/.test(text)) return 'a field of a @requires is asked for with other arguments'
  if (was === null && isEmpty(should)) return 'an object of which nothing is selected is null'
  if (text.includes('inputRewrites')) return "an interface's name takes the place of an object's type"
  if (text.includes('otherwise')) return 'fields are lost with a @requires that was skipped'
  return stock.data === null ? 'the operation fails as a whole' : 'a wrong value'
}

type Path = readonly (string | number)[]

/** Errors of one answer that have no counterpart in the other: none within the place that went null for them. */
function unmatched(one: Answered, other: Answered): Answered['errors'] {
  return one.errors.filter(({ path = [] }) => {
    const place = nullAbove(path, one.data)
    return !other.errors.some((error) => isWithin(error.path ?? [], place))
  })
}

/** The shortest part of the path that is null in the answer; all of it when nothing is. */
function nullAbove(path: Path, data: unknown): Path {
  for (let depth = 0; depth <= path.length; depth++) {
    if (valueAt(path.slice(0, depth), data) === null) return path.slice(0, depth)
  }
  return path
}

function valueAt(path: Path, data: unknown): unknown {
  let value = data
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function isWithin(path: Path, place: Path): boolean {
  return place.every((key, depth) => path[depth] === key)
}

/** Whether the data is the other's with nulls in it. What an object is can be unknown too: then it has less keys. */
function isPartOf(data: unknown, other: unknown): boolean {
  if (data === null || Object.is(data, other)) return true
  if (!isObject(data) || !isObject(other) || Array.isArray(data) !== Array.isArray(other)) return false
  if (Array.isArray(data) && data.length !== other['length']) return false
  return Object.keys(data).every((key) => Object.hasOwn(other, key) && isPartOf(data[key], other[key]))
}

function firstDifference(one: unknown, other: unknown): [unknown, unknown] {
  if (!isObject(one) || !isObject(other)) return [one, other]
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  const key = [...keys].find((name) => !isDeepStrictEqual(one[name], other[name]))
  return key === undefined ? [one, other] : firstDifference(one[key], other[key])
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && !Array.isArray(value) && Object.keys(value).length === 0
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
