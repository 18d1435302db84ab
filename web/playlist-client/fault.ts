/** A request that came to nothing. After a passing fault it is tried again. */
export interface Fault {
  code: string
  message: string
  isPassing: boolean
}

/** The server's own trouble: the same request may do later. */
const PASSING: readonly unknown[] = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR']

interface GraphqlFault {
  message: string
  extensions?: { code?: unknown }
}

/** What `reason` means: the errors of an answer, or whatever a socket ended with, which always passes. */
export function faultOf(reason: unknown): Fault {
  const [first] = (Array.isArray(reason) ? reason : []) as GraphqlFault[]
  if (first === undefined) return { code: 'UNAVAILABLE', message: 'The connection is lost', isPassing: true }
  const code = String(first.extensions?.code ?? 'INTERNAL_SERVER_ERROR')
  return { code, message: first.message, isPassing: PASSING.includes(code) }
}
