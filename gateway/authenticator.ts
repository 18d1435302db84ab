import type { Arrival, Caller } from './caller.ts'

/** Who asks, and until when that is true (milliseconds since the epoch; never for nobody). */
export interface Visit {
  caller: Caller
  expiresAt: number
}

/** Turns what arrives into who asks. */
export interface Authenticator {
  /** Reads `authorization: Bearer …`; none is nobody, anything that is not a good token is UNAUTHENTICATED. */
  visit(arrival: Arrival): Promise<Visit>
  /** Calls back once the visit's session has ended, at once if it has by now; returns the way to stop listening. */
  onSessionEnd(caller: Caller, callback: () => void): () => void
  isReady(): boolean
  start(): Promise<void>
  stop(): void
}

/** The token of a bearer header; undefined where there is no header, and an empty one, which no check accepts, for anything else. */
export function bearerOf({ headers }: Arrival): string | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  return /^Bearer (\S{1,4096})$/i.exec(String(authorization))?.[1] ?? ''
}
