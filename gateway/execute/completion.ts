import type { ResponsePath } from './fault.ts'

/** A value the schema does not allow: where it stood, and the place whose null stands for it now. */
export interface Violation {
  message: string
  code: string
  path: ResponsePath
  landed: ResponsePath
}

/** Where the writer is. It is kept on a second pass only, when the first has met a violation. */
interface Trail {
  path: (string | number)[]
  pending: Omit<Violation, 'landed'> | undefined
  violations: Violation[]
}

/** One writing of one answer. */
export interface Completion {
  readonly variables: Readonly<Record<string, unknown>>
  readonly trail: Trail | null
  isFaulty: boolean
}

/** Writes a value as JSON text; undefined when it cannot stand, and the parent has to go. */
export type Write = (value: unknown, completion: Completion) => string | undefined

export function createCompletion(variables: Completion['variables'], isTracing: boolean): Completion {
  return {
    variables,
    trail: isTracing ? { path: [], pending: undefined, violations: [] } : null,
    isFaulty: false,
  }
}

/** Refuses the value at hand. */
export function refuse(completion: Completion, message: string, code = 'INTERNAL_SERVER_ERROR'): undefined {
  completion.isFaulty = true
  if (completion.trail !== null) {
    completion.trail.pending = { message, code, path: [...completion.trail.path] }
  }
}

/** Stops a refusal here: this place is null, and the rest of the answer stands. */
export function land({ trail }: Completion): 'null' {
  if (trail?.pending !== undefined) {
    trail.violations.push({ ...trail.pending, landed: [...trail.path] })
    trail.pending = undefined
  }
  return 'null'
}

/** Lets a refusal go up without a word: what was refused here has an absent owner. */
export function excuse({ trail }: Completion): void {
  const isOwn = trail?.pending?.path.length === (trail?.path.length ?? 0) + 1
  if (trail !== null && isOwn) trail.pending = undefined
}
