import { ask } from './api.ts'
import { type GraphQLAnswer, post } from './http.ts'
import { recall, remember } from './memory.ts'
import { createStore } from './store.ts'
import { holdTokens, notice, type Session, session, type TokenPair } from './tokens.ts'

export interface Viewer {
  id: string
  email: string
  displayName: string
  tier: string
  country: string
}

export interface Account {
  viewer: Viewer
  deviceId: string | null
}

interface SignedIn extends TokenPair {
  device: { id: string } | null
}

interface SignPayload {
  session: SignedIn | null
  userErrors: { code: string; message: string }[]
}

const SESSION = 'session { accessToken refreshToken device { id } } userErrors { code message }'
const SIGN_IN = `mutation SignIn($input: SignInInput!) { payload: signIn(input: $input) { ${SESSION} } }`
const SIGN_UP = `mutation SignUp($input: SignUpInput!) { payload: signUp(input: $input) { ${SESSION} } }`
const VIEWER = 'query Viewer { viewer { id email displayName tier country } }'
const SIGN_OUT = 'mutation SignOut { signOut(everywhere: false) { userErrors { message } } }'

/** Who the page speaks for. It changes identity on sign-in and sign-out, never on a token refresh. */
export const account = createStore<Account | null>(
  session.get() && recall<Account>(sessionStorage, 'account'),
)

session.subscribe(() => {
  if (!session.get() && account.get()) keep(null)
})

/** Signs in on the device this browser used for the address before. Returns what went wrong, in words, or null. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const deviceId = devices()[email.toLowerCase()]
  const payload = await sign(SIGN_IN, { email, password, device: device(deviceId) })
  // A device the server no longer knows must not lock anybody out: then this is simply a new one.
  const retry =
    deviceId && !payload.session && payload.userErrors.every((error) => error.code !== 'CREDENTIALS_WRONG')
  return become(retry ? await sign(SIGN_IN, { email, password, device: device() }) : payload)
}

export async function signUp(input: {
  email: string
  password: string
  displayName: string
  country: string
}) {
  return become(await sign(SIGN_UP, { ...input, device: device() }))
}

/** Ends this session on the server too; the page forgets it whatever the server says. */
export async function signOut(): Promise<void> {
  const ended = session.get()
  holdTokens(null)
  if (ended) await end(ended)
}

/** Takes over a session that was opened in an editor tab, so that no token is ever copied by hand. */
export async function adopt(pair: TokenPair & { device?: { id: string } | null }): Promise<void> {
  holdTokens(pair)
  await loadViewer(pair.device?.id ?? account.get()?.deviceId ?? null)
}

export async function loadViewer(deviceId = account.get()?.deviceId ?? null): Promise<void> {
  const { viewer } = await ask<{ viewer: Viewer | null }>(VIEWER)
  if (!viewer) return
  if (deviceId) remember(localStorage, 'devices', { ...devices(), [viewer.email.toLowerCase()]: deviceId })
  keep({ viewer, deviceId })
}

/** Device ids by lower-case address, for every account that ever signed in here. */
export function devices(): Record<string, string> {
  return recall<Record<string, string>>(localStorage, 'devices') ?? {}
}

async function sign(query: string, input: Record<string, unknown>): Promise<SignPayload> {
  const answer: GraphQLAnswer = await post({ query, variables: { input } })
  const error = answer.errors?.[0]
  if (error) throw new Error(error.message)
  return answer.data?.['payload'] as SignPayload
}

async function become(payload: SignPayload): Promise<string | null> {
  if (!payload.session) return payload.userErrors[0]?.message ?? 'The server gave no reason.'
  const left = session.get()
  const before = account.get()
  notice.set(null)
  await adopt(payload.session)
  // The same person's older session may share the device with the new one: that one is left to run out.
  if (left && before?.viewer.id !== account.get()?.viewer.id) await end(left)
  return null
}

async function end(left: Session): Promise<void> {
  await post({ query: SIGN_OUT }, { token: left.accessToken }).catch(() => null)
}

function device(id?: string) {
  return { name: 'GraphiQL', kind: 'WEB', ...(id !== undefined && { id }) }
}

function keep(next: Account | null): void {
  remember(sessionStorage, 'account', next)
  account.set(next)
}
