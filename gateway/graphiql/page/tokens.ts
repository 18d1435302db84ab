import { type GraphQLAnswer, post } from './http.ts'
import { recall, remember } from './memory.ts'
import { createStore } from './store.ts'

export interface Session {
  accessToken: string
  refreshToken: string
  /** When to trade the tokens in, by this computer's clock, in milliseconds. */
  refreshAt: number
}

/** The pair a sign-in, sign-up or refresh answers with. */
export type TokenPair = Pick<Session, 'accessToken' | 'refreshToken'>

const REFRESH = `mutation Refresh($refreshToken: String!) {
  sessionRefresh(refreshToken: $refreshToken) { session { accessToken refreshToken } userErrors { message } }
}`

/** Null is anonymous. Kept for this browser tab only, and gone when it closes. */
export const session = createStore<Session | null>(recall<Session>(sessionStorage, 'session'))
/** One sentence about the session that nobody asked for, such as its end. */
export const notice = createStore<string | null>(null)

// A duplicated browser tab holds the same refresh token. Whoever trades it in tells the others, because a second use
// counts as theft and would end both sessions.
const siblings = new BroadcastChannel('cadenza:session')
siblings.onmessage = (event: MessageEvent<{ spent: string; next: Session }>) => {
  if (session.get()?.refreshToken === event.data.spent) keep(event.data.next)
}

export function holdTokens(pair: TokenPair | null): void {
  keep(pair && { ...pair, refreshAt: Date.now() + 0.75 * lifetimeOf(pair.accessToken) })
}

/** The access token to send now, traded in first when it is about to run out. */
export async function freshToken(): Promise<string | null> {
  const held = session.get()
  if (held && Date.now() >= held.refreshAt) await renewTokens()
  return session.get()?.accessToken ?? null
}

let renewing: Promise<void> | null = null

/** Trades the refresh token in, once however many callers wait. A refusal ends the session; a lost connection throws. */
export function renewTokens(): Promise<void> {
  renewing ??= renew().finally(() => {
    renewing = null
  })
  return renewing
}

async function renew(): Promise<void> {
  const held = session.get()
  if (!held) return
  const answer = await post({ query: REFRESH, variables: { refreshToken: held.refreshToken } })
  if (session.get() !== held) return
  const pair = refreshedPair(answer)
  if (pair) {
    holdTokens(pair)
    siblings.postMessage({ spent: held.refreshToken, next: session.get() })
  } else {
    notice.set('Your session has ended. Sign in again.')
    holdTokens(null)
  }
}

function refreshedPair(answer: GraphQLAnswer): TokenPair | null {
  const payload = answer.data?.['sessionRefresh'] as { session: TokenPair | null } | null | undefined
  return payload?.session ?? null
}

function keep(next: Session | null): void {
  remember(sessionStorage, 'session', next)
  session.set(next)
}

/** From the token's own two times, so a wrong clock on this computer does not matter. */
function lifetimeOf(accessToken: string): number {
  try {
    const payload = accessToken.split('.')[1] ?? ''
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as Record<
      string,
      number
    >
    const seconds = (claims['exp'] ?? Number.NaN) - (claims['iat'] ?? Number.NaN)
    return Number.isFinite(seconds) ? seconds * 1000 : 60_000
  } catch {
    return 60_000
  }
}
