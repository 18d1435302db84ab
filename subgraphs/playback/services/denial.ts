export type DenialCode =
  | 'MARKET'
  | 'TIER'
  | 'DEVICE'
  | 'CONCURRENCY'
  | 'NOT_READY'
  | 'NOT_FOUND'
  | 'TAKEN_DOWN'

/** `StreamDenied` of the schema, as a value. */
export interface StreamDenial {
  __typename: 'StreamDenied'
  code: DenialCode
  message: string
  retryable: boolean
}

/** Thrown by a check that says no: an outcome that clients branch on, not a fault. */
export class Denial extends Error {
  readonly code: DenialCode
  readonly isRetryable: boolean

  constructor(code: DenialCode, message: string, isRetryable = false) {
    super(message)
    this.name = 'Denial'
    this.code = code
    this.isRetryable = isRetryable
  }
}

/** What `work` returns, or the denial it threw; every other error passes. */
export async function orDenied<Answer>(work: () => Promise<Answer>): Promise<Answer | StreamDenial> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Denial)) throw error
    const { code, message, isRetryable } = error
    return { __typename: 'StreamDenied', code, message, retryable: isRetryable }
  }
}
